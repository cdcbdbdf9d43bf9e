"""Escapes that a text may be written with, and what they mean: JSON's, URLs', HTML's, mails' and base64.

Bytes behind an escape are read as UTF-8, else as the encoding that the text itself names for them, else as
Japanese where that is what they look like. Signs that nobody sees, such as a soft hyphen or a zero-width
space, mean nothing, and are left out: they stand in the middle of names.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from omnigov.contracts import Refused
from workers.media import encodings
from workers.redaction.core.views import Piece, View

DEEPEST = 4  # escapes within escapes that are seen through
MOST = 20_000_000  # characters of base64 that are seen through in one text
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
)
_SIGNS = re.compile(
    f"(?P<invisible>[{INVISIBLE}]+)"
    r"|(?P<units>(?<!\\)(?:\\{1,8}u[0-9A-Fa-f]{4}|\\{1,8}u\{[0-9A-Fa-f]{1,6}\}|\\{1,8}U[0-9A-Fa-f]{8}|%u[0-9A-Fa-f]{4})+)"
    r"|(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<hex>(?<!\\)(?:\\{1,8}x[0-9A-Fa-f]{2})+)"
    r"|(?P<entity>&(?:\#[0-9]{1,7};?|\#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};))"
    r"|(?P<word>=\?(?P<charset>[\w\-]+)(?:\*[\w\-]+)?\?(?P<how>[bBqQ])\?(?P<payload>[^?\r\n]*)\?="
    r"(?:\s+(?==\?[\w\-]+(?:\*[\w\-]+)?\?[bBqQ]\?))?)"
    r"|(?P<printable>(?:=[0-9A-F]{2}(?:=\r?\n)?)+|=[ \t]*\r?\n)"
    r"|(?P<base64>(?<![A-Za-z0-9+/_\-])"
    r"(?:(?P<many>(?:[A-Za-z0-9+/]{56,}[ \t]*\r?\n)+[A-Za-z0-9+/]+={0,2})(?=\s|\Z)"
    r"|[A-Za-z0-9+/_\-]{6,}={0,2})"
    r"(?![A-Za-z0-9+/_\-=]))"
)
_MAY_BE = re.compile(f"[{INVISIBLE}\\\\%&=]|[A-Za-z0-9+/_-]{{12}}")
_UNIT = re.compile(r"\\+u\{([0-9A-Fa-f]+)\}|(?:\\+u|%u|\\+U)([0-9A-Fa-f]+)")
_LEGACY = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f](?:%[0-9A-Fa-f]{2}|[@-~])?)+")
_QUERY = re.compile(r"""(?<![\w.\-\[\]%])[\w.\-\[\]%]+=[^\s&;"'<>#=]*\+[^\s&;"'<>#]*""")
_PLUS = re.compile(r"(?<=[\w%.])\+(?=[\w%])")
_DECLARED = re.compile(r"quoted-printable", re.IGNORECASE)
_HEX = re.compile(r"[0-9A-Fa-f\s]+")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.\-]+)""", re.IGNORECASE)
# Behind the headers of a part that is written so, and whatever of it was read already.
_TRANSFER = re.compile(
    r"Content-Transfer-Encoding:[ \t]*base64[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\s*(?:[A-Za-z0-9+/=]+\s+)*\Z",
    re.IGNORECASE,
)
_STATEFUL = ("iso2022", "utf-7", "utf_7", "hz")
_HEADERS = 2000  # characters before a body in which its headers stand
_SHORTEST = {True: 8, False: 12}  # characters of base64 that fill their last group with `=`, and that don't


class Meaning(NamedTuple):
    view: View
    unreadable: tuple[tuple[int, int], ...]  # the original's characters that hold what is no text


def seen_through(view: View) -> Meaning:
    """The view without its escapes, and theirs within them; what is behind them and no text is named."""
    unreadable: list[tuple[int, int]] = []
    for _ in range(DEEPEST):
        if not _MAY_BE.search(view.text):
            break
        pieces = list(_pieces(view, unreadable))
        if not pieces:
            break
        view = view.then(pieces)
    return Meaning(view, tuple(sorted(unreadable)))


def _pieces(view: View, unreadable: list[tuple[int, int]]) -> Iterator[Piece]:
    text = view.text
    declared = _DECLARED.search(text) is not None
    plus = sorted(
        query.start() + sign.start()
        for query in _QUERY.finditer(text)
        for sign in _PLUS.finditer(query.group())
    )
    at, next_plus, left = 0, 0, MOST
    while (hit := _SIGNS.search(text, at)) is not None:
        at = hit.end()
        left -= len(hit.group()) if hit["base64"] else 0
        piece = _meant(text, hit, declared=declared, view=view, unreadable=unreadable) if left > 0 else None
        if hit["many"] and (piece is None or piece.end < hit.end()):
            at = hit.start() + hit.group().index("\n")  # the lines below may mean something of their own
        if piece is None and hit["base64"]:
            # No base64: other escapes may stand in it only behind signs that base64 does not have.
            continue
        while next_plus < len(plus) and (piece is None or plus[next_plus] < piece.start):
            if plus[next_plus] >= at:
                break
            yield Piece(plus[next_plus], plus[next_plus] + 1, " ", [plus[next_plus]], [plus[next_plus] + 1])
            next_plus += 1
        if piece is not None:
            yield piece
            at = max(at, piece.end)
            while next_plus < len(plus) and plus[next_plus] < piece.end:
                next_plus += 1
    for place in plus[next_plus:]:
        yield Piece(place, place + 1, " ", [place], [place + 1])


def _meant(
    text: str, hit: re.Match[str], *, declared: bool, view: View, unreadable: list[tuple[int, int]]
) -> Piece | None:
    start, end = hit.span()
    if hit["invisible"]:
        gap = " " if _parts_words(text, start, end) else ""
        return Piece(start, end, gap, [start] * len(gap), [end] * len(gap))
    if hit["units"]:
        return _units(hit)
    if hit["entity"]:
        meant = html.unescape(hit.group())
        return (
            None
            if meant == hit.group()
            else Piece(start, end, meant, [start] * len(meant), [end] * len(meant))
        )
    if hit["word"]:
        return _word(hit)
    if hit["base64"]:
        coated = view.first and view.coated(view.first[start]) is not None
        return None if coated else _base64(text, hit, view, unreadable)
    if hit["printable"]:
        if not declared and not re.search("=[89A-F]", hit.group()):
            return None
        return _bytes(text, start, end, re.compile(r"=([0-9A-F]{2})|=[ \t]*\r?\n"))
    if hit["hex"]:
        return _bytes(text, start, end, re.compile(r"\\+x([0-9A-Fa-f]{2})"))
    return _bytes(text, start, end, re.compile(r"%([0-9A-Fa-f]{2})")) or _legacy(text, start)


def _parts_words(text: str, start: int, end: int) -> bool:
    """Whether words would run together without these signs: TomBaxter."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return before.islower() and before.isascii() and after.isupper() and after.isascii()


