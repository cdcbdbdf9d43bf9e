"""What the models and Presidio's patterns take for personal data, and is none by its very shape.

The models were trained on newspapers. In logs, tickets and lists of parts they take a build's number for a
day, a part's for a town and a unit for a person.
"""

from __future__ import annotations

import regex

from workers.redaction.core import scripts
from workers.redaction.language import identifiers
from workers.redaction.language.en import names as english_names
from workers.redaction.language.en.given_names import GIVEN
from workers.redaction.language.en.surnames import SURNAMES
from workers.redaction.language.ja import names as japanese_names

# A day, a month, a year, a weekday or a time: "the first three months", 昨日 and 6033391 are nobody's.
_COUNT = "(?:\\d{1,2}|[〇一二三四五六七八九十]{1,3}|元)"
_CALENDAR = regex.compile(
    rf"(?i:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
    rf"(?:uary|ruary|ch|il|ust|tember|ober|ember)?(?![a-z]))"
    rf"|(?i:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?(?![a-z]))"
    rf"|(?<![\d.,/\-])(?<!\d )(?:1[5-9]|20)\d\d(?:['’]?s)?(?!\d|[.,]\d|[\-/]\d{{3}}| \d{{4}})"
    rf"|(?<![\d.,:])(?:\d{{1,4}}[/\-]\d{{1,2}}(?:[/\-]\d{{1,4}})?|\d{{1,4}}\.\d{{1,2}}\.(?:\d{{1,4}})?)(?![\d:]|[./\-]\d)"
    rf"|(?<!\d)(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<![\d:])\d{{1,2}}:\d\d(?!\d)|\d ?(?i:[ap]\.?m\b|o['’]clock)|\d(?i:st|nd|rd|th)\b|['’]?\d0['’]?s\b"
    rf"|{_COUNT} ?[年月日時曜]|[年月日]{_COUNT}|[月火水木金土日]曜"
)
# Digits as a telephone's stand, with the 0 of an area before them and a gap; and any long number.
_LINE_NUMBER = regex.compile(r"(?<![\d.,])\(?0\d{1,5}\)?[ \-]\d{3,8}(?:[ \-]\d{2,6})?(?![\d.,])")
_LONG_NUMBER = regex.compile(r"\d(?:[ \-]?\d){4,}")
_WORD = regex.compile(r"\p{L}[\p{L}'’.\-]*\p{L}")
# A number of a part or a build, a file, a value in hexadecimal digits, an amount.
_CODE = regex.compile(
    r"(?=\S*\d)[\p{L}\d#]+(?:[\-/.,:_+]\p{L}?[\p{L}\d]*)*|\S*_\S*|[\d.,:/%±×x\-$£€¥]+|\S+\.(?i:bin|csv|txt|log|json|xml)"
)
_NUMBERED = regex.compile(r"\p{Ll}{3,}[\-_]\d+")  # a picture's or a thing's: rose-394916
_DECIMALS = regex.compile(r"\d{1,3}\.\d{1,2}(?: +\d{1,3}\.\d{1,2})+|[1-9]\d*\.\d{5,}|[1-9]\d{4,}\.\d+")
_PLACE = regex.compile(r"[都道府県市区町村郡]|丁目|番地|\p{Han}\d")
_MARKS = regex.compile(r'[="<>{}\[\]|\\@$;]|\w_|_\w|: ')


def is_nothing(
    kind: str, found: str, ordinary: frozenset[str], row: str, start: int, *, of_text: bool = True
) -> bool:
    """Whether a find of this kind can't be one; it stands at `start` of the row with its Japanese signs.

    On a form, which is not `of_text`, a long number that a model takes for a day is somebody's more often
    than not: what it is called stands in another cell, and may be a label that is not known.
    """
    original = row[start : start + len(found)]
    if kind == "DATE_TIME":
        if _NUMBERED.fullmatch(found):
            return True
        number = _LINE_NUMBER if of_text else _LONG_NUMBER
        return _CALENDAR.search(found) is None and number.search(found) is None
    if kind == "PHONE_NUMBER":
        if identifiers.is_in_hex(row, start):
            return True
        token = row.rfind(" ", 0, start) + 1
        return _is_no_phone(found, original) or _SERIES.match(row, token, start) is not None
    if kind in ("CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS"):
        return found != original
    if kind == "JP_ADDRESS":
        return _PLACE.search(found) is None
    if kind in ("URL", "EMAIL_ADDRESS"):
        return ("." if kind == "URL" else "@") not in found
    if kind not in ("PERSON", "LOCATION"):
        return False
    end = start + len(found)
    if (len(found) <= 3 and original != found) or begins_code(row, end, found):
        return True
    if _within_word(row, start - 1, start) or _within_word(row, end - 1, end):
        return True
    if kind == "PERSON" and japanese_names.is_nobody(found):
        return True
    return (
        english_names.is_firms_word(found)
        or _is_code(found, ordinary)
        or _is_small(kind, found, row, ordinary)
    )


