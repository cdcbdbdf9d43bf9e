"""A web server process of this session's house, and a real browser."""

from __future__ import annotations

import os
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from omnigov.commands.installation import child, keeper_command, web_command
from omnigov.commands.serve import port_is_free
from omnigov.intake.originals_key import keys_make

CHROMIUM = shutil.which("chromium")
PASSWORD = "a good password"

SHOWS = """
import time, django
django.setup()
from workers.running.showing import show
while True:
    show()
    time.sleep(0.2)
"""
"""What a worker does for officers who open an original, without its models."""

SignIn = Callable[[object], Page]
JOURNEY = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.services,
    pytest.mark.skipif(CHROMIUM is None, reason="no browser; get it: apt-get install chromium"),
]


@pytest.fixture
def asking_beside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page runs an event loop in this thread; Django's guard against that is for servers."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def site() -> Iterator[str]:
    keys_make()  # as `omnigov setup` does: the web server may not make the key of originals
    port = next(port for port in range(8200, 8300) if port_is_free("127.0.0.1", port))
    url = f"http://127.0.0.1:{port}"
    log = Path(os.environ["OMNIGOV_VAR"])
    with (
        child(web_command(host="127.0.0.1", port=port), name="web server", log=log / "web.log"),
        child(keeper_command(), name="keeper", log=log / "keeper.log"),
        child([sys.executable, "-c", SHOWS], name="views", log=log / "views.log"),
    ):
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/sign-in/", timeout=5).close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.1)
        yield url


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def signed_in(browser: Browser, site: str) -> Iterator[SignIn]:
    """Opens a page as a person. A script error or refused content on any of them fails the test."""
    heard: list[str] = []

    def sign_in(person: object) -> Page:
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda said: heard.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{site}/sign-in/")
        page.fill("#id_username", person.username)  # type: ignore[attr-defined]
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield sign_in
    assert heard == []
