"""Forms of many makes, in Japanese and English, filled with invented people.

The development split and the held-out one have different wordings of labels and different measures, so that
what was tuned on the one has not seen the other.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from form_sheet import EITHER, Pen, Sheet

Field = tuple[str, str, str | None]  # label, value, kind of the value


@dataclass
class Job:
    """What a layout is drawn from."""

    size: int  # of the letters, in pixels
    dice: random.Random
    people: Iterator[dict[str, str]]
    print_font: str
    hand: str
    held_out: bool

    def word(self, development: str, held_out: str) -> str:
        return held_out if self.held_out else development

    def pen(self, wide: float, high: float) -> Pen:
        """A sheet so many letters wide and high."""
        return Pen(round(wide * self.size), round(high * self.size), self.size, self.print_font, self.hand)

    def digits(self, count: int) -> str:
        return "".join(self.dice.choices(string.digits, k=count))

    def phone(self) -> str:
        return f"0{self.dice.choice(('3', '6', '90', '80'))}-{self.digits(4)}-{self.digits(4)}"

    def american_phone(self) -> str:
        return f"({self.dice.randint(201, 989)}) 555-{self.digits(4)}"

    def email(self) -> str:
        name = "".join(self.dice.choices(string.ascii_lowercase, k=7))
        return f"{name}@example.{self.dice.choice(('com', 'org', 'jp'))}"

    def birth(self) -> str:
        year, month, day = self.dice.randint(1, 30), self.dice.randint(1, 12), self.dice.randint(1, 28)
        return self.dice.choice((f"昭和{year + 30}年{month}月{day}日", f"{1955 + year}年{month}月{day}日"))

    def english_birth(self) -> str:
        month = self.dice.choice(("January", "March", "June", "August", "October"))
        number, day, year = (self.dice.randint(*reach) for reach in ((1, 12), (1, 28), (1940, 2005)))
        return self.dice.choice((f"{month} {day}, {year}", f"{number:02}/{day:02}/{year}"))

    def yen(self) -> str:
        return f"{self.dice.randint(2, 99)},{self.digits(3)}円"


def application(job: Job) -> Sheet:
    """A ruled table of two columns."""
    pen, who, other = job.pen(40, 31), next(job.people), next(job.people)
    pen.label(12 * job.size, job.size, job.word("利用申込書", "入会届"), 1.6)
    fields: list[Field] = [
        (job.word("氏名", "申込者氏名"), who["name"], "PERSON"),
        (job.word("フリガナ", "ふりがな"), who["kana"], "PERSON"),
        (job.word("生年月日", "生年月日（西暦）"), job.birth(), "DATE_TIME"),
        (job.word("住所", "ご住所"), who["address"], "ADDRESS"),
        (job.word("電話番号", "携帯電話番号"), job.phone(), "PHONE_NUMBER"),
        (job.word("メールアドレス", "E-mail"), job.email(), "EMAIL_ADDRESS"),
        (job.word("職業", "申込区分"), job.word("会社員", "一般会員"), None),
        (job.word("緊急連絡先氏名", "保護者氏名"), other["name"], "PERSON"),
        (job.word("利用目的", "希望コース"), job.word("読書と自習", "水曜の午後"), None),
        (job.word("備考", "その他"), job.word("特になし", "車椅子を希望"), None),
    ]
    return ruled_pairs(pen, job, fields, top=4, split=job.word("12", "14"))


def ruled_pairs(pen: Pen, job: Job, fields: list[Field], top: float, split: str) -> Sheet:
    size, y = job.size, top * job.size
    left, middle, right = 2 * size, float(split) * size, pen.sheet.image.width - 2 * size
    for label, value, kind in fields:
        high = 2.4 * size
        pen.frame(left, y, right, y + high)
        pen.line(middle, y, middle, y + high)
        pen.label(left + 0.5 * size, y + 0.6 * size, label)
        pen.value(middle + 0.6 * size, y + 0.6 * size, value, kind)
        y += high
    return pen.sheet


def questionnaire(job: Job) -> Sheet:
    """Underlined fields without a frame."""
    pen, who, size = job.pen(44, 27), next(job.people), job.size
    pen.label(16 * size, size, job.word("問診票", "初診の方へ"), 1.5)
    rows: list[list[tuple[str, str, str | None, float]]] = [
        [
            (job.word("お名前", "患者氏名"), who["name"], "PERSON", 14),
            (job.word("性別", "性別"), "女", None, 3),
        ],
        [(job.word("フリガナ", "よみがな"), who["kana"], "PERSON", 14), ("年齢", "46 歳", None, 5)],
        [(job.word("生年月日", "誕生日"), job.birth(), "DATE_TIME", 16)],
        [(job.word("ご住所", "現住所"), who["address"], "ADDRESS", 30)],
        [(job.word("電話", "連絡先電話"), job.phone(), "PHONE_NUMBER", 16)],
        [(job.word("本日の症状", "来院の理由"), job.word("頭が痛い", "せきが続く"), None, 20)],
        [(job.word("アレルギー", "服用中の薬"), job.word("なし", "ありません"), None, 20)],
    ]
    y = 4.5 * size
    for row in rows:
        x = 2.0 * size
        for label, value, kind, room in row:
            x = pen.label(x, y, label) + 0.8 * size
            pen.value(x + 0.4 * size, y - 0.1 * size, value, kind)
            pen.line(x, y + 1.3 * size, x + room * size, y + 1.3 * size)
            x += (room + 2) * size
        y += 2.8 * size
    return pen.sheet


def expenses(job: Job) -> Sheet:
    """A head with an applicant, and a table of items that is nobody's."""
    pen, who, boss, size = job.pen(46, 26), next(job.people), next(job.people), job.size
    pen.label(17 * size, size, job.word("経費精算書", "旅費請求書"), 1.5)
    pen.label(2 * size, 4 * size, job.word("申請者：", "社員名："))
    pen.value(7 * size, 4 * size, who["name"], "PERSON")
    pen.label(24 * size, 4 * size, job.word("所属：", "部門："))
    pen.value(28 * size, 4 * size, job.word("営業第二課", "資材調達室"), None)
    heads = [("日付", 7.0), (job.word("品目", "行先"), 16.0), ("金額", 9.0), ("備考", 10.0)]
    items = job.word("文房具 切手 書籍 茶葉 電池", "大阪 名古屋 仙台 福岡 札幌").split()
    rows = [
        [
            (f"{job.dice.randint(1, 12)}/{job.dice.randint(1, 28)}", EITHER),
            (item, None),
            (job.yen(), None),
            ("", None),
        ]
        for item in items
    ]
    y = grid(pen, job, 2 * size, 7 * size, heads, rows)
    pen.label(24 * size, y + 1.5 * size, job.word("承認者", "決裁者"))
    pen.value(29 * size, y + 1.5 * size, boss["name"], "PERSON")
    pen.line(28.5 * size, y + 2.8 * size, 42 * size, y + 2.8 * size)
    return pen.sheet


