"""Writes the samples that are documents and texts: a form of two pages, a chat and a table, in two languages.

    python samples/draw_documents.py FONT

FONT is a TrueType font with Latin and Japanese signs; the committed files were made with IPAexGothic 3.01.
`documents.json` says which of their values are personal, and of what kind. Nobody of these names, numbers and
addresses exists: the numbers lie in ranges kept for fiction, and the domains are kept for examples.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).parent
FONT = "Form"
LEFT, RIGHT = 20 * mm, A4[0] - 20 * mm

Row = tuple[str, str, str | None]
"""Label and value of a field, with the value's kind; None is not personal and must stay readable."""

ENGLISH_FORM: tuple[tuple[str, Sequence[Row], Sequence[str]], ...] = (
    (
        "Application for a parking permit (1/2)",
        (
            ("Name:", "Harriet Okonkwo", "PERSON"),
            ("Date of birth:", "3 November 1979", "DATE_TIME"),
            ("Address:", "8 Cobblers Row, Ashbourne", "LOCATION"),
            ("Phone:", "020 7946 0817", "PHONE_NUMBER"),
            ("E-mail:", "h.okonkwo@example.org", "EMAIL_ADDRESS"),
            ("Kind of vehicle:", "Small van, electric", None),
            ("Place asked for:", "Covered, near the entrance", None),
        ),
        ("Please fill in both pages. What is missing delays the permit.",),
    ),
    (
        "Application for a parking permit (2/2)",
        (
            ("Why do you need it?", "Deliveries in the early morning", None),
            ("Second driver:", "Tobias Lindqvist", "PERSON"),
            ("His phone:", "020 7946 0233", "PHONE_NUMBER"),
            ("From when on?", "As soon as possible", None),
        ),
        (
            "I have read the rules of the car park and keep to them.",
            "The permit is not valid on market days.",
        ),
    ),
)
JAPANESE_FORM: tuple[tuple[str, Sequence[Row], Sequence[str]], ...] = (
    (
        "駐車許可申請書（1/2）",
        (
            ("氏名", "白石 遥", "PERSON"),
            ("フリガナ", "シライシ ハルカ", "PERSON"),
            ("生年月日", "昭和58年4月21日", "DATE_TIME"),
            ("郵便番号", "〒999-0012", "JP_POSTAL_CODE"),
            ("住所", "東京都架空区例示町4-5-6", "JP_ADDRESS"),
            ("電話番号", "090-0000-5678", "PHONE_NUMBER"),
            ("車種", "小型の電気自動車", None),
            ("希望する場所", "入口に近い屋根つきの区画", None),
        ),
        ("2ページともご記入ください。記入もれがあると許可が遅れます。",),
    ),
    (
        "駐車許可申請書（2/2）",
        (
            ("申請の理由", "早朝の配達のため", None),
            ("同乗の運転者氏名", "大西 健太", "PERSON"),
            ("運転者の電話番号", "090-0000-2468", "PHONE_NUMBER"),
            ("開始の希望", "できるだけ早く", None),
        ),
        ("駐車場の規則を読み、守ります。", "市の立つ日には使えません。"),
    ),
)
ENGLISH_CHAT = """\
[09:02] Nadia Ferreira: Good morning! Is the delivery still coming today?
[09:03] Support: Good morning. May I have your phone number, please?
[09:03] Nadia Ferreira: Of course, it is 020 7946 0562.
[09:04] Support: Thank you. The driver is on the way and needs about two hours.
[09:05] Nadia Ferreira: Could he leave the parcel with my neighbour, Mr. Castellano?
[09:05] Support: Yes. Please send us a short e-mail so that we have it in writing.
[09:07] Nadia Ferreira: Done, from nadia.ferreira@example.com.
[09:08] Support: We have it. Is there anything else that we can do?
[09:08] Nadia Ferreira: No, that was all. Thank you!
"""
JAPANESE_CHAT = """\
[09:02] 三浦美咲: おはようございます。荷物は今日届きますか。
[09:03] 窓口: おはようございます。お電話番号をお願いできますか。
[09:03] 三浦美咲: 090-0000-1357です。
[09:04] 窓口: ありがとうございます。配達員は向かっており、あと2時間ほどかかります。
[09:05] 三浦美咲: 隣の野口さんに預けてもらえますか。
[09:05] 窓口: はい。書面に残すため、短いメールをお送りください。
[09:07] 三浦美咲: misaki.miura@example.jpから送りました。
[09:08] 窓口: 届きました。ほかにご用はありますか。
[09:08] 三浦美咲: いいえ、以上です。ありがとうございます。
"""
ENGLISH_LIST = (
    ("Name", "E-mail", "Phone", "Course", "Paid"),
    ("Oliver Brandt", "o.brandt@example.com", "020 7946 0111", "Pottery", "yes"),
    ("Sunita Rao", "sunita.rao@example.org", "020 7946 0222", "Watercolours", "no"),
    ("Gwen Pritchard", "gwen@example.net", "020 7946 0333", "Pottery", "yes"),
    ("Mateo Alvarez", "m.alvarez@example.com", "020 7946 0444", "Bookbinding", "yes"),
)
JAPANESE_LIST = (
    ("氏名", "メール", "電話番号", "講座", "支払い"),
    ("西村 翔太", "s.nishimura@example.jp", "090-0000-1111", "陶芸", "済"),
    ("岡本 結衣", "yui.okamoto@example.jp", "090-0000-2222", "水彩画", "未"),
    ("藤田 直樹", "n.fujita@example.jp", "090-0000-3333", "陶芸", "済"),
    ("石井 さくら", "sakura.ishii@example.jp", "090-0000-4444", "製本", "済"),
)
OF_A_COLUMN = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER")
PERSONAL: dict[str, list[tuple[str, str]]] = {
    "chat.txt": [
        ("Nadia Ferreira", "PERSON"),
        ("020 7946 0562", "PHONE_NUMBER"),
        ("Castellano", "PERSON"),
        ("nadia.ferreira@example.com", "EMAIL_ADDRESS"),
    ],
    "chat-ja.txt": [
        ("三浦美咲", "PERSON"),
        ("090-0000-1357", "PHONE_NUMBER"),
        ("野口", "PERSON"),
        ("misaki.miura@example.jp", "EMAIL_ADDRESS"),
    ],
}