def _units(hit: re.Match[str]) -> Piece | None:
    start = hit.start()
    codes = [
        (int(each[1] or each[2], 16), start + each.start(), start + each.end())
        for each in _UNIT.finditer(hit.group())
    ]
    signs, first, last, at = "", list[int](), list[int](), 0
    while at < len(codes):
        code, begin, end = codes[at]
        if 0xD800 <= code < 0xDC00 and at + 1 < len(codes) and 0xDC00 <= codes[at + 1][0] < 0xE000:
            at += 1
            code, end = 0x10000 + ((code - 0xD800) << 10) + codes[at][0] - 0xDC00, codes[at][2]
        if code > 0x10FFFF:
            return None
        signs += chr(code)
        first.append(begin)
        last.append(end)
        at += 1
    return Piece(start, hit.end(), signs, first, last)


class _Characters(NamedTuple):
    """A text that was decoded, and of each character the bytes `first[i]` … `last[i]` − 1 behind it."""

    text: str
    first: list[int]
    last: list[int]


def _decoded(content: bytes, encoding: str) -> _Characters | None:
    """None where the bytes are no text in this encoding. Of one that has states, all bytes are each one's."""
    try:
        if encoding.lower().replace("-", "").startswith(_STATEFUL):
            text = content.decode(encoding)
            return _Characters(text, [0] * len(text), [len(content)] * len(text))
        decoder = codecs.getincrementaldecoder(encoding)()
        signs, first, last, begun = list[str](), list[int](), list[int](), 0
        for place, byte in enumerate(content, start=1):
            made = decoder.decode(bytes([byte]), final=place == len(content))
            if made:
                signs.append(made)
                first += [begun] * len(made)
                last += [place] * len(made)
                begun = place
        return _Characters("".join(signs), first, last)
    except (UnicodeError, LookupError, TypeError):
        return None


