"""Numbers and addresses that are said aloud and written down as words: ゼロきゅうゼロの…, "five five five".

Transcripts are full of them, and no pattern over digits sees one.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from workers.redaction.core.spans import TIMEOUT, Rule, Span
from workers.redaction.language import check_digits, identifiers

SHORTEST = 7  # digits; what is shorter counts things more often than it names somebody
SCORE = 0.8

_JAPANESE = {
    0: "ゼロ|ぜろ|れい|レイ|零|〇|○|まる|マル",
    1: "いち|イチ|一",
    2: "にー|にい|ニー|に|ニ|二",
    3: "さん|サン|三",
    4: "よん|ヨン|しー|し|シ|四",
    5: "ごー|ごお|ゴー|ご|ゴ|五",
    6: "ろく|ロク|六",
    7: "なな|ナナ|しち|シチ|七",
    8: "はち|ハチ|八",
    9: "きゅう|キュウ|きゅー|キュー|く|ク|九",
}
_ENGLISH = dict(
    enumerate(("zero|oh|o|nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
)
_REPEATED = {"double": 2, "triple": 3}
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_VALUES = {
    word: value
    for words in (_JAPANESE, _ENGLISH)
    for value, each in words.items()
    for word in each.split("|")
} | {word: value for value, word in enumerate((*_TEENS, "nineteen"), start=10)}
_UNITS = _ENGLISH[1] + "|" + "|".join(_ENGLISH[value] for value in range(2, 10))
_ABOVE_NINE = rf"{'|'.join((*_TEENS, 'nineteen'))}|(?:{'|'.join(_TENS)})(?:[ \-](?:{_UNITS}))?"


def _any(words: dict[int, str]) -> str:
    """One of the words; the longest is tried first, as さん is no さ and a rest."""
    return "|".join(sorted("|".join(words.values()).split("|"), key=len, reverse=True))


_JAPANESE_DIGIT = rf"(?:{_any(_JAPANESE)}|\d)"
_ENGLISH_DIGIT = rf"(?:(?:(?:double|triple) +)?(?:{_any(_ENGLISH)}|{_ABOVE_NINE})(?![a-z])|\d)"
_BETWEEN = r"[ ,.\-]{0,3}(?:dash|hyphen)?[ ,.\-]{0,3}"
_RUNS = (
    regex.compile(rf"{_JAPANESE_DIGIT}(?:[ 、,.・ー\-]{{0,2}}の?[ 、,]{{0,2}}{_JAPANESE_DIGIT}){{6,24}}"),
    regex.compile(rf"(?i:(?<![a-z\d]){_ENGLISH_DIGIT}(?:{_BETWEEN}{_ENGLISH_DIGIT}){{2,24}})"),
)
_WORD = regex.compile(
    rf"(?i:(double|triple) +)?((?i:{_ABOVE_NINE})(?![a-z])|(?i:{_any(_ENGLISH)}|{_any(_JAPANESE)})|\d)"
)
_ENDINGS = "com|net|org|edu|gov|info|biz|io|jp|uk|de|fr|eu|us|ca|au"
_AT = r"(?: at(?: sign)? | ?[\[({] ?at ?[\])}] ?)"
_DOT = r"(?: dot | ?[\[({] ?dot ?[\])}] ?|\.)"
_NAME = rf"[A-Za-z0-9]+(?:(?:[._\-]|{_DOT}| (?:point|underscore|dash|hyphen|minus|plus) )[A-Za-z0-9]+){{0,5}}"

RULES = (
    Rule(
        "EMAIL_ADDRESS",
        regex.compile(
            rf"(?i:(?<![A-Za-z0-9]){_NAME}{_AT}[A-Za-z0-9\-]+"
            rf"(?:{_DOT}[A-Za-z0-9\-]+){{0,3}}{_DOT}(?:{_ENDINGS}))(?![A-Za-z])"
        ),
        SCORE,
    ),
    Rule(
        "EMAIL_ADDRESS",
        regex.compile(
            r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63} ?(?:アットマーク|アット|あっとまーく|あっと) ?"
            r"[A-Za-z0-9\-]{1,63}(?: ?(?:ドット|どっと|点|\.) ?[A-Za-z0-9\-]{1,20}){1,4}"
        ),
        SCORE,
    ),
)
KINDS = frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER", "JP_MY_NUMBER", "CREDIT_CARD"})


def find(text: str) -> Iterator[Span]:
    """Spelled-out numbers of at least `SHORTEST` digits, and addresses. The text is in NFKC."""
    for rule in RULES:
        yield from rule.find(text)
    for pattern in _RUNS:
        for hit in pattern.finditer(text, timeout=TIMEOUT):
            digits, words = _digits(hit.group())
            # Digits alone are the other rules' work, and "2026 12 24" is no number that was said.
            if len(digits) >= SHORTEST and words >= 3:
                yield Span(hit.start(), hit.end(), _kind(digits), SCORE)


def _digits(run: str) -> tuple[str, int]:
    """The digits that were said, and how many of them were words."""
    said, words = "", 0
    for hit in _WORD.finditer(run):
        word = hit.group(2).lower()
        times = _REPEATED.get((hit.group(1) or "").lower(), 1)
        tens, _, unit = word.replace("-", " ").partition(" ")
        if tens in _TENS:
            said += str(10 * (_TENS.index(tens) + 2) + (_VALUES[unit] if unit else 0)) * times
        else:
            said += str(_VALUES.get(word, word)) * times
        words += 0 if word.isascii() and word.isdigit() else times
    return said, words


def _kind(digits: str) -> str:
    if check_digits.card_holds(digits):
        return "CREDIT_CARD"
    if check_digits.my_number_holds(digits) and not identifiers.japanese_phone_holds(digits):
        return "JP_MY_NUMBER"
    return "PHONE_NUMBER"
