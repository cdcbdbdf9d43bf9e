"""Resumable uploads, as a tus client speaks."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from omnigov.intake.models import Batch, Submission
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_sound

TUS = {"Tus-Resumable": "1.0.0"}


class TusClient:
    """The few requests that the protocol has."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def create(
        self,
        batch: object,
        length: int | str,
        name: str = "a.png",
        encoding: str = "",
        more: dict[str, str] | None = None,
        **headers: str,
    ) -> Any:
        pairs = {"filename": name, "batch": str(batch), "encoding": encoding, **(more or {})}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items()
        )
        return self.client.post(
            "/uploads/", headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata, **headers}
        )

    def patch(
        self, url: str, offset: int, chunk: bytes, kind: str = "application/offset+octet-stream"
    ) -> Any:
        return self.client.patch(url, chunk, kind, headers={**TUS, "Upload-Offset": str(offset)})

    def head(self, url: str) -> Any:
        return self.client.head(url, headers=TUS)


@pytest.fixture
def batch(cast: Any) -> Batch:
    return recorded.batch_of(cast.policy_version, cast.operator)


@pytest.fixture
def tus(client: Client, cast: Cast) -> TusClient:
    client.force_login(cast.operator)
    return TusClient(client)


def test_a_file_comes_in_piece_by_piece(tus: TusClient, batch: Batch) -> None:
    content = recorded.png()
    made = tus.create(batch.id, len(content))
    assert made.status_code == 201
    url = made.headers["Location"]
    assert tus.head(url).headers["Upload-Offset"] == "0"
    assert tus.patch(url, 0, content[:100]).headers["Upload-Offset"] == "100"
    head = tus.head(url)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("100", str(len(content)))
    assert head.headers["Cache-Control"] == "no-store"
    last = tus.patch(url, 100, content[100:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(content)))
    assert tus.client.get(url).json() == {"state": "checking", "sentence": "", "seen_before": False}
    recorded.checked(batch.submissions.get())
    assert tus.client.get(url).json() == {"state": "accepted", "sentence": "", "seen_before": False}
    assert batch.submissions.get().runs.count() == 1


def test_a_lost_answer_costs_nothing(tus: TusClient, batch: Batch) -> None:
    """The piece arrived, its answer did not: the client sends it again, is told where to go on, and does."""
    content = recorded.png()
    url = tus.create(batch.id, len(content)).headers["Location"]
    tus.patch(url, 0, content[:100])
    again = tus.patch(url, 0, content[:100])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, "100")
    tus.patch(url, 100, content[100:])
    assert tus.head(url).headers["Upload-Offset"] == str(len(content))
    assert recorded.checked(batch.submissions.get()).state == Submission.State.ACCEPTED


def test_what_is_no_medium_is_refused_with_a_sentence(tus: TusClient, batch: Batch) -> None:
    """By its first bytes, and before the rest is sent."""
    content = b"PK\x03\x04 and so on and on"
    url = tus.create(batch.id, 10_000_000).headers["Location"]
    refused = tus.patch(url, 0, content)
    assert refused.status_code == 422
    assert refused.json()["sentence"].startswith("This is a ZIP archive")
    found = tus.client.get(url).json()
    assert (found["state"], found["sentence"]) == ("refused", refused.json()["sentence"])
    assert tus.head(url).status_code == 410
    assert tus.patch(url, len(content), b"x").status_code == 410


def test_what_only_the_whole_file_shows_is_refused_once_it_was_checked(tus: TusClient, batch: Batch) -> None:
    content = recorded.png()[:-20]
    url = tus.create(batch.id, len(content)).headers["Location"]
    assert tus.patch(url, 0, content).status_code == 204
    assert tus.client.get(url).json()["state"] == "checking"
    recorded.checked(batch.submissions.get())
    found = tus.client.get(url).json()
    assert found["state"] == "refused"
    assert found["sentence"].startswith("The file ends before the picture does")
    assert tus.head(url).headers["Upload-Offset"] == str(len(content))


def test_what_is_too_large_or_empty_is_refused_before_a_byte_is_sent(tus: TusClient, batch: Batch) -> None:
    large = tus.create(batch.id, 41_000_000)
    assert large.status_code == 413
    assert "41.0 MB" in large.json()["sentence"]
    empty = tus.create(batch.id, 0)
    assert empty.status_code == 422
    assert "empty" in empty.json()["sentence"]
    assert batch.submissions.filter(state="refused").count() == 2


def test_an_upload_says_what_its_text_is_encoded_in(tus: TusClient, batch: Batch) -> None:
    content = "担当は山田太郎。\n".encode("euc_jp")
    made = tus.create(batch.id, len(content), name="a.txt", encoding="EUC-JP")
    tus.patch(made.headers["Location"], 0, content)
    submission = recorded.checked(batch.submissions.get())
    assert (submission.state, submission.encoding) == (Submission.State.ACCEPTED, "euc_jp")
    unknown = tus.create(batch.id, len(content), encoding="hz")
    assert unknown.status_code == 422
    assert unknown.json()["sentence"].startswith("The encoding has to be one of utf-8,")


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "9" * 30, "１２"])
def test_a_length_is_a_number(tus: TusClient, batch: Batch, length: str) -> None:
    assert tus.create(batch.id, length).status_code == 400