Row = list[tuple[str, str | None]]


def grid(
    pen: Pen,
    job: Job,
    x: float,
    y: float,
    heads: list[tuple[str, float]],
    rows: list[Row],
    *,
    ruled: bool = True,
) -> float:
    """A table; returns where it ends."""
    size, high = job.size, 2.1 * job.size
    total = sum(wide for _, wide in heads) * size
    for number, row in enumerate([[(head, None) for head, _ in heads], *rows]):
        at = x
        for (words, kind), (_, wide) in zip(row, heads, strict=True):
            if number == 0:
                pen.label(at + 0.4 * size, y + 0.4 * size, words)
            elif words:
                pen.value(at + 0.4 * size, y + 0.4 * size, words, kind)
            if ruled:
                pen.frame(at, y, at + wide * size, y + high)
            at += wide * size
        y += high
        if number == 0 and not ruled:
            pen.line(x, y, x + total, y, width=2)
    return y


def attendance(job: Job) -> Sheet:
    """A ruled table with many people in it."""
    pen, size = job.pen(52, 32), job.size
    pen.label(20 * size, size, job.word("出席者名簿", "避難訓練 参加者一覧"), 1.5)
    heads = [
        ("No.", 4.0),
        (job.word("氏名", "参加者名"), 11.0),
        (job.word("フリガナ", "カナ"), 13.0),
        (job.word("部署", "班"), 8.0),
        (job.word("電話番号", "内線・携帯"), 12.0),
    ]
    rows: list[Row] = []
    for number in range(1, 12):
        who = next(job.people)
        rows.append(
            [
                (str(number), None),
                (who["name"], "PERSON"),
                (who["kana"], "PERSON"),
                (job.dice.choice(job.word("総務 経理 製造", "一班 二班 三班").split()), None),
                (job.phone(), "PHONE_NUMBER"),
            ]
        )
    grid(pen, job, 2 * size, 4.5 * size, heads, rows)
    return pen.sheet


