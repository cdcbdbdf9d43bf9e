"""Canonical JSON: one value, one sequence of bytes (RFC 8785), for a restricted schema.

Allowed are null, true, false, integers within ±(2⁵³ − 1), strings without lone surrogates, lists, and
objects with string keys. Floats are refused: RFC 8785 defines their form, but two languages rarely print
one alike, and a ledger entry has no need of them.

This file imports nothing of the house: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import json
import re
from typing import Any

#: The largest integer that every JSON reader represents exactly (RFC 8785, section 3.2.2.3).
MAX_INTEGER = 2**53 - 1

#: A ledger entry is shorter than this many bytes; anything larger goes in by digest.
ENTRY_LIMIT = 64 * 1024

#: Containers within containers. No record of ours is near it; it keeps hostile input off the call stack.
MAX_DEPTH = 64


_OTHER_FORM = "JSON, but not in its canonical form (RFC 8785)"


class CanonicalError(ValueError):
    """The value or the bytes are not canonical JSON of the restricted schema."""


class NotRepresentableError(CanonicalError, TypeError):
    """The value holds something that the restricted schema does not have, such as a float."""


def encode(value: Any, limit: int = ENTRY_LIMIT) -> bytes:
    """The RFC 8785 form of `value`, in UTF-8.

    Raises NotRepresentableError for a float, a key that is not a string, or any other foreign type, and
    CanonicalError for an integer out of range, a lone surrogate, too deep a nesting, or no less than `limit`
    bytes.
    """
    _inspect(value, 1)
    text = _SORTED.encode(value)
    # Sorting by code point and by UTF-16 unit differ only where a key lies beyond U+FFFF.
    if not text.isascii() and _BEYOND.search(text):
        text = _AS_GIVEN.encode(_in_utf16_order(value))
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise CanonicalError("a string holds half of a surrogate pair, which has no UTF-8 form") from None
    if len(data) >= limit:
        raise CanonicalError(
            f"{len(data)} bytes, but the limit is below {limit}: put the large part in by digest"
        )
    return data


def decode(data: bytes, limit: int = ENTRY_LIMIT) -> Any:
    """The value whose canonical form is `data`. Raises CanonicalError where `data` is any other form.

    Encoding the value again and comparing finds whatever JSON readers forgive: spaces, key order, a key
    given twice, needless escapes, `-0`.
    """
    if len(data) >= limit:
        raise CanonicalError(f"{len(data)} bytes, but the limit is below {limit}")
    try:
        text = data.decode("utf-8")
        # In a bare text the order of keys, and one given twice, is all that a reader could forgive. The usual
        # entry is bare, and to look at its keys takes a third of the time of writing it again.
        if _is_bare(text):
            return _STRICT_READER.decode(text)
        value = _READER.decode(text)
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"not JSON: {error}") from None
    if data != encode(value, limit):
        raise CanonicalError(_OTHER_FORM)
    return value


def _is_bare(text: str) -> bool:
    """ASCII without an escape or a space, and not too deep."""
    return (
        text.isascii()
        and "\\" not in text
        and " " not in text
        and "\n" not in text
        and "\t" not in text
        and "\r" not in text
        and text.count("[") + text.count("{") <= MAX_DEPTH
    )


def _in_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys come in order, each once."""
    found = dict(pairs)
    if len(found) != len(pairs) or list(found) != sorted(found):
        raise CanonicalError(_OTHER_FORM)
    return found


# Python's C encoder prints strings and integers just as RFC 8785 asks: the short escapes where there is
# one, \u00xx in lower case for the other control characters, all else as it is.
_SORTED = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def _inspect(value: Any, depth: int) -> None:
    """Refuse what the schema does not have.

    Types are compared exactly, for a subclass may print itself as it likes.
    """
    if depth > MAX_DEPTH:
        raise CanonicalError(f"nested more than {MAX_DEPTH} deep")
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise NotRepresentableError(f"a key is a {type(key).__name__}; only strings are keys")
            if type(item) is not str and item is not None:
                _inspect(item, depth + 1)
    elif kind is list:
        for item in value:
            if type(item) is not str:
                _inspect(item, depth + 1)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise CanonicalError("an integer is beyond ±(2⁵³ − 1), where JSON readers begin to round")
    elif value is not None and kind is not bool and kind is not str:
        raise NotRepresentableError(f"a {kind.__name__} has no place in a ledger entry")


def _in_utf16_order(value: Any) -> Any:
    """The same value, its keys in the order of their UTF-16 code units (RFC 8785, section 3.2.3)."""
    if type(value) is dict:
        # A lone surrogate passes here and is refused by `encode`, which can say what is wrong.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _in_utf16_order(value[key]) for key in keys}
    if type(value) is list:
        return [_in_utf16_order(item) for item in value]
    return value


def _no_float(text: str) -> Any:
    raise NotRepresentableError(f"{text[:40]} is not an integer")


def _bounded(text: str) -> int:
    value = int(text)
    if not value and text != "0":
        raise CanonicalError(_OTHER_FORM)
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise CanonicalError("an integer is beyond ±(2⁵³ − 1), where JSON readers begin to round")
    return value


_READER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float, parse_int=_bounded)
_STRICT_READER = json.JSONDecoder(
    parse_float=_no_float, parse_constant=_no_float, parse_int=_bounded, object_pairs_hook=_in_order
)
