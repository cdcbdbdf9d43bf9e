"""Find, mask, look again: on real pictures with the real detectors; and closed where one of them breaks."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import (
    Area,
    Fill,
    Limits,
    Quarantined,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Region,
)
from tests.bad_files import exif, saved
from tests.workers.media.conftest import STORED, metadata
from tests.workers.redaction.conftest import (
    FACES,
    FACES_ONLY,
    SAMPLES,
    TEXT_ONLY,
    WITHOUT_PEOPLE,
    Broken,
    Late,
    Restless,
    dejavu,
    is_black,
    only,
    sample,
)
from workers.media.picture import decode
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors.registry import REGISTRY, Entry
from workers.redaction.kinds.picture import load, redact


@pytest.mark.parametrize("name", FACES)
def test_every_face_of_the_samples_is_hidden(name: str) -> None:
    copy, result = redact(sample(name), FACES_ONLY, Limits())
    assert is_black(decode(copy, Limits()), FACES[name])
    assert any(finding.kind == "FACE" and finding.score > 700_000 for finding in result.findings)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_face_is_hidden_whichever_way_the_camera_was_held(turn: int) -> None:
    upright = Image.fromarray(decode(sample("astronaut.jpg"), Limits()))
    stored = upright.transpose(STORED[turn]) if turn in STORED else upright
    copy, _ = redact(saved(stored, "JPEG", quality=92, exif=exif(turn)), FACES_ONLY, Limits())
    assert is_black(decode(copy, Limits()), FACES["astronaut.jpg"])


@pytest.mark.parametrize("name", WITHOUT_PEOPLE)
def test_a_picture_without_people_or_text_stays_as_it_is(name: str) -> None:
    _, result = redact(sample(f"{name}.jpg"), FACES_ONLY, Limits())
    assert result.findings == ()


@pytest.mark.long
def test_faces_are_found_small_and_in_a_large_picture() -> None:
    face = Image.fromarray(decode(sample("astronaut.jpg"), Limits())).crop((140, 20, 320, 220))
    page = Image.new("RGB", (2600, 1900), (128, 138, 148))
    places = [(60, 50, 0.25), (2380, 60, 0.5), (1200, 900, 1.0), (100, 1600, 0.4), (2300, 1600, 0.7)]
    expected = []
    for left, top, scale in places:
        small = face.resize((round(180 * scale), round(200 * scale)), Image.Resampling.LANCZOS)
        page.paste(small, (left, top))
        edges = [(185 - 140), (75 - 20), (262 - 140), (178 - 20)]
        x0, y0, x1, y1 = (round(edge * scale) for edge in edges)
        expected.append(Area(left=left + x0, top=top + y0, right=left + x1, bottom=top + y1))
    copy, result = redact(saved(page, "PNG"), FACES_ONLY, Limits())
    pixels = decode(copy, Limits())
    assert [is_black(pixels, box, share=0.95) for box in expected] == [True] * 5, result.findings


def form(scale: float = 1.0, quality: int | None = None) -> tuple[bytes, list[dict[str, Any]]]:
    """The form as a scan of another size and compression, and where its fields are in it."""
    fields = json.loads((SAMPLES / "form.json").read_text(encoding="utf-8"))
    if scale == 1.0 and quality is None:
        return sample("form.png"), fields
    page = Image.open(SAMPLES / "form.png").convert("RGB")
    page = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.LANCZOS)
    for field in fields:
        field["box"] = [round(edge * scale) for edge in field["box"]]
    return saved(page, "JPEG", quality=quality), fields


def uncovered(copy: bytes, fields: list[dict[str, Any]]) -> list[str]:
    pixels = decode(copy, Limits())
    return [
        field["text"]
        for field in fields
        if field["kind"]
        and not is_black(
            pixels, Area(**dict(zip(("left", "top", "right", "bottom"), field["box"], strict=True)))
        )
    ]


@pytest.mark.long
@pytest.mark.parametrize(("scale", "quality"), [(1.0, None), (0.7, 60), (1.6, 85)])
def test_every_invented_person_of_the_form_is_hidden(scale: float, quality: int | None) -> None:
    content, fields = form(scale, quality)
    copy, result = redact(content, TEXT_ONLY, Limits())
    assert uncovered(copy, fields) == []
    kinds = {finding.kind for finding in result.findings}
    assert {"PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "JP_ADDRESS", "JP_MY_NUMBER"} <= kinds


@pytest.mark.long
def test_what_is_not_personal_stays_readable() -> None:
    content, _ = form()
    copy, _ = redact(content, TEXT_ONLY, Limits())
    pixels = decode(copy, Limits())
    # The title, and the label of the first field.
    assert not is_black(pixels, Area(left=60, top=40, right=600, bottom=80), share=0.5)
    assert not is_black(pixels, Area(left=76, top=120, right=150, bottom=150), share=0.5)
    # Whole cells are hidden, and no more than the value's.
    assert (pixels == 0).mean() < 0.42


@pytest.mark.long
def test_a_form_on_its_head_is_hidden_too() -> None:
    page = Image.open(SAMPLES / "form.png").convert("RGB").rotate(180)
    fields = json.loads((SAMPLES / "form.json").read_text(encoding="utf-8"))
    for field in fields:
        left, top, right, bottom = field["box"]
        field["box"] = [page.width - right, page.height - bottom, page.width - left, page.height - top]
    copy, _ = redact(saved(page, "PNG"), TEXT_ONLY, Limits())
    assert uncovered(copy, fields) == []


@pytest.mark.long
def test_findings_and_record_hold_no_value() -> None:
    face = sample("astronaut.jpg")
    copy, result = redact(face, RedactionProfile(), Limits())
    assert set(result.findings[0].model_dump()) == {"kind", "place", "score", "detector", "look"}
    assert result.digest == hashlib.sha256(copy).hexdigest()
    assert (result.width, result.height) == (512, 512)
    assert {detector.name for detector in result.detectors} == {
        entry.name for entry in REGISTRY if entry.wanted(RedactionProfile())
    }
    assert all(len(detector.digest) == 64 for detector in result.detectors)


def test_nothing_of_the_originals_metadata_is_in_the_copy(tmp_path: Path) -> None:
    copy, result = redact(sample("astronaut.jpg"), FACES_ONLY, Limits())
    assert metadata(copy, tmp_path) == {}
    assert result.media_type == "image/jpeg"


def test_the_same_picture_gives_the_same_copy_and_findings() -> None:
    first, one = redact(sample("hopper.jpg"), FACES_ONLY, Limits())
    second, other = redact(sample("hopper.jpg"), FACES_ONLY, Limits())
    assert first == second
    assert one.findings == other.findings
    assert one.revision == other.revision
    strict, third = redact(sample("hopper.jpg"), FACES_ONLY.model_copy(update={"padding": 0}), Limits())
    assert third.revision != one.revision
    assert strict != first


def test_it_works_from_several_threads_at_once() -> None:
    copies: dict[str, bytes] = {}

    def work(name: str) -> None:
        copies[name] = redact(sample(name), FACES_ONLY, Limits())[0]

    threads = [threading.Thread(target=work, args=(name,)) for name in FACES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, box in FACES.items():
        assert is_black(decode(copies[name], Limits()), box)


def test_the_hook_hears_of_every_part() -> None:
    heard: list[tuple[str, float | None]] = []

    def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
        heard.append((step, progress))

    redact(sample("cat.jpg"), FACES_ONLY, Limits(), hook)
    assert [step for step, _ in heard] == ["decode", "find:centerface", "mask", "second_look", "redacted"]
    shares = [share for _, share in heard if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# --- closed where something breaks ---------------------------------------------------------------------


def test_an_original_that_does_not_decode_is_refused() -> None:
    with pytest.raises(Refused):
        redact(sample("cat.jpg")[:5000], FACES_ONLY, Limits())
    with pytest.raises(Refused):
        redact(sample("cat.jpg"), FACES_ONLY, Limits(max_pixels=1000))


@pytest.mark.parametrize(
    "entry", [entry for entry in REGISTRY if entry.weights], ids=lambda entry: entry.name
)
def test_missing_model_files_put_the_picture_in_quarantine(
    entry: Entry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(detectors, "_loaded", {})
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path))
    monkeypatch.setattr("workers.redaction.detectors.registry.REGISTRY", (entry,))
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), RedactionProfile(), Limits())
    assert caught.value.code == "detector_missing"
    assert "omnigov models fetch" in caught.value.sentence
    with pytest.raises(Quarantined):
        load()


def test_a_model_file_of_another_digest_puts_the_picture_in_quarantine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(detectors, "_loaded", {})
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path))
    (tmp_path / "centerface").mkdir()
    (tmp_path / "centerface" / "centerface.onnx").write_bytes(b"\0" * 7_304_518)
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits())
    assert caught.value.code == "detector_missing"


@pytest.mark.parametrize("look", ["first", "second"])
def test_a_detector_that_stops_puts_the_picture_in_quarantine(
    look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Broken, look)
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits())
    assert caught.value.code == "detector_failed"
    assert "Whitfield" not in caught.value.sentence
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_picture_that_never_comes_clean_goes_to_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Restless, "second")
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits())
    assert caught.value.code == "still_found"


def test_what_the_second_look_finds_is_hidden_and_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Late, "second")
    copy, result = redact(sample("cat.jpg"), FACES_ONLY, Limits())
    assert [finding.look for finding in result.findings] == ["second"]
    assert is_black(decode(copy, Limits()), result.findings[0].area)


def test_a_face_that_the_first_look_missed_is_hidden_by_the_second() -> None:
    blind = FACES_ONLY.model_copy(update={"face_threshold": 990_000})
    copy, result = redact(sample("astronaut.jpg"), blind, Limits())
    assert {(finding.detector, finding.look) for finding in result.findings} == {("mtcnn", "second")}
    assert is_black(decode(copy, Limits()), FACES["astronaut.jpg"])


def test_a_kind_that_nobody_finds_is_not_let_pass() -> None:
    profile = RedactionProfile(faces=False, entities=("PERSON", "SHOE_SIZE"))
    with pytest.raises(Quarantined) as caught:
        redact(sample("cat.jpg"), profile, Limits())
    assert caught.value.code == "unknown_kind"
    assert "SHOE_SIZE" in caught.value.sentence


# --- what a person adds and takes away, and how it is hidden -------------------------------------------


def test_a_region_that_a_person_adds_is_hidden_and_named_as_theirs() -> None:
    box = Area(left=10, top=20, right=60, bottom=90)
    edits = RedactionEdits(added=(Region(place=box),))
    copy, result = redact(sample("cat.jpg"), FACES_ONLY, Limits(), edits=edits)
    assert is_black(decode(copy, Limits()), box)
    (finding,) = result.findings
    assert (finding.kind, finding.detector, finding.area) == ("BY_HAND", "person", box)
    assert result.revision != redact(sample("cat.jpg"), FACES_ONLY, Limits())[1].revision


def test_a_region_that_a_person_removes_is_shown_in_spite_of_both_looks() -> None:
    _, before = redact(sample("astronaut.jpg"), FACES_ONLY, Limits())
    edits = RedactionEdits(removed=tuple(Region(place=finding.area) for finding in before.findings))
    copy, result = redact(sample("astronaut.jpg"), FACES_ONLY, Limits(), edits=edits)
    assert result.findings == ()
    assert not is_black(decode(copy, Limits()), FACES["astronaut.jpg"], share=0.3)


def test_a_removed_region_shows_nothing_beside_it() -> None:
    edits = RedactionEdits(removed=(Region(place=Area(left=300, top=300, right=400, bottom=400)),))
    copy, _ = redact(sample("astronaut.jpg"), FACES_ONLY, Limits(), edits=edits)
    assert is_black(decode(copy, Limits()), FACES["astronaut.jpg"])


def test_a_region_outside_of_the_picture_is_refused() -> None:
    edits = RedactionEdits(added=(Region(place=Area(left=0, top=0, right=9000, bottom=10)),))
    with pytest.raises(Refused) as caught:
        redact(sample("cat.jpg"), FACES_ONLY, Limits(), edits=edits)
    assert caught.value.code == "region_outside"


@pytest.mark.parametrize("style", [Fill.BLUR, Fill.MOSAIC])
def test_a_weak_fill_hides_the_features_and_is_called_weak(style: Fill) -> None:
    profile = FACES_ONLY.model_copy(update={"fill": style})
    copy, result = redact(sample("astronaut.jpg"), profile, Limits())
    before, after = decode(sample("astronaut.jpg"), Limits()), decode(copy, Limits())
    box = FACES["astronaut.jpg"]
    features = np.s_[box.top : box.bottom, box.left : box.right]
    edges = [float(cv2.Laplacian(each[features], cv2.CV_64F).std()) for each in (before, after)]
    assert edges[1] < 0.7 * edges[0]
    assert not is_black(after, box, share=0.3)
    assert style.weak
    assert not Fill.SOLID.weak
    assert result.findings


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_on_its_side_or_head_is_hidden_without_exif(quarters: int) -> None:
    upright = decode(sample("astronaut.jpg"), Limits())
    mark = np.zeros(upright.shape[:2], bool)
    box = FACES["astronaut.jpg"]
    mark[box.top : box.bottom, box.left : box.right] = True
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(upright, quarters)))
    copy, _ = redact(saved(turned, "PNG"), FACES_ONLY, Limits())
    seen = decode(copy, Limits())[np.rot90(mark, quarters)]
    assert (seen.max(axis=1) < 24).mean() > 0.97


# --- what is easily missed, and what is easily hidden for nothing --------------------------------------


def hidden_in(result: RedactionResult) -> np.ndarray:
    mask = np.zeros((result.height, result.width), bool)
    for finding in result.findings:
        mask[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
    return mask


def lines(shade: tuple[int, ...], ground: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    sheet = Image.new(mode, (700, 200), ground)
    pen = ImageDraw.Draw(sheet)
    pen.text((30, 40), "Name: Gwendolyn Fairweather", shade, dejavu(24))
    pen.text((30, 120), "Mail: g.fair@mail.example", shade, dejavu(24))
    return sheet


@pytest.mark.parametrize(
    "content",
    [
        saved(lines((250, 250, 250, 255), (0, 0, 0, 0), "RGBA"), "PNG"),
        saved(lines((254, 254, 254), (255, 255, 255)), "PNG"),
        saved(lines((9, 9, 9), (0, 0, 0)), "JPEG", quality=90),
    ],
    ids=["off-white on nothing", "one grey level from white", "nine grey levels from black"],
)
def test_ink_that_a_person_can_bring_out_is_hidden(content: bytes) -> None:
    _, result = redact(content, TEXT_ONLY, Limits())
    hidden = hidden_in(result)
    assert hidden[45:60, 150:350].mean() > 0.95
    assert hidden[125:140, 110:350].mean() > 0.95


def test_names_along_the_rim_of_a_badge_are_hidden() -> None:
    _, result = redact(sample("astronaut.jpg"), TEXT_ONLY, Limits())
    hidden = hidden_in(result)
    assert hidden[353:362, 150:192].all(), "COLLINS ASHBY"
    assert hidden[405:420, 150:195].all(), "COLEMAN HAWLEY TOGNINI"
    assert hidden.mean() < 0.05
    assert result.writing is not None
    assert result.writing.badly_read > 0


def test_the_stripes_of_a_flag_are_no_writing_and_nobody() -> None:
    _, result = redact(sample("hopper.jpg"), TEXT_ONLY, Limits())
    hidden = hidden_in(result)
    assert hidden[:470, :140].mean() == 0.0, "the flag"
    assert hidden[490:508, 110:160].mean() > 0.9, "her name below it"


def test_a_value_that_is_found_in_two_ways_is_one_region() -> None:
    content, fields = form()
    copy, result = redact(content, TEXT_ONLY, Limits())
    assert uncovered(copy, fields) == []
    assert len(result.findings) <= 1.2 * sum(bool(field["kind"]) for field in fields)


def test_how_much_was_read_is_told_and_only_where_text_was_looked_for() -> None:
    _, result = redact(sample("form.png"), TEXT_ONLY, Limits())
    assert result.writing is not None
    assert result.writing.lines > 20
    assert result.writing.badly_read <= 2
    assert redact(sample("cat.jpg"), FACES_ONLY, Limits())[1].writing is None
