"""Texts: find, put placeholders, and look again at what came out. Fails closed."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Literal

import numpy as np

from omnigov.contracts import (
    MILLION,
    Detector,
    Finding,
    Hook,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Span,
    TextCopy,
    TextFormat,
)
from workers.media import text as texts
from workers.media import text_format
from workers.redaction.core import sources
from workers.redaction.core.runtime import joint_digest
from workers.redaction.core.spans import Span as FoundSpan
from workers.redaction.core.values import FolderPseudonyms, same
from workers.redaction.detectors.ensemble import Ensemble, Release, check_kinds
from workers.redaction.kinds.copy_looks import bare, blanked
from workers.redaction.kinds.picture import silent
from workers.redaction.kinds.redactors import Beside
from workers.redaction.kinds.text import TextRedactor, laid_out, still_found
from workers.redaction.language import analysis
from workers.redaction.masking.bounds import check_findings
from workers.redaction.masking.by_hand import NO_EDITS, in_text
from workers.redaction.masking.looks import LOOKS_MAX
from workers.redaction.masking.masks import CLEARED
from workers.redaction.masking.placeholders import Copy, Stretch
from workers.redaction.masking.revision import revision

NAME = "text"
MEDIA_TYPE = "text/plain; charset=utf-8"


def redact_to(
    original: bytes,
    out: BinaryIO,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
    beside: Beside | None = None,
    *,
    by_hand: bool = False,
    encoding: str = "",
) -> RedactionResult:
    """Writes the redacted text to `out`, in the encoding that the original has, or that a person chose.

    A finding's place is in the original's characters, and `shown` where its placeholder is in the copy's. The
    same value has the same number in one text. Raises what `workers.redaction.kinds.picture.redact` does.
    """
    started = time.monotonic()
    text, encoding = texts.decode(original, limits, encoding)
    format_ = text_format.told(text)
    hook("decode", None, 0.05)
    answers = Ensemble((), Release() if by_hand else None)
    looks = _Looks(text, format_, profile, edits, answers, hook)
    if profile.text:
        looks.all()
    findings, copy = looks.placed()
    content = texts.encode(copy, encoding)
    if content.decode(encoding) != copy:
        raise Quarantined(
            "copy_broken",
            "The redacted copy can't be read back. Try again; if that fails, tell the administrator.",
        )
    out.write(content)
    if read is not None:
        looks.note(findings, read)
        read.seen, read.left = text, copy
    detectors = (describe(),) if profile.text else ()
    result = RedactionResult(
        media_type=MEDIA_TYPE,
        digest=hashlib.sha256(content).hexdigest(),
        findings=tuple(findings),
        detectors=detectors,
        revision=revision(profile, detectors, edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        text=TextCopy(format=format_, encoding=encoding, characters=len(copy)),
        by_hand=by_hand,
        shortfalls=answers.shortfalls,
    )
    hook("redacted", result, 1.0)
    return result


def transcript(rows: str, profile: RedactionProfile, hook: Hook = silent) -> str:
    """Rows that were read in pictures, with placeholders. Raises `Quarantined` as `redact_to` does."""
    looks = _Looks(rows, TextFormat.PLAIN, profile, NO_EDITS, Ensemble(()), hook)
    looks.all(of_one_text=False)
    return looks.placed()[1]


@functools.cache
def describe() -> Detector:
    """What finds personal data in texts, as it stands on the record."""
    return Detector(
        name=NAME,
        version=analysis.VERSION,
        digest=joint_digest([analysis.digest(), sources.digest(__file__)]),
    )


class _Looks:
    """The looks at one text: at the original, and then at the redacted copy until nothing more is found."""

    def __init__(
        self,
        text: str,
        format_: TextFormat,
        profile: RedactionProfile,
        edits: RedactionEdits,
        answers: Ensemble,
        hook: Hook,
    ) -> None:
        self._text, self._format, self._profile = text, format_, profile
        self._answers, self._hook = answers, hook
        self._layout = laid_out(text, format_, profile)
        self._hidden, self._cleared = np.zeros(len(text), np.bool_), np.zeros(len(text), np.bool_)
        added, cleared = in_text(edits, len(text))
        self._findings = list[Finding]()
        for finding in added:
            start, end = self._layout.whole(*_ends(finding))
            # What was marked cuts no escape, and no number that has to stay one.
            for first, last in bare(self._text, self._hidden, start, end):
                place = Span(start=first, end=last)
                self._findings.append(finding.model_copy(update={"place": place}))
            self._hidden[start:end] = True
        for span in cleared:
            self._cleared[span.start : span.end] = True
        self._persons: dict[str, str] = {}

    def all(self, *, of_one_text: bool = True) -> None:
        """Finds what is to be hidden. Raises `Quarantined` where that can't be shown to be all."""
        try:
            check_kinds(self._profile)
        except Quarantined as reason:
            self._answers.pass_over(reason)
        try:
            redactor = TextRedactor(self._profile, of_one_text=of_one_text)
            found = redactor.find(self._layout, self._part_of(0))
            self._persons = redactor.persons(self._layout, found)
            self._add(((span.start, span.end), span, "first") for span in found)
            if self._profile.second_look:
                self._again(redactor)
        except Quarantined as reason:
            self._answers.pass_over(reason, NAME)

    def _again(self, redactor: TextRedactor) -> None:
        for look in range(1, LOOKS_MAX + 1):
            copy = blanked(self._text, self._layout, map(_ends, self._findings))
            found = redactor.find(redactor.layout(copy, self._format), self._part_of(look))
            if not self._add((self._layout.whole(span.start, span.end), span, "second") for span in found):
                return
        raise still_found()

    def placed(self) -> tuple[list[Finding], str]:
        """The findings in the text's order, each with its placeholder's place in the copy; and the copy."""
        copy = self._copy()
        return [
            finding.model_copy(update={"shown": shown})
            for finding, shown in zip(self._findings, copy.shown, strict=True)
        ], copy.text

    def note(self, findings: Sequence[Finding], read: ReadValues) -> None:
        """Notes what stands at each finding in `read`."""
        for finding in findings:
            if finding.kind != analysis.UNREADABLE:
                value = same(finding.kind, self._value(finding))
                read.note(finding, self._layout.said(*_ends(finding)), value)

    def _add(self, found: Iterable[tuple[tuple[int, int], FoundSpan, Literal["first", "second"]]]) -> bool:
        """Takes up what is found where nothing is hidden yet; whether there was anything."""
        before = len(self._findings)
        for (start, end), span, look in found:
            if self._cleared[start:end].mean() >= CLEARED:
                continue
            for first, last in bare(self._text, self._hidden, start, end):
                place = Span(start=first, end=last)
                score = round(span.score * MILLION)
                self._findings.append(
                    Finding(kind=span.kind, place=place, score=score, detector=NAME, look=look)
                )
                self._hidden[first:last] = True
            check_findings(len(self._findings))
        self._findings.sort(key=lambda finding: _slice(finding).start)
        return len(self._findings) > before

    def _copy(self) -> Copy:
        pseudonyms = FolderPseudonyms()
        return Copy(
            self._text,
            [
                Stretch(
                    *_ends(finding),
                    self._layout.written(
                        *_ends(finding), f"[{pseudonyms.of(finding.kind, self._value(finding))}]"
                    ),
                )
                for finding in self._findings
            ],
        )

    def _value(self, finding: Finding) -> str:
        """What stands there; of a part of a name the whole one, where only one person here bears it."""
        value = self._layout.said(*_ends(finding))
        return self._persons.get(same("PERSON", value), value) if finding.kind == "PERSON" else value

    def _part_of(self, look: int) -> Hook:
        """The hook of one look: half of the progress is the first one's."""
        low, high = (
            (0.5 + 0.5 * (look - 1) / LOOKS_MAX, 0.5 + 0.5 * look / LOOKS_MAX) if look else (0.05, 0.5)
        )

        def part(step: str, artefact: Any = None, progress: float | None = None) -> None:
            self._hook(step, artefact, None if progress is None else low + (high - low) * progress)

        return part


def _slice(finding: Finding) -> slice:
    place = finding.place
    if not isinstance(place, Span):
        raise TypeError(f"A {place.place} is no span.")
    return slice(place.start, place.end)


def _ends(finding: Finding) -> tuple[int, int]:
    place = _slice(finding)
    return place.start, place.stop
