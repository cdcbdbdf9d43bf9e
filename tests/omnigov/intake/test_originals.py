"""The view of an opened original: made by a worker, once, sealed, and gone with its minutes."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omnigov.contracts import Limits
from omnigov.decisions.leases import Claim
from omnigov.decisions.services import run_fail
from omnigov.decisions.uploads import file_submit
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.evidence import queries as evidence
from omnigov.evidence import store
from omnigov.evidence.models import EvidencePart
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset, OriginalView
from omnigov.intake.originals import NotMade, original_open, pass_for, view_open, views_wait
from omnigov.intake.services import batch_create
from omnigov.keeper import views
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_video
from tests.workers.redaction.conftest import pdf
from workers.media import document
from workers.media.picture import decode
from workers.running import showing
from workers.running.drain import Drain, StepPlan
from workers.running.showing import show

pytestmark = pytest.mark.services

PICTURE = recorded.png("indigo")


@pytest.fixture
def asset(cast: Cast, settings: Settings, tmp_path: Path) -> MediaAsset:
    settings.OMNIGOV_EVIDENCE_DIR = str(tmp_path)
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", PICTURE))
    found = batch.submissions.get().asset
    assert found is not None
    return found


def opened(asset: MediaAsset, cast: Cast) -> OriginalView:
    people: Any = cast
    original_open(asset_id=asset.id, reason="The mask covers what is asked.", by=people.officer)
    return asset.views.latest("asked_at")


def files(asset: MediaAsset) -> list[str]:
    return [each.key for each in store.listed(f"{asset.id.hex[:2]}/{asset.id.hex}/")]


def over(asset: MediaAsset) -> None:
    asset.views.update(until=timezone.now() - timedelta(seconds=1))
    views.sweep(views.threading.Event())


def test_a_worker_makes_it_and_the_pages_wait_for_that(asset: MediaAsset, cast: Cast) -> None:
    with pytest.raises(NotMade) as nobody_asked:
        view_open(asset)
    assert nobody_asked.value.final
    opened(asset, cast)
    assert views_wait()
    with pytest.raises(NotMade) as not_yet:
        view_open(asset)
    assert not not_yet.value.final
    show()
    assert not views_wait()
    view, media_type = view_open(asset)
    assert (b"".join(view.pieces()), media_type) == (PICTURE, "image/png")
    (file,) = files(asset)
    assert PICTURE[:100] not in b"".join(store.stream(file))


def a_view(cast: Cast, content: bytes) -> tuple[MediaAsset, bytes, str]:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a", content))
    found = batch.submissions.get().asset
    assert found is not None
    opened(found, cast)
    show()
    view, media_type = view_open(found)
    return found, b"".join(view.pieces()), media_type


@pytest.mark.usefixtures("asset")
def test_a_video_is_shown_with_the_times_of_its_pictures(cast: Cast, client: Client) -> None:
    people: Any = cast
    original = recorded_video.original()
    asset, view, media_type = a_view(cast, original)
    assert (view, media_type, asset.kind) == (original, "video/mp4", "video")
    client.force_login(people.officer)
    at = f"/media/{asset.id}/original/{pass_for(asset, people.officer)}/"
    told = client.get(f"{at}tracks/").json()
    assert told["times"] == [number * recorded_video.EACH for number in range(recorded_video.FRAMES)]
    assert (told["tracks"], told["width"]) == ([], recorded_video.SIZE[0])
    part = client.get(at, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content, part["Content-Type"]) == (206, b"ftyp", "video/mp4")
    assert "<video" in client.get(f"{at}shown/1/").content.decode()
    client.force_login(people.second_officer)
    assert client.get(f"{at}tracks/").status_code == 404
    over(asset)
    assert not EvidencePart.objects.filter(run=asset.id).exists()
    client.force_login(people.officer)
    assert client.get(f"{at}tracks/").status_code == 404


@pytest.mark.usefixtures("asset")
def test_a_document_is_shown_page_by_page_as_redaction_draws_it(cast: Cast) -> None:
    original = pdf(pages=2)
    asset, view, media_type = a_view(cast, original)
    assert media_type == "application/pdf"
    drawn = [page.pixels for page in document.decode(original, Limits())]
    index = evidence.pages(asset.id).pages
    assert [(page.width, page.height) for page in index] == [(page.shape[1], page.shape[0]) for page in drawn]
    for page, pixels in zip(index, drawn, strict=True):
        shown = decode(view[page.start : page.end], Limits())
        assert np.abs(shown.astype(int) - pixels).mean() < 3
    over(asset)
    assert not EvidencePart.objects.filter(run=asset.id).exists()


@pytest.mark.usefixtures("asset")
def test_a_text_is_shown_in_utf_8(cast: Cast) -> None:
    words = "氏名: 山田太郎\r\n"
    _, view, media_type = a_view(cast, words.encode("utf-16"))
    assert (view.decode(), media_type) == (words, "text/plain; charset=utf-8")


def test_it_goes_with_its_minutes(asset: MediaAsset, cast: Cast) -> None:
    opened(asset, cast)
    show()
    over(asset)
    with pytest.raises(NotMade):
        view_open(asset)
    assert files(asset) == []
    assert not asset.views.exists()
    assert not EvidencePart.objects.filter(run=asset.id).exists()


def test_a_second_one_outlives_the_first(asset: MediaAsset, cast: Cast) -> None:
    first = opened(asset, cast)
    show()
    opened(asset, cast)
    show()
    OriginalView.objects.filter(pk=first.pk).update(until=timezone.now() - timedelta(seconds=1))
    views.sweep(views.threading.Event())
    view, _ = view_open(asset)
    assert b"".join(view.pieces()) == PICTURE
    assert len(files(asset)) == 1


def test_what_can_not_be_shown_is_said_and_not_tried_for_ever(asset: MediaAsset, cast: Cast) -> None:
    vault._file(asset.id).write_bytes(b"damaged")
    opened(asset, cast)
    show()
    assert not views_wait()
    with pytest.raises(NotMade) as none:
        view_open(asset)
    assert none.value.final


def test_a_full_disk_keeps_it_waiting(asset: MediaAsset, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(asset, cast)

    def full(key: str, content: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(store, "put", full)
        show()
    assert views_wait()
    show()
    assert not views_wait()


def test_a_picture_that_ends_its_worker_is_not_tried_for_ever(
    asset: MediaAsset, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(asset, cast)
    began = []

    class Killed(BaseException):
        """As if the process had ended."""

    def end(*_: object) -> None:
        began.append(1)
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(showing, "as_shown", end)
        for _ in range(5):
            with suppress(Killed):
                show()
    assert len(began) == 2
    with pytest.raises(NotMade) as none:
        view_open(asset)
    assert none.value.final


def test_what_is_wrong_with_a_view_keeps_no_run_waiting(
    asset: MediaAsset, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(asset, cast)
    taken: list[Claim] = []

    def wrong(*_: object) -> None:
        raise ValueError("an encoder that does not know this")

    def take(claims: list[Claim]) -> None:
        taken.extend(claims)
        for claim in claims:
            run_fail(claim, code="test", sentence="It was taken.")

    monkeypatch.setattr(showing, "as_shown", wrong)
    Drain(StepPlan("check", 1, take, first=show), StepPlan("redact", 1, take))()
    assert taken


def test_the_view_of_what_was_here_before_goes_with_its_second_copy(asset: MediaAsset, cast: Cast) -> None:
    people: Any = cast
    batch = batch_create(policy_version=people.policy_version, name="again", by=people.operator)
    again = file_submit(batch=batch, name="b.png", content=PICTURE, by=people.operator)
    unchecked = MediaAsset.objects.get(pk=again.pk)
    OriginalView.objects.create(asset=unchecked, until=timezone.now() + timedelta(minutes=5))
    show()
    assert EvidencePart.objects.filter(run=unchecked.pk).exists()
    recorded.checked(again)
    assert again.asset_id == asset.pk
    assert not EvidencePart.objects.filter(run=again.pk).exists()
    assert files(unchecked) == []


def test_an_erasure_takes_it_along(
    asset: MediaAsset, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / f"{uuid.uuid4()}.ndjson")
    opened(asset, cast)
    show()
    asset_erase(asset_id=asset.id)
    assert files(asset) == []
    assert not asset.views.exists()
