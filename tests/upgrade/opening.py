"""Starts a house on a folder that an earlier version left behind, and opens every page of it.

Run in a process of its own, because the test session has a house already:

    OMNIGOV_VAR=FOLDER python -m tests.upgrade.opening OUT

What it finds goes to OUT/opened.json, and a bundle of the whole log beside it; the tests say what must hold.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from omnigov.commands import setup
from omnigov.commands.installation import installation, var_folder

A_GOOD_PASSWORD = "a good password"
PEOPLE = ("officer", "second-officer", "auditor", "steward", "operator")
#: Who has to be able to open what the folder's rows are about.
MAY_SEE = {
    "batches": ("officer", "operator", "auditor"),
    "pseudonyms": ("officer", "auditor"),
    "decisions": ("officer", "auditor"),
    "chains": ("officer", "auditor"),
    "quarantined": ("officer",),
    "media": ("officer", "auditor"),
    "policies": PEOPLE,
    "entries": ("auditor",),
}


def main(out: Path) -> int:
    with installation():
        setup.prepare("main")
        found: dict[str, Any] = {"check": _check(), "expected": _expected(), "names": _names()}
        found["pages"] = [vars(page) for page in _pages(found["expected"])]
        found["key"] = _export(out / "provenance.zip")
        found["check_after"] = _check()
        (out / "opened.json").write_text(json.dumps(found, indent=1))
    return 0


def _check() -> dict[str, Any]:
    """What `omnigov ledger check --json` says."""
    from omnigov.decisions.comparison import compare
    from omnigov.erasure.comparison import compare as compare_erasures
    from omnigov.ledger.command import main_ledger
    from omnigov.review.comparison import compare as compare_reviews

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        main_ledger(["check", "--json"], comparisons=[compare, compare_reviews, compare_erasures])
    report: dict[str, Any] = json.loads(said.getvalue())
    return report


def _export(bundle: Path) -> str:
    from omnigov.exports.services import bundle_write

    return bundle_write(bundle, profile="full").key


# --- walking -------------------------------------------------------------------------------------------


@dataclass
class Page:
    """One address as one person found it. `name` is the address's name in the urlconf."""

    person: str
    url: str
    status: int
    kind: str
    size: int
    name: str = ""
    forms: list[str] = field(default_factory=list)


class Links(HTMLParser):
    """The addresses that a page leads to by itself, and those that its forms post to."""

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.posts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "src", "hx-get"):
            if given.get(name):
                self.leads.append(str(given[name]))
        if tag == "form" and given.get("action"):
            (self.posts if given.get("method") == "post" else self.leads).append(str(given["action"]))


def _pages(expected: dict[str, list[str]]) -> Iterator[Page]:
    """What each person reaches from the first page; then, what no link leads to, by its address."""
    from django.test import Client

    known = json.loads((var_folder() / "demo" / "sign-in.json").read_text())
    for person in PEOPLE:
        client = Client(SERVER_NAME="localhost")
        signed = client.post(
            "/sign-in/", {"username": person, "password": known.get(person, A_GOOD_PASSWORD)}
        )
        yield Page(person, "/sign-in/", signed.status_code, "sign-in", 0, "accounts:sign-in")
        reached = list(_walk(client, person))
        yield from reached
        walked = {page.url for page in reached}
        for name, urls in expected.items():
            if person in MAY_SEE[name]:
                yield from (_open(client, person, url)[0] for url in urls if url not in walked)
        if person == "officer":
            yield from _original(client, person)


def _walk(client: Any, person: str) -> Iterator[Page]:
    """Every address that can be reached from the first by following links, forms that ask, and pictures."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        url = waiting.popleft()
        page, links = _open(client, person, url)
        yield page
        for link in links:
            if link not in seen:
                seen.add(link)
                waiting.append(link)


def _open(client: Any, person: str, url: str) -> tuple[Page, list[str]]:
    answer = client.get(url)
    while answer.status_code == 302:
        answer = client.get(answer["Location"])
    return _read(answer, person, url)


def _read(answer: Any, person: str, url: str) -> tuple[Page, list[str]]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.get("Content-Type", "").partition(";")[0]
    match = answer.resolver_match
    page = Page(person, url, answer.status_code, kind, len(body), match.view_name if match else "")
    if kind != "text/html":
        return page, []
    links = Links()
    links.feed(body.decode())
    page.forms = sorted({_name(urljoin(url, each)) for each in links.posts})
    leads = [urljoin(url, each) for each in links.leads]
    return page, [_plain(each) for each in leads if _is_ours(each)]


def _is_ours(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.netloc and parts.scheme == "" and not parts.path.startswith("/static/")


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _name(url: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return f"nothing at {url}"


def _original(client: Any, person: str) -> Iterator[Page]:
    """A sealed original of that time, opened with a reason."""
    from django.urls import reverse

    from omnigov.intake.models import MediaAsset
    from workers.running.showing import show

    for asset in MediaAsset.objects.filter(erased_at=None).order_by("created_at")[:2]:
        url = reverse("erasure:open", args=[asset.id])
        page, links = _read(client.post(url, {"open-reason": "opened after an upgrade"}), person, url)
        yield page
        show()  # as a worker does
        yield from (_open(client, person, link)[0] for link in links if "/original/" in link)


# --- what there is -------------------------------------------------------------------------------------


def _expected() -> dict[str, list[str]]:
    """The pages that the rows of the folder have to have, each by its address."""
    from django.urls import reverse

    from omnigov.decisions.models import Decision, Run, RunState
    from omnigov.intake.models import Batch, MediaAsset
    from omnigov.ledger.models import LedgerEntry
    from omnigov.policies.models import PolicyVersion

    def pages(name: str, keys: Any) -> list[str]:
        return [reverse(name, args=key if isinstance(key, tuple) else [key]) for key in keys]

    # What belongs to no workspace (keys, models, the log's own) is in the bundle, and has no page.
    in_a_workspace = LedgerEntry.objects.filter(workspace__isnull=False)
    quarantined = Run.objects.filter(state=RunState.QUARANTINED)
    versions = PolicyVersion.objects.values_list("policy__slug", "number")
    return {
        "batches": pages("decisions:batch", Batch.objects.values_list("pk", flat=True)),
        "pseudonyms": pages("pseudonyms:case", Batch.objects.values_list("pk", flat=True)),
        "decisions": pages("review:decision", Decision.objects.values_list("pk", flat=True)),
        "chains": pages("review:chain", Decision.objects.values_list("pk", flat=True)),
        "quarantined": pages("review:release", quarantined.values_list("pk", flat=True)),
        "media": pages("erasure:medium", MediaAsset.objects.values_list("pk", flat=True)),
        "policies": pages("policies:version", versions),
        "entries": pages("trail:entry", in_a_workspace.values_list("id", flat=True)),
    }


def _names() -> list[str]:
    """Each name in the urlconf, with its application's."""
    from django.urls import get_resolver

    def names(resolver: Any, within: str) -> Iterator[str]:
        for each in resolver.url_patterns:
            if hasattr(each, "url_patterns"):
                space = f"{within}{each.namespace}:" if each.namespace else within
                yield from names(each, space)
            elif each.name:
                yield within + each.name

    return sorted(set(names(get_resolver(), "")))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
