"""How a step of a run reports, and how it stops."""

from __future__ import annotations

from typing import Any, Protocol


class Hook(Protocol):
    """Called by `workers.pipeline` after each part of a step: progress, timing and artefacts alike."""

    def __call__(self, step: str, artefact: Any = None, progress: float | None = None) -> None: ...


class Refused(Exception):
    """The media can't be taken. `code` is stable; `sentence` tells a person what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Quarantined(Exception):
    """Redaction could not be shown to have worked; the model never sees this media."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
