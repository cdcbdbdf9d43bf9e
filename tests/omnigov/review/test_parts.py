"""Documents and texts on a decision's page: a page or a portion at a time, and what the model was given."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.contracts import Span, TextFormat
from omnigov.decisions.models import Decision
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media

SHEETS = [recorded_media.sheet(f"Application, page {number}", "Name:") for number in (1, 2, 3)]
BOXES = [("PERSON", 0, (150, 110, 400, 150)), ("JP_ADDRESS", 2, (50, 200, 500, 240))]
READ = "Application, page 1\nName: [PERSON_1]\fApplication, page 2\fApplication, page 3"
CHAT = "Hello, this is Maria Stone.\r\nMy number is 020 7946 0000.\r\n" + "We talk of the weather.\r\n" * 40
TABLE = "name,city\n" + "".join(f"Person {number},Leeds\n" for number in range(250))


def handed_in(cast: Any, name: str, content: bytes) -> Any:
    return recorded.batch_of(cast.policy_version, cast.operator, (name, content)).submissions.get()


@pytest.fixture
def document(cast: Any) -> Decision:
    copy = recorded_media.document(SHEETS, BOXES, READ)
    seen = (
        *(recorded_media.whole(page, part) for part, page in enumerate(SHEETS[:2])),
        Span(start=0, end=30),
    )
    return recorded_media.record(
        handed_in(cast, "form.pdf", recorded_media.pdf_of(SHEETS)[0]),
        copy,
        seen=seen,
        words=READ,
        label="person",
    )


@pytest.fixture
def text(cast: Any) -> Decision:
    copy = recorded_media.text(CHAT, [("Maria Stone", "PERSON"), ("020 7946 0000", "PHONE_NUMBER")])
    shown = copy.content.decode()
    return recorded_media.record(
        handed_in(cast, "chat.txt", CHAT.encode()), copy, seen=(Span(start=0, end=60),), words=shown
    )


@pytest.fixture
def table(cast: Any) -> Decision:
    hidden = [("Person 0", "PERSON"), ("Person 249", "PERSON")]
    copy = recorded_media.text(TABLE, hidden, TextFormat.CSV)
    return recorded_media.record(handed_in(cast, "list.csv", TABLE.encode()), copy)


def page_of(client: Client, decision: Decision, person: object, query: str = "") -> str:
    client.force_login(person)  # type: ignore[arg-type]
    answer = client.get(f"/decisions/{decision.id}/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_document_is_shown_a_page_at_a_time(client: Client, cast: Cast, document: Decision) -> None:
    page = page_of(client, document, cast.officer)
    assert f"/decisions/{document.id}/pages/0/redacted/" in page
    assert f"/decisions/{document.id}/pages/1/redacted/" not in page
    assert page.count("/thumbnail/") == 3
    assert page.count('loading="lazy"') == 3
    assert "Pages that the model was given as pictures: 1–2 of 3." in page
    assert "Not given: 3." in page
    assert "Of the redacted text it was given the first 30 of 76 characters, and not the rest." in page
    assert 'data-box="1"' in page
    assert 'data-box="2"' not in page
    assert "The model saw this page." in page
    assert "<dt>The blank file</dt><dd>\N{MINUS SIGN}0.272 nat" in page
    last = page_of(client, document, cast.officer, "?part=3")
    assert f"/decisions/{document.id}/pages/2/redacted/" in last
    assert 'data-box="2"' in last
    assert "The model did not see this page as a picture." in last
    assert f"/decisions/{document.id}/pages/2/heatmap/" not in last
    assert f"/decisions/{document.id}/pages/2/redacted/" in page_of(
        client, document, cast.officer, "?part=99"
    )


def test_what_is_read_on_a_page_stands_beside_it(client: Client, cast: Cast, document: Decision) -> None:
    page = page_of(client, document, cast.officer)
    stretch = page.split('<details class="transcript"')[1].split("</details>")[0]
    assert "Application, page 1" in re.sub(r"<[^>]+>", "", stretch)
    assert '<span class="gap-kind">Name of a person</span>' in stretch
    assert "page 2" not in stretch
    client.cookies["django_language"] = "ja"
    japanese = page_of(client, document, cast.officer)
    assert '<span class="gap-kind">人名</span>' in japanese
    assert "モデルに画像として渡されたページ：3 ページ中 1–2。" in japanese


def test_pages_are_served_as_stretches_of_the_evidence(
    client: Client, cast: Cast, document: Decision
) -> None:
    client.force_login(cast.auditor)  # type: ignore[arg-type]
    index = evidence.pages(document.run_id).pages
    for part, page in enumerate(index):
        answer = client.get(f"/decisions/{document.id}/pages/{part}/redacted/")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(answer.content)).size == (page.width, page.height)
        small = client.get(f"/decisions/{document.id}/pages/{part}/thumbnail/")
        assert max(Image.open(io.BytesIO(small.content)).size) == 320
    heat = client.get(f"/decisions/{document.id}/pages/1/heatmap/")
    assert (heat["Content-Type"], Image.open(io.BytesIO(heat.content)).format) == ("image/png", "PNG")
    told = client.get(f"/decisions/{document.id}/pages/").json()["pages"]
    assert [(each["width"], each["height"]) for each in told] == [recorded_media.SHEET] * 3
    client.force_login(cast.outsider)  # type: ignore[arg-type]
    assert client.get(f"/decisions/{document.id}/pages/0/redacted/").status_code == 404


@pytest.mark.parametrize("where", ["0/original/", "3/redacted/", "99/thumbnail/", "2/heatmap/", "0/pages/"])
def test_no_other_page_is_served(client: Client, cast: Cast, document: Decision, where: str) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    assert client.get(f"/decisions/{document.id}/pages/{where}").status_code == 404


def test_a_text_s_hidden_values_are_named_in_the_reader_s_language(
    client: Client, cast: Cast, text: Decision
) -> None:
    page = page_of(client, text, cast.officer)
    assert "Maria" not in page
    assert '<span class="gap-kind">Name of a person</span><span class="gap-raw">[PERSON_1]</span>' in page
    assert '<span class="gap-kind">Telephone number</span>' in page
    assert "Of the redacted text it was given the first 60 of" in page
    assert 'class="share for level-' in page
    assert 'class="share against level-' in page
    assert '<span class="not-given">' in page
    assert "Text of the file <strong>33.0 %</strong>" in page
    assert "/heatmap/" not in page


def test_a_table_is_a_table_in_portions(client: Client, cast: Cast, table: Decision) -> None:
    page = page_of(client, table, cast.officer)
    assert page.count("<tr>") >= 100
    assert '<th scope="col">name</th>' in page
    assert page.count('class="cell-hidden"') == 1
    assert "Part 1 of 3" in page
    assert "Hidden in this part: 1; in all: 2" in page
    last = page_of(client, table, cast.officer, "?part=3")
    assert '<th scope="col">name</th>' in last
    assert 'data-box="2"' in last
    assert 'data-box="1"' not in last


def test_going_to_another_page_is_said_with_the_verdict(
    client: Client, cast: Cast, document: Decision
) -> None:
    page = page_of(client, document, cast.officer)
    found = re.search(r'id="served" name="served" value="([^"]+)"', page)
    assert found
    other = client.get(f"/decisions/{document.id}/parts/3/", {"served": found[1]}).content.decode()
    assert "<html" not in other
    swapped = re.search(r'id="served" name="served" value="([^"]+)" hx-swap-oob="true"', other)
    assert swapped
    given = {
        "review_id": "6f9d6d7e-0000-4000-8000-000000000001",
        "served": swapped[1],
        "verdict": "uphold",
        "reason": "I looked at two pages.",
    }
    assert client.post(f"/decisions/{document.id}/verdict/", given).status_code == 302
    entry = LedgerEntry.objects.get(id=document.reviews.get().entry)
    assert canonical.decode(bytes(entry.body))["record"]["served"] == [
        "page_1",
        "findings_of_parts",
        "thumbnails",
        "transcript",
        "scores",
        "reasons",
        "heat_map",
        "page_3",
    ]
    assert "hx-swap-oob" not in client.get(f"/decisions/{document.id}/parts/2/").content.decode()


def test_who_may_not_see_the_decision_sees_no_part(client: Client, cast: Cast, document: Decision) -> None:
    client.force_login(cast.outsider)  # type: ignore[arg-type]
    assert client.get(f"/decisions/{document.id}/parts/1/").status_code == 404


def test_a_document_whose_pages_can_t_be_told_says_so(client: Client, cast: Cast, document: Decision) -> None:
    from omnigov.evidence.models import EvidencePart

    EvidencePart.objects.filter(run=document.run_id, name=Name.PAGES).delete()
    page = page_of(client, document, cast.officer)
    assert "is gone from the evidence folder" in page
    assert client.get(f"/decisions/{document.id}/parts/1/").status_code == 404


def test_what_can_t_be_seen_is_in_a_table(client: Client, cast: Cast, document: Decision) -> None:
    page = page_of(client, document, cast.officer)
    shares = page.split('class="mini wide segments"')[1].split("</table>")[0]
    said = re.sub(r"<[^>]+>", " ", shares).split()
    assert [word for word in said if word.replace(".", "").isdigit()] == [
        "1",
        "21.0",
        "2",
        "21.0",
        "33.0",
        "25.0",
    ]
    assert "Parts of page 1" in page


def test_lists_say_what_kind_of_medium_a_file_is(client: Client, cast: Cast, document: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    sign = 'title="Document"'
    assert sign in client.get("/review/").content.decode()
    assert sign in client.get(f"/batches/{document.run.submission.batch_id}/").content.decode()


@pytest.mark.parametrize("name", [Name.PAGES, Name.TRANSCRIPT, Name.THUMBNAIL])
def test_a_part_of_a_document_that_was_exchanged_is_not_shown(client: Client, cast: Cast, name: Name) -> None:
    """The record of its redaction says what lies beside the copy: another part of that name is found out."""
    one = recorded_media.document(
        [recorded_media.sheet("One"), recorded_media.sheet("Two")], [], "What is read."
    )
    other = recorded_media.document(
        [recorded_media.sheet("An other"), recorded_media.sheet("sheet")], [], "Else."
    )
    copy = replace(one, parts={**one.parts, name: other.parts[name]})
    content = recorded_media.pdf_of([recorded_media.sheet("One")])[0]
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.pdf", content))  # type: ignore[arg-type]
    exchanged = recorded_media.record(batch.submissions.get(), copy)
    client.force_login(cast.officer)  # type: ignore[arg-type]
    if name == Name.THUMBNAIL:
        assert client.get(f"/decisions/{exchanged.id}/thumbnail/").status_code == 404
        return
    page = client.get(f"/decisions/{exchanged.id}/").content.decode()
    assert 'role="alert"' in page
    assert "Else." not in page
