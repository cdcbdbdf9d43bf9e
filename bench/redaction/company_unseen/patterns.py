"""Lines of a company that nobody tunes on: texts of four sorts, each put together from clauses of its own.

Nobody is named in them, and no place, firm or number that is somebody's; what software is called is, as
companies name it all day. Nothing is shared with `company_texts`: neither a line nor a list of words nor the
code that puts them together. Written down on 2026-11-30 before anything was measured on it, and run once
(docs/figures.md). Whoever mends by it moves it to what has been seen, and writes down another.

A line is one of its sort's patterns. In it `<x>` is any entry of the list `x` of that language, which may
hold such places itself, and `#` a digit (of `##` the first is not 0). `<hex>` and `<guid>` are letters of a
digest.
"""

from __future__ import annotations

import random
import re

Lists = dict[str, tuple[str, ...]]

_PLACE = re.compile(r"<(\w+)>|#+")
LINES_OF_ONE = 24


def text(lists: Lists, sort: str, dice: random.Random) -> str:
    """A text of one sort: lines in any order, each an example of one of its patterns."""
    return "".join(f"{_said(dice.choice(lists[sort]), lists, dice)}\n" for _ in range(LINES_OF_ONE))


def _said(pattern: str, lists: Lists, dice: random.Random) -> str:
    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            first = dice.choice("123456789") if len(match[0]) > 1 else dice.choice("0123456789")
            return first + "".join(dice.choice("0123456789") for _ in match[0][1:])
        if name == "hex":
            return f"{dice.getrandbits(48):012x}"
        if name == "guid":
            whole = f"{dice.getrandbits(128):032x}"
            return "-".join((whole[:8], whole[8:12], whole[12:16], whole[16:20], whole[20:]))
        return _said(dice.choice(lists[name]), lists, dice)

    # A number in brackets is a log's severity, not a list: lists are named by letters.
    return _PLACE.sub(lambda match: match[0] if (match[1] or "").isdigit() else put(match), pattern)
