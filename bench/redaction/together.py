"""Several voices: who speaks when, in turn and at once, and in recordings of more than ten minutes.

The voices and their sentences are those of `spoken`. In turn: two to four of them in a conversation, beside
the truth, no collar. At once: two of them, the second as loud as the first or fainter, with the share of the
time of both that is taken for several, and of a single voice's. Long: a conversation of so many minutes in a
process of its own, for its memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from measure import share
from sound import Samples, sounding
from spoken import sentences

from workers.media.sound import RATE
from workers.redaction.hearing import parts
from workers.redaction.hearing.recording import Recording, Stretch
from workers.redaction.hearing.speakers import Spoken, Voices

PAUSE = RATE * 3 // 10  # samples from one turn to the next
TURNS = 12  # of a conversation of two to four
FAINTER = (0, -6, -12, -18)  # decibels
LEVEL = 0.06  # root mean square of what is loud in a voice
LATER = RATE  # samples after which the second begins


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--voices", type=int, default=4, help="together: voices that speak")
    parser.add_argument("--minutes", type=int, nargs="*", default=[2, 12], help="together: conversations")


def run(options: argparse.Namespace) -> dict[str, Any]:
    spoken = _spoken(options.voices, options.seed)
    return {
        "in_turn": {
            count: _in_turn(spoken[:count], random.Random(options.seed))
            for count in range(2, len(spoken) + 1)
        },
        "at_once": _at_once(spoken),
        "long": {minutes: _alone(minutes, options) for minutes in options.minutes},
    }


def _spoken(count: int, seed: int) -> list[list[Samples]]:
    """The sentences of so many voices, each voice as loud as the others: English and Japanese by turns."""
    drawn = {language: random.Random(f"{seed}{language}") for language in ("en", "ja")}
    found = []
    for number in range(count):
        language = "en" if number % 2 == 0 else "ja"
        said = [one.said.sound for one in sentences(language, number // 2, drawn[language])]
        whole = np.concatenate(said)
        loud = LEVEL / float(np.sqrt(np.square(whole[np.abs(whole) > 0.01]).mean()))
        found.append([np.rint(one * loud * 32767).astype(np.int16) for one in said])
    return found


def _conversation(
    spoken: Sequence[Sequence[Samples]], drawn: random.Random, turns: int = 0, length: int = 0
) -> tuple[Samples, list[Spoken]]:
    pieces, truth, at, speaker = list[Samples](), list[Spoken](), 0, 0
    while len(truth) < turns or at < length:
        speaker = drawn.choice([one for one in range(len(spoken)) if one != speaker])
        said = drawn.choice(spoken[speaker])
        truth.append(Spoken(Stretch(at, at + said.size), speaker + 1))
        pieces += [said, np.zeros(PAUSE, np.int16)]
        at += said.size + PAUSE
    return np.concatenate(pieces), truth


def _recording(samples: Samples) -> Recording:
    ground = np.random.default_rng(1).integers(-6, 7, samples.size)
    return Recording([((samples + ground) / 32768).astype(np.float32)])


def _in_turn(spoken: Sequence[Sequence[Samples]], drawn: random.Random) -> dict[str, Any]:
    samples, truth = _conversation(spoken, drawn, turns=TURNS)
    with _recording(samples) as recording:
        found: dict[str, Voices] = {
            name: parts.ask(parts.SPEAKERS, lambda part, count=count: part.find(recording, count))
            for name, count in (("count_given", len(spoken)), ("count_not_given", None))
        }
    return {
        "seconds": round(samples.size / RATE, 1),
        **{name: _error(truth, voices.spoken, samples.size) for name, voices in found.items()},
        "taken_for_several": _share_of(found["count_given"].several, sounding(samples)),
    }


def _error(truth: Sequence[Spoken], found: Sequence[Spoken], length: int) -> float:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(spoken: Sequence[Spoken]) -> Annotation:
        made = Annotation()
        for track, one in enumerate(spoken):
            made[Segment(one.at.start / RATE, one.at.end / RATE), track] = str(one.speaker)
        return made

    whole = Timeline([Segment(0, length / RATE)])
    return round(float(DiarizationErrorRate()(annotation(truth), annotation(found), uem=whole)), 4)


def _share_of(stretches: Sequence[Stretch], where: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
    """In tenths of a second: of the samples that are meant, those that lie in the stretches."""
    inside = np.zeros(where.size, bool)
    for one in stretches:
        inside[one.start : one.end] = True
    tenth = RATE // 10
    return share(int((inside & where).sum()) // tenth, int(where.sum()) // tenth)


def _at_once(spoken: Sequence[Sequence[Samples]]) -> dict[str, Any]:
    said: dict[str, Any] = {}

    def ask(part: Any) -> None:
        for fainter in FAINTER:
            both = inside = 0
            for first, second in combinations(range(len(spoken)), 2):
                one = spoken[first][0].astype(int)
                other = np.rint(spoken[second][0] * 10 ** (fainter / 20)).astype(int)
                mixed = np.zeros(max(one.size, LATER + other.size), int)
                mixed[: one.size] += one
                mixed[LATER : LATER + other.size] += other
                with _recording(mixed) as recording:
                    found = part.find(recording).several
                where = Stretch(LATER, min(one.size, LATER + other.size))
                both += where.length
                inside += sum(where.overlap(each) for each in found)
            said[f"{fainter} dB"] = share(inside * 10 // RATE, both * 10 // RATE)

    parts.ask(parts.SPEAKERS, ask)
    return said


def _alone(minutes: int, options: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own, so that its peak is its own."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    process = context.Process(target=_long, args=(minutes, options.voices, options.seed, queue))
    process.start()
    said = dict(queue.get())
    process.join()
    return said


def _long(minutes: int, count: int, seed: int, queue: Any) -> None:
    spoken = _spoken(count, seed)
    samples, truth = _conversation(spoken, random.Random(seed), length=minutes * 60 * RATE)
    with _recording(samples) as recording:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        begun, clock = time.process_time(), time.monotonic()
        found: Voices = parts.ask(parts.SPEAKERS, lambda part: part.find(recording))
        took, waited = time.process_time() - begun, time.monotonic() - clock
    queue.put(
        {
            "seconds": round(samples.size / RATE, 1),
            "voices_found": len({one.speaker for one in found.spoken}),
            "count_not_given": _error(truth, found.spoken, samples.size),
            "taken_for_several": _share_of(found.several, sounding(samples)),
            "processor_seconds_a_second": round(took * RATE / samples.size, 3),
            "seconds_a_second": round(waited * RATE / samples.size, 3),
            "memory_before_mib": before,
            "memory_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "memory_after_mib": int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024,
        }
    )
