"""Pages and our own files go compressed to whoever takes it, and to nobody else."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.test import Client

FIRST_LOAD = 150_000
"""Bytes that a first page may take, with all that it needs (issue 20)."""


@pytest.mark.parametrize("takes", ["gzip", "br, gzip;q=0.5"])
def test_a_page_is_compressed_and_says_the_same(client: Client, cast: Any, takes: str) -> None:
    client.force_login(cast.officer)
    plain = client.get("/review/")
    small = client.get("/review/", headers={"accept-encoding": takes})
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert int(small["Content-Length"]) == len(small.content) < len(plain.content) / 2
    assert gzip.decompress(small.content).startswith(b"<!doctype html>")


@pytest.mark.parametrize("takes", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_nobody_gets_it_who_does_not_take_it(client: Client, cast: Any, takes: str) -> None:
    client.force_login(cast.officer)
    assert not client.get("/review/", headers={"accept-encoding": takes}).has_header("Content-Encoding")


def test_two_pages_with_one_content_differ_in_length(client: Client) -> None:
    sizes = {len(client.get("/sign-in/", headers={"accept-encoding": "gzip"}).content) for _ in range(12)}
    assert len(sizes) > 1


def test_a_first_load_is_small(client: Client, cast: Any) -> None:
    client.force_login(cast.officer)
    page = client.get("/review/", headers={"accept-encoding": "gzip"})
    whole = gzip.decompress(page.content).decode()
    needed = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', whole))
    assert {each.rpartition(".")[2] for each in needed} >= {"css", "js", "svg"}
    sizes = {
        each: len(client.get(each, headers={"accept-encoding": "gzip"}).content) for each in sorted(needed)
    }
    assert all(sizes.values()), sizes
    assert sum(sizes.values()) + len(page.content) < FIRST_LOAD
