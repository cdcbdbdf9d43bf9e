"""Text in one form for the analysers, with the way back to the characters that were read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIELD = "\t"  # stands between two boxes of a row that lie well apart

_DASHES = re.compile(r"(?<=[0-9)])[‐‑‒–—―−ーｰ一~〜](?=[0-9(])")


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
