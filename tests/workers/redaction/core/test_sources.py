"""A detector's digest follows its own source and that of all it imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.redaction.core import sources
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors import seals, text_in_pictures
from workers.redaction.language import analysis


def names(file: str) -> set[str]:
    """Below `workers/redaction`, as room/module."""
    rooms = sources.HOUSE / "workers" / "redaction"
    return {
        each.relative_to(rooms).with_suffix("").as_posix()
        for each in sources.files(Path(file))
        if each.is_relative_to(rooms)
    }


def test_what_finds_personal_data_in_text_is_all_in() -> None:
    assert names(analysis.__file__) >= {
        *(
            "core/normal",
            "core/scripts",
            "core/spans",
            "core/sources",
            "language/__init__",
            "language/en/__init__",
        ),
        *("language/analysis", "language/mentions", "language/rules", "language/identifiers"),
        *(
            "language/check_digits",
            "language/spoken",
            "language/countries",
            "language/web_addresses",
            "language/account_numbers",
            "language/implausible",
        ),
        *("language/en/addresses", "language/en/street_words", "language/en/names", "language/en/places"),
        *("language/en/sentences", "language/ja/names", "language/ja/rules"),
    }
    assert names(text_in_pictures.__file__) >= names(analysis.__file__) | {
        *("forms/labelled", "forms/labels", "reading/ppocr"),
    }


def test_what_has_no_part_in_it_is_not() -> None:
    assert not {each.partition("/")[0] for each in names(analysis.__file__)} & {
        *("cli", "kinds", "detectors", "forms", "reading"),
    }
    of_seals = names(seals.__file__)
    assert "detectors/seals" in of_seals
    assert {each for each in of_seals if not each.startswith("core/")} == {
        *("__init__", "detectors/__init__", "detectors/seals"),
    }
    assert not any("contracts" in each.parts for each in sources.files(Path(seals.__file__)))


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


@pytest.fixture
def rooms(house: Path) -> Path:
    """`rules.four` reaches two modules of a package only by way of its `__init__`."""
    (house / "four.py").write_text("from . import words\nfrom rules.words import WORDS\n")
    (house / "words").mkdir()
    (house / "words" / "__init__.py").write_text("from .lists import WORDS\nfrom ..three import A\n")
    (house / "words" / "lists.py").write_text("from rules.words.deeper import *\nWORDS = 1\n")
    (house / "words" / "deeper").mkdir()
    (house / "words" / "deeper" / "__init__.py").write_text("__all__ = ['five']\n")
    (house / "words" / "deeper" / "five.py").write_text("C = 1\n")
    (house / "words" / "beside.py").write_text("D = 1\n")
    return house


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ("words/__init__", True),
        ("words/lists", True),
        ("words/deeper/__init__", True),
        ("words/deeper/five", True),
        ("three", True),
        ("words/beside", False),
        ("other", False),
    ],
)
def test_a_package_hides_none_of_its_modules(rooms: Path, changed: str, differs: bool) -> None:
    before = sources.digest.__wrapped__(str(rooms / "four.py"))
    with (rooms / f"{changed}.py").open("a") as file:
        file.write("# another\n")
    assert (sources.digest.__wrapped__(str(rooms / "four.py")) != before) == differs


def test_a_package_about_a_module_is_part_of_it(rooms: Path) -> None:
    before = sources.digest.__wrapped__(str(rooms / "words" / "beside.py"))
    (rooms / "words" / "lists.py").write_text("WORDS = 2\n")
    assert sources.digest.__wrapped__(str(rooms / "words" / "beside.py")) != before


def test_a_module_that_moves_behind_a_package_changes_it_and_is_followed_there(house: Path) -> None:
    digests = [sources.digest.__wrapped__(str(house / "one.py"))]
    (house / "two").mkdir()
    (house / "two.py").rename(house / "two" / "finding.py")
    (house / "two" / "__init__.py").write_text("from rules.two.finding import find\n")
    digests.append(sources.digest.__wrapped__(str(house / "one.py")))
    (house / "two" / "finding.py").write_text("def find():\n    return 1\n")
    digests.append(sources.digest.__wrapped__(str(house / "one.py")))
    (house / "two" / "finding.py").rename(house / "two" / "found.py")
    (house / "two" / "__init__.py").write_text("from rules.two.found import find\n")
    digests.append(sources.digest.__wrapped__(str(house / "one.py")))
    assert len(set(digests)) == 4
