"""The upload page."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from omnigov.contracts.encodings import NAMED
from omnigov.intake.forms import ENCODINGS
from omnigov.intake.models import Batch, Submission
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.services import policy_publish
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_sound


def test_upload_is_for_operators(client: Client, cast: Cast) -> None:
    for person, status in (
        (cast.operator, 200),
        (cast.steward, 200),
        (cast.officer, 403),
        (cast.auditor, 403),
    ):
        client.force_login(person)
        assert client.get("/upload/").status_code == status


def test_without_scripts_a_form_hands_in_several_files(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    files = [
        SimpleUploadedFile("a.png", recorded.png("red")),
        SimpleUploadedFile("b.zip", b"PK\x03\x04 hello"),
    ]
    answer = client.post("/upload/", {"policy": "what-is-shown", "name": "By form", "files": files})
    made = Batch.objects.get(name="By form")
    assert answer.headers["Location"] == f"/batches/{made.id}/"
    assert [s.state for s in made.submissions.order_by("created_at")] == ["checking", "refused"]


EUC = "議事録\r\n担当は山田太郎、次回は金曜。\r\n".encode("euc_jp")


def test_a_text_whose_encoding_cannot_be_told_comes_in_once_it_was_chosen(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)

    def sent(encoding: str) -> Submission:
        files = [SimpleUploadedFile("minutes.txt", EUC)]
        client.post("/upload/", {"policy": "what-is-shown", "files": files, "encoding": encoding})
        return recorded.checked(Submission.objects.latest("created_at"))

    unsure = sent("")
    assert (unsure.state, unsure.refusal_code) == ("refused", "not_text")
    where = "choose its encoding: under “More choices” on the upload page"
    page = client.get(f"/batches/{unsure.batch_id}/").content.decode()
    assert where in page
    again = sent("euc_jp")
    assert again.state == "accepted", again.refusal_sentence
    entry = LedgerEntry.objects.get(kind="run_queued", subject=recorded.run_of(again).pk)
    assert canonical.decode(bytes(entry.body))["record"]["encoding"] == "euc_jp"
    wrong = sent("utf-8")
    assert wrong.refusal_code == "encoding_wrong"
    page = client.get(f"/batches/{wrong.batch_id}/", headers={"Accept-Language": "ja"}).content.decode()
    assert "選択した文字コード" in page


def test_the_page_offers_encodings_that_can_be_read(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    assert '<option value="cp932">Shift_JIS' in client.get("/upload/").content.decode()
    offered = [name for _, group in ENCODINGS[1:] for name, _ in group]
    assert set(offered) <= set(NAMED)
    answer = client.post(
        "/upload/",
        {"policy": "what-is-shown", "encoding": "hz", "files": [SimpleUploadedFile("a.txt", b"a")]},
    )
    assert answer.status_code == 422
    assert "<details open>" in answer.content.decode()


def test_a_form_without_files_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    answer = client.post("/upload/", {"policy": "what-is-shown", "name": ""})
    assert answer.status_code == 422
    assert "Choose at least one file." in answer.content.decode()
    assert not Batch.objects.filter(created_by=cast.operator).exists()


def test_the_policy_that_was_asked_last_is_chosen(client: Client, cast: Any) -> None:
    first = policy_publish(
        workspace=cast.workspace,
        slug="a-first-one",
        name_en="A first one",
        name_ja="最初",
        spec=cast.policy_version.spec,
        by=None,
    )
    client.force_login(cast.operator)

    def chosen() -> list[str]:
        page = client.get("/upload/").content.decode()
        return re.findall(r'<option value="([^"]+)" selected', page)

    assert chosen() == ["what-is-shown"]
    recorded.batch_of(first, cast.operator, ("red.png", recorded.png("red")))
    assert chosen() == ["a-first-one"]


def test_without_scripts_too_a_recording_and_its_pictures_are_one_report(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)

    def sent(*files: tuple[str, bytes]) -> HttpResponse:
        chosen = [SimpleUploadedFile(name, content) for name, content in files]
        form = {"policy": "what-is-shown", "name": "Report", "together": "on", "files": chosen}
        return client.post("/upload/", form)

    sound, picture = ("r.wav", recorded_sound.wav()), ("p.png", recorded.png())
    assert sent(picture, sound).status_code == 302
    recording, beside = Batch.objects.get(name="Report").submissions.order_by("created_at")
    assert (recording.name, recording.with_pictures, beside.beside) == ("r.wav", 1, recording)
    answer = sent(picture, picture)
    assert answer.status_code == 422
    assert "Choose exactly one recording." in answer.content.decode()
    assert Batch.objects.filter(name="Report").count() == 1
