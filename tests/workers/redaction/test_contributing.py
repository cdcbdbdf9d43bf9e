"""CONTRIBUTING's ways to a detector and to a kind of medium of one's own, taken step by step."""

from __future__ import annotations

import io
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.template.loader import render_to_string
from PIL import Image
from pytest_django import Settings

from omnigov.contracts import Label, Limits, PolicySpec, Quarantined, RedactionResult, Refused, Span, kinds
from omnigov.contracts.kinds import MediumKind, of_copy
from tests.workers.redaction.conftest import FACES_ONLY, sample
from workers import media, pipeline
from workers.media.kinds import probe, told
from workers.media.picture import decode
from workers.media.source import Source
from workers.redaction import detectors as package
from workers.redaction import kinds as redactors
from workers.redaction.cli.command import main
from workers.redaction.detectors import registry as detectors
from workers.redaction.kinds.picture import redact, silent

PAGE = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(heading: str) -> list[str]:
    """What is to be written, step by step, under a heading of the page."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```(?:python|html)\n(.*?)```", section, re.DOTALL)


CLASS, LINE = blocks("Add a detector")
MEDIUM, REDACTOR, VIEWER, ROW = blocks("Add a kind of medium")
BOOK = b"GUESTBOOK\nJane Ashworth\nTaro Yamada\n"


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "badges.py").write_text(CLASS, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    entry = eval(LINE, {"Entry": detectors.Entry})  # noqa: S307 - the page's own line
    monkeypatch.setattr(detectors, "REGISTRY", (*detectors.REGISTRY, entry))
    monkeypatch.setattr(detectors, "_loaded", dict(detectors._loaded))


def with_badge() -> bytes:
    picture = Image.fromarray(decode(sample("home.jpg"), Limits()))
    picture.paste((60, 230, 70), (100, 100, 180, 150))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.usefixtures("listed")
def test_what_the_new_detector_finds_is_masked_and_named() -> None:
    copy, result = redact(with_badge(), FACES_ONLY, Limits())
    assert {finding.kind for finding in result.findings} == {"BADGE"}
    assert not np.any(decode(copy, Limits())[100:150, 100:180])
    assert "badges" in {detector.name for detector in result.detectors}
    assert redact(sample("cat.jpg"), FACES_ONLY, Limits())[1].findings == ()


@pytest.mark.usefixtures("listed")
def test_what_the_new_detector_throws_keeps_the_picture_back(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = detectors.REGISTRY[-1]
    monkeypatch.setattr(type(detectors.loaded(entry)), "find", lambda self, picture: 1 / 0)
    with pytest.raises(Quarantined, match="badges"):
        redact(with_badge(), FACES_ONLY, Limits())


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> MediumKind:
    for folder, file, words in (
        (media, "guestbook.py", MEDIUM),
        (redactors, "guestbook.py", REDACTOR),
    ):
        place = tmp_path / folder.__name__
        place.mkdir()
        (place / file).write_text(words, encoding="utf-8")
        monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(place)])
    row: MediumKind = eval(ROW, {"MediumKind": MediumKind, "re": re})  # noqa: S307 - the page's own row
    monkeypatch.setattr(kinds, "KINDS", (row, *kinds.KINDS))
    viewer = tmp_path / "templates" / row.viewer
    viewer.parent.mkdir(parents=True)
    viewer.write_text(VIEWER, encoding="utf-8")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path / "templates"]}]
    return row


def a_run(original: bytes, limits: Limits | None = None) -> tuple[bytes, RedactionResult]:
    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("one", "two"))
    spec = PolicySpec(question="Which?", labels=labels, limits=limits or Limits())
    return pipeline.redact(pipeline.Order(policy=spec, seed=0), original, silent)


def test_a_medium_of_the_new_kind_is_redacted(kind: MediumKind) -> None:
    copy, result = a_run(BOOK)
    assert copy.decode() == "GUESTBOOK\n■■■\n■■■\n"
    text = BOOK.decode()
    hidden = [finding.place for finding in result.findings]
    assert [text[place.start : place.end] for place in hidden if isinstance(place, Span)] == [
        "Jane Ashworth",
        "Taro Yamada",
    ]
    assert RedactionResult.model_validate_json(result.model_dump_json()) == result
    assert of_copy(result.media_type) == kind


@pytest.mark.usefixtures("kind")
def test_other_media_are_told_as_ever() -> None:
    assert told(sample("cat.jpg")).name == "picture"
    assert told(b"A guest book of another make").name == "text"


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("original", [BOOK + b"\xff", BOOK * 1000])
def test_what_the_new_kind_does_not_take_is_refused(original: bytes) -> None:
    with pytest.raises(Refused, match="guest book"):
        a_run(original, Limits(max_bytes=1000))


@pytest.mark.usefixtures("kind")
def test_an_upload_of_the_new_kind_passes_its_check() -> None:
    assert probe(Source.of(BOOK), Limits()) == ("text/x-guestbook", 0, 0, 1)
    with pytest.raises(Refused, match="too large"):
        probe(Source.of(BOOK), Limits(max_bytes=9))


def test_what_the_new_kind_fails_to_hide_is_kept_back(
    kind: MediumKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{kind.redactor}.encode", lambda text: BOOK)
    with pytest.raises(Quarantined, match="still to be read"):
        a_run(BOOK)


def test_the_new_kind_is_shown_by_its_viewer(kind: MediumKind) -> None:
    _, result = a_run(BOOK)
    shown = SimpleNamespace(decision=SimpleNamespace(id=uuid.uuid4()), redaction=result)
    page = render_to_string(of_copy(result.media_type).viewer, {"shown": shown})
    assert "2 × ■■■" in page
    assert str(shown.decision.id) in page


@pytest.mark.usefixtures("kind")
def test_the_command_line_takes_the_new_kind(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_bytes(BOOK)
    (tmp_path / "profile.json").write_text('{"faces": false, "text": false, "codes": false, "seals": false}')
    words = [str(tmp_path / "book.txt"), "--out", str(tmp_path / "out.guests")]
    assert main([*words, "--profile", str(tmp_path / "profile.json")]) == 0
    assert (tmp_path / "out.guests").read_text(encoding="utf-8") == "GUESTBOOK\n■■■\n■■■\n"
