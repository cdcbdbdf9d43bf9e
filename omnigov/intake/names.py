"""What a file that was handed in is called."""

from __future__ import annotations

import re
import unicodedata

NAME_MAX = 120

_PARTS = re.compile(r"[/\\]")


def safe_name(raw: str) -> str:
    """A name to show to people: the last path part, without control signs, bidi overrides or surrogates.

    Never empty, at most `NAME_MAX` characters; the extension stays when the name is cut.
    """
    name = _PARTS.split(raw.replace("\0", ""))[-1]
    # Cc: control; Cf: bidi overrides, zero-width signs; Cs: half a surrogate pair; Co, Cn: nothing to see.
    name = "".join(
        sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name.strip(". "):
        return "unnamed"
    if len(name) > NAME_MAX:
        stem, dot, extension = name.rpartition(".")
        tail = f"…{dot}{extension}" if dot and len(extension) <= 8 else "…"
        name = (stem if tail != "…" else name)[: NAME_MAX - len(tail)] + tail
    return name
