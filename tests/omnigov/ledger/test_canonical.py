"""Canonical JSON against RFC 8785's own examples and against the `rfc8785` package."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from omnigov.ledger.canonical import (
    ENTRY_LIMIT,
    MAX_DEPTH,
    MAX_INTEGER,
    CanonicalError,
    NotRepresentableError,
    decode,
    encode,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.one_of(
    TEXT, st.sampled_from(["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6", "\uffff"])
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-MAX_INTEGER, MAX_INTEGER), TEXT)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)


@given(VALUES)
def test_it_is_what_rfc8785_makes(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(VALUES)
def test_it_reads_back_what_it_wrote(value: Any) -> None:
    assert decode(encode(value)) == value


@given(VALUES)
def test_it_refuses_every_other_form_of_the_same_value(value: Any) -> None:
    data = encode(value)
    for other in (
        json.dumps(value).encode(),
        json.dumps(value, indent=1).encode(),
        b" " + data,
        data + b"\n",
    ):
        if other != data:
            with pytest.raises(CanonicalError):
                decode(other)


@given(st.data())
def test_what_is_read_the_short_way_is_what_the_long_way_reads(data: st.DataObject) -> None:
    """A bare text is not written again to compare; whatever stands in it, the answer has to be the same."""
    plain = st.text(st.characters(codec="ascii", exclude_characters=' \\\\"', min_codepoint=32))
    scalars = st.none() | st.booleans() | st.integers(-3, 3) | plain
    values = st.recursive(
        scalars, lambda inner: st.lists(inner) | st.dictionaries(plain, inner), max_leaves=8
    )
    text = encode(data.draw(values)).decode()
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 2))
    text = text[:at] + data.draw(st.text('{}[],:"-01.eEatrufalsn', max_size=3)) + text[at + cut :]
    try:
        expected = encode(json.loads(text)) == text.encode()
    except ValueError:
        expected = False
    try:
        decode(text.encode())
    except CanonicalError:
        assert not expected
    else:
        assert expected


def test_keys_are_ordered_as_in_rfc_8785_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(encode(value))) == order
    assert list(json.loads(encode([{"in": value}]))[0]["in"]) == order


def test_strings_are_written_as_in_rfc_8785_section_3_2_2_2() -> None:
    assert encode("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/") == (
        '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()
    )


class Colour(enum.StrEnum):
    RED = "red"


class Many(list[int]):
    pass


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), b"x", (1,), {1}, {1: 2}, {None: 1}, Colour.RED, Many(), object()]
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"a": {"b": v}}])
def test_it_refuses_what_the_schema_does_not_have(value: Any, wrap: Any) -> None:
    with pytest.raises(NotRepresentableError) as caught:
        encode(wrap(value))
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    "value", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 10**400, "\ud800", {"\udc00": 1}, {"\udc00\U0001f600": 1}]
)
def test_it_refuses_what_has_no_one_form(value: Any) -> None:
    with pytest.raises(CanonicalError):
        encode([value])


def test_the_largest_integers_are_in() -> None:
    assert encode([MAX_INTEGER, -MAX_INTEGER]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"1.0",
        b"1e3",
        b"-0",
        b"NaN",
        b"Infinity",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u001F"',
        b'"\\ud800"',
        b"[1, 2]",
        b"\xef\xbb\xbf1",
        b"9007199254740992",
        b"1" * 5000,
        b"01",
        b"[" * 30_000 + b"]" * 30_000,
        b'{"\xf0\x9f\x98\x80":1,"\xef\xac\xb3":1} ',
        b'{"\xef\xac\xb3":1,"\xf0\x9f\x98\x80":1}',
    ],
)
def test_it_refuses_to_read_what_is_not_canonical(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        decode(data)


def test_an_entry_is_below_64_kib() -> None:
    assert len(encode("x" * (ENTRY_LIMIT - 3))) == ENTRY_LIMIT - 1
    with pytest.raises(CanonicalError, match="65536"):
        encode("x" * (ENTRY_LIMIT - 2))
    with pytest.raises(CanonicalError, match="65536"):
        decode(b'"' + b"x" * (ENTRY_LIMIT - 2) + b'"')
    assert len(encode("x" * ENTRY_LIMIT, 2 * ENTRY_LIMIT)) == ENTRY_LIMIT + 2


def test_nesting_is_bounded() -> None:
    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth - 1):
            value = [value]
        return value

    assert decode(encode(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    wide = [[] for _ in range(2 * MAX_DEPTH)]
    assert decode(encode(wide)) == wide
    with pytest.raises(CanonicalError, match="deep"):
        decode(b"[" * MAX_DEPTH + b"[]" + b"]" * MAX_DEPTH)
    with pytest.raises(CanonicalError, match="deep"):
        decode(b"[" * MAX_DEPTH + '["é"]'.encode() + b"]" * MAX_DEPTH)
    with pytest.raises(CanonicalError, match="deep"):
        encode(nested(MAX_DEPTH + 1))
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(CanonicalError, match="deep"):
        encode(circle)
