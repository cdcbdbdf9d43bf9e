"""XML: what stands between tags, and in attributes, is a field called by its element or attribute.

Expat says what is XML; what it takes is then cut at its tags, for the places. A text that declares entities
of its own is not taken for XML: what they stand for would not be where it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds.structured import heads
from workers.redaction.kinds.structured.fields import Field, Island

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<\?.*?\?>|<![^>\[]*(?:\[.*?\]\s*)?>"
    r"|</(?P<closed>[^\s>]+)\s*>|<(?P<tag>[^\s/>!?]+)(?P<attributes>(?:[^\"'>]|\"[^\"]*\"|'[^']*')*?)(?P<empty>/?)>"
    r"|(?P<said>[^<]+)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_IDENTIFIER = re.compile(r"[a-z][\w.\-\[\]]*|\w+_\w+|[\w.]+\.[\w.]+")
# Attributes that say what an element is called: <field name="last_name">, <param key="phone" value="…"/>.
_CALLS = (
    "name",
    "key",
    "id",
    "field",
    "column",
    "label",
    "title",
    "itemprop",
    "property",
    "type",
    "class",
    "role",
)


def whole(text: str) -> Island | None:
    """The text as one document, or None where it is none."""
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return None
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = _no_entity
    try:
        parser.Parse(text.lstrip("\ufeff").encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError):
        return None
    return Island(0, len(text), list(_fields(text)))


def _no_entity(*_: object) -> None:
    raise ValueError("An entity is declared.")


class _Columns:
    """The heads of HTML's tables: a cell goes by the head that stands above it."""

    def __init__(self) -> None:
        self._heads: dict[int, str] = {}
        self._column = -1

    def opened(self, tag: str) -> str:
        """What a cell's text is called; the tag itself where it is none, or has no known head."""
        name = tag.lower()
        if name == "table":
            self._heads = {}
        if name in ("table", "tr"):
            self._column = -1
        if name in ("td", "th"):
            self._column += 1
        return self._heads.get(self._column, tag) if name == "td" else tag

    def said(self, tag: str, value: str) -> None:
        """Notes a head's text."""
        if tag.lower() == "th" and heads.of_a_column(value.strip())[2]:
            self._heads[self._column] = value.strip()


def _fields(text: str) -> Iterator[Field]:
    names, columns = list[str](), _Columns()
    for token in _TOKEN.finditer(text):
        if token["tag"] is not None:
            column = columns.opened(token["tag"])
            called = column if column != token["tag"] else _called(token)
            yield from _attributes(token, names, called)
            if not token["empty"]:
                names.append(called)
        elif token["closed"] is not None:
            names.pop()
        else:
            for group in ("comment", "data", "said"):
                if token[group] and token[group].strip():
                    columns.said(names[-1] if names else "", token[group])
                    path = [] if group == "comment" else names
                    yield _field(text, *token.span(group), path)


def _called(token: re.Match[str]) -> str:
    """What the element's text is called: its own name, or what an attribute calls it."""
    for name, double, single in _ATTRIBUTE.findall(token["attributes"]):
        value = double or single
        if name.lower() in _CALLS and heads.meaning([value])[0] != NEUTRAL and _IDENTIFIER.fullmatch(value):
            return str(value)
    return str(token["tag"])


def _attributes(token: re.Match[str], names: list[str], called: str) -> Iterator[Field]:
    base = token.start("attributes")
    for hit in _ATTRIBUTE.finditer(token["attributes"]):
        group = 2 if hit[2] is not None else 3
        name, value = hit[1], hit[group]
        if name.startswith("xmlns") or not value.strip():
            continue
        if name.lower() in _CALLS and _IDENTIFIER.fullmatch(value):
            path: list[str] = []  # it calls another
        elif name.lower() in ("value", "content"):
            path = [called]
        else:
            path = [*names, token["tag"], name]
        yield _field("", base + hit.start(group), base + hit.end(group), path)


def _field(text: str, start: int, end: int, names: list[str]) -> Field:
    kind, soft = heads.meaning(names)
    return Field(start, end, heads.title(names), kind, soft)