def test_more_bytes_than_announced_are_refused(tus: TusClient, batch: Batch) -> None:
    url = tus.create(batch.id, 10).headers["Location"]
    assert tus.patch(url, 0, b"x" * 11).status_code == 409
    assert tus.head(url).headers["Upload-Offset"] == "0"


def test_a_piece_has_its_own_type(tus: TusClient, batch: Batch) -> None:
    url = tus.create(batch.id, 10).headers["Location"]
    assert tus.patch(url, 0, b"x" * 10, "application/octet-stream").status_code == 415


def test_a_piece_is_small(tus: TusClient, batch: Batch, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    url = tus.create(batch.id, 1000).headers["Location"]
    assert tus.patch(url, 0, b"x" * 101).status_code == 413


def test_the_protocol_version_is_asked_for(tus: TusClient, batch: Batch) -> None:
    answer = tus.create(batch.id, 10, **{"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_options_say_what_is_spoken(tus: TusClient) -> None:
    answer = tus.client.options("/uploads/")
    assert answer.status_code == 204
    assert (answer.headers["Tus-Version"], answer.headers["Tus-Extension"]) == ("1.0.0", "creation")


@pytest.mark.parametrize("metadata", ["batch !!!", "x" * 5000, "filename /w=="])
def test_metadata_that_is_none_is_refused(tus: TusClient, batch: Batch, metadata: str) -> None:
    headers = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata}
    assert tus.client.post("/uploads/", headers=headers).status_code == 400


def test_only_operators_of_the_workspace_upload(client: Client, cast: Cast, batch: Batch) -> None:
    tus = TusClient(client)
    assert tus.create(batch.id, 10).status_code == 401
    client.force_login(cast.auditor)
    assert tus.create(batch.id, 10).status_code == 403
    client.force_login(cast.operator)
    url = tus.create(batch.id, 10).headers["Location"]
    client.force_login(cast.outsider)
    assert tus.create(batch.id, 10).status_code == 404
    assert tus.head(url).status_code == 404
    assert tus.patch(url, 0, b"x").status_code == 404
    assert client.get(url).status_code == 404


def test_who_uploads_into_another_s_batch_is_the_uploader(client: Client, cast: Any, batch: Batch) -> None:
    client.force_login(cast.steward)
    content = recorded.png("coral")
    theirs = TusClient(client)
    url = theirs.create(batch.id, len(content)).headers["Location"]
    theirs.patch(url, 0, content)
    submission = recorded.checked(batch.submissions.get())
    assert (submission.uploaded_by, submission.uploader_assumed) == (cast.steward, False)
    entry = LedgerEntry.objects.get(kind="run_queued", subject=submission.runs.get().pk)
    record = canonical.decode(bytes(entry.body))["record"]
    assert record["uploader"] == str(cast.steward.pk)
    page = client.get(f"/batches/{batch.id}/").content.decode()
    assert f"handed in by {cast.steward.username}" in page


def test_a_request_does_not_keep_the_chunk_that_it_brought(tus: TusClient, batch: Batch) -> None:
    """It lies in a cycle of references until the collector's next full round, as chunk after chunk comes."""
    content = recorded.png()
    url = tus.create(batch.id, len(content)).headers["Location"]
    request = tus.patch(url, 0, content).wsgi_request
    assert not any(content in kept for kept in vars(request).values() if isinstance(kept, bytes))
    assert request.read() == b""


def test_a_recording_and_its_picture_come_in_as_one_report(tus: TusClient, batch: Batch) -> None:
    sound, picture = recorded_sound.wav(), recorded.png()
    made = tus.create(batch.id, len(sound), "r.wav", more={"pictures": "1"})
    url = made.headers["Location"]
    recording = Submission.objects.get(pk=url.strip("/").split("/")[-1])
    beside = {"beside": str(recording.pk)}
    assert tus.create(batch.id, len(picture), more=beside).status_code == 201
    (found,) = recording.pictures.all()
    assert (recording.with_pictures, found.beside) == (1, recording)
    more = tus.create(batch.id, len(picture), more=beside)
    assert more.status_code == 422
    assert "More pictures" in more.json()["sentence"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"beside": "no id"}, 422),
        ({"beside": "00000000-0000-4000-8000-000000000000"}, 422),
        ({"pictures": "many"}, 400),
        ({"pictures": "-1"}, 400),
        ({"pictures": "9"}, 422),
    ],
)
def test_a_report_that_cannot_be_is_not_begun(
    tus: TusClient, batch: Batch, more: dict[str, str], status: int
) -> None:
    assert tus.create(batch.id, 100, more=more).status_code == status
    assert not batch.submissions.exists()
