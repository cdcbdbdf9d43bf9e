"""Numbers that name somebody, made by code of their own; check digits are python-stdnum's.

Two kinds have no module there: a Japanese driving licence's eleventh digit, and a health insurer's number,
whose last digit is Luhn's. A number that is to be wrong is one that the same check refuses.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from itertools import pairwise

from stdnum import iban, luhn
from stdnum.jp import cn, in_
from stdnum.us import ssn

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
HOSTS = ("com", "org", "co.jp", "ne.jp", "net", "co.uk")

Maker = Callable[[random.Random], str]

# Over the first ten digits, modulus 11; of 11 less the rest, the last digit. The rule is not published.
LICENCE_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.digits, k=count))


def letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=count))


def grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    ends = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    return sign.join(number[begin:end] for begin, end in pairwise(ends))


def my_number(dice: random.Random) -> str:
    first = digits(dice, 11)
    return grouped(first + in_.calc_check_digit(first), (4, 4, 4), dice.choice(("", " ", "-", "–")))


def corporate_number(dice: random.Random) -> str:
    last = str(dice.randint(1, 9)) + digits(dice, 11)
    number = cn.calc_check_digit(last) + last
    return dice.choice((number, f"T{number}", grouped(number, (1, 4, 4, 4), "-")))


def driving_licence(dice: random.Random) -> str:
    first = dice.choice(("10", "30", "44", "62", "90")) + digits(dice, 8)
    rest = sum(int(d) * w for d, w in zip(first, LICENCE_WEIGHTS, strict=True)) % 11
    return first + str((11 - rest) % 10) + str(dice.randint(0, 2))


def insurer(dice: random.Random) -> str:
    first = dice.choice(("01", "06", "31", "34", "39", "67")) + f"{dice.randint(1, 47):02}" + digits(dice, 3)
    return first + luhn.calc_check_digit(first)


def card(dice: random.Random) -> str:
    begin, length = dice.choice((("4", 16), ("53", 16), ("2221", 16), ("3528", 16), ("37", 15), ("6011", 16)))
    first = begin + digits(dice, length - len(begin) - 1)
    sizes = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    return grouped(first + luhn.calc_check_digit(first), sizes, dice.choice(("", " ", "-")))


def account(dice: random.Random) -> str:
    country, body = dice.choice(
        (
            ("DE", digits(dice, 18)),
            ("GB", letters(dice, 4) + digits(dice, 14)),
            ("NL", letters(dice, 4) + digits(dice, 10)),
            ("FR", digits(dice, 23)),
            ("PL", digits(dice, 24)),
            ("CH", digits(dice, 17)),
        )
    )
    number = country + iban.calc_check_digits(f"{country}00{body}") + body
    return dice.choice((number, " ".join(number[at : at + 4] for at in range(0, len(number), 4))))


def social_security(dice: random.Random) -> str:
    while True:
        number = f"{dice.randint(1, 899):03}-{dice.randint(1, 99):02}-{dice.randint(1, 9999):04}"
        if ssn.is_valid(number):
            return number


def address(dice: random.Random) -> str:
    return ".".join(str(dice.randint(*reach)) for reach in ((11, 223), (0, 255), (0, 255), (1, 254)))


def japanese_phone(dice: random.Random) -> str:
    mobile = dice.choice(("070", "080", "090", "050")) + digits(dice, 8)
    town = dice.choice(("03", "06", "011", "045", "0532", "0973", "0185"))
    rest = str(dice.randint(2, 9)) + digits(dice, 9 - len(town))
    return dice.choice(
        (
            mobile,
            grouped(mobile, (3, 4, 4), "-"),
            grouped(mobile, (3, 4, 4), " "),
            f"{town}-{rest[:-4]}-{rest[-4:]}",
            f"{town}（{rest[:-4]}）{rest[-4:]}",
            f"+81 {mobile[1:3]} {mobile[3:7]} {mobile[7:]}",
        )
    )


def english_phone(dice: random.Random) -> str:
    area, rest = dice.randint(201, 989), digits(dice, 4)
    return dice.choice(
        (
            f"({area}) {dice.randint(200, 999)}-{rest}",
            f"{area}.{dice.randint(200, 999)}.{rest}",
            f"+1 {area} {dice.randint(200, 999)} {rest}",
            f"0{dice.randint(1200, 1999)} {digits(dice, 6)}",
            f"07{digits(dice, 3)} {digits(dice, 6)}",
            f"+44 20 {digits(dice, 4)} {digits(dice, 4)}",
            f"+49 {dice.randint(151, 179)} {digits(dice, 8)}",
        )
    )


def japanese_birth(dice: random.Random) -> str:
    era, latest = dice.choice((("昭和", 63), ("平成", 30), ("大正", 14), ("令和", 7)))
    year, month, day = dice.randint(2, latest), dice.randint(1, 12), dice.randint(1, 28)
    west = dice.randint(1931, 2019)
    short = {"昭和": "S", "平成": "H", "大正": "T", "令和": "R"}[era]
    return dice.choice(
        (
            f"{era}{year}年{month}月{day}日",
            f"{short}{year}.{month}.{day}",
            f"{west}年{month}月{day}日",
            f"{west}/{month:02}/{day:02}",
            f"{west}-{month:02}-{day:02}",
        )
    )


def english_day(dice: random.Random) -> str:
    number, day, year = dice.randint(1, 12), dice.randint(1, 28), dice.randint(1938, 2024)
    month = MONTHS[number - 1]
    return dice.choice(
        (
            f"{day} {month} {year}",
            f"{month} {day}, {year}",
            f"{number:02}/{day:02}/{year}",
            f"{day:02}.{number:02}.{year}",
            f"{year}-{number:02}-{day:02}",
            f"{day} {month[:3]} {year}",
        )
    )


def postal_code(dice: random.Random) -> str:
    return dice.choice(("〒", "")) + f"{digits(dice, 3)}-{digits(dice, 4)}"


def mail(dice: random.Random) -> str:
    box = "".join(dice.choices(string.ascii_lowercase, k=dice.randint(4, 9)))
    host = "".join(dice.choices(string.ascii_lowercase, k=6))
    return f"{box}{dice.choice(('', digits(dice, 2)))}@{host}.{dice.choice(HOSTS)}"


MAKERS: dict[str, Maker] = {
    "JP_MY_NUMBER": my_number,
    "JP_CORPORATE_NUMBER": corporate_number,
    "JP_DRIVING_LICENCE": driving_licence,
    "JP_PASSPORT": lambda dice: letters(dice, 2) + digits(dice, 7),
    "JP_RESIDENCE_CARD": lambda dice: letters(dice, 2) + digits(dice, 8) + letters(dice, 2),
    "JP_HEALTH_INSURANCE": insurer,
    "JP_PENSION_NUMBER": lambda dice: f"{digits(dice, 4)}-{digits(dice, 6)}",
    "JP_BANK_ACCOUNT": lambda dice: digits(dice, 7),
    "JP_POSTAL_CODE": postal_code,
    "PHONE_NUMBER japanese": japanese_phone,
    "PHONE_NUMBER english": english_phone,
    "CREDIT_CARD": card,
    "IBAN_CODE": account,
    "US_SSN": social_security,
    "IP_ADDRESS": address,
    "EMAIL_ADDRESS": mail,
    "DATE_TIME japanese": japanese_birth,
    "DATE_TIME english": english_day,
}


def _licence_is_right(number: str) -> bool:
    total = sum(int(d) * w for d, w in zip(number[:10], LICENCE_WEIGHTS, strict=True))
    return int(number[10]) == (11 - total % 11) % 10


def _plain(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum())


RIGHT: dict[str, Callable[[str], bool]] = {
    "JP_MY_NUMBER": lambda number: bool(in_.is_valid(_plain(number))),
    "JP_CORPORATE_NUMBER": lambda number: bool(cn.is_valid(_plain(number).lstrip("T"))),
    "JP_DRIVING_LICENCE": lambda number: _licence_is_right(number),
    "JP_HEALTH_INSURANCE": lambda number: bool(luhn.is_valid(number)),
    "CREDIT_CARD": lambda number: bool(luhn.is_valid(_plain(number))),
    "IBAN_CODE": lambda number: bool(iban.is_valid(number)),
}


def wrong(kind: str, dice: random.Random) -> str:
    """A number whose check digit does not hold: one digit of a right one is another."""
    number = MAKERS[kind](dice)
    while RIGHT[kind](number):
        at = dice.choice([place for place, sign in enumerate(number) if sign in string.digits][2:])
        number = number[:at] + dice.choice(string.digits) + number[at + 1 :]
    return number


# How people write them: what goes before says what the number is where the number alone could be anything.
SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "development": {
        "": (
            "{}",
            "控えは{}となっております。",
            "確認のため {} を入力しました",
            "Please note {} for the file.",
            "→{}←",
        ),
        "JP_BANK_ACCOUNT": ("みどり銀行 本店 普通 {}", "お振込先：普通預金 {}"),
        "JP_PENSION_NUMBER": ("基礎年金番号 {} を控えてください",),
        "IBAN_CODE": ("Pay into {} by Friday.",),
        "US_SSN": ("Social Security number: {}",),
        "IP_ADDRESS": ("client {} refused",),
    },
    "held-out": {
        "": (
            "{}",
            "書類の右上に{}と印字されています。",
            "先ほどの{}で合っていますか",
            "・{}（本人確認済）",
            "貼り紙には「{}」とだけあった。",
            "He read {} out over the phone, twice.",
            "see below\n{}\nthanks",
            "2枚目　{}　以上",
        ),
        "JP_BANK_ACCOUNT": (
            "返金先はあおぞら第三支店の普通 {} です",
            "口座番号は{}でお願いします",
            "(普) {}",
        ),
        "JP_PENSION_NUMBER": ("年金手帳の番号、{} でした。", "{}（基礎年金番号）"),
        "JP_HEALTH_INSURANCE": (
            "保険者番号は{}、有効期限は月末まで",
            "{}の保険証をお預かりしました",
            "保険者 {}",
        ),
        "JP_CORPORATE_NUMBER": (
            "適格請求書の登録番号 {}",
            "法人番号{}にて検索",
            "書類の右上に{}と印字されています。",
        ),
        "IBAN_CODE": ("The refund went to {} this morning.", "{}", "iban {} (swift on request)"),
        "US_SSN": ("W-9 came back with {} on line two.", "{}", "my social is {}"),
        "IP_ADDRESS": ("blocked {} after five tries", '{} - - "GET / HTTP/1.1" 200', "pinged {}, nothing"),
    },
}
