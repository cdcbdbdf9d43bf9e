"""Pages of a document and spans of a text: corrected by hand, let out of quarantine, and their originals."""

from __future__ import annotations

import io
import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from omnigov.contracts import Region, Span
from omnigov.decisions.models import Decision, Run
from omnigov.intake.originals import pass_for
from omnigov.review.parts import gap_map
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media
from workers.running.showing import show

SHEETS = [recorded_media.sheet(f"Page {number}") for number in (1, 2, 3)]
CHAT = "Hello, this is Maria Stone.\r\nMy number is 020 7946 0000.\r\nAsk for Tom.\r\n"
VALUES = [("Maria Stone", "PERSON"), ("020 7946 0000", "PHONE_NUMBER")]


def handed_in(cast: Any, name: str, content: bytes) -> Any:
    return recorded.batch_of(cast.policy_version, cast.operator, (name, content)).submissions.get()


@pytest.fixture
def document(cast: Any) -> Decision:
    submission = handed_in(cast, "form.pdf", recorded_media.pdf_of(SHEETS)[0])
    return recorded_media.record(
        submission, recorded_media.document(SHEETS, [("PERSON", 1, (50, 50, 90, 90))])
    )


@pytest.fixture
def text(cast: Any) -> Decision:
    return recorded_media.record(
        handed_in(cast, "chat.txt", CHAT.encode()), recorded_media.text(CHAT, VALUES)
    )


def sent(*regions: dict[str, Any]) -> dict[str, Any]:
    return {"new_id": str(uuid.uuid4()), "regions": json.dumps(regions), "reason": "It was left out."}


def drawn(place: dict[str, Any]) -> dict[str, Any]:
    return {"id": "n1", "place": place, "kind": "PERSON", "origin": "drawn"}


def test_a_region_on_a_later_page_is_added(client: Client, cast: Cast, document: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:correct", args=[document.id])
    page = client.get(url).content.decode()
    assert f'data-pages="{reverse("decisions:pages", args=[document.id])}"' in page
    assert "regions.js" in page
    there = {"place": "area", "part": 2, "left": 10, "top": 10, "right": 60, "bottom": 40}
    assert client.post(url, sent(drawn(there))).status_code == 302
    (region,) = Run.objects.get(parent=document.run).redaction_edits.added
    assert (region.area.part, region.kind) == (2, "PERSON")
    assert client.post(url, sent(drawn(there | {"part": 3}))).status_code == 422


def test_a_span_is_added_by_the_original_s_characters(client: Client, cast: Cast, text: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:correct", args=[text.id])
    page = client.get(url).content.decode()
    assert "spans.js" in page
    assert "Maria" not in page
    result = text.run.redaction_result
    assert result is not None
    assert f'data-gaps="{json.dumps(gap_map(result.findings))}"' in page
    told = client.get(reverse("review:copy-text", args=[text.id, 1])).json()
    assert (told["number"], told["total"], told["start"]) == (1, 1, 0)
    assert "this is [PERSON_1].\r\nMy number" in told["text"]
    start = CHAT.index("Tom")
    there = {"place": "span", "start": start, "end": start + 3}
    assert client.post(url, sent(drawn(there))).status_code == 302
    (region,) = Run.objects.get(parent=text.run).redaction_edits.added
    assert region == Region(place=Span(start=start, end=start + 3), kind="PERSON")


def test_what_was_found_stays_until_the_original_was_opened(
    client: Client, cast: Cast, text: Decision
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    result = text.run.redaction_result
    assert result is not None
    place = result.findings[0].place.model_dump(mode="json")
    gone = {"id": "f0", "place": place, "kind": "PERSON", "origin": "found", "removed": True}
    url = reverse("review:correct", args=[text.id])
    refused = client.post(url, sent(gone))
    assert refused.status_code == 422
    assert "Open the original first" in refused.content.decode()
    opened = client.post(reverse("review:correct-original", args=[text.id]), {"open_reason": "Is it a name?"})
    page = opened.content.decode()
    assert "data-gaps" not in page
    assert re.search(r'data-text="/media/[^"]+/text/0/"', page)
    assert client.post(url, sent(gone)).status_code == 302
    (region,) = Run.objects.get(parent=text.run).redaction_edits.removed
    assert region.place == result.findings[0].place


def test_only_officers_read_the_text_of_a_correction(client: Client, cast: Cast, text: Decision) -> None:
    url = reverse("review:copy-text", args=[text.id, 1])
    for person, status in ((cast.operator, 403), (cast.auditor, 403), (cast.outsider, 404)):
        client.force_login(person)  # type: ignore[arg-type]
        assert client.get(url).status_code == status


def test_a_document_and_a_text_leave_quarantine_by_hand(client: Client, cast: Any) -> None:
    pdf = recorded_media.pdf_of(SHEETS)[0]
    area = {"place": "area", "part": 2, "left": 1, "top": 1, "right": 60, "bottom": 40}
    span = {"place": "span", "start": 7, "end": 20}
    for name, content, place, script in (
        ("form.pdf", pdf, area, "data-pages="),
        ("chat.txt", CHAT.encode(), span, "data-spans"),
    ):
        run = recorded.run_of(handed_in(cast, name, content))
        recorded.stop(run, quarantine=True)
        client.force_login(cast.officer)
        opened = client.post(
            reverse("review:release-original", args=[run.id]), {"open_reason": "To redact it."}
        )
        assert script in opened.content.decode()
        given = sent(drawn(place)) | {"act": "by_hand"}
        assert client.post(reverse("review:release", args=[run.id]), given).status_code == 302
        assert Run.objects.get(parent=run).by_hand


# --- originals -----------------------------------------------------------------------------------------


def test_the_pages_of_an_original_are_shown(client: Client, cast: Any, document: Decision) -> None:
    asset = document.run.asset
    client.force_login(cast.officer)
    shown = client.post(reverse("erasure:open", args=[asset.id]), {"open-reason": "To see it."})
    found = re.search(r'hx-get="([^"]+/shown/1/)"', shown.content.decode())
    assert found
    show()
    put_in = client.get(found[1]).content.decode()
    assert put_in.count('loading="lazy"') == 3
    pass_ = pass_for(asset, cast.officer)
    listed = client.get(reverse("erasure:original-pages", args=[asset.id, pass_])).json()["pages"]
    page = client.get(listed[2]["src"])
    assert Image.open(io.BytesIO(page.content)).size == (listed[2]["width"], listed[2]["height"])
    assert len(listed) == 3
    assert (page["Content-Type"], page["Cache-Control"]) == ("image/jpeg", "no-store")
    assert client.get(reverse("erasure:original-page", args=[asset.id, pass_, 3])).status_code == 404
    client.force_login(cast.second_officer)
    assert client.get(listed[2]["src"]).status_code == 404


def test_the_text_of_an_original_is_shown(client: Client, cast: Any, text: Decision) -> None:
    asset = text.run.asset
    client.force_login(cast.officer)
    client.post(reverse("erasure:open", args=[asset.id]), {"open-reason": "To see it."})
    show()
    pass_ = pass_for(asset, cast.officer)
    told = client.get(reverse("erasure:original-text", args=[asset.id, pass_, 1])).json()
    assert told["text"] == CHAT
    assert (
        "Maria Stone"
        in client.get(reverse("erasure:original-shown", args=[asset.id, pass_, 1])).content.decode()
    )
    client.force_login(cast.operator)
    assert client.get(reverse("erasure:original-text", args=[asset.id, pass_, 1])).status_code == 403
