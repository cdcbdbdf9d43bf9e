"""Addresses of the web, and what only looks like one; every one is invented or an example's."""

from __future__ import annotations

import time

import pytest

from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language import web_addresses


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in web_addresses.find(text)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.com/taro/a?b=1#c for more", "https://example.com/taro/a?b=1#c"),
        ("HTTP://EXAMPLE.COM", "HTTP://EXAMPLE.COM"),
        ("https://intranet.local/people", "https://intranet.local/people"),
        ("go to www.example.co.uk.", "www.example.co.uk"),
        ("at example.org, or", "example.org"),
        ("https://example.com/taroを見る", "https://example.com/taro"),
        ("ホームページはwww.example.jpです", "www.example.jp"),
        ("my site is anna-bell.md, not", "anna-bell.md"),
        ("on anna.example.name today", "anna.example.name"),
        ("example.com:8080/x now", "example.com:8080/x"),
        ('"https://example.com/a"', "https://example.com/a"),
        ("zoe@example.org", "example.org"),
        ("data.example.com is slow", "data.example.com"),
        ("Read example.com.Then go", "example.com"),
    ],
)
def test_it_is_found_whole(text: str, address: str) -> None:
    assert found(text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "run build.sh and main.py, then read notes.md",
        "self.content(x) failed",
        "user.id=5 is missing",
        "request.host is empty",
        "version 1.2.3 of a.b.c",
        "in lib/parse.rs and /opt/x/load.so",
        "It is done.Then we left",
        "java.lang.NullPointerException",
    ],
)
def test_files_and_fields_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "unit", ["a.", "a.a.a.", "com.", "-", "a-", "www.", "https://", "a", "http://a.", ".", "a.com/"]
)
def test_100_000_signs_end_soon(unit: str) -> None:
    started = time.monotonic()
    list(web_addresses.find(unit * (100_000 // len(unit))))
    assert time.monotonic() - started < TIMEOUT
