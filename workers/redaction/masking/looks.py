"""The looks at one picture: at the original, and then at the redacted copy until nothing more is found."""

from __future__ import annotations

from collections.abc import Sequence

from omnigov.contracts import Finding, Hook, ReadValues, RedactionProfile
from workers.media.picture import Pixels
from workers.redaction.core.picture import Picture
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
    ) -> None:
        self._profile = profile
        self._detectors = detectors
        self._masks = masks
        self._values = values
        self._hook = hook
        self._again = 0
        self._band: tuple[int, int] | None = None  # rows that changed since they were looked at
        # Who found something in the copy's last look, and so is asked once more. Where only others did, black
        # was laid over what was theirs: it hides no face better and brings none out.
        self._finders: set[str] | None = None

    def first(self, pixels: Pixels) -> list[Finding]:
        """What is found in the upright original."""
        findings: list[Finding] = []
        for name, found in self._detectors.find(Picture(pixels, self._profile, read=self._values)):
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
        if self._again == 0 and self._values.seen:
            self._values.left = band.read.left
        self._again += 1
        self._finders = finders
        if fresh and seen.shape[0] * seen.shape[1] > PAGE:
            self._band = _band(fresh, seen.shape[0])
        self._hook("second_look", None, 0.5 + 0.5 * self._again / (LOOKS_MAX + 1))
        return fresh


def _moved(finding: Finding, down: int) -> Finding:
    """A finding of the second look, in a band that begins `down` pixels below the picture's top."""
    area = finding.area
    place = area.model_copy(update={"top": area.top + down, "bottom": area.bottom + down})
    return finding.model_copy(update={"place": place, "look": "second"})


def _band(findings: Sequence[Finding], height: int) -> tuple[int, int]:
    """The rows of the picture that the next look has to see: those just changed and what stands about them.

    The rest was looked at in the same state before, and nothing was found there. In a form a band has lost
    the labels above it, so a page is looked at whole.
    """
    margin = max(BAND_MARGIN, height // 10)
    top = min(finding.area.top for finding in findings) - margin
    bottom = max(finding.area.bottom for finding in findings) + margin
    return max(top, 0), min(bottom, height)