def receipt(job: Job) -> Sheet:
    pen, who, size = job.pen(36, 20), next(job.people), job.size
    pen.label(14 * size, size, "領 収 書", 1.5)
    end = pen.value(3 * size, 4.5 * size, who["name"], "PERSON")
    pen.label(end + size, 4.5 * size, job.word("様", "殿"))
    pen.line(2.5 * size, 6 * size, end + 3 * size, 6 * size)
    pen.label(3 * size, 7.5 * size, "金額")
    pen.value(7 * size, 7.5 * size, job.yen(), None)
    pen.label(3 * size, 10 * size, job.word("但し 書籍代として", "但し 修理代として"))
    pen.label(3 * size, 12 * size, "上記正に領収いたしました")
    pen.label(16 * size, 15 * size, job.word("みほん書店", "見本自転車店"))
    pen.label(16 * size, 17 * size, job.word("担当", "係"))
    pen.value(19 * size, 17 * size, next(job.people)["name"], "PERSON")
    return pen.sheet


def slip(job: Job) -> Sheet:
    """A delivery slip: blocks of address without labels of their own."""
    pen, size = job.pen(40, 28), job.size
    y = 2.0 * size
    for title in (job.word("お届け先", "配達先"), job.word("ご依頼主", "発送元")):
        who = next(job.people)
        pen.frame(2 * size, y, 38 * size, y + 10 * size)
        pen.label(2.6 * size, y + 0.5 * size, title)
        pen.value(8 * size, y + 0.5 * size, f"〒{job.digits(3)}-{job.digits(4)}", "JP_POSTAL_CODE")
        pen.value(8 * size, y + 2.8 * size, who["address"], "ADDRESS")
        end = pen.value(8 * size, y + 5.2 * size, who["name"], "PERSON")
        pen.label(end + size, y + 5.2 * size, "様")
        pen.label(8 * size, y + 7.6 * size, job.word("電話", "TEL"))
        pen.value(12 * size, y + 7.6 * size, job.phone(), "PHONE_NUMBER")
        y += 10 * size
    pen.frame(2 * size, y, 38 * size, y + 3 * size)
    pen.label(2.6 * size, y + 0.8 * size, job.word("品名", "内容品"))
    pen.value(8 * size, y + 0.8 * size, job.word("りんご 五キロ", "衣類"), None)
    return pen.sheet


def english_application(job: Job) -> Sheet:
    """Ruled cells with a small label above the value."""
    pen, who, size = job.pen(44, 27), next(job.people), job.size
    other = next(job.people)
    pen.label(13 * size, size, job.word("Membership Application", "Volunteer Registration"), 1.4)
    rows: list[list[tuple[str, str, str | None, float]]] = [
        [
            (job.word("Full name", "Applicant name"), who["name"], "PERSON", 24),
            (job.word("Date of birth", "DOB"), job.english_birth(), "DATE_TIME", 16),
        ],
        [(job.word("Home address", "Mailing address"), who["address"], "ADDRESS", 40)],
        [
            (job.word("Phone", "Telephone no."), job.american_phone(), "PHONE_NUMBER", 18),
            (job.word("E-mail", "Email address"), job.email(), "EMAIL_ADDRESS", 22),
        ],
        [
            (job.word("Emergency contact", "Parent or guardian"), other["name"], "PERSON", 24),
            (job.word("Relationship", "Department"), job.word("Brother", "Gardening"), None, 16),
        ],
        [(job.word("Remarks", "Skills"), job.word("None at all", "Carpentry"), None, 40)],
    ]
    y = 4 * size
    for row in rows:
        x = 2.0 * size
        for label, value, kind, wide in row:
            pen.frame(x, y, x + wide * size, y + 3.6 * size)
            pen.label(x + 0.4 * size, y + 0.3 * size, label, 0.8)
            pen.value(x + 0.8 * size, y + 1.7 * size, value, kind)
            x += wide * size
        y += 3.6 * size
    return pen.sheet


def english_intake(job: Job) -> Sheet:
    """Labels with colons and underlined values, two to a row."""
    pen, who, size = job.pen(48, 22), next(job.people), job.size
    pen.label(14 * size, size, job.word("Patient Intake Form", "New Client Questionnaire"), 1.4)
    rows: list[list[tuple[str, str, str | None, float]]] = [
        [
            (job.word("Patient name:", "Name of client:"), who["name"], "PERSON", 17),
            (job.word("Sex:", "Visit:"), job.word("F", "first"), None, 4),
        ],
        [
            (job.word("Date of birth:", "Birth date:"), job.english_birth(), "DATE_TIME", 14),
            ("Phone:", job.american_phone(), "PHONE_NUMBER", 13),
        ],
        [(job.word("Address:", "Street address:"), who["address"], "ADDRESS", 34)],
        [(job.word("Physician:", "Referred by:"), next(job.people)["name"], "PERSON", 20)],
        [(job.word("Reason for visit:", "Main concern:"), job.word("sore throat", "back pain"), None, 22)],
    ]
    y = 4.5 * size
    for row in rows:
        x = 2.0 * size
        for label, value, kind, room in row:
            x = pen.label(x, y, label) + 0.4 * size
            pen.value(x + 0.4 * size, y, value, kind)
            pen.line(x, y + 1.35 * size, x + room * size, y + 1.35 * size)
            x += (room + 1.5) * size
        y += 3 * size
    return pen.sheet


