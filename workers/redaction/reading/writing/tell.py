"""Where a line is written in letters that OCR does not read: the network's answers, taken together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image
from safetensors.numpy import load_file

from omnigov.contracts import Quarantined
from workers.media.picture import Pixels
from workers.redaction.core.graph import Graph
from workers.redaction.core.runtime import finite, session
from workers.redaction.reading.writing.network import HIGH, STRIDE, Floats, entered, grey, strange_letters

FILE = Path(__file__).with_name("strange_letters.safetensors")
KNOWN = Path(__file__).with_name(
    "known_line.png"
)  # a name in Georgian letters, which OCR reads as Latin ones
WIDEST = 6400  # pixels of a line as the network takes it
APART = 3 * HIGH  # pixels between two lines that go through the network as one: it looks 37 to each side
STRIP = 16_000  # pixels of lines that go together, about
INK = 0.35  # of a line's usual contrast: a column with less of it from top to bottom is blank
INKED_MIN = 0.4  # of the columns that are averaged over: where fewer are inked, it is taken for so many
TOGETHER = HIGH  # pixels over which the answers are averaged: about a letter and a half
STRANGE = 0.65  # mean answer from which a place is strange, if it was not read well; else from
SURELY = 0.85  # here on


class Stretch(NamedTuple):
    """A part of a line, in shares of its length."""

    begin: float
    end: float
    likely: float  # 0 … 1, the highest mean of the answers in it


class WritingSystems:
    """Safe to call from several threads at once."""

    def __init__(self) -> None:
        self._network = loaded(FILE)
        self._prove()

    def _prove(self) -> None:
        """As detectors are (`known_answers`), but by itself: nothing else notices where it is silent."""
        (found,) = self([np.asarray(Image.open(KNOWN).convert("RGB"))])
        if not any(stretch.likely > SURELY for stretch in found):
            raise Quarantined(
                "detector_silent",
                "The network for letters that OCR cannot read does not know those in its own picture, "
                "so names in them would stay visible. Install anew (make clean setup), and try again.",
            )

    @staticmethod
    def digest() -> str:
        return hashlib.sha256(FILE.read_bytes()).hexdigest()

    def __call__(self, lines: list[Pixels]) -> list[tuple[Stretch, ...]]:
        """For each line, RGB and upright, where it is strange, in shares of its length."""
        taken = [entered(grey(line), WIDEST) for line in lines]
        answers = likely(self._network, taken)
        return [stretches(each, inked(line)) for each, line in zip(answers, taken, strict=True)]


Network = Callable[[Floats], Floats]
"""[1, 1, `HIGH`, width] to logits, [1, width / `STRIDE`]."""


def loaded(file: Path) -> Network:
    running = session(strange_letters(load_file(file)))

    def network(strip: Floats) -> Floats:
        answer: Floats = running.run(None, {Graph.entering: strip})[0]
        return answer

    return network


def likely(network: Network, lines: list[Floats]) -> list[Floats]:
    """For each column of `STRIDE` pixels how likely a strange letter stands there, 0 … 1; anything if blank.

    The lines, [`HIGH`, width] each, go through the network one behind the other, so far apart that none sees
    its neighbours.
    """
    answers: list[Floats] = []
    begin = 0
    while begin < len(lines):
        end, wide = begin, 0
        while end < len(lines) and (end == begin or wide + lines[end].shape[1] + APART <= STRIP):
            wide += lines[end].shape[1] + APART
            end += 1
        strip = np.zeros((HIGH, wide + APART), np.float32)
        starts = []
        x = APART
        for line in lines[begin:end]:
            starts.append(x)
            strip[:, x - APART // 2 : x] = line[:, :1]
            strip[:, x : x + line.shape[1]] = line
            strip[:, x + line.shape[1] : x + line.shape[1] + APART // 2] = line[:, -1:]
            x += line.shape[1] + APART
        # Cut off where the sigmoid is 0 or 1 to float32, so that it does not overflow.
        logits = np.clip(finite(network(strip[None, None]))[0], -80, 80)
        whole = np.asarray(1 / (1 + np.exp(-logits)), np.float32)
        for start, line in zip(starts, lines[begin:end], strict=True):
            columns = line.shape[1] // STRIDE
            answers.append(whole[start // STRIDE : start // STRIDE + columns])
        begin = end
    return answers


def inked(line: Floats) -> Floats:
    """1 for columns of `STRIDE` pixels in which something is written, 0 for the others.

    What is hidden already has no contrast from top to bottom, and faint text beside bold counts.
    """
    contrast = (line.max(axis=0) - line.min(axis=0)).reshape(-1, STRIDE).max(axis=1)
    usual = float(np.percentile(contrast, 90))
    return np.asarray(contrast > max(INK * usual, 0.1), np.float32)


def stretches(likely: Floats, inked: Floats) -> tuple[Stretch, ...]:
    """Where the mean answer of neighbouring inked columns is above `STRANGE`, in shares of the line."""
    window = min(len(likely), TOGETHER // STRIDE)
    sums, inks = (
        cv2.blur(each[None], (window, 1), borderType=cv2.BORDER_REPLICATE)[0]
        for each in (likely * inked, inked)
    )
    mean = sums / np.maximum(inks, INKED_MIN)
    found: list[Stretch] = []
    place, half = 0, window / 2
    for strange, run in groupby(mean > STRANGE):
        long = len(list(run))
        if strange:
            begin, end = max(0.0, place - half), min(len(mean), place + long + half)
            peak = float(mean[place : place + long].max())
            found.append(Stretch(begin / len(mean), end / len(mean), peak))
        place += long
    return tuple(found)