CAPTION = 4  # words, at most, of what a button, a menu or a head of a window says
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}'’]*")
_SMALL_WORDS = english_names.words_of(
    "a an and as at by for from if in into is it its more no not of off on or out over per the this to up"
    " with without your you all"
)


def is_caption(found: str, row: str, start: int, known: frozenset[str]) -> bool:
    """Whether the field that a find stands in, at `start` of the row, has only such words as captions have.

    The models know sentences: of a word or two alone with a capital, as buttons and menus have them, they
    make a person or a town as often as not. Words that people are called by stay.
    """
    begin, end = row.rfind("\t", 0, start) + 1, row.find("\t", start)
    words = _LATIN_WORD.findall(row[begin : end if end >= 0 else len(row)])
    if not words or len(words) > CAPTION or scripts.has_japanese(found):
        return False
    if not all(_is_of_caption(word, known) for word in words):
        return False
    said = [word for word in _LATIN_WORD.findall(found) if not _is_short(word)]
    if not said:
        # LI WEI is somebody, QK beside "Cancel" is a button.
        return len(found) <= 2 and not all(map(_is_short, words))
    return not any(word.lower() in GIVEN for word in said) and not all(
        word.lower() in SURNAMES for word in said
    )


def is_heading(found: str, row: str, start: int, known: frozenset[str]) -> bool:
    """The same in a text: two to four words of the dictionary before a colon or alone, or several things.

    One word alone there may be who speaks or signs, unless it means several: "Keys", and not "Woods".
    """
    begin, end = row.rfind("\t", 0, start) + 1, row.find("\t", start)
    field = row[begin : end if end >= 0 else len(row)]
    colon = field.find(":")
    if colon >= 0 and start - begin > colon:
        return False
    words = _LATIN_WORD.findall(field if colon < 0 else field[:colon])
    several = len(words) == 1 and words[0].lower().endswith("s") and len(words[0]) > 3
    if not several and not 2 <= len(words) <= CAPTION:
        return False
    return is_caption(found, " ".join(words), 0, known)


def _is_of_caption(word: str, known: frozenset[str]) -> bool:
    return _is_short(word) or word.lower() in _SMALL_WORDS or english_names.is_ordinary(word, known)


def _is_short(word: str) -> bool:
    """An initial or an abbreviation: Y, BG, RGB."""
    return len(word) == 1 or (len(word) <= 3 and word.isupper())


def _within_word(row: str, place: int, after: int) -> bool:
    """Whether a letter and a digit stand beside each other there: of a value in hexadecimal digits."""
    pair = row[place : after + 1] if place >= 0 else ""
    return len(pair) == 2 and pair.isascii() and pair.isalnum() and any(map(str.isdigit, pair))


# The letters of a code, in front of its digits.
_SERIES = regex.compile(r"(?:[^A-Za-z\s]*)(?!(?:TEL|FAX|PH|MOB)-)[A-Z]{1,4}-(?:\d+/)?$")


def begins_code(row: str, end: int, found: str) -> bool:
    """Whether a dash and digits stand right behind capitals: UA-6999B."""
    bare = found.rstrip("-")
    end -= len(found) - len(bare)
    return (
        bare.isupper() and len(bare) <= 4 and row[end : end + 1] == "-" and row[end + 1 : end + 2].isdigit()
    )


def _is_no_phone(found: str, original: str) -> bool:
    """Too few digits, a number alone that is no line's, or two amounts with Japanese between them."""
    digits = sum(sign.isdigit() for sign in found)
    if digits < 6 or original != found:
        return True
    # The kernel writes its times in brackets: [168019.667714525].
    bare = found.strip("[]")
    if _DECIMALS.fullmatch(bare):
        return True
    return bare.isdigit() and digits < 10 and not bare.startswith("0")


def _is_code(found: str, ordinary: frozenset[str]) -> bool:
    """Whether beside codes, amounts and files only ordinary words are left."""
    if found.isascii() and _MARKS.search(found) and not any(word[:1].isupper() for word in found.split()):
        return True
    words = found.split()
    codes = [word for word in words if _CODE.fullmatch(word.strip(".,;:()[]\"'"))]
    if not codes or any(sign > "\u3040" for sign in found):
        return False
    left = [word for word in words if word not in codes and _WORD.search(word)]
    if left and not any(sign.isalpha() for code in codes for sign in code):
        return False  # a town and its postal code, a street and a house
    return all(english_names.is_ordinary(word.strip(".,;:()"), ordinary) for word in left)


def _is_small(kind: str, found: str, row: str, ordinary: frozenset[str]) -> bool:
    """Whether it is a unit, an abbreviation or a word of the trade, or for a person ordinary small words.

    In a Japanese sentence a word in small Latin letters is a program's mostly.
    """
    if all(word.strip(" .,:!").lower() in english_names.ABBREVIATIONS for word in found.split()):
        return True
    words = found.split()
    if not (found.isascii() and found.islower()):
        return False
    if kind != "PERSON":
        return len(words) == 1 and english_names.is_nobodys_word(words[0])
    if len(words) == 1 and scripts.has_japanese(row):
        return True
    return all(english_names.is_ordinary(word, ordinary) and word not in GIVEN for word in words)
