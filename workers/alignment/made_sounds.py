"""Sounds made by rule: machines with and without a fault, music, alarms. Simulated: say so wherever used.

Machines follow what vibration analysis says of them (Randall, "Vibration-based Condition Monitoring", 2011):
rotation with its harmonics, a fan's blades passing, a bearing's impulses that ring a resonance. A machine is
a draw of its numbers; recordings of it differ in speed by a little, in phase and in noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

RATE = 16_000
SECONDS = 2.56
MachineKind = Literal["motor", "fan", "bearing"]
MACHINES: tuple[MachineKind, ...] = ("motor", "fan", "bearing")
NOISE_LEVELS = (20, 10, 0)
"""Decibels that a machine is louder than the noise around it."""
LINE = 50.0  # Hz


@dataclass(frozen=True)
class Machine:
    """One machine; `fault` is how it fails when it does, as strong as `depth`."""

    kind: MachineKind
    rotation: float  # turns a second
    parts: int  # slots, blades or balls
    decay: float  # of its harmonics
    resonance: float  # Hz
    fault: str
    depth: float


FAULTS: dict[MachineKind, tuple[str, ...]] = {
    "motor": ("imbalance", "rubbing", "winding"),
    "fan": ("imbalance", "rubbing"),
    "bearing": ("outer race", "inner race"),
}


def draw_machine(kind: MachineKind, random: np.random.Generator) -> Machine:
    return Machine(
        kind,
        rotation=random.uniform(18, 50),
        parts=int(random.integers(4, 12)),
        decay=random.uniform(0.8, 1.6),
        resonance=random.uniform(1800, 4500),
        fault=str(random.choice(FAULTS[kind])),
        depth=random.uniform(0.5, 1.0),
    )


def recording(machine: Machine, *, faulty: bool, decibels: float, random: np.random.Generator) -> np.ndarray:
    """float32 samples −1 … 1, RATE a second."""
    at = np.arange(int(RATE * SECONDS)) / RATE
    speed = machine.rotation * random.uniform(0.98, 1.02)
    turns = speed * at + random.uniform(0, 1)
    sound = _harmonics(turns, machine, random)
    if machine.kind == "fan":
        blades = 0.6 + 0.4 * np.cos(2 * np.pi * machine.parts * turns)
        sound = 0.5 * sound + blades * _coloured(len(at), 600, random)
    if machine.kind == "motor":
        sound = sound + 0.3 * np.sin(2 * np.pi * 2 * LINE * at + random.uniform(0, 6.28))
    if faulty:
        sound = _with_fault(sound, machine, at, turns, speed, random)
    sound = sound / max(1e-6, float(np.sqrt(np.mean(sound**2))))
    noise = _coloured(len(at), 1500, random)
    mixed = sound + noise * 10 ** (-decibels / 20)
    return np.asarray(0.3 * mixed / np.abs(mixed).max() * random.uniform(0.7, 1.4), np.float32)


def _harmonics(turns: np.ndarray, machine: Machine, random: np.random.Generator) -> np.ndarray:
    sound = np.zeros_like(turns)
    for order in (*range(1, 9), machine.parts, 2 * machine.parts):
        sound += order**-machine.decay * np.cos(2 * np.pi * order * turns + random.uniform(0, 6.28))
    return sound


def _with_fault(
    sound: np.ndarray,
    machine: Machine,
    at: np.ndarray,
    turns: np.ndarray,
    speed: float,
    random: np.random.Generator,
) -> np.ndarray:
    depth = machine.depth
    if machine.fault == "imbalance":
        return sound * (1 + depth * np.cos(2 * np.pi * turns)) + 2 * depth * np.cos(2 * np.pi * turns)
    if machine.fault == "winding":
        line = 2 * np.pi * 2 * LINE * at
        return np.asarray(
            sound + depth * (np.sin(2 * line) + 0.6 * np.sin(3 * line)) * (1 + np.cos(2 * np.pi * turns))
        )
    if machine.fault == "rubbing":
        touching = np.clip(np.cos(2 * np.pi * turns) - 0.6, 0, None) / 0.4
        return np.asarray(sound + 2.5 * depth * touching * _coloured(len(at), 4000, random))
    rate = speed * machine.parts * (0.4 if machine.fault == "outer race" else 0.6)
    weight = 1.0 if machine.fault == "outer race" else 0.5 + 0.5 * np.cos(2 * np.pi * turns)
    return np.asarray(sound + 3 * depth * weight * _impulses(len(at), rate, machine.resonance, random))


def _impulses(samples: int, rate: float, resonance: float, random: np.random.Generator) -> np.ndarray:
    """Strokes of this rate, each a little early or late, that ring a resonance for some milliseconds."""
    train = np.zeros(samples)
    when = random.uniform(0, 1 / rate)
    while when * RATE < samples:
        train[int(when * RATE)] += random.uniform(0.8, 1.2)
        when += random.normal(1, 0.02) / rate
    ring = np.arange(int(0.01 * RATE)) / RATE
    return np.convolve(train, np.exp(-ring * 500) * np.sin(2 * np.pi * resonance * ring))[:samples]


def _coloured(samples: int, corner: float, random: np.random.Generator) -> np.ndarray:
    """Noise that falls above a corner, of power 1."""
    spectrum = np.fft.rfft(random.standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    noise = np.fft.irfft(spectrum / (1 + (frequency / corner) ** 2), samples)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def music(random: np.random.Generator) -> np.ndarray:
    """Notes of a scale one after the other over a held chord, with an instrument's decay and overtones."""
    sound, base = np.zeros(int(RATE * SECONDS)), random.uniform(110, 330)
    scale = base * 2 ** (np.array((0, 2, 4, 5, 7, 9, 11, 12)) / 12)
    length, overtones = random.uniform(0.15, 0.5), random.uniform(0.3, 0.8)
    at = np.arange(len(sound)) / RATE
    for tone in random.choice(scale, 3, replace=False):
        sound += 0.2 * np.sin(2 * np.pi * tone * at)
    for begin in np.arange(0, SECONDS, length):
        here = at >= begin
        since = at[here] - begin
        tone = random.choice(scale) * 2
        note = sum(overtones**k * np.sin(2 * np.pi * (k + 1) * tone * since) for k in range(5))
        sound[here] += np.exp(-since / length) * note
    return _finished(sound, random)


