"""What the browser may do, what it may send, and that our pages keep to it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from omnigov.security import POLICY, LimitBody
from tests.conftest import Cast

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STATIC = settings.BASE_DIR / "omnigov" / "static"


def test_every_answer_carries_the_policy(client: Client, cast: Cast) -> None:
    for path in ("/sign-in/", "/nowhere/", "/static/omnigov.css"):
        assert client.get(path).headers["Content-Security-Policy"] == POLICY
    client.force_login(cast.officer)
    answer = client.get("/review/")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_anything_inline(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    if template.name == "report.html":  # a file of a bundle, read without a server: its style is in it
        source = re.sub(r"<style>.*?</style>", "", source, count=1, flags=re.S)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|safe|autoescape off", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))
    assert not re.search(r'(?:src|href)="(?:https?:)?//', source)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_has_its_token(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    for form in re.findall(r"<form.*?</form>", source, re.S):
        assert 'method="post"' not in form or "{% csrf_token %}" in form


def test_static_files_are_served(client: Client) -> None:
    for name in ("omnigov.css", "page.js", "icons.svg", "vendor/htmx/htmx-2.0.11.min.js"):
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.content == (STATIC / name).read_bytes()
    assert client.get("/static/../settings.py").status_code == 404


def test_every_icon_that_is_asked_for_is_there() -> None:
    there = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    asked = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z]+)"', path.read_text())}
    from omnigov.wording import STATES

    asked |= {icon for _, icon, _ in STATES.values()}
    assert asked <= there


def test_vendored_files_are_the_ones_that_were_published() -> None:
    table = (STATIC / "vendor" / "README.md").read_text()
    listed = dict(re.findall(r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \|$", table, re.M))
    files = {str(path.relative_to(STATIC / "vendor")): path for path in STATIC.glob("vendor/**/*.js")}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert all((STATIC / "vendor" / Path(name).parts[0] / "LICENSE").exists() for name in files)


class Sent:
    """An ASGI server's side: hands out the body in pieces, and keeps what is sent back."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.messages: list[Mapping[str, Any]] = []

    async def receive(self) -> Mapping[str, Any]:
        body = self.pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self.pieces)}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.messages.append(message)


def through_limit(sent: Sent, headers: list[tuple[bytes, bytes]]) -> list[Mapping[str, Any]]:
    """Reads a body through the limit of 10 bytes, as Django's handler does; what it was handed."""
    read: list[Mapping[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            read.append(await receive())
            if read[-1]["type"] == "http.disconnect" or not read[-1]["more_body"]:
                return

    asyncio.run(LimitBody(app, 10)({"type": "http", "headers": headers}, sent.receive, sent.send))
    return read


def test_a_body_within_the_limit_passes() -> None:
    sent = Sent(b"12345", b"67890")
    read = through_limit(sent, [(b"content-length", b"10")])
    assert b"".join(message["body"] for message in read) == b"1234567890"
    assert sent.messages == []


@pytest.mark.parametrize("length", [b"11", b"99999999999", b"ten"])
def test_a_body_over_the_limit_is_not_read(length: bytes) -> None:
    sent = Sent(b"1234567890A")
    assert through_limit(sent, [(b"content-length", length)]) == []
    assert sent.messages[0]["status"] == 413
    assert sent.pieces == [b"1234567890A"]


def test_a_body_that_does_not_say_its_length_is_cut_off() -> None:
    read = through_limit(Sent(b"12345", b"67890", b"A", b"B"), [])
    assert [message["type"] for message in read] == ["http.request", "http.request", "http.disconnect"]
