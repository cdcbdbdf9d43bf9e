"""Texts in the encodings that people's files come in."""

from __future__ import annotations

import pytest

from omnigov.contracts import Limits, Refused
from workers.media.text import decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_usual_encodings_are_read(encoding: str) -> None:
    assert decode("担当は山田です".encode(encoding), Limits()) == "担当は山田です"


@pytest.mark.parametrize("content", [b"\0\1\2", b"\xff\xff\xff\xff", b"x" * 200])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        decode(content, Limits(max_bytes=100))
