"""JSON (RFC 8259), alone, in lines and in the middle of other lines: each string and number is a field.

Python's decoder says what is JSON; what it takes is then read again token by token, for the places. Numbers
that are hidden become strings, so that what was JSON stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from workers.redaction.core.views import Piece
from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds.structured import heads
from workers.redaction.kinds.structured.fields import Field, Island

ATTEMPTS = 20_000  # brackets in one text that may turn out to begin no value
_DEEP = 100  # attempts that one takes which gets lost in brackets
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+\-]*|[{}\[\]:,]|-?[A-Za-z]+', re.DOTALL)
_ESCAPE = re.compile(r'(?:\\u[0-9A-Fa-f]{4})+|\\["\\/bfnrt]')
_PLAIN = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}
_BEGINS = re.compile(r'[{\[](?=\s*["{\[\]}0-9tfn\-])')
_CALLS = ("name", "key", "field", "label", "id", "type", "column", "attribute", "property", "system", "title")
_VALUES = ("value", "val", "text", "content", "answer", "data", "valuestring")
_IDENTIFIER = re.compile(r"[A-Za-z][\w.\- ]*|[\u3005-\u9fff]{1,8}")
_SAYS_SOMETHING = re.compile(r"[ @\u3005-\u9fff]|\d{6}")  # a key that is more than a name of a field
_DECODER = json.JSONDecoder()


def whole(text: str) -> Island | None:
    """The text as one value, or None where it is none."""
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _island(text, 0, len(text))


def within(text: str, start: int, end: int) -> Iterator[Island]:
    """Objects and lists in these characters, each in one line or over several."""
    at, failed = start, 0
    while failed < ATTEMPTS and (hit := _BEGINS.search(text, at, end)) is not None:
        begin = hit.start()
        stop = _end(text, begin)
        if not begin < stop <= end:
            failed += 1 if stop == 0 else _DEEP
            at = begin + 1
            continue
        at = stop
        if text.find('"', begin, stop) >= 0 or text.find(",", begin, stop) >= 0:
            yield _island(text, begin, stop)


def _end(text: str, begin: int) -> int:
    """Where the value ends that begins here; 0 where none does, and -1 where it is too deep to say."""
    try:
        return _DECODER.raw_decode(text, begin)[1]
    except ValueError:
        return 0
    except RecursionError:
        return -1


def _island(text: str, start: int, end: int) -> Island:
    fields, pieces = list[Field](), list[Piece]()
    names, inside, key, is_key = list[str](), list[bool](), "", False
    open_objects, called = list[_Object](), _Object()
    for token in _TOKEN.finditer(text, start, end):
        said = token.group()
        if said in "{[":
            inside.append(said == "{")
            names.append(key)
            open_objects.append(called)
            called = _Object() if said == "{" else called
            key, is_key = "", said == "{"
        elif said in "}]":
            if inside.pop():
                called.rename(fields)
            called, key = open_objects.pop(), names.pop()
        elif said == ",":
            is_key = bool(inside and inside[-1])
        elif said == ":":
            is_key = False
        elif said[0] == '"' and is_key:
            key = _meant(said)
            found = list(_pieces(text, token.start() + 1, token.end() - 1))
            pieces += found
            if _SAYS_SOMETHING.search(key) and heads.meaning([key])[0] == NEUTRAL:
                fields.append(Field(token.start() + 1, token.end() - 1))
        else:
            path = [name for name in (*names, key) if name]
            own = list(_field(token, path))
            if inside and inside[-1]:
                called.member(key, said, len(fields), own)
            fields += own
            if said[0] == '"':
                pieces += _pieces(text, token.start() + 1, token.end() - 1)
    return Island(start, end, fields, pieces)


class _Object:
    """The members of one object that call each other: {"field": "last_name", "value": "Stone"}."""

    def __init__(self) -> None:
        self._calls, self._value = "", -1

    def member(self, key: str, said: str, place: int, found: list[Field]) -> None:
        if key.lower() in _CALLS and said[0] == '"':
            name = _meant(said)
            if heads.meaning([name])[0] != NEUTRAL and _IDENTIFIER.fullmatch(name):
                self._calls, found[:] = name, []  # what it is called is no value
        elif key.lower() in _VALUES and found:
            self._value = place

    def rename(self, fields: list[Field]) -> None:
        """Gives the value's field the meaning of what it is called."""
        if self._calls and self._value >= 0:
            kind, soft = heads.meaning([self._calls])
            field = fields[self._value]
            fields[self._value] = field._replace(head=heads.words(self._calls), kind=kind, soft=soft)


def _field(token: re.Match[str], path: list[str]) -> Iterator[Field]:
    said = token.group()
    kind, soft = heads.meaning(path)
    head = heads.title(path)
    if said[0] == '"':
        if token.end() - token.start() > 2:
            yield Field(token.start() + 1, token.end() - 1, head, kind, soft)
    elif said[0] in "-0123456789":
        yield Field(*token.span(), head, kind, soft, bare='"')


def _meant(said: str) -> str:
    return str(json.loads(said, strict=False))


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    for hit in _ESCAPE.finditer(text, start, end):
        begin = hit.start()
        if hit.group()[1] != "u":
            sign = hit.group()[1]
            yield Piece(begin, hit.end(), _PLAIN.get(sign, sign), [begin], [hit.end()])
            continue
        units = [int(hit.group()[at : at + 4], 16) for at in range(2, len(hit.group()), 6)]
        signs, first, last, at = "", list[int](), list[int](), 0
        while at < len(units):
            pair = 0xD800 <= units[at] < 0xDC00 and at + 1 < len(units) and 0xDC00 <= units[at + 1] < 0xE000
            code = 0x10000 + ((units[at] - 0xD800) << 10) + units[at + 1] - 0xDC00 if pair else units[at]
            signs += chr(code)
            first.append(begin + 6 * at)
            at += 2 if pair else 1
            last.append(begin + 6 * at)
        yield Piece(begin, hit.end(), signs, first, last)
