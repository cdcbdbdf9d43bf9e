"""The masks of one picture: laid over it in place, and remembered for those who look again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnigov.contracts import Area, Fill, Finding
from workers.media.picture import Pixels
from workers.redaction.core.picture import Hidden, covered_share, fill, hidden_share

HIDDEN = 0.9  # of a box: what is found there was hidden before
CLEARED = 0.7  # of a finding: so much of it under removed regions, and it is not hidden


class Masks:
    """What is hidden of `pixels`. What lies in a place that a person `cleared` is theirs to answer for."""

    def __init__(self, pixels: Pixels, style: Fill, cleared: Sequence[Area]) -> None:
        self.hidden: Hidden = np.zeros(pixels.shape[:2], np.bool_)
        self._pixels = pixels
        self._style = style
        self._cleared = cleared

    def are_cleared(self, finding: Finding) -> bool:
        return covered_share(finding.area, self._cleared) >= CLEARED

    def cover(self, finding: Finding) -> bool:
        """Whether the finding lies where something was hidden before."""
        return hidden_share(self.hidden, finding.area) >= HIDDEN

    def hide(self, findings: Sequence[Finding]) -> None:
        fill(self._pixels, (finding.area for finding in findings), self._style)
        for box in (finding.area for finding in findings):
            self.hidden[box.top : box.bottom, box.left : box.right] = True
