"""What a text is written as, told from its content and never from its name."""

from __future__ import annotations

import json
import re
from xml.parsers import expat

from omnigov.contracts import TextFormat

LINES = 20  # by which a table, a mail or Markdown is told
SEPARATORS = ",\t;|"
_CUE = re.compile(r"^(?:\d+:)?\d{1,2}:\d{2}[,.]\d{3} --> (?:\d+:)?\d{1,2}:\d{2}[,.]\d{3}", re.MULTILINE)
_HEADER = re.compile(
    r"(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version): ", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|\|[-: |]+\|\s*$|[-*] \[[ x]\] )", re.MULTILINE)


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
    if _is_table(lines):
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


def _is_table(lines: list[str]) -> bool:
    """A steady number of separators over the first lines."""
    if len(lines) < 2:
        return False
    return any(
        lines[0].count(sign) > 0 and all(line.count(sign) == lines[0].count(sign) for line in lines)
        for sign in SEPARATORS
    )
