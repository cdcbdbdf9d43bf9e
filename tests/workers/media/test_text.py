"""Texts in the encodings that people's files come in."""

from __future__ import annotations

import pytest

from omnigov.contracts import Limits, Refused
from workers.media.source import Source
from workers.media.text import decode, encode, probe


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_usual_encodings_are_read(encoding: str) -> None:
    assert decode("担当は山田です".encode(encoding), Limits()).text == "担当は山田です"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_a_text_is_written_as_it_was_read(encoding: str) -> None:
    original = "担当は山田です\r\n".encode(encoding)
    text, read_as = decode(original, Limits())
    assert encode(text, read_as) == original


@pytest.mark.parametrize("content", [b"x" * 101, b"x" * 500, "字".encode("utf-16") * 51])
def test_more_characters_than_the_policy_takes_are_refused(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        probe(Source.of(content), Limits(max_characters=100))
    assert caught.value.code == "too_many_characters"


@pytest.mark.parametrize("content", [b"\0\1\2", b"\xff\xff\xff\xff", b"x" * 200])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        decode(content, Limits(max_bytes=100))