def _charset(text: str, at: int) -> str:
    """The encoding that is named last before this place."""
    named = _CHARSET.findall(text, max(0, at - _HEADERS), at)
    return str(named[-1]) if named else ""


def _in_some_encoding(content: bytes, named: str) -> tuple[_Characters, str] | None:
    """The text that the bytes are, and in which encoding: UTF-8, the one that is named, one that is sure."""
    tried = ["utf-8", *([named] if named else [])]
    if b"\x1b$" in content:
        tried.insert(0, "iso2022_jp")
    if content[1::2].count(0) * 3 > len(content) and len(content) > 3:
        tried.insert(0, "utf-16-le")
    for encoding in tried:
        found = _decoded(content, encoding)
        if found and _is_text(found.text):
            return found, encoding
    try:
        encoding = encodings.told(content)
    except Refused:
        return None
    found = _decoded(content, encoding)
    return (found, encoding) if found and _is_text(found.text) else None


def _is_text(text: str) -> bool:
    return bool(text) and all(
        sign.isprintable() or sign in "\t\r\n\u3000\u00a0\ufeff\u200b\u00ad" for sign in text
    )


def _bytes(text: str, start: int, end: int, escape: re.Pattern[str]) -> Piece | None:
    """Bytes that are written one by one, each with its own escape."""
    each = list(escape.finditer(text, start, end))
    values = [one for one in each if one[1] is not None]
    content = bytes(int(one[1], 16) for one in values)
    if not content:
        return Piece(start, end, "", [], [])  # a line that goes on
    found = _decoded(content, "utf-8")
    if found is None:
        named = _charset(text, start)
        found = _decoded(content, named) if named else None
    if found is None:
        found = _letters(text, start, end, content) or (
            _japanese(content) if escape.pattern.startswith("=") else None
        )
    if found is None:
        return None
    return Piece(
        start,
        end,
        found.text,
        [values[place].start() for place in found.first],
        [values[place - 1].end() for place in found.last],
    )


def _letters(text: str, start: int, end: int, content: bytes) -> _Characters | None:
    """One letter or two of Latin-1 in the middle of a word: M%FCller."""
    beside = text[start - 1 : start] + text[end : end + 1]
    if len(content) > 2 or min(content) < 0xC0 or not (beside.isascii() and any(map(str.isalpha, beside))):
        return None
    return _decoded(content, "latin-1")


def _legacy(text: str, start: int) -> Piece | None:
    """Japanese in Shift_JIS or EUC-JP: a character's second byte may be a letter, with no escape."""
    hit = _LEGACY.match(text, start)
    if hit is None:
        return None
    each = list(re.finditer(r"%([0-9A-Fa-f]{2})|([@-~])", hit.group()))
    found = _japanese(bytes(int(one[1], 16) if one[1] else ord(one[2]) for one in each))
    if found is None:
        return None
    return Piece(
        start,
        hit.end(),
        found.text,
        [start + each[place].start() for place in found.first],
        [start + each[place - 1].end() for place in found.last],
    )


def _japanese(content: bytes) -> _Characters | None:
    for encoding in ("cp932", "euc_jp"):
        found = _decoded(content, encoding)
        if found and len(found.text) > 1 and encodings.japanese(found.text) == 1:
            return found
    return None


