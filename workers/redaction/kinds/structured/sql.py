"""SQL: the values of INSERT and COPY are fields that are called by their columns.

Columns are those that the statement names, or that a CREATE TABLE before it gave the table. What is compared
or set (`last_name = 'Stone'`) is a pair, and told as such. A hidden number becomes a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds.structured import heads
from workers.redaction.kinds.structured.fields import Field, Island

_NAME = r"(?:[`\"\[]?[\w$]+[`\"\]]?\s*\.\s*){0,2}[`\"\[]?[\w$]+[`\"\]]?"
_INSERT = re.compile(
    rf"\b(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO\s+(?P<table>{_NAME})\s*(?:\((?P<columns>[^()]*)\)\s*)?VALUES\s*(?=\()",
    re.IGNORECASE,
)
_CREATE = re.compile(
    rf"\bCREATE\s+(?:TEMP(?:ORARY)?\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>{_NAME})\s*\((?P<body>(?:[^()]|\([^()]*\))*)\)",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"^COPY\s+(?P<table>{_NAME})\s*(?:\((?P<columns>[^()]*)\))?\s*FROM\s+stdin[^\n]*;\r?\n"
    r"(?P<rows>(?:(?!COPY\b|\\\.)[^\n]*\n)*)\\\.",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_TOKEN = re.compile(
    r"\s+|(?P<comment>--[^\n]*|/\*.*?\*/)|[eEnNxX]?'(?P<said>[^'\\]*(?:(?:''|\\.)[^'\\]*)*)'|(?P<number>-?\d[\d.]*)|(?P<sign>[(),;])|\"(?P<double>[^\"\n]*)\"|[^\s(),;'\"]+",
    re.DOTALL,
)
# Numbers that are compared or set in one statement of one line or several.
_COMPARED = re.compile(
    r"^[ \t]*(?:UPDATE\s+\S+\s+SET|DELETE\s+FROM|SELECT\b[^;]{1,500}?\bFROM|MERGE\s+INTO)\b[^;]{1,5000}",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    r"(?P<key>[\w$]+)[`\"\]]?\s*(?:=|<=?|>=?|<>|!=|\bLIKE|\bBETWEEN|\bIN\s*\()\s*(?P<number>-?\d[\d.]*)",
    re.IGNORECASE,
)
# Words that no analyser should take for somebody's.
_WORDS = re.compile(
    r"^[ \t]*(?:(?:INSERT|REPLACE)\s+INTO|DELETE\s+FROM|UPDATE(?=\s+\S+\s+SET\b))\b",
    re.IGNORECASE | re.MULTILINE,
)
_NO_COLUMN = ("primary", "unique", "key", "constraint", "foreign", "check", "index", "fulltext")


def within(text: str, start: int, end: int) -> Iterator[Island]:
    """The values of statements in these characters."""
    known = {_bare(hit["table"]): _created(hit["body"]) for hit in _CREATE.finditer(text, start, end)}
    done = start
    for hit in _INSERT.finditer(text, start, end):
        if hit.start() >= done:  # what stands in another one's values is none
            island = _values(text, hit.start(), hit.end(), end, _columns(hit, known))
            done = island.end
            yield island
    for hit in _COPY.finditer(text, start, end):
        yield _copied(text, hit, _columns(hit, known))
    for hit in _WORDS.finditer(text, start, end):
        yield Island(*hit.span(), [])
    for hit in _COMPARED.finditer(text, start, end):
        for number in _NUMBER.finditer(hit.group()):
            kind, soft = heads.meaning([number["key"]])
            at, to = (hit.start() + place for place in number.span("number"))
            yield Island(at, to, [Field(at, to, heads.words(number["key"]), kind, soft, "'")])


def _columns(hit: re.Match[str], known: Mapping[str, list[str]]) -> list[str]:
    if hit["columns"] is not None:
        return [_bare(name) for name in hit["columns"].split(",")]
    return known.get(_bare(hit["table"]), [])


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip().strip('`"[]').lower()


def _created(body: str) -> list[str]:
    parts = re.sub(r"\([^()]*\)", "", body).split(",")
    names = [words[0] for part in parts if (words := part.split())]
    return [_bare(name) for name in names if _bare(name) not in _NO_COLUMN]


def _values(text: str, begin: int, start: int, end: int, columns: list[str]) -> Island:
    """One island to the last tuple. What breaks off or is no literal ends it."""
    fields, depth, column, stop = list[Field](), 0, 0, start
    for token in _TOKEN.finditer(text, start, end):
        if token.start() != stop:
            break
        stop = token.end()
        sign = token["sign"]
        if sign == "(":
            depth += 1
            column = 0 if depth == 1 else column
        elif sign == ")":
            depth -= 1
        elif sign == "," and depth == 1:
            column += 1
        elif sign == ";" and depth == 0:
            break
        elif token["comment"]:
            fields.append(Field(*token.span("comment")))
        elif depth == 0 and sign is None and token.group().strip():
            stop = token.start()
            break
        elif depth >= 1:
            fields += _field(token, columns[column] if column < len(columns) else "")
    return Island(begin, stop, fields)


def _field(token: re.Match[str], name: str) -> Iterator[Field]:
    kind, soft = heads.meaning([name]) if name else (NEUTRAL, False)
    for group in ("said", "double", "number"):
        if token[group]:
            bare = "'" if group == "number" else ""
            yield Field(*token.span(group), heads.words(name), kind, soft, bare)


def _copied(text: str, hit: re.Match[str], columns: list[str]) -> Island:
    fields, at = list[Field](), hit.start("rows")
    for line in hit["rows"].split("\n"):
        begin = at
        for column, cell in enumerate(line.rstrip("\r").split("\t")):
            name = columns[column] if column < len(columns) else ""
            kind, soft = heads.meaning([name]) if name else (NEUTRAL, False)
            if cell and cell != "\\N":
                fields.append(Field(begin, begin + len(cell), heads.words(name), kind, soft))
            begin += len(cell) + 1
        at += len(line) + 1
    return Island(hit.start(), hit.end("rows"), fields)
