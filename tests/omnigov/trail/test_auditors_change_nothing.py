"""An auditor reads everything of the workspace and changes nothing of it: every address is asked to."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver
from PIL import Image

from tests.omnigov import recorded

#: What an auditor may send, and why that changes nothing of what is audited.
OWN = {
    "home": "sends them on to their first page",
    "accounts:sign-in": "anybody's",
    "accounts:sign-out": "their own session",
    "accounts:language": "their own pages",
    "exports:list": "orders an export: a file made of what is there",
    "exports:resume": "the same",
    "trail:samples": "draws a sample: of what is there, and on the record",
    "trail:sample": "their own findings, beside what they are about",
    "review:seen": "their own notices",
    "review:mail": "whether they are told by mail",
}
_SAMPLES = {"uuid": str(uuid.UUID(int=1)), "int": "1", "slug": "animals", "str": "x", "path": "x"}
_PLACE = re.compile(r"<(?:(\w+):)?\w+>")


def addresses(resolver: Any = None, prefix: str = "/", app: str = "") -> list[tuple[str, str]]:
    """Every address of the product with its name, and with ids that nothing has."""
    found: list[tuple[str, str]] = []
    for each in (resolver or get_resolver()).url_patterns:
        address = prefix + _PLACE.sub(lambda place: _SAMPLES[place[1] or "str"], str(each.pattern))
        if isinstance(each, URLPattern):
            found.append((f"{app}{each.name or address}", address))
        else:
            found += addresses(each, address, f"{each.app_name}:" if each.app_name else app)
    return found


def test_what_an_auditor_sends_is_refused_in_words(client: Client, cast: Any) -> None:
    client.force_login(cast.auditor)
    for name, address in addresses():
        for method in ("post", "put", "patch", "delete"):
            if name in OWN:
                continue
            answer = getattr(client, method)(address)
            assert answer.status_code in {403, 405}, (method, address, answer.status_code)
            if answer.status_code == 403:
                assert re.search(r"not for your role|Your role does not include", answer.content.decode()), (
                    address
                )


def test_what_is_named_as_their_own_is_there() -> None:
    assert OWN.keys() <= {name for name, _ in addresses()}


def test_what_others_work_on_is_theirs_to_read_and_offers_nothing_to_do(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", recorded.png()))
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="person")
    client.force_login(cast.auditor)
    pages = (
        *("/batches/", f"/batches/{batch.id}/", f"/batches/{batch.id}/progress/", "/review/", "/quarantine/"),
        *(f"/media/{decision.run.asset_id}/", f"/decisions/{decision.id}/", "/review/quality/"),
        f"/pseudonyms/batch/{batch.id}/",
    )
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode().partition('<main id="main"')[2].partition("</main>")[0]
        posts = re.findall(r'<form[^>]*method="post"[^>]*>', page)
        assert posts == [], address
    assert "team.png" in client.get("/review/").content.decode()
