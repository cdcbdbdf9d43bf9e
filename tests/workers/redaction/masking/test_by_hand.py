"""A picture that an officer answers for: what stopped redaction is noted, all that works still hides."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from omnigov.contracts import (
    Area,
    Finding,
    Limits,
    Quarantined,
    RedactionEdits,
    RedactionProfile,
    Region,
    Shortfall,
    digest_of,
)
from tests.workers.redaction.conftest import (
    FACES,
    FACES_ONLY,
    TEXT_ONLY,
    Broken,
    Late,
    Restless,
    is_black,
    only,
    sample,
)
from workers.media.picture import decode
from workers.redaction.core.picture import Picture
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors.registry import REGISTRY, Entry
from workers.redaction.kinds import document
from workers.redaction.kinds.picture import redact
from workers.redaction.masking import copies
from workers.redaction.masking.looks import LOOKS_MAX
from workers.redaction.masking.revision import Revision

BOX = Area(left=10, top=20, right=60, bottom=90)
EDITS = RedactionEdits(added=(Region(place=BOX),))


@pytest.mark.parametrize("look", ["first", "second"])
def test_a_detector_that_stops_is_noted(look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Broken, look)
    copy, result = redact(sample("cat.jpg"), FACES_ONLY, Limits(), edits=EDITS, by_hand=True)
    assert result.by_hand
    assert result.shortfalls == (Shortfall(code="detector_failed", detector="broken"),)
    assert [finding.detector for finding in result.findings] == ["person"]
    assert is_black(decode(copy, Limits()), BOX)
    assert "Whitfield" not in result.model_dump_json()


def test_the_detectors_that_work_still_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Entry("broken", f"{Broken.__module__}:Broken", (), ("first",), lambda _: True)
    faces = next(entry for entry in REGISTRY if entry.name == "centerface")
    monkeypatch.setattr(detectors, "REGISTRY", (broken, faces))
    copy, result = redact(sample("astronaut.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert [each.detector for each in result.shortfalls] == ["broken"]
    assert is_black(decode(copy, Limits()), FACES["astronaut.jpg"])
    monkeypatch.delitem(detectors._loaded, "broken")


def test_a_detector_that_is_not_to_be_had_is_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(detectors, "_loaded", {})
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path))
    _, result = redact(sample("cat.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert result.shortfalls == (
        Shortfall(code="detector_missing", detector="centerface"),
        Shortfall(code="detector_missing", detector="mtcnn"),
    )
    assert result.detectors == ()


def test_a_copy_that_never_comes_clean_is_let_out_with_all_hidden_that_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only(monkeypatch, Restless, "second")
    copy, result = redact(sample("cat.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert result.shortfalls == (Shortfall(code="still_found"),)
    assert len(result.findings) == LOOKS_MAX
    for finding in result.findings:
        assert is_black(decode(copy, Limits()), finding.area, share=0.9)


class Choosy(Late):
    """A detector that finds the picture unfit for its profile."""

    def find(self, picture: Picture) -> list[Finding]:
        raise Quarantined("no_template", "The picture is none of the forms.")


def test_a_detector_s_own_reason_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detectors, "_loaded", {})
    monkeypatch.setattr(
        detectors, "REGISTRY", (Entry("choosy", f"{__name__}:Choosy", (), ("first",), lambda _: True),)
    )
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits())
    assert caught.value.code == "no_template"
    _, result = redact(sample("cat.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert result.shortfalls == (Shortfall(code="no_template", detector="choosy"),)


def test_a_kind_that_nobody_finds_is_noted() -> None:
    profile = TEXT_ONLY.model_copy(update={"entities": ("SHOE_SIZE",), "text": True})
    _, result = redact(sample("cat.jpg"), profile, Limits(), by_hand=True)
    assert Shortfall(code="unknown_kind") in result.shortfalls


def test_a_copy_that_can_not_be_read_back_is_never_let_out(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Late, "second")
    monkeypatch.setattr(copies, "encode", lambda pixels, media_type: b"not a picture")
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert caught.value.code == "copy_broken"


def test_it_is_another_revision_and_a_picture_as_ever_keeps_its_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only(monkeypatch, Late, "first")
    _, ever = redact(sample("cat.jpg"), FACES_ONLY, Limits())
    monkeypatch.setattr(detectors, "_loaded", {})
    _, by_hand = redact(sample("cat.jpg"), FACES_ONLY, Limits(), by_hand=True)
    assert ever.revision != by_hand.revision
    assert {"by_hand", "shortfalls", "pages"}.isdisjoint(ever.model_dump())
    assert ever.revision == digest_of(
        Revision(profile=FACES_ONLY, detectors=ever.detectors, edits=RedactionEdits())
    )


def test_a_page_of_a_document_is_let_out_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Broken, "first")
    pages: Any = io.BytesIO()
    picture = decode(sample("cat.jpg"), Limits())
    one = Image.fromarray(picture)
    one.save(pages, "TIFF", save_all=True, append_images=[one])
    out = io.BytesIO()
    result = document.redact_to(pages.getvalue(), out, RedactionProfile(), Limits(), by_hand=True)
    assert (result.pages, result.by_hand) == (2, True)
    assert result.shortfalls == (Shortfall(code="detector_failed", detector="broken"),)