def _word(hit: re.Match[str]) -> Piece | None:
    """An encoded word of a mail's header (RFC 2047)."""
    start, payload = hit.start("payload"), hit["payload"]
    if not any(map(str.isalnum, payload)):
        return Piece(*hit.span(), "", [], [])  # what it said is hidden already
    if hit["how"] in "bB":
        return _in_base64(payload, start, hit.span(), named=hit["charset"])
    each = list(re.finditer(r"=([0-9A-Fa-f]{2})|(_)|(.)", payload))
    content = bytes(int(one[1], 16) if one[1] else 0x20 if one[2] else ord(one[3]) & 0xFF for one in each)
    found = _decoded(content, hit["charset"]) or _decoded(content, "utf-8") or _decoded(content, "latin-1")
    if found is None or not content:
        return None
    charset = hit["charset"] if _decoded(content, hit["charset"]) else "ascii"

    def write(said: str, at_end: bool) -> str | None:
        return "".join(
            chr(byte) if (chr(byte).isalnum() and byte < 0x80) or byte in b"[]" else f"={byte:02X}"
            for byte in said.encode(charset, "replace")
        )

    first = [start + each[place].start() for place in found.first]
    last = [start + each[place - 1].end() for place in found.last]
    return Piece(*hit.span(), found.text, first, last, write)


def _base64(text: str, hit: re.Match[str], view: View, unreadable: list[tuple[int, int]]) -> Piece | None:
    start, end = hit.span()
    headers = text[max(0, start - _HEADERS) : start]
    of_a_part = "ncoding:" in headers and _TRANSFER.search(headers) is not None
    if hit["many"]:
        named = _charset(text, start)
        piece = _in_base64(hit.group(), start, (start, end), named=named)
        if piece is None and (of_a_part or (hit.group().count("\n") > 1 and not _HEX.fullmatch(hit.group()))):
            return _unreadable(start, end, view, unreadable)
        if piece is not None:
            return piece
        end = start + len(hit.group().partition("\n")[0].rstrip())  # its first line alone may mean something
    run = text[start:end]
    if len(run) < _SHORTEST[run.endswith("=")] or len(run.rstrip("=")) % 4 == 1:
        return None
    if run.isalpha() and (run.islower() or run.isupper() or run.istitle()):
        return None  # a word
    if not any(sign.isalpha() for sign in run):
        return None  # a number
    beside = (text[start - 1 : start], text[end : end + 1])
    named = _charset(text, start) if of_a_part else ""
    piece = _in_base64(run, start, (start, end), named=named, open_end="." in beside)
    if piece is None and len(run) > 20 and (of_a_part or text[max(0, start - 7) : start] == "base64,"):
        return _unreadable(start, end, view, unreadable)
    return piece


def _unreadable(start: int, end: int, view: View, unreadable: list[tuple[int, int]]) -> Piece:
    """What is no text, such as a picture that is attached to a mail: nobody looks at what is in it."""
    unreadable.append((view.first[start], view.last[end - 1]))
    return Piece(
        start, end, "\ufffc", [start], [end], lambda said, _: base64.b64encode(said.encode()).decode()
    )


def _in_base64(
    run: str, at: int, whole: tuple[int, int], *, named: str, open_end: bool = False
) -> Piece | None:
    """What the run means; each of its characters is written in the groups of four that hold its bytes.

    With an `open_end` the last group is not filled, as in a token's parts between full stops.
    """
    places = [place for place, sign in enumerate(run) if sign not in " \t\r\n="]
    tight = "".join(run[place] for place in places)
    try:
        content = base64.b64decode(
            tight + "=" * (-len(tight) % 4), altchars=b"-_" if set(tight) & {"-", "_"} else None
        )
    except (binascii.Error, ValueError):
        return None
    found = _in_some_encoding(content, named) if content else None
    if found is None:
        return None
    characters, encoding = found
    url, closed = bool(set(tight) & {"-", "_"}), at + len(run.rstrip())
    filled = run.rstrip().endswith("=") or (len(tight) % 4 == 0 and not open_end)

    def write(said: str, at_end: bool) -> str | None:
        said_bytes = said.encode(encoding, "replace")
        if not at_end and len(said_bytes) % 3:
            return None
        made = (base64.urlsafe_b64encode if url else base64.b64encode)(said_bytes).decode()
        return made if filled else made.rstrip("=")

    last_group = max(0, (len(tight) - 1) // 4)
    first = [at + places[min(place // 3 * 4, len(places) - 1)] for place in characters.first]
    last = [
        closed if (place - 1) // 3 >= last_group else at + places[(place - 1) // 3 * 4 + 3] + 1
        for place in characters.last
    ]
    return Piece(*whole, characters.text, first, last, write)
