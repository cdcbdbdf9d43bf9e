"""Where on a page its labels stand: each in one box of text, or in several that were set apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from workers.redaction.forms import labels as form_labels
from workers.redaction.reading.cells import Patch
from workers.redaction.reading.layout import Row
from workers.redaction.reading.ocr import Line

LATIN = "\u2e7f"  # the last sign before those of Chinese and Japanese
_JAPANESE_WORD = re.compile("[\u3041-\u30ff\u4e00-\u9fff]{2}")
SAME_ROW = 0.4  # of the lower of two boxes: common height from which they stand in one row


@dataclass(frozen=True)
class Labelled:
    """A label on the page; the area is that of its words alone."""

    area: Patch
    kind: str
    block: bool
    whole: bool
    colon: bool
    sure: bool
    lines: tuple[Line, ...]
    signs: int  # of the first line that are the label's
    firm: bool = False  # it asks for a firm, a team or a ware

    @property
    def words(self) -> str:
        return "".join(line.text for line in self.lines)[: self.signs or None].strip(" :：")


def labels_of(rows: list[Row]) -> list[Labelled]:
    """Every label of the page, of personal and of other things."""
    found: list[Labelled] = []
    # An icon with many strokes is read as 名 or 姓: alone on a page they call nothing.
    of_words = any(_JAPANESE_WORD.search(line.text) for row in rows for line in row.lines)
    for row in rows:
        taken: set[int] = set()
        for place, line in enumerate(row.lines):
            if place in taken or line.upside_down:
                continue
            for count in (4, 3, 2, 1):
                parts = row.lines[place : place + count]
                if len(parts) == count and (label := _label(parts)) is not None:
                    if len(label.words) == 1 and label.words > LATIN and not of_words:
                        continue
                    # The number that stands beside 記号 is the other half of an insured person's.
                    is_half = label.words == "番号" and any(
                        other.words == "記号" for other in found if same_row(other.area, label.area)
                    )
                    found.append(replace(label, kind="JP_HEALTH_INSURANCE") if is_half else label)
                    taken.update(range(place, place + count))
                    break
    return found


def _label(parts: tuple[Line, ...]) -> Labelled | None:
    first = parts[0]
    if len(parts) > 1:
        # 氏   名 comes in two boxes, and so do words that are set wide.
        close = all(
            after.bounds[0] - before.bounds[2]
            < (4.0 if max(len(before.text), len(after.text)) <= 2 else 0.8) * before.thickness
            for before, after in pairwise(parts)
        )
        if not close or first.vertical:
            return None
        gap = "" if all(len(part.text.strip()) <= 2 for part in parts) else " "
        label = form_labels.whole(gap.join(part.text for part in parts), sure=True)
        if label is None:
            return None
        area = around([area_of(part) for part in parts])
        return Labelled(area, label.kind, label.block, True, label.colon, True, parts, 0, label.firm)
    label = form_labels.whole(first.text)
    if label is not None:
        area = area_of(first)
        signs = len(first.text)
        return Labelled(
            area, label.kind, label.block, True, label.colon, label.sure, parts, signs, label.firm
        )
    label = form_labels.leading(first.text)
    if label is None:
        return None
    area = Patch(*first.span(0, min(label.end, len(first.text))))
    return Labelled(area, label.kind, label.block, False, label.colon, label.sure, parts, label.end)


def area_of(line: Line) -> Patch:
    return Patch(*line.bounds)


def around(areas: list[Patch]) -> Patch:
    lefts, tops, rights, bottoms = zip(*areas, strict=True)
    return Patch(min(lefts), min(tops), max(rights), max(bottoms))


def same_row(one: Patch, other: Patch) -> bool:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common > SAME_ROW * min(one.high, other.high)


def overlap(one: Patch, other: Patch) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > 0.5 * min(one.wide, other.wide)


def is_after(one: Patch, other: Patch) -> bool:
    return same_row(one, other) and other.left > one.left + 0.5 * one.wide
