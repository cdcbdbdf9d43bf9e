"""Cards that say who someone is: names, numbers, birthdays and addresses on them are hidden.

The people, numbers and addresses are invented; My Number is the example of the Ministry's own papers.
"""

from __future__ import annotations

import io
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Limits
from tests.workers.redaction.conftest import TEXT_ONLY, font
from workers.redaction.kinds.picture import redact

WIDE, HIGH = 1000, 630  # 85.6 mm × 54 mm


class Words(NamedTuple):
    x: int
    y: int
    size: int
    text: str
    personal: bool


def said(x: int, y: int, text: str, size: int = 26) -> Words:
    return Words(x, y, size, text, False)


def whose(x: int, y: int, text: str, size: int = 30) -> Words:
    return Words(x, y, size, text, True)


CARDS = {
    "driving licence": [
        said(40, 40, "氏名"),
        whose(120, 36, "見本 太郎"),
        whose(560, 36, "昭和61年5月1日生"),
        said(40, 100, "住所"),
        whose(120, 98, "東京都架空区見本町2-1-1"),
        said(40, 160, "交付"),
        whose(120, 158, "令和01年05月07日 12345", 26),
        said(60, 230, "2024年(令和06年)06月01日まで有効", 30),
        said(40, 300, "免許の"),
        said(40, 336, "条件等"),
        said(160, 300, "眼鏡等"),
        said(40, 480, "番号"),
        whose(130, 478, "第 012345678900 号"),
        said(560, 570, "東京都公安委員会", 24),
    ],
    "my number card": [
        said(40, 30, "氏名", 22),
        whose(120, 28, "番号 花子"),
        said(40, 100, "住所", 22),
        whose(120, 98, "東京都架空区架空町2丁目1番1号", 26),
        said(560, 560, "個人番号カード", 24),
        whose(360, 200, "平成元年3月31日生", 28),
        said(360, 270, "性別 女", 24),
        said(360, 330, "2025年3月31日まで有効", 24),
        said(40, 470, "個人番号", 24),
        whose(240, 464, "1234 5678 9018", 36),
    ],
    "residence card": [
        said(40, 30, "日本国政府 在留カード", 26),
        said(560, 30, "番号", 22),
        whose(640, 28, "AB12345678CD", 30),
        said(40, 100, "氏名", 22),
        said(40, 126, "NAME", 16),
        whose(150, 100, "TURNER ELIZABETH"),
        said(40, 170, "生年月日", 22),
        whose(170, 168, "1985年12月31日", 28),
        said(560, 170, "性別 女 F.", 22),
        said(40, 240, "住居地", 22),
        whose(150, 238, "東京都千代架区霞の丘1丁目1番1号霞ハイツ202号", 26),
        said(40, 310, "在留資格", 22),
        said(170, 308, "留学", 28),
        said(40, 380, "就労制限の有無", 22),
        said(250, 378, "就労不可", 28),
    ],
    "health insurance card": [
        said(40, 30, "健康保険 被保険者証", 30),
        said(560, 40, "本人(被保険者)", 22),
        said(40, 110, "記号", 24),
        whose(120, 108, "21700023", 28),
        said(340, 110, "番号", 24),
        whose(420, 108, "1847", 28),
        said(40, 180, "氏名", 24),
        whose(180, 176, "協会 次郎"),
        said(40, 250, "生年月日", 24),
        whose(180, 248, "昭和50年5月17日", 28),
        said(560, 250, "性別 男", 24),
        said(40, 320, "資格取得年月日", 24),
        said(40, 400, "保険者番号", 24),
        whose(220, 398, "01130012", 28),
        said(40, 470, "保険者名称", 24),
        said(220, 470, "全国見本保険協会", 24),
    ],
    "employee's badge": [
        said(60, 50, "Sample Works Co., Ltd.", 34),
        said(60, 180, "氏名", 24),
        whose(180, 170, "黒井 真澄", 44),
        said(60, 270, "Name", 24),
        whose(180, 264, "Masumi Kuroi", 38),
        said(60, 350, "社員番号", 24),
        whose(220, 346, "10427-88", 32),
        said(60, 430, "部署", 24),
        said(180, 428, "品質保証部", 30),
    ],
}


def drawn(words: list[Words]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The card, and the ink on it of what is personal and of what is not."""
    card = Image.new("RGB", (WIDE, HIGH), (236, 242, 246))
    pen = ImageDraw.Draw(card)
    for y in range(0, HIGH, 9):
        pen.line((0, y, WIDE, y + 30), fill=(222, 234, 236))
    pen.rectangle((730, 290, 940, 540), fill=(190, 200, 205))
    inks = [Image.new("L", card.size), Image.new("L", card.size)]
    for each in words:
        pen.text((each.x, each.y), each.text, font=font(each.size), fill=(25, 25, 30))
        ImageDraw.Draw(inks[each.personal]).text((each.x, each.y), each.text, font=font(each.size), fill=255)
    plain, personal = (np.asarray(ink) > 100 for ink in inks)
    return np.asarray(card).copy(), personal, plain


def photographed(page: np.ndarray, *, flags: int = cv2.INTER_AREA) -> np.ndarray:
    """On a table, from a slight angle, turned by 4°."""
    here = np.array([[0, 0], [WIDE, 0], [WIDE, HIGH], [0, HIGH]], np.float32)
    there = np.array([[110, 120], [1090, 52], [1120, 700], [130, 740]], np.float32)
    matrix = cv2.getPerspectiveTransform(here, there)
    moved = cv2.warpPerspective(page.astype(np.uint8), matrix, (1230, 830), flags=flags)
    return np.asarray(moved)


def hidden(page: np.ndarray) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "PNG")
    _, result = redact(stream.getvalue(), TEXT_ONLY, Limits())
    found = np.zeros(page.shape[:2], np.bool_)
    for finding in result.findings:
        found[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
    return found


@pytest.mark.long
@pytest.mark.parametrize("kind", CARDS)
def test_what_a_card_says_of_its_holder_is_hidden(kind: str) -> None:
    card, personal, plain = drawn(CARDS[kind])
    found = hidden(card)
    assert found[personal].mean() > 0.99
    # Days of issue and expiry are hidden as days of birth are.
    assert found[plain].mean() < 0.7


@pytest.mark.long
@pytest.mark.parametrize("kind", CARDS)
def test_a_photographed_card_is_hidden_too(kind: str) -> None:
    card, personal, _ = drawn(CARDS[kind])
    page = photographed(card)
    page[page.max(axis=2) == 0] = (96, 84, 70)
    ink = photographed(personal, flags=cv2.INTER_NEAREST) > 0
    assert hidden(page)[ink].mean() > 0.99
