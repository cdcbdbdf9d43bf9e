"""The looks at one picture: at the original, and then at the redacted copy until nothing more is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from omnigov.contracts import Area, Finding, Hook, ReadValues, RedactionProfile
from workers.media.picture import Pixels
from workers.redaction.core.picture import Hidden, Legibility, Picture
from workers.redaction.detectors.ensemble import Ensemble
from workers.redaction.masking.masks import Masks

LOOKS_MAX = 4  # at the redacted copy, until one finds nothing more: what a mask cuts can look strange once
BAND_MARGIN = 64  # pixels
PAGE = 9_000_000  # pixels: up to an A4 page at 300 dpi, all of it is looked at again


class Looks:
    """Asks the detectors, and leaves out what a person answers for. What they read is noted in `values`.

    It hides nothing: whoever conducts does, between two looks.
    """

    def __init__(
        self,
        profile: RedactionProfile,
        detectors: Ensemble,
        masks: Masks,
        values: ReadValues,
        hook: Hook,
        legible: Legibility | None = None,
    ) -> None:
        self._profile = profile
        self._detectors = detectors
        self._masks = masks
        self._values = values
        self._hook = hook
        self._legible = legible or Legibility()
        self._again = 0
        self._band: tuple[int, int] | None = None  # rows that changed since they were looked at
        # Who found something in the copy's last look, and so is asked once more. Where only others did, black
        # was laid over what was theirs: it hides no face better and brings none out.
        self._finders: set[str] | None = None
        self._rows: list[_Row] | None = None  # that were read in the copy, top to bottom

    def first(self, pixels: Pixels) -> list[Finding]:
        """What is found in the upright original."""
        findings: list[Finding] = []
        picture = Picture(pixels, self._profile, read=self._values, legible=self._legible)
        for name, found in self._detectors.find(picture):
            findings += [finding for finding in found if not self._masks.are_cleared(finding)]
            self._hook(f"find:{name}", None, None)
        return findings

    def again(self, seen: Pixels) -> list[Finding]:
        """What is found in the redacted copy, as it was read back, beside what is hidden already.

        Nothing, where the profile asks for no second look.
        """
        if not self._profile.second_look:
            return []
        top, bottom = self._band or (0, seen.shape[0])
        band = Picture(seen[top:bottom], self._profile, "second", self._masks.hidden[top:bottom])
        fresh: list[Finding] = []
        finders = set[str]()
        for name, found in self._detectors.find(band, self._finders):
            for finding in found:
                moved = _moved(finding, top)
                if not self._masks.cover(moved) and not self._masks.are_cleared(moved):
                    fresh.append(moved)
                    finders.add(name)
                    self._values.take(band.read, finding, moved)
        self._read(band, top, bottom)
        if self._again == 0 and self._values.seen:
            self._values.left = band.read.left
        self._again += 1
        self._finders = finders
        if fresh and seen.shape[0] * seen.shape[1] > PAGE:
            self._band = _band(fresh, seen.shape[0])
        self._hook("second_look", None, 0.5 + 0.5 * self._again / (LOOKS_MAX + 1))
        return fresh

    def _read(self, band: Picture, top: int, bottom: int) -> None:
        """Takes up what was read in a band of the copy, in place of what was read there before."""
        if band.read.rows is None:
            return
        rows = [_Row.of(self._masks.hidden, places, text, top) for places, text in band.read.rows]
        kept = [row for row in self._rows or () if row.bottom <= top or row.top >= bottom]
        above = [row for row in kept if row.bottom <= top]
        self._rows = [*above, *rows, *(row for row in kept if row.top >= bottom)]

    def visible(self) -> str | None:
        """What can be read in the copy as it now is, a line each; None where nobody read it.

        What was hidden wholly or in part after it was read is left out.
        """
        if self._rows is None:
            return None
        hidden = self._masks.hidden
        return "\n".join(row.text for row in self._rows if row.black == _black(hidden, row.places))


class _Row(NamedTuple):
    """What was read in a row of the copy, where, and how many pixels were hidden there by then."""

    text: str
    places: tuple[Area, ...]
    black: int
    top: int
    bottom: int

    @classmethod
    def of(cls, hidden: Hidden, places: tuple[Area, ...], text: str, down: int) -> Self:
        moved = tuple(_down(place, down) for place in places)
        tops, bottoms = [place.top for place in moved], [place.bottom for place in moved]
        return cls(text, moved, _black(hidden, moved), min(tops, default=0), max(bottoms, default=0))


def _black(hidden: Hidden, places: tuple[Area, ...]) -> int:
    return sum(int(hidden[one.top : one.bottom, one.left : one.right].sum()) for one in places)


def _down(area: Area, down: int) -> Area:
    return area.model_copy(update={"top": area.top + down, "bottom": area.bottom + down})


def _moved(finding: Finding, down: int) -> Finding:
    """A finding of the second look, in a band that begins `down` pixels below the picture's top."""
    return finding.model_copy(update={"place": _down(finding.area, down), "look": "second"})


def _band(findings: Sequence[Finding], height: int) -> tuple[int, int]:
    """The rows of the picture that the next look has to see: those just changed and what stands about them.

    The rest was looked at in the same state before, and nothing was found there. In a form a band has lost
    the labels above it, so a page is looked at whole.
    """
    margin = max(BAND_MARGIN, height // 10)
    top = min(finding.area.top for finding in findings) - margin
    bottom = max(finding.area.bottom for finding in findings) + margin
    return max(top, 0), min(bottom, height)
