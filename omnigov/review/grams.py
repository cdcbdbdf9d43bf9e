"""What a text is found by: whole words, and pairs of neighbouring signs where a language has no spaces. Pure.

A search for 東京都 asks for 東京 and 京都: a text with both, apart, is found as well. A word is found by its
beginning, too. Signs of one kind stand together: width, case and composed forms make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST = 200_000
"""Characters of a text that are indexed, from its beginning on."""
_WORD = re.compile(r"[^\W_]+")
_NO_SPACES = re.compile(r"([\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")
_LONGEST = 60


def grams(text: str) -> set[str]:
    """The words and pairs of a text. A sign that stands alone is one by itself."""
    return {gram for gram, _ in _parts(text[:MOST])}


def query_of(text: str) -> str:
    """What is asked of the index, as PostgreSQL writes it: each of these has to be there. Empty: nothing."""
    asked = []
    for gram, begins in dict.fromkeys(_parts(text[:400])):
        quoted = "'" + gram.replace("\\", "\\\\").replace("'", "''") + "'"
        asked.append(f"{quoted}:*" if begins else quoted)
    return " & ".join(asked)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Each gram, and whether a longer one that begins with it would do."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word in _WORD.findall(plain):
        for part in _NO_SPACES.split(word):
            if not part:
                continue
            if not _NO_SPACES.fullmatch(part):
                yield part[:_LONGEST], True
            elif len(part) == 1:
                yield part, True
            else:
                yield from ((part[at : at + 2], False) for at in range(len(part) - 1))
