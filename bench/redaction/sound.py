"""Digits that are said: how many are silent in the copy, and how much of what is said beside them is.

Recorded prompts of a telephone exchange (Debian's asterisk-core-sounds-en-wav) are spliced: a sentence, a run
of digits as they are read out one by one, another sentence. So it is known to the sample where each digit is.
A digit counts as silent where nine tenths of what is loud in it are. What a recogniser then writes down of
the copy is searched for runs of digits. Who speaks is counted on pyannote.audio's own sample, beside its
reference.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import time
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
from measure import share

from omnigov.contracts import Limits, RedactionProfile
from workers.media import flac
from workers.media.sound import RATE, decode
from workers.redaction.hearing import numbers, parts
from workers.redaction.hearing.recording import Recording, Stretch
from workers.redaction.hearing.voice import windows
from workers.redaction.kinds import sound
from workers.weights import datasets

Samples = np.ndarray[Any, np.dtype[np.int16]]

PROMPTS = "asterisk-core-sounds-en-wav"
SENTENCES = (
    "conf-getchannel",
    "conf-onlyone",
    "conf-roll-callcomplete",
    "pbx-invalid",
    "pbx-invalidpark",
    "privacy-unident",
    "vm-invalid-password",
    "vm-mailboxfull",
    "vm-mismatch",
    "vm-newuser",
    "vm-nobox",
    "vm-rec-temp",
)
LENGTHS = (4, 5, 6, 7, 8, 10)  # digits
PAUSE = RATE * 3 // 10
HEARD = 300  # of 32,768: what is louder can be heard
LOUD, SILENT = 0.1, 0.9  # of a digit's loudest sample; and the share of those that has to be silent


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recordings", type=int, default=12, help="spliced recordings that are redacted")


def run(options: argparse.Namespace) -> dict[str, Any]:
    folder = datasets.path(PROMPTS)
    drawn = random.Random(options.seed)
    digits, silent, kept, spoken = 0, 0, 0, 0
    beyond: list[float] = []
    left: list[str] = []
    seconds = took = 0.0
    for number in range(options.recordings):
        samples, truth = _spliced(folder, drawn, LENGTHS[number % len(LENGTHS)])
        begun = time.process_time()
        copy = _redacted(samples)
        took += time.process_time() - begun
        seconds += samples.size / RATE
        gone = (copy == 0) & (samples != 0)
        for place in truth:
            loud = np.abs(samples[place.start : place.end].astype(int))
            loud = loud > LOUD * loud.max()
            digits += 1
            silent += bool(gone[place.start : place.end][loud].mean() >= SILENT)
        run_ = Stretch(truth[0].start, truth[-1].end)
        beside = sounding(samples)
        beside[run_.start : run_.end] = False
        kept += int((beside & ~gone).sum())
        spoken += int(beside.sum())
        beyond += excess(copy, run_)
        left += heard_numbers(copy)
    return {
        "recordings": options.recordings,
        "seconds": round(seconds, 1),
        "digits_silent": share(silent, digits),
        "runs_of_digits_that_a_recogniser_finds_in_the_copies": len(left),
        "neighbouring_speech_kept": round(kept / max(spoken, 1), 4),
        "excess_seconds_a_side": {
            "median": round(median(beyond), 3),
            "shortest": round(min(beyond), 3),
            "longest": round(max(beyond), 3),
        },
        "processor_seconds_a_second": round(took / seconds, 3),
        "memory_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "diarization_error_rate": _speakers(),
    }


def _prompt(path: Path) -> Samples:
    blocks = decode(path.read_bytes(), Limits())
    return np.rint(np.concatenate(list(blocks)) * 32767).astype(np.int16)


def _spliced(folder: Path, drawn: random.Random, length: int) -> tuple[Samples, list[Stretch]]:
    before, after = drawn.sample(SENTENCES, 2)
    said = [_prompt(folder / "digits" / f"{drawn.randrange(10)}.wav") for _ in range(length)]
    pause = np.zeros(PAUSE, np.int16)
    pieces = [_prompt(folder / f"{before}.wav"), pause]
    at, truth = sum(piece.size for piece in pieces), list[Stretch]()
    for digit in said:
        loud = np.flatnonzero(np.abs(digit.astype(int)) > LOUD * np.abs(digit.astype(int)).max())
        truth.append(Stretch(at + int(loud[0]), at + int(loud[-1]) + 1))
        pieces.append(digit)
        at += digit.size
    pieces += [pause, _prompt(folder / f"{after}.wav")]
    # A recording is never quite silent: so what is zero in the copy was made so.
    whole = np.concatenate(pieces).astype(int)
    ground = np.random.default_rng(drawn.randrange(10**6)).integers(1, 4, whole.size)
    return np.clip(whole + ground, -32768, 32767).astype(np.int16), truth


def sounding(samples: Samples) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where something can be heard, [samples]."""
    return np.asarray(np.abs(samples.astype(int)) > HEARD)


def _redacted(samples: Samples) -> Samples:
    original, out = io.BytesIO(), io.BytesIO()
    flac.write([samples], original)
    sound.redact_to(original.getvalue(), out, RedactionProfile(), Limits())
    return np.rint(np.concatenate(list(decode(out.getvalue(), Limits()))) * 32768).astype(np.int16)


def excess(copy: Samples, place: Stretch) -> list[float]:
    """Seconds that are silent before and after the run; below 0 where the run itself is heard."""
    silent = np.convolve(copy == 0, np.ones(160), "same") >= 159
    before = np.flatnonzero(~silent[: place.start + RATE // 10])
    after = np.flatnonzero(~silent[place.end - RATE // 10 :])
    first = int(before[-1]) + 1 if before.size else 0
    last = place.end - RATE // 10 + (int(after[0]) if after.size else silent.size - place.end + RATE // 10)
    return [(place.start - first) / RATE, (last - place.end) / RATE]


def heard_numbers(copy: Samples) -> list[str]:
    """Runs of digits that whisper-base, which takes no part in the second look, writes down of the copy."""
    with Recording([copy.astype(np.float32) / 32768]) as recording:
        speech = parts.ask(parts.VOICE, lambda voice: voice.find(recording))
        text = parts.ask(
            parts.SPEECH,
            lambda recogniser: "\n".join(
                "".join(word.text for word in recogniser.hear(recording.part(*window), window.start))
                for window in windows(speech)
            ),
        )
    return [span.kind for span in numbers.find(text) if span.kind == numbers.NUMBER]


def _speakers() -> dict[str, float]:
    """On the 30 s that come with pyannote.audio, no collar: with the count given, and without."""
    from importlib.util import find_spec

    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.database.util import load_rttm
    from pyannote.metrics.diarization import DiarizationErrorRate

    spec = find_spec("pyannote.audio")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "sample"
    with av.open(str(folder / "sample.wav")) as file:
        end = float(file.duration or 0) / 1e6
    (reference,) = load_rttm(folder / "sample.rttm").values()
    with Recording(decode((folder / "sample.wav").read_bytes(), Limits())) as recording:
        rates = {}
        for name, count in (("count_given", len(reference.labels())), ("count_not_given", None)):
            found = Annotation()
            spoken = parts.ask(parts.SPEAKERS, lambda part, count=count: part.find(recording, count).spoken)
            for track, one in enumerate(spoken):
                found[Segment(one.at.start / RATE, one.at.end / RATE), track] = str(one.speaker)
            rates[name] = round(DiarizationErrorRate()(reference, found, uem=Timeline([Segment(0, end)])), 4)
    return rates
