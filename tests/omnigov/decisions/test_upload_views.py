"""The upload page."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omnigov.intake.models import Batch
from tests.conftest import Cast
from tests.omnigov import recorded


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


def test_a_form_without_files_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    answer = client.post("/upload/", {"policy": "what-is-shown", "name": ""})
    assert answer.status_code == 422
    assert "Choose at least one file." in answer.content.decode()
    assert not Batch.objects.filter(created_by=cast.operator).exists()
