"""What a text is written as, told from its content and never from its name."""

from __future__ import annotations

import json
import re
from collections import Counter
from xml.parsers import expat

from omnigov.contracts import TextFormat

LINES = 20  # by which a table, a mail or Markdown is told
SEPARATORS = ",\t;|^"
_CUE = re.compile(r"^(?:\d+:)?\d{1,2}:\d{2}[,.]\d{3} --> (?:\d+:)?\d{1,2}:\d{2}[,.]\d{3}", re.MULTILINE)
_HEADER = re.compile(
    r"(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version): ", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|\|[-: |]+\|\s*$|[-*] \[[ x]\] )", re.MULTILINE)

_SAYS = re.compile(r"\ufeff?\"?sep=.\"?[ \t]*$", re.IGNORECASE)
_OBJECT = re.compile(r'\{\s?"[^"{}]{1,60}"\s?:.*\}')
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_RULE = re.compile(
    r"[ \t>]{0,40}\|?[ \t]{0,40}:?-{2,}:?[ \t]{0,40}(?:[|+][ \t]{0,40}:?-{2,}:?[ \t]{0,40})*\|?[ \t]{0,40}$"
)


def told(text: str) -> TextFormat:
    """The format, plain where it is none that is known."""
    if _is_json(text):
        return TextFormat.JSON
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:LINES]
    if len(lines) > 1 and all(map(_is_json, lines[:-1])):
        return TextFormat.JSON_LINES
    if text.lstrip().startswith("<") and _is_xml(text):
        return TextFormat.XML
    if text.startswith("WEBVTT") or _CUE.search(text[:2000]):
        return TextFormat.SUBTITLES
    if sum(bool(_HEADER.match(line)) for line in lines) > 1 and _HEADER.match(lines[0]):
        return TextFormat.MAIL
    if _is_table(lines, text[:100_000].splitlines()[: 2 * LINES]):
        return TextFormat.CSV
    return TextFormat.MARKDOWN if _MARKDOWN.search(text[:10_000]) else TextFormat.PLAIN


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_xml(text: str) -> bool:
    parser = expat.ParserCreate()
    # No entity that the text declares is expanded: one can grow a thousandfold.
    parser.EntityDeclHandler = _no_entity
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _no_entity(*_: object) -> None:
    raise ValueError("An entity is declared.")


def _is_table(lines: list[str], every: list[str]) -> bool:
    """A steady number of separators over the first lines, but for a title and comments."""
    if lines and _SAYS.match(lines[0]):
        return True
    if sum(bool(_OBJECT.search(line)) for line in lines) * 2 > len(lines):
        return False  # a log whose commas are those of the JSON in its lines
    if any(_parted(lines, sign) for sign in SEPARATORS):
        return True
    # Several tables below each other, which may be parted by other signs, and titles.
    blocks = [[*filter(None, block)] for block in _blocks(every)]
    tables = [any(_parted(block, sign) for sign in SEPARATORS) for block in blocks if len(block) > 1]
    return len(tables) > 1 and all(tables)


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        blocks[-1].append(line.strip())
        if not line.strip():
            blocks.append([])
    return blocks


def _parted(lines: list[str], sign: str) -> bool:
    bare = [_QUOTED.sub("", line) for line in lines]
    counts = Counter(count for line in bare if (count := line.count(sign)))
    if not counts:
        return False
    count, even = max(counts.items(), key=lambda item: (item[1], item[0]))
    if even < 2 or even < len(lines) * 0.6 or len(lines) - even > 3 + len(lines) // 4:
        return False
    if sign == "|" and any(_RULE.match(line) for line in lines):
        return False  # a table of Markdown, in a text
    if sign not in ",;":
        return True
    first = next(line for line in bare if line.count(sign) == count)
    spaced = sum(line.count(f"{sign} ") for line in bare) * 2 > sum(line.count(sign) for line in bare)
    # Sentences have commas too, and lines of a log one each.
    short = all(len(cell) <= 40 for cell in first.split(sign))
    return short and not (spaced and count < 3) and (count > 1 or not any(map(str.isdigit, first)))
