"""Texts: bytes to characters, in the encodings that people's files come in."""

from __future__ import annotations

import re

from omnigov.contracts import Limits, Refused

_NO_SIGNS = re.compile("[\uf8f0-\uf8f3]")  # what the decoder of Shift_JIS makes of bytes that are none
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def tells(content: bytes) -> bool:
    """Any bytes may be a text; `decode` says in a sentence why some are not."""
    return True


def decode(content: bytes, limits: Limits) -> str:
    """The file's text, in UTF-8, UTF-16 with its mark, or Shift_JIS. Raises `Refused` for all else."""
    if len(content) > limits.max_bytes:
        raise Refused("too_many_bytes", f"The file is larger than {limits.max_bytes / 1e6:.0f} MB.")
    if b"\0" in content and not content.startswith(_UTF_16):
        raise Refused("not_text", "This is not a text file, whatever its name says.")
    for encoding in ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_SIGNS.search(text):
            return text
    raise Refused("not_text", "The text's encoding is not known. Save it as UTF-8 and send that.")
