"""What listens: each part loaded when a recording comes, tried on a known voice, and left when it is done.

Together they would take gigabytes for as long as a worker lives, and most of what comes is silent.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from omnigov.contracts import Detector, Limits, Quarantined
from workers import memory
from workers.media.sound import RATE, decode
from workers.redaction.core import sources
from workers.redaction.core.runtime import joint_digest
from workers.redaction.hearing import recogniser, second, speakers, voice
from workers.redaction.hearing.recording import Recording
from workers.weights import WeightsUnavailable, store
from workers.weights.manifest import manifest

Answer = TypeVar("Answer")

# Nobody: the name and the sentence were made up, and a synthesiser says them (NOTICE).
_KNOWN, _SAID = Path(__file__).with_name("known_voice.flac"), ("sarah", "brown")


@dataclass(frozen=True)
class Part:
    """One thing that listens. `knows` says whether it finds in the known voice what is in it."""

    name: str
    version: str
    weights: tuple[str, ...]  # names in the manifest of model files, or of their folders
    source: str
    load: Callable[[], Any]
    knows: Callable[[Any, Recording], bool]

    def describe(self) -> Detector:
        """As it stands on the record."""
        files = [file.name for name in self.weights for file in manifest().members(name)]
        digests = [*map(store.sha256, files), sources.digest(self.source)]
        return Detector(name=self.name, version=self.version, digest=joint_digest(digests))


def _all_said(text: str) -> bool:
    return all(word in text.lower() for word in _SAID)


VOICE = Part(
    "voice_activity",
    "silero-vad 6.2.3",
    ("silero-vad",),
    voice.__file__,
    voice.Voice,
    lambda part, known: sum(one.length for one in part.find(known)) > RATE,
)
SPEECH = Part(
    "speech",
    recogniser.VERSION,
    ("whisper-base",),
    recogniser.__file__,
    recogniser.Recogniser,
    lambda part, known: _all_said("".join(word.text for word in part.hear(known.part(0, known.length), 0))),
)
SPEAKERS = Part(
    "speakers",
    speakers.VERSION,
    ("pyannote-segmentation", "resemblyzer"),
    speakers.__file__,
    speakers.Speakers,
    lambda part, known: bool(part.find(known).spoken),
)
SECOND = Part(
    "second_speech",
    second.VERSION,
    ("whisper-small",),
    second.__file__,
    second.SecondRecogniser,
    lambda part, known: _all_said(part.hear(known.part(0, known.length))),
)
PARTS = (VOICE, SPEECH, SPEAKERS, SECOND)

_proven = set[str]()


def ask(part: Part, question: Callable[[Any], Answer]) -> Answer:
    """What the part answers, once it is loaded, and proven where this process asks it first.

    It is left afterwards. Raises `Quarantined` where it does not load, or does not find what it must, and
    what the question raises.
    """
    try:
        return question(_loaded(part))
    finally:
        gc.collect()
        memory.give_back()


def _loaded(part: Part) -> Any:
    try:
        loaded = part.load()
        if part.name not in _proven:
            with known() as voice_:
                if not part.knows(loaded, voice_):
                    raise _silent(part)
            _proven.add(part.name)
    except Quarantined:
        raise
    except WeightsUnavailable as error:
        raise Quarantined("detector_missing", f"The detector {part.name} did not load. {error}") from error
    except Exception as error:
        # Whatever the reason, what did not load has heard nothing.
        raise Quarantined(
            "detector_missing",
            f"The detector {part.name} did not load ({type(error).__name__}). Run `omnigov doctor`, mend "
            "what it names, and try again.",
        ) from error
    return loaded


def known() -> Recording:
    """Somebody who says a name, for some three seconds."""
    return Recording(decode(_content(), Limits()))


@functools.cache
def _content() -> bytes:
    return _KNOWN.read_bytes()


def _silent(part: Part) -> Quarantined:
    return Quarantined(
        "detector_silent",
        f"The detector {part.name} does not hear what is said in a recording made for it, so what it does "
        "not hear means nothing. Run `omnigov doctor`, install anew (make clean setup), and try again.",
    )
