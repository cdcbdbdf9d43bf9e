"""Japanese licence plates by the geometry of their two lines: no weights for plates may be handed on.

A plate says the place where it was given out and a class number above, and below, about twice as large, one
kana and up to four digits. Letters stand in a fixed frame, so that one line tells where the other one is,
read or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from omnigov.contracts import Area
from workers.redaction.core.normal import normal
from workers.redaction.core.picture import Picture
from workers.redaction.reading.ocr import Line

SCORE = 0.6
SURE = 0.6  # of the upper line's reading; below it, only a lower line with its kana tells a plate

_PLACES = (
    "札幌|函館|旭川|室蘭|苫小牧|釧路|知床|帯広|十勝|北見|青森|弘前|八戸|岩手|盛岡|平泉|宮城|仙台|秋田|山形|庄内|福島|会津|郡山|白河|いわき"
    "|水戸|土浦|つくば|宇都宮|那須|とちぎ|日光|群馬|前橋|高崎|大宮|川口|所沢|川越|熊谷|春日部|越谷|千葉|成田|習志野|市川|船橋|袖ヶ浦|市原"
    "|野田|柏|松戸|品川|世田谷|練馬|杉並|板橋|足立|江東|葛飾|八王子|多摩|横浜|川崎|湘南|相模|山梨|富士山|新潟|長岡|上越|富山|石川|金沢"
    "|福井|長野|松本|諏訪|南信州|岐阜|飛騨|静岡|浜松|沼津|伊豆|富士|名古屋|豊橋|三河|岡崎|豊田|尾張小牧|一宮|春日井|三重|鈴鹿|四日市"
    "|伊勢志摩|滋賀|京都|なにわ|大阪|和泉|堺|神戸|姫路|奈良|飛鳥|和歌山|鳥取|島根|出雲|岡山|倉敷|広島|福山|山口|下関|徳島|香川|高松"
    "|愛媛|高知|福岡|北九州|久留米|筑豊|佐賀|長崎|佐世保|熊本|大分|宮崎|鹿児島|奄美|沖縄"
)
_UPPER = re.compile(rf"(?P<place>{_PLACES})[ .]?\d{{1,2}}[\dA-Z]")
_LIKE_UPPER = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{1,5}[ .]?\d{1,3}[A-Z]?")
_DIGITS = r"(?:\d{1,2}|[・·.]\d?|[・·.]{2}) ?[-‐・·.]? ?[・·.\d]\d"
_LOWER = re.compile(rf"(?P<kana>[ぁ-ん] ?)?{_DIGITS}")

# In letter heights of the line that was read: how far the plate reaches beyond it.
BELOW_UPPER, BESIDE_UPPER = 3.2, 1.6
ABOVE_LOWER, LEFT_OF_LOWER = 1.3, 1.1
NEAR = 1.5  # letter heights of the lower line between the two


def japanese(lines: Sequence[Line], picture: Picture) -> list[Area]:
    """A box about each plate, its frame included; nothing where the profile does not ask for plates."""
    if "LICENCE_PLATE" not in picture.profile.entities:
        return []
    flat = [(line, normal(line.text).text.strip()) for line in lines if not line.vertical]
    boxes, paired = list[Area](), set[int]()
    for lower, below in flat:
        hit = _LOWER.fullmatch(below)
        if hit is None:
            continue
        above = next(
            (upper for upper, text in flat if _stands_over(upper, lower) and _is_upper(upper, text, hit)),
            None,
        )
        if above is None and hit["kana"] is None:
            continue  # a score, a date, a price: digits alone tell no plate
        high = lower.thickness
        left, top, right, bottom = lower.bounds
        if above is not None:
            paired.add(id(above))
            left, top, right = (
                min(left, above.bounds[0]),
                min(top, above.bounds[1]),
                max(right, above.bounds[2]),
            )
        else:
            top -= ABOVE_LOWER * high
        boxes.append(
            picture.area(left - LEFT_OF_LOWER * high, top, right, bottom, pad_x=0.2 * high, pad_y=0.2 * high)
        )
    for upper, text in flat:
        if id(upper) not in paired and upper.score >= SURE and _UPPER.fullmatch(text):
            left, top, right, bottom = upper.bounds
            high = upper.thickness
            boxes.append(
                picture.area(
                    left, top, right, bottom + BELOW_UPPER * high, pad_x=BESIDE_UPPER * high, pad_y=0.3 * high
                )
            )
    return boxes


def _is_upper(line: Line, text: str, lower: re.Match[str]) -> bool:
    """A place and a class; half read, only over a line that has its kana or a dot for a missing digit."""
    if line.score >= SURE and _UPPER.fullmatch(text):
        return True
    told = lower["kana"] is not None or "・" in lower.group() or "·" in lower.group()
    return told and _LIKE_UPPER.fullmatch(text) is not None


def _stands_over(upper: Line, lower: Line) -> bool:
    """Just above, within the lower line's breadth and its kana's, and in smaller letters."""
    gap = lower.bounds[1] - upper.bounds[3]
    common = min(upper.bounds[2], lower.bounds[2]) - max(upper.bounds[0], lower.bounds[0])
    return (
        upper.bounds[1] < lower.bounds[1]
        and -lower.thickness < gap < NEAR * lower.thickness
        and common > 0.4 * min(upper.length, lower.length)
        and upper.thickness < 1.1 * lower.thickness
    )
