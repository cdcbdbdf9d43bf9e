"""The encodings of texts that a person may name, as Python's codecs call them."""

from __future__ import annotations

import codecs

from omnigov.contracts.steps import Refused

#: Encodings of ASCII alone, and those that hide text in ASCII (UTF-7, HZ), are not here.
NAMED = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *("cp932", "shift_jis", "euc_jp", "iso2022_jp", "gbk", "gb18030", "big5", "euc_kr"),
    *("latin_1", "cp1252", "iso8859_15", "cp1250", "cp1251", "koi8_r"),
)
_BY_CODEC = {codecs.lookup(name).name: name for name in NAMED}


def encoding_named(wished: str) -> str:
    """The one of `NAMED` that is meant, by whatever name codecs know it; empty where none is wished.

    Raises `Refused` for all others.
    """
    if not wished:
        return ""
    try:
        return _BY_CODEC[codecs.lookup(wished).name]
    except (LookupError, ValueError):  # ValueError: a name with a NUL in it
        raise Refused("encoding_unknown", f"The encoding has to be one of {', '.join(NAMED)}.") from None