def form(file: Path, pages: Sequence[tuple[str, Sequence[Row], Sequence[str]]]) -> None:
    """The pages as a PDF: a box with a line for each field, and what is printed below it."""
    canvas = Canvas(str(file), pagesize=A4, invariant=1)
    canvas.setTitle("")
    for title, rows, notes in pages:
        canvas.setFont(FONT, 18)
        y = A4[1] - 30 * mm
        canvas.drawString(LEFT, y, title)
        y -= 12 * mm
        top = y
        canvas.setFont(FONT, 12)
        for label, value, _kind in rows:
            canvas.drawString(LEFT + 4 * mm, y - 8 * mm, label)
            canvas.drawString(LEFT + 58 * mm, y - 8 * mm, value)
            y -= 13 * mm
            canvas.setStrokeGray(0.6)
            canvas.line(LEFT, y, RIGHT, y)
        canvas.setStrokeGray(0)
        canvas.rect(LEFT, y, RIGHT - LEFT, top - y)
        y -= 14 * mm
        for note in notes:
            canvas.drawString(LEFT, y, note)
            y -= 9 * mm
        canvas.showPage()
    canvas.save()


def table(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def main(font: str) -> None:
    pdfmetrics.registerFont(TTFont(FONT, font))
    personal = dict(PERSONAL)
    for name, pages in (("application.pdf", ENGLISH_FORM), ("application-ja.pdf", JAPANESE_FORM)):
        form(HERE / name, pages)
        personal[name] = [(value, kind) for _, rows, _ in pages for _, value, kind in rows if kind]
    for name, rows in (("list.csv", ENGLISH_LIST), ("list-ja.csv", JAPANESE_LIST)):
        (HERE / name).write_text(table(rows), encoding="utf-8")
        personal[name] = [pair for row in rows[1:] for pair in zip(row, OF_A_COLUMN, strict=False)]
    for name, text in (("chat.txt", ENGLISH_CHAT), ("chat-ja.txt", JAPANESE_CHAT)):
        (HERE / name).write_text(text, encoding="utf-8")
    told = {
        name: [{"text": text, "kind": kind} for text, kind in values]
        for name, values in sorted(personal.items())
    }
    (HERE / "documents.json").write_text(
        json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1])
