"""What is said, word by word with its time: whisper-base, run by CTranslate2."""

from __future__ import annotations

from importlib.metadata import version
from typing import NamedTuple

from workers import weights
from workers.media.sound import RATE, Samples
from workers.redaction.core import runtime
from workers.redaction.hearing.recording import Stretch

NAME = "whisper-base"
VERSION = f"{NAME}, faster-whisper {version('faster-whisper')}, ctranslate2 {version('ctranslate2')}"

# Whisper's own limits for what it should not be believed (its `decode_with_fallback`).
LOG_PROBABILITY, COMPRESSION, NO_SPEECH = -1.0, 2.4, 0.6
LANGUAGE = 0.5  # probability of the language that it takes it for


class HeardWord(NamedTuple):
    """One word as it was heard. Its text has a space before it where the language puts one."""

    at: Stretch
    text: str
    probability: float
    badly: bool  # it stands in something that was not understood
    language: str  # ISO 639-1


class Recogniser:
    """Used from one thread."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            str(weights.directory("whisper-base")),
            device="cpu",
            compute_type="int8",
            cpu_threads=runtime.threads(),
            local_files_only=True,
        )

    def hear(self, samples: Samples, begins: int) -> list[HeardWord]:
        """The words in at most 30 s of sound, whose first sample is `begins` of the recording.

        Raises `ArithmeticError` where a word's time lies outside the sound.
        """
        segments, told = self._model.transcribe(
            samples,
            beam_size=2,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        unsure = told.language_probability < LANGUAGE
        words = []
        for segment in segments:
            badly = (
                unsure
                or segment.avg_logprob < LOG_PROBABILITY
                or segment.compression_ratio > COMPRESSION
                or segment.no_speech_prob > NO_SPEECH
            )
            for word in segment.words or ():
                at = _placed(word.start, word.end, samples.size)
                words.append(
                    HeardWord(
                        Stretch(begins + at.start, begins + at.end),
                        word.word,
                        word.probability,
                        badly,
                        told.language,
                    )
                )
        return words


# The recogniser counts in steps of 20 ms of 30 s, whatever it is given, and may end a word in what it was
# padded with; by more than this it is wrong about where it is.
_BEYOND = 2 * RATE


def _placed(start: float, end: float, length: int) -> Stretch:
    first, last = round(start * RATE), round(end * RATE)
    if not 0 <= first <= last or first > length + _BEYOND or last > length + _BEYOND:
        raise ArithmeticError("A word's time lies outside of the sound.")
    first = min(first, length - 1)
    return Stretch(first, min(max(last, first + 1), length))
