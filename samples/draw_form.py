"""Draws samples/form.png, a form with invented people in it, and samples/form.json, where their data stands.

    python samples/draw_form.py FONT

FONT is a TrueType font with Latin and Japanese signs; the committed picture was drawn with IPAexGothic 3.01.
Nobody of these names, numbers and addresses exists: the numbers lie in ranges kept for fiction, and the
My Number is the example of the Ministry's own papers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1000, 1180
HERE = Path(__file__).parent

# Label and value of each field, with the value's kind; None is not personal and must stay readable.
ENGLISH = (
    ("Name:", "Eleanor Whitfield", "PERSON"),
    ("Date of birth:", "14 March 1987", "DATE_TIME"),
    ("Phone:", "(555) 010-4477", "PHONE_NUMBER"),
    ("E-mail:", "e.whitfield@example.com", "EMAIL_ADDRESS"),
    ("Address:", "27 Larkspur Lane, Brookhaven", "LOCATION"),
    ("Item:", "Bicycle, one year old", None),
)
JAPANESE = (
    ("氏名", "森下 あかり", "PERSON"),
    ("フリガナ", "モリシタ アカリ", "PERSON"),
    ("生年月日", "平成2年7月9日", "DATE_TIME"),
    ("電話番号", "090-0000-1234", "PHONE_NUMBER"),
    ("郵便番号", "〒999-0001", "JP_POSTAL_CODE"),
    ("住所", "東京都架空区見本町1-2-3", "JP_ADDRESS"),
    ("マイナンバー", "1234 5678 9018", "JP_MY_NUMBER"),
    ("品名", "自転車", None),
)


def draw(font: str) -> tuple[Image.Image, list[dict[str, object]]]:
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(page)
    title, body = (ImageFont.truetype(font, size) for size in (34, 24))
    fields: list[dict[str, object]] = []

    def write(x: int, y: int, text: str, kind: str | None) -> None:
        pen.text((x, y), text, font=body, fill="black")
        box = [round(edge) for edge in pen.textbbox((x, y), text, font=body)]
        fields.append({"text": text, "kind": kind, "box": box})

    pen.text((60, 40), "Warranty registration  保証登録書", font=title, fill="black")
    y = 110
    for rows in (ENGLISH, JAPANESE):
        top = y
        for label, value, kind in rows:
            pen.text((76, y + 14), label, font=body, fill="black")
            write(330, y + 14, value, kind)
            y += 54
            pen.line([(60, y), (WIDTH - 60, y)], fill="#888888")
        pen.rectangle([(60, top), (WIDTH - 60, y)], outline="black", width=2)
        pen.line([(310, top), (310, y)], fill="#888888")
        y += 40
    pen.text(
        (60, y), "Please call Marcus Oyelaran at 020 7946 0358 before delivery.", font=body, fill="black"
    )
    for words, kind in (("Marcus Oyelaran", "PERSON"), ("020 7946 0358", "PHONE_NUMBER")):
        line = "Please call Marcus Oyelaran at 020 7946 0358 before delivery."
        x = 60 + pen.textlength(line[: line.index(words)], font=body)
        box = [round(edge) for edge in pen.textbbox((x, y), words, font=body)]
        fields.append({"text": words, "kind": kind, "box": box})
    y += 50
    line = "担当の高橋さんから連絡します。"
    pen.text((60, y), line, font=body, fill="black")
    x = 60 + pen.textlength("担当の", font=body)
    fields.append(
        {
            "text": "高橋",
            "kind": "PERSON",
            "box": [round(edge) for edge in pen.textbbox((x, y), "高橋", font=body)],
        }
    )
    return page, fields


if __name__ == "__main__":
    page, fields = draw(sys.argv[1])
    page.save(HERE / "form.png", optimize=True)
    (HERE / "form.json").write_text(json.dumps(fields, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
