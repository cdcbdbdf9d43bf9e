"""Texts: bytes to characters, in the encodings that people's files come in, and back."""

from __future__ import annotations

import re
from typing import NamedTuple

from omnigov.contracts import Limits, Refused
from workers.media import encodings
from workers.media.probe import Probed
from workers.media.source import WINDOW, Source

WIDEST = 4  # bytes of a character, in the encodings that are read
_NO_SIGNS = re.compile("[\uf8f0-\uf8f3]")  # what the decoder of Shift_JIS makes of bytes that are none


class Decoded(NamedTuple):
    """A file's characters, without its mark and with its own line ends, and how Python calls its encoding."""

    text: str
    encoding: str


def tells(data: Source) -> bool:
    """Any bytes may be a text; `decode` says in a sentence why some are not."""
    return True


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """The file is read whole, which `max_characters` keeps small. Raises `Refused` as `decode` does."""
    _check_bytes(len(data), limits)
    whole = b"".join(data.part(at, at + WINDOW) for at in range(0, len(data), WINDOW))
    decode(whole, limits, encoding)
    return Probed("text/plain", width=0, height=0, frames=1)


def decode(content: bytes, limits: Limits, encoding: str = "") -> Decoded:
    """The file's text. Raises `Refused` where its encoding can't be told for sure.

    `encoding` is what a person says that it is; it is not taken where the bytes speak against it.
    """
    _check_bytes(len(content), limits)
    sure = encodings.named(content, encoding) if encoding else encodings.told(content)
    text = content.decode(sure)
    if _NO_SIGNS.search(text):
        raise Refused("not_text", encodings.UNSURE)
    _check_characters(len(text), limits)
    return Decoded(text, sure)


def encode(text: str, encoding: str) -> bytes:
    """The text's bytes, with a mark where `decode` took one off. Half a surrogate pair can't be written."""
    return text.encode(encoding, "replace")


def _check_bytes(found: int, limits: Limits) -> None:
    if found > limits.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {found / 1e6:.1f} MB; up to {limits.max_bytes / 1e6:.0f} MB are taken. Send a "
            "smaller one.",
        )
    # What has more bytes than so many characters can have is not read at all.
    if found > WIDEST * (limits.max_characters + 1):
        _check_characters(-(-found // WIDEST), limits)


def _check_characters(found: int, limits: Limits) -> None:
    if found > limits.max_characters:
        raise Refused(
            "too_many_characters",
            f"The text has {found:,} characters or more; up to {limits.max_characters:,} are taken. Split it "
            "and send the parts.",
        )
