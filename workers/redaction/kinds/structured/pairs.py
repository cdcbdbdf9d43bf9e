"""Pairs of a key and its value in the middle of a line: `last_name="Stone"`, `<city>Ghent</city>`.

For what no parser takes whole: logs, queries, printed objects, pieces of XML and HTML, subtitles' voices.
Only pairs whose key asks for something personal are told; the rest of the line is read as any other.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from workers.redaction.core.spans import TIMEOUT
from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds.structured import heads
from workers.redaction.kinds.structured.fields import Field

LONGEST = 400  # characters of a value
_KEY = r"[\p{L}_][\p{L}\p{N}_.\-]{0,50}(?:\[[\p{L}\p{N}_]{1,30}\]){0,2}"
_QUOTE = r"(?:\\{0,4}[\"']|\"\"|`)"
_RELATION = r"\s{0,4}(?::|=>|={1,3}|~=?|!=|<>|\b(?:NOT +)?I?LIKE\b|\bIS\b)\s{0,4}"
# A value without quotation marks: in a query, a log, a printed object.
_LOOSE = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}_.\-])(?P<key>{_KEY})=(?P<loose>[^\s\"'&;,|=<>(){{}}\[\]](?:[^\n\"'&;|=<>(){{}}\[\]]|(?<=\p{{L}})'(?=\p{{L}})){{0,{LONGEST}}})"
)
_PATTERNS = (
    # A value in quotation marks; the key may have its own.
    regex.compile(
        rf"(?<![\p{{L}}\p{{N}}_.\-])(?P<mark>{_QUOTE})?(?P<key>(?(mark)[^\"'`\\\n=<>]{{1,60}}?|{_KEY}))(?(mark)(?P=mark))"
        rf"(?i:{_RELATION})(?P<quote>\\{{0,4}}[\"']|\"\")(?P<value>(?:(?!(?P=quote))[^\n]){{1,{LONGEST}}}?)(?P=quote)"
    ),
    # A number, or an array of one string, under a key in quotation marks.
    regex.compile(
        rf"(?P<mark>{_QUOTE})(?P<key>[^\"'`\\\n=<>]{{1,60}}?)(?P=mark)\s{{0,4}}(?::|=>)\s{{0,4}}(?P<number>-?\d[\d.]*)(?=[,}}\]\s]|$)"
    ),
    _LOOSE,
    # The same behind a colon, in fields that a bar or a semicolon parts.
    regex.compile(
        rf"(?<![\p{{L}}\p{{N}}_.\-/:@])(?P<key>{_KEY}):(?P<loose>(?![/\\])[^\s\"'&;,|=<>(){{}}\[\]:]"
        rf"(?:[^\n\"'&;|=<>(){{}}\[\]]|(?<=\p{{L}})'(?=\p{{L}})){{0,{LONGEST}}})"
    ),
    # A property of a business card (vCard, RFC 6350) or of a calendar.
    regex.compile(
        rf"^(?P<key>ADR|FN|NICKNAME)(?:;[^:\n]{{0,80}})?:(?P<line>[^\s\"][^\n]{{0,{LONGEST}}})$",
        regex.MULTILINE,
    ),
    # A key in a line of its own, as in YAML and INI.
    regex.compile(
        rf"^[ \t]*(?:- )?(?P<key>{_KEY})[ \t]*(?::[ \t]+|[ \t]=[ \t]*)"
        rf"(?P<line>[^\s\"'|>{{\[][^\n]{{0,{LONGEST}}})$",
        regex.MULTILINE,
    ),
    # A pair without quotation marks between braces.
    regex.compile(
        rf"(?<=[{{,] {{0,4}})(?P<key>{_KEY}) ?: {{1,4}}"
        rf"(?P<value>[^\s\"'{{}}\[\],][^\n\"'{{}}\[\],]{{0,{LONGEST}}})(?=[,}}])"
    ),
    # An element.
    regex.compile(
        rf"<(?P<key>[\p{{L}}_][\w.\-:]{{0,60}})(?:\s[^<>]{{0,300}})?>(?P<value>[^<>]{{1,{LONGEST}}})</(?P=key)\s{{0,4}}>"
    ),
    # What an attribute calls an element or the value beside it.
    regex.compile(
        rf"<[^<>]{{0,300}}?\b(?:name|key|id|property|itemprop|field)=[\"'](?P<key>[^\"'<>]{{1,60}})[\"'][^<>]{{0,300}}?"
        rf"(?:\b(?:value|content)=[\"'](?P<value>[^\"'<>]{{1,{LONGEST}}})[\"']|>(?P<value>[^<>\n]{{1,{LONGEST}}})</)"
    ),
    # Who speaks, in subtitles.
    regex.compile(r"<(?P<key>v)(?:\.[\w.]{1,40})?[ \t]+(?P<value>[^<>\n]{1,100})>"),
)
_IDENTIFIER = regex.compile(r"[a-z][\w.\-\[\]]*|\w+_[\w.]*|[\w]+\.[\w.]+")
_NEXT_KEY = regex.compile(rf"[ ,]+{_KEY}\s?[=:]|,|\t| {{2,}}|[ ]+(?:#|--|//)")
_BEFORE_KEY = regex.compile(rf"[ ,]+{_KEY}$")
# As much of a loose value as may be a name; more of the line is told about whoever it is.
_LEADING_NAME = regex.compile(
    r"(?:\p{Lu}[\p{L}\p{M}'’.\-]*|d[aeiou]|v[ao]n|de[rn]|bin|al)(?: (?:\p{Lu}[\p{L}\p{M}'’\-]+\.?|\p{Lu}\."
    r"|d[aeiou]|v[ao]n|de[rn]|bin|al)(?=[ ,.)]|$)){0,4}"
    r"|[\p{Han}々ヶ\p{Hiragana}\p{Katakana}ー・]+(?:[ 　][\p{Han}々ヶ\p{Katakana}ー・]{1,8})?"
)


def find(text: str, start: int, end: int) -> Iterator[tuple[int, Field]]:
    """The values in these characters that are personal by their keys, each with where its pair begins.

    One may come up more than once.
    """
    if regex.search(r"[=:<]", text, pos=start, endpos=end) is None:
        return
    for pattern in _PATTERNS:
        for hit in pattern.finditer(
            text, pos=start, endpos=end, overlapped=pattern is _LOOSE, timeout=TIMEOUT
        ):
            field = _field(text, hit)
            if field is not None:
                yield hit.start(), field


def _field(text: str, hit: regex.Match[str]) -> Field | None:
    groups = hit.groupdict()
    key = hit["key"]
    kind, soft = (
        ("PERSON", False) if key == "v" and text[hit.start()] == "<" else heads.meaning(key.split("."))
    )
    if kind == NEUTRAL:
        return None
    if groups.get("number"):
        return Field(*hit.span("number"), heads.words(key), kind, soft, bare='"')
    group = next(name for name in ("value", "loose", "line") if groups.get(name))
    begin, end = hit.span(group)
    value = text[begin:end]
    if group in ("loose", "line"):
        more = _NEXT_KEY.search(value, timeout=TIMEOUT)
        if more is not None and more.start():
            value = value[: more.start()]
        if group == "loose":
            if text[end : end + 1] == "=":
                value = _BEFORE_KEY.sub("", value)  # what it ran on to is the next key
            value = _first(value, kind)
        value = value.rstrip(" ,;.")
        end = begin + len(value)
    elif (
        key.lower() in ("name", "id", "key")
        and _IDENTIFIER.fullmatch(value)
        and "<" in text[max(0, begin - 200) : begin]
    ):
        return None  # what an attribute calls its element
    if not value.strip() or (soft and not heads.looks_like_a_name(value)):
        return None
    return Field(begin, end, heads.words(key), kind, soft)


def _first(value: str, kind: str) -> str:
    """Without quotation marks a value ends at a space, but for a name that goes on and an address."""
    if kind == "PERSON":
        name = _LEADING_NAME.match(value, timeout=TIMEOUT)
        return name.group() if name else value.split(" ", 1)[0]
    return (
        value if kind in ("LOCATION", "JP_ADDRESS", "PHONE_NUMBER", "DATE_TIME") else value.split(" ", 1)[0]
    )
