"""Takes a picture of every page of a running server: wide and narrow, light and dark, en and ja.

    python -m tests.journeys.tour --url http://127.0.0.1:8000 --out DIR \
        --person operator:NAME --person officer:NAME --person auditor:NAME --password PASSWORD

It also reports what a person would not see: script errors, refused content, pages wider than the screen.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
Pages = Iterator[tuple[str, Callable[[Page], object]]]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.tour", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--person", action="append", default=[], metavar="ROLE:NAME")
    parser.add_argument("--password", required=True)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--looks", default="", help="looks whose name holds this, as wide-light-en")
    options = parser.parse_args(argv)
    people = dict(person.split(":", 1) for person in options.person)
    options.out.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, scheme, language in itertools.product(WIDTHS, ("light", "dark"), ("en", "ja")):
            look = f"{width}-{scheme}-{language}"
            if options.looks in look:
                tour = _Tour(browser, options.url.rstrip("/"), options.out, look, options.only)
                complaints += tour.run(people, options.password)
        browser.close()
    print("\n".join(complaints) or "no complaints")
    return 1 if complaints else 0


class _Tour:
    def __init__(self, browser: Browser, url: str, out: Path, look: str, only: str) -> None:
        self._browser, self._url, self._out, self._look, self._only = browser, url, out, look, only
        self._complaints: list[str] = []

    def run(self, people: dict[str, str], password: str) -> list[str]:
        self._visit(None, "", password, self._signed_out())
        roles = {
            "operator": self._operator,
            "officer": self._officer,
            "auditor": self._auditor,
            "steward": self._steward,
        }
        for role, pages in roles.items():
            if role in people:
                self._visit(role, people[role], password, pages())
        return self._complaints

    def _visit(self, role: str | None, name: str, password: str, pages: Pages) -> None:
        width, scheme, language = self._look.split("-")
        context = self._browser.new_context(
            viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True)),  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=language,
        )
        page = context.new_page()
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        page.on("pageerror", lambda error: self._complain(page, str(error)))
        if role:
            page.goto(f"{self._url}/sign-in/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", password)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            # The person's own language came with signing in; this tour wants another one.
            context.add_cookies([{"name": "django_language", "value": language, "url": self._url}])
        for title, go in pages:
            if self._only in title:
                go(page)
                page.wait_for_timeout(150)
                self._look_at(page, title)
        context.close()

    def _look_at(self, page: Page, title: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self._complain(page, f"{title} is {wide} px wider than the screen")
        page.screenshot(path=self._out / f"{title}-{self._look}.png", full_page=True)

    def _complain(self, page: Page, text: str) -> None:
        self._complaints.append(f"{self._look} {page.url}: {text}")

    def _heard(self, page: Page, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "404" not in text and "403" not in text:
            self._complain(page, text)

    def _goto(self, path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(self._url + path)

    def _first(self, path: str, selector: str, after: str = "") -> Callable[[Page], object]:
        """Opens a list and follows its first link that fits; then clicks `after`, if given."""

        def go(page: Page) -> None:
            page.goto(self._url + path)
            page.goto(self._url + str(page.locator(selector).first.get_attribute("href")))
            if after:
                page.locator(after).first.click()

        return go

    def _signed_out(self) -> Pages:
        yield "sign-in", self._goto("/sign-in/")

    def _operator(self) -> Pages:
        yield "upload", self._goto("/upload/")
        yield "batches", self._goto("/batches/")
        for place in (0, 1, 2):
            yield f"batch-{place + 1}", self._nth("/batches/", "[data-row] th a", place)
        yield "policies", self._goto("/policies/")
        yield "policy", self._first("/policies/", ".tile a")
        yield "models", self._goto("/models/")
        yield "forbidden", self._goto("/ledger/")
        yield "missing", self._goto("/nowhere/")
        if self._look.startswith("narrow"):
            yield "menu", self._first("/policies/", ".tile a", "[data-menu]")

    def _officer(self) -> Pages:
        yield "review", self._goto("/review/")
        for place in (0, 1, 2):
            yield f"decision-{place + 1}", self._nth("/review/", "[data-row] th a", place)
        yield "correct", self._first("/review/", "[data-row] th a", "a[href$='/correct/']")
        yield "quarantine", self._goto("/quarantine/")
        yield "decision-heat", self._first("/review/", "[data-row] th a", "label[for=show-heat]")
        yield "decision-numbers", self._first("/review/", "[data-row] th a", "#drawer-why > summary")
        yield "decision-overturn", self._first("/review/", "[data-row] th a", ".choice.stop")
        yield "pseudonyms", self._first("/batches/", "[data-row] th a", "a[href^='/pseudonyms/']")

    def _auditor(self) -> Pages:
        yield "ledger", self._goto("/ledger/")
        yield "ledger-kind", self._goto("/ledger/?kind=attribution")
        yield "trail", self._goto("/ledger/trail/")
        yield "live", self._goto("/ledger/live/")
        yield "samples", self._goto("/ledger/samples/")
        yield "engagements", self._goto("/ledger/engagements/")
        yield "exports", self._goto("/export/")
        yield "entry", self._first("/ledger/", "[data-row] th a")

    def _steward(self) -> Pages:
        yield "policy-steward", self._first("/policies/", ".tile a")
        yield "policy-edit", self._first("/policies/", ".tile a", 'a[href$="/edit/"]')
        yield "policy-differs", self._differs
        yield "form-sample", self._first("/policies/", ".tile a", 'a[href$="/templates/new/"]')
        yield "form-draw", self._drawn

    def _differs(self, page: Page) -> None:
        self._first("/policies/", ".tile a", 'a[href$="/edit/"]')(page)
        page.locator("#id_second_look").uncheck()
        page.locator("[name=entities]").first.uncheck()
        page.locator("button[value=look]").click()

    def _drawn(self, page: Page) -> None:
        self._first("/policies/", ".tile a", 'a[href$="/templates/new/"]')(page)
        page.set_input_files("#id_picture", SAMPLES / "form.png")
        page.locator("main button[type=submit]").click()
        page.locator("[data-do=add]").click()

    def _nth(self, path: str, selector: str, place: int) -> Callable[[Page], object]:
        def go(page: Page) -> None:
            page.goto(self._url + path)
            links = page.locator(selector)
            place_there = min(place, links.count() - 1)
            page.goto(self._url + str(links.nth(place_there).get_attribute("href")))

        return go


if __name__ == "__main__":
    sys.exit(main())