def english_expenses(job: Job) -> Sheet:
    pen, who, size = job.pen(48, 24), next(job.people), job.size
    pen.label(16 * size, size, job.word("Expense Report", "Travel Claim"), 1.4)
    for place, (label, value, kind) in enumerate(
        (
            (job.word("Employee name", "Claimant"), who["name"], "PERSON"),
            (job.word("Department", "Cost centre"), job.word("Sales", "Logistics"), None),
            (job.word("Approved by", "Authorised by"), next(job.people)["name"], "PERSON"),
        )
    ):
        pen.label(2 * size, (4 + 1.9 * place) * size, label)
        pen.value(12 * size, (4 + 1.9 * place) * size, value, kind)
    heads = [("Date", 8.0), (job.word("Item", "Journey"), 16.0), ("Amount", 9.0), ("Notes", 10.0)]
    items = job.word("Stapler Paper Coffee Lamp", "Train Taxi Hotel Parking").split()
    rows: list[Row] = [
        [(f"{number + 3} May", EITHER), (item, None), (f"${job.digits(2)}.50", None), ("", None)]
        for number, item in enumerate(items)
    ]
    grid(pen, job, 2 * size, 11 * size, heads, rows)
    return pen.sheet


def sign_in(job: Job) -> Sheet:
    """A table without rules, of many people."""
    pen, size = job.pen(50, 28), job.size
    pen.label(18 * size, size, job.word("Visitor Sign-in", "Attendance Sheet"), 1.4)
    heads = [
        (job.word("Name", "Participant"), 15.0),
        (job.word("Company", "Team"), 11.0),
        (job.word("Phone", "Contact no."), 12.0),
        ("Time", 7.0),
    ]
    rows: list[Row] = [
        [
            (next(job.people)["name"], "PERSON"),
            (job.dice.choice(job.word("Northwind Contoso Fabrikam", "Red Blue Green").split()), None),
            (job.american_phone(), "PHONE_NUMBER"),
            (f"{job.dice.randint(8, 17)}:{job.dice.randint(10, 59)}", EITHER),
        ]
        for _ in range(10)
    ]
    grid(pen, job, 2 * size, 4 * size, heads, rows, ruled=False)
    return pen.sheet


def packing(job: Job) -> Sheet:
    pen, size = job.pen(44, 24), job.size
    pen.label(2 * size, size, job.word("Packing Slip", "Delivery Note"), 1.4)
    for place, title in enumerate((job.word("Ship to:", "Deliver to:"), job.word("Bill to:", "Invoice to:"))):
        who, x = next(job.people), (2 + 21 * place) * size
        street, _, city = who["address"].rpartition(", ")
        pen.label(x, 4.5 * size, title)
        pen.value(x, 6.4 * size, who["name"], "PERSON")
        pen.value(x, 8.2 * size, street, "ADDRESS")
        pen.value(x, 10 * size, city, "ADDRESS")
    rows: list[Row] = [
        [(word, None), (str(job.dice.randint(1, 9)), None), (f"${job.digits(2)}.00", None)]
        for word in job.word("Kettle Teapot Saucer", "Ladder Bucket Hose").split()
    ]
    grid(pen, job, 2 * size, 13 * size, [("Item", 18.0), ("Quantity", 10.0), ("Price", 11.0)], rows)
    return pen.sheet


Layout = Callable[[Job], Sheet]
LAYOUTS: dict[str, tuple[str, Layout]] = {
    "application": ("ja", application),
    "questionnaire": ("ja", questionnaire),
    "expenses": ("ja", expenses),
    "attendance": ("ja", attendance),
    "receipt": ("ja", receipt),
    "delivery slip": ("ja", slip),
    "english application": ("en", english_application),
    "english intake": ("en", english_intake),
    "english expenses": ("en", english_expenses),
    "english sign-in": ("en", sign_in),
    "english packing slip": ("en", packing),
}


def people_in_turn(people: list[dict[str, Any]], dice: random.Random) -> Iterator[dict[str, str]]:
    while True:
        yield from dice.sample(people, len(people))
