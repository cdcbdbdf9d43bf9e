"""Which script a text is written in, and whether the English or the Japanese engine can judge its letters.

A Greek letter is a sign of mathematics and of units far more often than a part of a name: 5 µg, 4 kΩ, Δ3.
One or two of them that stand in no longer Greek word are such signs, and are read as the Latin letters that
look or sound like them; so a name that hides behind one is judged by the English engine all the same.
"""

from __future__ import annotations

import re
import unicodedata

# Latin with all its extensions (Vietnamese's among them), phonetic letters, and what modifies a letter.
_LATIN_SIGNS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff"
)
_LATIN = re.compile(f"[0-9{_LATIN_SIGNS}]")
_NOT_LATIN = re.compile(f"[^\x00-\u00bf\u00d7\u00f7{_LATIN_SIGNS}]")
# Kana, marks that stand for signs, and Han with its extensions and compatibility forms.
_JAPANESE = re.compile(
    "[\u3041-\u3096\u30a1-\u30fa\u30fc\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002ebef\U00030000-\U000323af]"
)
_GREEK = re.compile("[\u0370-\u03ff]+")
_SYMBOLS = 2  # Greek letters in a row: Δλ and μΩ are signs, and what is longer is a word
_AS_LATIN = str.maketrans(
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω",
    "ABGDEZHTIKLMNXOPPSTYFXPOabgdezntiklmvxopposrufxpw",
)


def latin_only(text: str) -> str:
    """The text with a space for each sign that is not Latin, sign for sign: English models then see words."""
    return _NOT_LATIN.sub(" ", text.translate(_AS_LATIN) if _GREEK.search(text) else text)


def has_japanese(text: str) -> bool:
    return _JAPANESE.search(text) is not None


def has_latin(text: str) -> bool:
    return _LATIN.search(text) is not None


def has_other_script(text: str) -> bool:
    """Whether letters are in it that neither the English nor the Japanese engine can judge."""
    if all(sign <= "\u02ff" for sign in text):
        return False
    if any(hit.end() - hit.start() > _SYMBOLS for hit in _GREEK.finditer(text)):
        return True
    return any(
        unicodedata.category(sign).startswith("L")
        and not (_LATIN.match(sign) or _JAPANESE.match(sign) or _GREEK.match(sign))
        for sign in text
        if sign > "\u02ff"
    )
