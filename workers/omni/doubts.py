"""What keeps a model from deciding a medium: there is nothing on it, or it tells what to answer.

That it is of a kind that a policy's head was not fitted on, `unlike`, the head's own file finds (`headed`).
"""

from __future__ import annotations

import re

import numpy as np

from omnigov.contracts import InferenceResult, PolicySpec, Voice
from workers.omni.seen import Seen

FLAT = 4  # of 255: a page that varies less is empty
SILENT = 0.003  # of the loudest that a sample can be: some 50 dB below it nothing is heard

_ENGLISH = r"\b(?:answer|label|respond|reply|output|say|classif(?:y|ied|ication))\b[^.\n]{0,30}?[\s:=\"'“]"
_JAPANESE = r"(?:回答|答え|答|判定|分類)[^。\n]{0,10}?[はを：:「]\s*"
_IGNORE = re.compile(
    r"\b(?:ignore|disregard|forget)\b[^.\n]{0,30}\b(?:instructions?|above|previous|rules|question)\b"
    r"|指示[^。\n]{0,6}無視",
    re.IGNORECASE,
)


def doubts(seen: Seen, policy: PolicySpec) -> dict[str, int]:
    """`empty` and `instructions`, where they hold. What is written on a lone picture redaction reads."""
    found = {"empty": is_empty(seen), "instructions": instructs(seen.text, policy)}
    return {name: 1 for name, holds in found.items() if holds}


def is_empty(seen: Seen) -> bool:
    """Whether its pages are of one colour, its seconds are silent, and no text is left."""
    heard = any(float(np.abs(window.samples).max()) > SILENT for window in seen.windows)
    return (
        not seen.text.strip()
        and not heard
        and all(int(page.pixels.max()) - int(page.pixels.min()) < FLAT for page in seen.pages)
    )


def instructs(text: str, policy: PolicySpec) -> bool:
    """Whether a text says which of the policy's labels to give, or to ignore what was asked."""
    if _IGNORE.search(text):
        return True
    names = {
        name for label in policy.labels for name in (label.key, label.phrase, label.name_en, label.name_ja)
    }
    named = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return bool(re.search(f"(?:{_ENGLISH}(?:{named})\\b)|(?:{_JAPANESE}(?:{named}))", text, re.IGNORECASE))


def doubted(result: InferenceResult, found: dict[str, int]) -> InferenceResult:
    """The result, abstaining where there are doubts, with them among the voices."""
    if not found:
        return result
    voices = (*result.voices, Voice(who="text", counts=found))
    return result.model_copy(update={"abstained": True, "voices": voices})
