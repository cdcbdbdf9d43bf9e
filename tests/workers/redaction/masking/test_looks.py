"""Who is asked again about a redacted copy, and who has seen it already."""

from __future__ import annotations

import numpy as np

from omnigov.contracts import Area, Detector, Finding, ReadValues, RedactionProfile
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.ensemble import Ensemble
from workers.redaction.detectors.registry import Entry
from workers.redaction.kinds.picture import silent
from workers.redaction.masking.looks import Looks
from workers.redaction.masking.masks import Masks

PIXELS = np.full((200, 200, 3), 255, np.uint8)


class Once:
    """Finds one place in each of its first looks, further down each time."""

    def __init__(self, name: str, times: int) -> None:
        self.name, self.times, self.asked = name, times, 0

    def describe(self) -> Detector:
        return Detector(name=self.name, version="1", digest="0" * 64)

    def find(self, picture: Picture) -> list[Finding]:
        self.asked += 1
        if self.asked > self.times:
            return []
        place = Area(left=10, top=30 * self.asked, right=20, bottom=30 * self.asked + 20)
        return [Finding(kind="FACE", place=place, score=1, detector=self.name)]


def looked(*detectors: tuple[Once, bool]) -> None:
    """Looks again until nothing more is found."""
    members = tuple(
        (Entry(each.name, "", (), ("second",), lambda _: True, reads=reads), each)
        for each, reads in detectors
    )
    masks = Masks(PIXELS.copy(), RedactionProfile().fill, [])
    looks = Looks(RedactionProfile(), Ensemble(members), masks, ReadValues(), silent)
    while fresh := looks.again(PIXELS):
        masks.hide(fresh)


def test_who_found_nothing_is_not_asked_about_what_others_hid() -> None:
    text, faces, codes = Once("text", 2), Once("faces", 0), Once("codes", 1)
    looked((text, True), (faces, False), (codes, False))
    assert (text.asked, faces.asked, codes.asked) == (3, 1, 2)


def test_who_reads_looks_after_each_mask_as_a_mask_may_cut_a_word() -> None:
    text, faces = Once("text", 0), Once("faces", 3)
    looked((text, True), (faces, False))
    assert (text.asked, faces.asked) == (4, 4)


class Reader:
    """Reads rows, and finds nothing in them."""

    def __init__(self, *, rows: tuple[tuple[int, str], ...]) -> None:
        self._rows = rows

    def describe(self) -> Detector:
        return Detector(name="reader", version="1", digest="0" * 64)

    def find(self, picture: Picture) -> list[Finding]:
        picture.read.rows = [
            ((Area(left=4, top=top, right=90, bottom=top + 10),), text) for top, text in self._rows
        ]
        return []


def test_what_is_hidden_after_it_was_read_is_no_longer_told() -> None:
    entry = Entry("reader", "", (), ("second",), lambda _: True)
    members = ((entry, Reader(rows=((10, "above"), (50, "below")))),)
    masks = Masks(PIXELS.copy(), RedactionProfile().fill, [])
    looks = Looks(RedactionProfile(), Ensemble(members), masks, ReadValues(), silent)
    assert looks.visible() is None
    looks.again(PIXELS)
    assert looks.visible() == "above\nbelow"
    masks.hide(
        [Finding(kind="FACE", place=Area(left=80, top=52, right=99, bottom=60), score=1, detector="x")]
    )
    assert looks.visible() == "above"
