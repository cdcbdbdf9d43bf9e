"""Text in one form for the analysers, with the way back to the characters that were read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIELD = "\t"  # stands between two boxes of a row that lie well apart

_DASHES = re.compile(r"(?<=[0-9)])[‐‑‒–—―−ーｰ一~〜](?=[0-9(])")
_NOT_LATIN = re.compile(r"[^\x00-\u024f]")
# Kana, marks that stand for signs, and Han with its extensions and compatibility forms.
_JAPANESE = re.compile(
    "[\u3041-\u3096\u30a1-\u30fa\u30fc\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002ebef\U00030000-\U000323af]"
)
_LATIN = re.compile(r"[0-9A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True)
class Normal:
    """`text` in NFKC; its character i comes from the original's characters `first[i]` … `last[i]` − 1."""

    text: str
    first: tuple[int, ...]
    last: tuple[int, ...]


def normal(original: str) -> Normal:
    """NFKC by clusters, so that each sign of the result knows where it came from.

    A voiced half-width kana (ｶﾞ) and a letter with combining accents are one cluster. A dash of any kind
    between digits becomes a hyphen, and a control sign or half a surrogate pair a space.
    """
    signs: list[str] = []
    first: list[int] = []
    last: list[int] = []
    start = 0
    while start < len(original):
        end = start + 1
        while end < len(original) and (unicodedata.combining(original[end]) or original[end] in "ﾞﾟ"):
            end += 1
        cluster = unicodedata.normalize("NFKC", original[start:end])
        for sign in cluster:
            hidden = unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Cf") and sign != FIELD
            signs.append(" " if hidden else sign)
            first.append(start)
            last.append(end)
        start = end
    return Normal(_DASHES.sub("-", "".join(signs)), tuple(first), tuple(last))


def latin_only(text: str) -> str:
    """The text with a space for each sign that is not Latin: `\\b` and English models then see words."""
    return _NOT_LATIN.sub(" ", text)


def has_japanese(text: str) -> bool:
    return _JAPANESE.search(text) is not None


def has_latin(text: str) -> bool:
    return _LATIN.search(text) is not None


def has_other_script(text: str) -> bool:
    """Whether letters are in it that neither the English nor the Japanese engine can judge."""
    return any(
        unicodedata.category(sign).startswith("L") and not _LATIN.match(sign) and not _JAPANESE.match(sign)
        for sign in text
        if sign > "\u024f"
    )
