"""Recordings as a worker would leave them, with all their evidence.

A word takes `WORD` milliseconds, what stands for something hidden `HIDDEN`, and both are told by hand. The
copy is a FLAC in which each word is a tone, and the hidden are silent.
"""

from __future__ import annotations

import hashlib
import io
import re
import wave
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from omnigov.contracts import (
    PEAK_MS,
    Conversation,
    Finding,
    Interval,
    Limits,
    SoundCopy,
    Span,
    Turn,
    Word,
    Writing,
)
from omnigov.evidence.models import Name
from tests.omnigov.recorded_media import Copy, result_of
from workers.media.flac_stream import flac
from workers.media.sound import decode

RATE = 16_000
WORD, HIDDEN, PAUSE = 300, 900, 500
_PART = re.compile(r"\[([A-Z_]+)_\d+\]|\S+")

Line = tuple[int, str, str | None]
"""A speaker's number and name, and what they say with [KIND_1] for what is hidden; None: all of it is."""

REPORT: tuple[Line, ...] = (
    (1, "SPEAKER_1", "The press in hall two stopped at nine. [PERSON_1] pulled the cord."),
    (2, "SPEAKER_2", "Is anybody hurt?"),
    (1, "SPEAKER_1", "No. Please call [PHONE_NUMBER_1] before you switch it on again."),
    (2, "SPEAKER_2", None),
)


def tone(milliseconds: int, pitch: float = 220.0) -> npt.NDArray[np.float32]:
    at = np.arange(milliseconds * RATE // 1000) / RATE
    return (0.4 * np.sin(2 * np.pi * pitch * at) * np.hanning(len(at))).astype(np.float32)


def wav(milliseconds: int = 2000) -> bytes:
    """An original: a recording of this length."""
    out, samples = io.BytesIO(), tone(milliseconds)
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def peaks_of(samples: npt.NDArray[np.float32]) -> bytes:
    step = RATE * PEAK_MS // 1000
    pairs = [
        (round(float(part.min()) * 127), round(float(part.max()) * 127))
        for part in (samples[at : at + step] for at in range(0, len(samples), step))
    ]
    return np.array(pairs, dtype=np.int8).tobytes()


def sound(lines: Sequence[Line] = REPORT) -> Copy:
    """The redacted copy of a recording in which this is said."""
    text, pieces, findings, turns = "", list[npt.NDArray[np.float32]](), list[Finding](), list[Turn]()
    at = 0
    for speaker, name, said in lines:
        began = at
        if said is None:
            at += 3 * WORD
            pieces.append(np.zeros(3 * WORD * RATE // 1000, np.float32))
            place = Interval(start=began, end=at)
            findings.append(Finding(kind="SPEECH", place=place, score=900_000, detector="heard_badly"))
            turns.append(Turn(at=place, speaker=speaker, name=name, heard_badly=True))
        else:
            text += f"{name}: "
            start, words = len(text), list[Word]()
            for found in _PART.finditer(said):
                long = HIDDEN if found[1] else WORD
                when = Interval(start=at, end=at + long)
                span = Span(start=start + found.start(), end=start + found.end())
                if found[1]:
                    gone = Finding(kind=found[1], place=when, shown=span, score=900_000, detector="words")
                    findings.append(gone)
                    pieces.append(np.zeros(long * RATE // 1000, np.float32))
                else:
                    words.append(Word(at=when, span=span))
                    pieces.append(tone(long, 180 + 60 * speaker))
                at += long
            text += said
            turns.append(
                Turn(
                    at=Interval(start=began, end=at),
                    speaker=speaker,
                    name=name,
                    span=Span(start=start, end=len(text)),
                    words=tuple(words),
                )
            )
            text += "\n"
        at += PAUSE
        pieces.append(np.zeros(PAUSE * RATE // 1000, np.float32))
    samples = np.concatenate(pieces) if pieces else tone(2000)
    content = b"".join(flac([samples], len(samples)))
    conversation = Conversation(turns=tuple(turns))
    parts = {
        Name.REDACTED: (content, "audio/flac"),
        Name.PEAKS: (peaks_of(samples), "application/octet-stream"),
        Name.TURNS: (conversation.model_dump_json().encode(), "application/json"),
    }
    if text:
        parts[Name.TRANSCRIPT] = (text.encode(), "text/plain; charset=utf-8")
    told = SoundCopy(
        milliseconds=len(samples) * 1000 // RATE,
        turns=len(turns),
        muted_turns=sum(turn.span is None for turn in turns),
        speakers=len({turn.speaker for turn in turns}),
        languages=("en",) if turns else (),
        beside={
            name.value: hashlib.sha256(kept).hexdigest()
            for name, (kept, _) in parts.items()
            if name != Name.REDACTED
        },
    )
    writing = Writing(lines=len(turns), badly_read=told.muted_turns)
    result = result_of(content, "audio/flac", findings, sound=told, writing=writing)
    return Copy(content, result, parts)


def samples_of(copy: Copy) -> npt.NDArray[np.float32]:
    """What is heard of it, 16,000 samples a second."""
    return np.concatenate(list(decode(copy.content, Limits())))


def transcript(copy: Copy) -> str:
    return copy.parts[Name.TRANSCRIPT][0].decode() if Name.TRANSCRIPT in copy.parts else ""
