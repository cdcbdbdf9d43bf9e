"""Every page that an address leads to: axe finds nothing serious on it, and it is no wider than a telephone.

The pages come from the product's own addresses: one that is new is looked at as soon as it is there. A house
with one of each thing fills the places in them; what answers with no whole page is left.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from omnigov.accounts.models import User
from omnigov.decisions.models import Decision
from omnigov.ledger.models import LedgerEntry
from omnigov.review.after import disposition_add
from omnigov.review.letters import letter_make
from omnigov.review.models import Case
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY
from tests.journeys.test_cockpit_record import AXE, enter
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

PICTURES = os.environ.get("OMNIGOV_PICTURES", "")
"""A folder for a picture of each page, for whoever wants to look at them."""
GRAVE = ("serious", "critical")
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
LONG = "a_name_that_goes_on_and_on_" * 4 + "مرحبا <b>x</b>.png"


def addresses(of: dict[str, Any]) -> dict[str, str]:
    """Every address whose places the house fills, by its name; the root and what has no name are left."""
    found: dict[str, str] = {}

    def walk(patterns: Any, app: str) -> None:
        for each in patterns:
            if not isinstance(each, URLPattern):
                walk(each.url_patterns, each.app_name or app)
            elif each.name and set(each.pattern.converters) <= of.keys():
                name = f"{app}:{each.name}" if app else each.name
                wanted = {place: of[place] for place in each.pattern.converters}
                try:
                    found[name] = reverse(name, kwargs=wanted)
                except NoReverseMatch:
                    continue

    walk(get_resolver().url_patterns, "")
    return found


def pages(found: dict[str, str], person: User) -> dict[str, str]:
    """Those that answer with a whole page: not with a part of one, a file, or a way to elsewhere."""
    client = Client()
    client.force_login(person)
    whole = {}
    for name, address in found.items():
        answer = client.get(address)
        html = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
        if answer.status_code == 200 and html and answer.content.lstrip().startswith(b"<!doctype html>"):
            whole[name] = address
    return whole


def furnished(cast: Any) -> dict[str, Any]:
    """One of each thing, and the places in addresses that it fills."""
    batch = recorded.batch_of(
        cast.policy_version,
        cast.operator,
        (LONG, recorded.png()),
        ("second.png", recorded.png("olive")),
    )
    first, second = batch.submissions.order_by("created_at")
    boxes = [("FACE", (10, 10, 60, 60)), ("EMAIL_ADDRESS", (10, 70, 120, 90))]
    answered, waiting = (
        recorded.record(
            each,
            picture=Image.new("RGB", (160, 120), "teal"),
            boxes=boxes,
            label="person",
            confidence=930_000,
        )
        for each in (first, second)
    )
    review_add(decision_id=answered.id, officer=cast.officer, verdict="uphold", reason="It is so.")
    disposition_add(decision_id=answered.id, by=cast.operator, done="released")
    letter = letter_make(
        decision_id=answered.id, by=cast.officer, language="ja", contact="office@works.example", days=30
    )
    version = cast.policy_version
    return {
        "decision_id": answered.id,
        "run_id": waiting.run_id,
        "batch_id": batch.id,
        "asset_id": answered.run.asset_id,
        "entry_id": LedgerEntry.objects.get(id=answered.entry).id,
        "case_id": Case.objects.get(decision=waiting).id,
        "letter_id": letter.id,
        "submission_id": first.id,
        "model_id": version.model_version_id,
        "slug": version.policy.slug,
        "number": version.number,
        "review_id": uuid.uuid4(),
    }


def looked_at(page: Page, name: str, language: str, width: str) -> list[str]:
    """What is amiss on the page that is open."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    said = [
        f"{name} {width} {language}: {each['id']} {each['nodes'][0]['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        said.append(f"{name} {width} {language}: {over} px wider than the screen")
    if PICTURES:
        file = re.sub(r"\W+", "-", f"{name}-{width}-{language}")
        page.screenshot(path=Path(PICTURES) / f"{file}.png", full_page=True)
    return said


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("who", "language", "width"),
    [("steward", "en", "wide"), ("steward", "ja", "narrow"), ("auditor", "ja", "narrow")],
)
def test_nothing_serious_on_any_page(
    committed_cast: Cast, site: str, browser: Browser, who: str, language: str, width: str
) -> None:
    of = furnished(committed_cast)
    person: Any = getattr(committed_cast, who)
    User.objects.filter(pk=person.pk).update(language=language)
    found = pages(addresses(of), person)
    waiting = reverse("review:decision", args=[Decision.objects.get(run=of["run_id"]).pk])
    opened = {**found, "waiting case": waiting}
    expected = {
        "review:queue",
        "review:decision",
        "decisions:batch",
        "trail:log",
        "trail:entry",
        "review:quality",
    }
    assert expected <= found.keys()
    # Only axe itself needs to get past the pages' own rule for scripts.
    size = ViewportSize(width=WIDTHS[width][0], height=WIDTHS[width][1])
    context = browser.new_context(viewport=size, bypass_csp=True)
    page = context.new_page()
    enter(page, site, person)
    amiss: list[str] = []
    for name, address in opened.items():
        page.goto(f"{site}{address}")
        if page.url.startswith(f"{site}/sign-in/"):
            continue
        assert page.locator("html").get_attribute("lang") == language, name
        amiss += looked_at(page, name, language, width)
    context.close()
    assert amiss == []
