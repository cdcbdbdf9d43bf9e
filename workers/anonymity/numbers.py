"""Small numbers that are said or written as words: forty-two, nineteen seventy-seven, 四十二, 一九七七."""

from __future__ import annotations

import regex

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {
    **{word: value for value, word in enumerate((*_UNITS, *_TEENS), 1)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fifth": 5,
    "eighth": 8,
    "ninth": 9,
    "twelfth": 12,
    "twentieth": 20,
    "thirtieth": 30,
}
_BELOW_TEN = "|".join(_UNITS)
#: One to ninety-nine, in English words.
WORDS = (
    rf"(?i:(?:{'|'.join(_TENS)})(?:[ -](?:{_BELOW_TEN}))?(?!\p{{L}})"
    rf"|(?:{'|'.join((*reversed(_TEENS), *_UNITS))})(?!\p{{L}}))"
)
_STEM = "|".join((*_TEENS, *_UNITS)).replace("eight|", "eigh|")
#: The first to the thirty-first of a month, in English words.
ORDINAL_WORDS = rf"(?i:(?:(?:twenty|thirty)[ -])?(?:{'|'.join(_ORDINALS)}|(?:{_STEM})th)(?!\p{{L}}))"
_FROM_TEN = rf"(?:{'|'.join(reversed(_TEENS))}|(?:{'|'.join(_TENS)})(?:[ -](?:{_BELOW_TEN}))?)"
#: A year as it is said: nineteen seventy-seven, nineteen oh four, two thousand and three, twenty ten.
YEAR_WORDS = (
    rf"(?i:(?:eighteen|nineteen|twenty)[ -](?:hundred(?: and)?[ -])?"
    rf"(?:oh[ -](?:{_BELOW_TEN})|{_FROM_TEN})(?!\p{{L}})"
    rf"|two thousand(?:(?: and)? {WORDS})?)"
)
KANJI_DIGITS = "〇零一二三四五六七八九"
#: One to 199 in Japanese signs.
KANJI = (
    rf"(?:百?[{KANJI_DIGITS[2:]}]?十[{KANJI_DIGITS[2:]}]?|百?[{KANJI_DIGITS[2:]}]|百|[{KANJI_DIGITS}]{{2}})"
)


def english(words: str) -> int:
    """The number that the words say; a KeyError where they say none."""
    return sum(_VALUES[word] for word in regex.split(r"[ -]+", words.strip().casefold()))


def ordinal(words: str) -> int:
    *tens, last = regex.split(r"[ -]+", words.strip().casefold())
    one = (
        _ORDINALS.get(last)
        or _VALUES[last.removesuffix("th").replace("eigh", "eight").replace("eightt", "eight")]
    )
    return sum(_VALUES[word] for word in tens) + one


def year(words: str) -> int:
    """The year that is said by words of the form `YEAR_WORDS`."""
    parts = [part for part in regex.split(r"[ -]+", words.casefold()) if part != "and"]
    if parts[:2] == ["two", "thousand"]:
        return 2000 + sum(_VALUES[part] for part in parts[2:])
    rest = [part for part in parts[1:] if part not in ("hundred", "oh")]
    return 100 * _VALUES[parts[0]] + sum(_VALUES[part] for part in rest)


def kanji(signs: str) -> int:
    """The number in Japanese signs, by place (四十二) or sign after sign (一九七七)."""
    if not any(sign in signs for sign in "十百"):
        return int("".join(str(max(0, KANJI_DIGITS.index(sign) - 1)) for sign in signs))
    number, left = 0, signs
    for sign, worth in (("百", 100), ("十", 10)):
        before, found, behind = left.partition(sign)
        if found:
            number += worth * (kanji(before) if before else 1)
            left = behind
    return number + (kanji(left) if left else 0)


def either(text: str) -> int:
    """A number in digits or in Japanese signs; 元, the first year of an era, is one."""
    if text == "元":
        return 1
    return int(text) if text.isdigit() and text.isascii() else kanji(text)
