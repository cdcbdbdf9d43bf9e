"""The list of batches, and one batch."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions.models import RunState
from omnigov.intake.models import Batch, Submission
from tests.conftest import Cast
from tests.omnigov import recorded


@pytest.fixture
def batch(cast: Any) -> Batch:
    files = (
        ("red.png", recorded.png("red")),
        ("blue.png", recorded.png("blue")),
        ("a.docx", b"PK\x03\x04" * 9),
    )
    return recorded.batch_of(cast.policy_version, cast.operator, *files)


def test_a_batch_is_made_for_the_script(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    made = client.post("/batches/", {"policy": "what-is-shown", "name": "x"})
    assert made.status_code == 201
    assert made.json()["url"] == f"/batches/{made.json()['id']}/"
    refused = client.post("/batches/", {"policy": "no-such-policy", "name": "x"})
    assert refused.status_code == 422
    assert "There is no such policy any more." in refused.json()["sentence"]


def test_an_officer_makes_no_batch(client: Client, cast: Cast) -> None:
    client.force_login(cast.officer)
    assert client.post("/batches/", {"policy": "what-is-shown", "name": "x"}).status_code == 403


def test_the_batch_page_says_what_became_of_each_file(client: Client, cast: Cast, batch: Batch) -> None:
    red, blue, _ = batch.submissions.order_by("created_at")
    recorded.record(red, picture=Image.new("RGB", (64, 48)), boxes=[("FACE", (1, 1, 9, 9))])
    recorded.stop(recorded.run_of(blue))
    client.force_login(cast.operator)
    page = client.get(f"/batches/{batch.id}/").content.decode()
    for words in ("Recorded", "Animal", "62.0 %", "uncalibrated", "Failed", "Try again", "Refused"):
        assert words in page
    assert "This is a ZIP archive or an office document" in page
    assert "3 of 3 files done" in page
    assert "hx-get" not in page


def test_the_same_bytes_are_named(client: Client, cast: Any, batch: Batch) -> None:
    again = recorded.batch_of(
        cast.policy_version, cast.operator, ("copy.png", recorded.png("red")), name="Again"
    )
    client.force_login(cast.operator)
    page = client.get(f"/batches/{again.id}/").content.decode()
    assert "The same bytes as" in page
    assert "red.png" in page
    assert f"/batches/{batch.id}/" in page


def test_a_file_name_is_text_and_stays_text(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("<img src=x onerror=alert(1)>.png", b""))
    client.force_login(cast.operator)
    page = client.get(f"/batches/{batch.id}/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img" in page


def test_what_did_not_change_is_not_sent_again(client: Client, cast: Cast, batch: Batch) -> None:
    client.force_login(cast.operator)
    page = client.get(f"/batches/{batch.id}/").content.decode()
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    url = found[1].replace("&amp;", "&")
    assert client.get(url).status_code == 204
    recorded.stop(recorded.run_of(batch.submissions.order_by("created_at")[0]))
    part = client.get(url)
    assert part.status_code == 200
    assert part.content.decode().lstrip().startswith("<section")


def test_a_batch_page_asks_as_often_for_many_files_as_for_few(
    client: Client, cast: Any, django_assert_max_num_queries: Any
) -> None:
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(12)]
    batch = recorded.batch_of(cast.policy_version, cast.operator, *files, *files)
    client.force_login(cast.operator)
    with django_assert_max_num_queries(14):
        client.get(f"/batches/{batch.id}/")
    with django_assert_max_num_queries(9):
        client.get("/batches/")


def test_a_batch_page_reads_no_finding(
    client: Client, cast: Cast, batch: Batch, django_assert_max_num_queries: Any
) -> None:
    """Of a form they are hundreds of kilobytes; the number of them is enough."""
    red, _, _ = batch.submissions.order_by("created_at")
    recorded.record(red, picture=Image.new("RGB", (64, 48)), boxes=[("FACE", (1, 1, 9, 9))])
    client.force_login(cast.operator)
    with django_assert_max_num_queries(13) as asked:
        page = client.get(f"/batches/{batch.id}/").content.decode()
    assert re.search(r'data-label="Hidden" class="number">1<', page)
    assert not [each["sql"] for each in asked if '"redaction"' in each["sql"] or '"timings"' in each["sql"]]


def test_a_long_batch_is_read_a_page_at_a_time(
    client: Client, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnigov.decisions.batch_views.FILES_A_PAGE", 3)
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(8)]
    batch = recorded.batch_of(cast.policy_version, cast.operator, *files)
    # Of one moment, as a script can hand them in: then the id decides.
    batch.submissions.update(created_at=batch.created_at)
    names = list(batch.submissions.order_by("id").values_list("name", flat=True))
    client.force_login(cast.operator)
    where, forth, back = f"/batches/{batch.id}/", list[list[str]](), list[list[str]]()

    def opened(address: str) -> tuple[list[str], dict[str, str], str]:
        page = client.get(address).content.decode()
        found = re.findall(r'<th scope="row">.*</span>(\d\.png)', page)
        links = dict(re.findall(r'rel="(prev|next)"[^>]*href="([^"]+)"', page))
        said = re.search(r"Files \d+ to \d+ of \d+", page)
        return found, links, said[0] if said else ""

    places = []
    links = {"next": ""}
    while "next" in links:
        shown, links, said = opened(where + links["next"])
        forth.append(shown)
        places.append(said)
    assert forth == [names[:3], names[3:6], names[6:]]
    assert places == ["Files 1 to 3 of 8", "Files 4 to 6 of 8", "Files 7 to 8 of 8"]
    while "prev" in links:
        shown, links, _ = opened(where + links["prev"])
        back.append(shown)
    assert back == [names[3:6], names[:3]]
    for nonsense in ("?after=7", "?before=00000000-0000-4000-8000-000000000000"):
        assert opened(where + nonsense)[0] == names[:3]
    # What moves on a later page asks for that page again.
    later = client.get(f"{where}?after={batch.submissions.order_by('id')[2].pk}").content.decode()
    again = re.search(r'hx-get="([^"]+)"', later)
    assert again
    assert client.get(again[1].replace("&amp;", "&")).status_code == 204


def test_a_failed_run_is_tried_again(client: Client, cast: Cast, batch: Batch) -> None:
    run = recorded.run_of(batch.submissions.order_by("created_at")[0])
    recorded.stop(run)
    client.force_login(cast.operator)
    answer = client.post(f"/runs/{run.id}/retry/", follow=True)
    run.refresh_from_db()
    assert run.state == RunState.RECEIVED
    assert "is tried again" in answer.content.decode()


def test_a_waiting_run_is_cancelled_once(client: Client, cast: Cast, batch: Batch) -> None:
    run = recorded.run_of(batch.submissions.order_by("created_at")[0])
    client.force_login(cast.operator)
    client.post(f"/runs/{run.id}/cancel/")
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    again = client.post(f"/runs/{run.id}/cancel/", follow=True)
    assert "only one that still waits can be cancelled" in again.content.decode()


def test_an_officer_watches_but_does_not_touch(client: Client, cast: Cast, batch: Batch) -> None:
    run = recorded.run_of(batch.submissions.order_by("created_at")[0])
    recorded.stop(run)
    client.force_login(cast.officer)
    assert "Try again" not in client.get(f"/batches/{batch.id}/").content.decode()
    assert client.post(f"/runs/{run.id}/retry/").status_code == 403


def test_another_workspace_is_not_there(client: Client, cast: Cast, batch: Batch) -> None:
    run = recorded.run_of(batch.submissions.order_by("created_at")[0])
    client.force_login(cast.outsider)
    assert client.get(f"/batches/{batch.id}/").status_code == 404
    assert client.get(f"/batches/{batch.id}/progress/").status_code == 404
    assert client.post(f"/runs/{run.id}/cancel/").status_code == 404
    assert batch.name not in client.get("/batches/").content.decode()
    assert client.get(f"/batches/{uuid.uuid4()}/").status_code == 404


def test_a_refusal_is_said_in_japanese(client: Client, cast: Cast, batch: Batch) -> None:
    client.force_login(cast.operator)
    client.post("/language/", {"language": "ja"})
    page = client.get(f"/batches/{batch.id}/").content.decode()
    assert "この種類のファイルは受け付けていません" in page
    assert Submission.objects.filter(batch=batch, state="refused").count() == 1
