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
_COLUMNS = (
    "columns",
    "column_names",
    "columnnames",
    "header",
    "headers",
    "heads",
    "fields",
    "cols",
    "schema",
)
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
    reader = _Reader(text)
    for token in _TOKEN.finditer(text, start, end):
        reader.take(token)
    return Island(start, end, reader.fields, reader.pieces)


class _Inside:
    """What is known of an object or a list while it is read.

    Members of an object may call each other: {"field": "last_name", "value": "Stone"}. A list of lists may be
    a table: its first one, or a member beside it such as "columns", holds the heads.
    """

    def __init__(self, key: str, *, is_object: bool) -> None:
        self.key, self.is_object = key, is_object
        self.calls, self.value = "", -1
        self.items: list[tuple[str, int]] = []  # of a list: what each says, and which field it is
        self.rows: list[list[tuple[str, int]]] = []
        self.columns: list[str] = []

    def calls_another(self, key: str, said: str) -> bool:
        """Whether the member says what another one is called, and so is no value itself."""
        if key.lower() in _CALLS and said[0] == '"':
            name = _meant(said)
            if heads.meaning([name])[0] != NEUTRAL and _IDENTIFIER.fullmatch(name):
                self.calls = name
                return True
        return False


class _Reader:
    """Takes the tokens of valid JSON one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.fields, self.pieces = list[Field](), list[Piece]()
        self._open = list[_Inside]()
        self._key, self._is_key = "", False

    def take(self, token: re.Match[str]) -> None:
        said = token.group()
        if said in "{[":
            self._open.append(_Inside(self._key, is_object=said == "{"))
            self._key, self._is_key = "", said == "{"
        elif said in "}]":
            self._close()
        elif said in ",:":
            self._is_key = said == "," and bool(self._open) and self._open[-1].is_object
        else:
            if said[0] == '"':
                self.pieces += _pieces(self._text, token.start() + 1, token.end() - 1)
            if self._is_key:
                self._key = _meant(said)
                if _SAYS_SOMETHING.search(self._key) and heads.meaning([self._key])[0] == NEUTRAL:
                    self.fields.append(Field(token.start() + 1, token.end() - 1))
            else:
                self._value(token, said)

    def _value(self, token: re.Match[str], said: str) -> None:
        # A list's items go by the key of the list.
        own = list(_field(token, [name for name in (*(each.key for each in self._open), self._key) if name]))
        inside = self._open[-1] if self._open else None
        if inside is not None and inside.is_object:
            if inside.calls_another(self._key, said):
                return
            if own and self._key.lower() in _VALUES:
                inside.value = len(self.fields)
        elif inside is not None:
            inside.items.append((_meant(said) if said[0] == '"' else "", len(self.fields) if own else -1))
        self.fields += own

    def _close(self) -> None:
        closed = self._open.pop()
        above = self._open[-1] if self._open else None
        self._key = closed.key
        if closed.is_object:
            if closed.calls and closed.value >= 0:
                self._call(closed.value, closed.calls)
            self._table(closed.columns, closed.rows)
            if above is not None and not above.is_object:
                above.items.append((closed.calls, -1))
        elif above is not None and above.is_object and closed.key.lower() in _COLUMNS:
            above.columns = [said for said, _ in closed.items]
        elif above is not None and not above.is_object:
            above.rows.append(closed.items)
        if not closed.is_object and len(closed.rows) > 1:
            first = [said for said, _ in closed.rows[0]]
            if all(first) and any(heads.of_a_column(said)[2] for said in first):
                for _, place in closed.rows[0]:
                    self.fields[place] = self.fields[place]._replace(label=True, kind=NEUTRAL)
                self._table(first, closed.rows[1:])
        if not closed.is_object and closed.rows and above is not None and above.is_object:
            above.rows = closed.rows

    def _table(self, columns: list[str], rows: list[list[tuple[str, int]]]) -> None:
        for row in rows if columns else ():
            for name, (_, place) in zip(columns, row, strict=False):
                if place >= 0 and name:
                    self._call(place, name)

    def _call(self, place: int, name: str) -> None:
        kind, soft = heads.meaning([name])
        self.fields[place] = self.fields[place]._replace(head=heads.words(name), kind=kind, soft=soft)


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
