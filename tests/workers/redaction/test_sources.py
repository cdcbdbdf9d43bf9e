"""A detector's digest follows its own source and that of all it imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.redaction import analysis, detectors, sources, text_in_pictures


def names(file: str) -> set[str]:
    return {each.stem for each in sources.files(Path(file))}


def test_what_finds_personal_data_in_text_is_all_in() -> None:
    assert names(analysis.__file__) >= {
        *("analysis", "addresses", "countries", "street_words", "english_names", "english_places"),
        *(
            "english_sentences",
            "japanese_names",
            "mentions",
            "rules",
            "identifiers",
            "check_digits",
            "spoken",
        ),
        *("normal", "spans", "sources"),
    }
    assert names(text_in_pictures.__file__) >= names(analysis.__file__) | {"labelled", "form_labels", "ppocr"}


def test_what_has_no_part_in_it_is_not() -> None:
    assert not names(analysis.__file__) & {"contracts", "seals", "ocr", "command"}


@pytest.mark.parametrize("entry", detectors.REGISTRY, ids=lambda entry: entry.name)
def test_every_detector_names_its_source(entry: detectors.Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = detectors.loaded(entry)
    before = detector.describe().digest
    with monkeypatch.context() as patched:
        patched.setattr(sources, "digest", lambda file: f"another {Path(file).stem}")
        made = type(detector)() if entry.name == "text" else detector
        assert made.describe().digest != before


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sources, "HOUSE", tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one.py").write_text("from rules import two\nimport json\n")
    (tmp_path / "rules" / "two.py").write_text("def find():\n    from rules.three import A\n")
    (tmp_path / "rules" / "three.py").write_text("import rules.one\nA = 1\n")
    (tmp_path / "rules" / "other.py").write_text("B = 1\n")
    return tmp_path / "rules"


@pytest.mark.parametrize(("changed", "differs"), [("one", True), ("three", True), ("other", False)])
def test_a_change_in_what_is_imported_changes_it(house: Path, changed: str, differs: bool) -> None:
    before = sources.digest.__wrapped__(str(house / "one.py"))
    with (house / f"{changed}.py").open("a") as file:
        file.write("# another\n")
    assert (sources.digest.__wrapped__(str(house / "one.py")) != before) == differs