def alarm(random: np.random.Generator) -> np.ndarray:
    """A siren that wails or yelps, or a beep that comes again and again."""
    at = np.arange(int(RATE * SECONDS)) / RATE
    low, high = sorted(random.uniform(500, 3200, 2))
    rate = random.uniform(0.4, 4)
    wailing, switching, beeping = (
        lambda: low + (high - low) * (0.5 + 0.5 * np.sin(2 * np.pi * rate * at)),
        lambda: np.where(np.sin(2 * np.pi * rate * at) > 0, low, high),
        lambda: np.full_like(at, high),
    )
    manner = int(random.integers(3))
    hertz = (wailing, switching, beeping)[manner]()
    sound = np.sign(np.sin(2 * np.pi * np.cumsum(hertz) / RATE)) * 0.4 + np.sin(
        2 * np.pi * np.cumsum(hertz) / RATE
    )
    if manner == 2:
        sound = sound * (np.sin(2 * np.pi * rate * 1.5 * at) > 0)
    return _finished(sound, random)


def _finished(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    sound = sound + 0.03 * random.uniform(0, 3) * _coloured(len(sound), 1500, random)
    return np.asarray(0.3 * sound / np.abs(sound).max() * random.uniform(0.5, 1.5), np.float32)


def any_machine(random: np.random.Generator) -> np.ndarray:
    machine = draw_machine(MACHINES[int(random.integers(len(MACHINES)))], random)
    faulty, decibels = bool(random.integers(2)), float(random.choice(NOISE_LEVELS))
    return recording(machine, faulty=faulty, decibels=decibels, random=random)


MADE: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "music": music,
    "alarm": alarm,
    "machine": any_machine,
}
