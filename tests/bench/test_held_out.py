"""The held-out sets share nothing with the product, nor one part with the other."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "redaction"
MATERIAL = BENCH / "material"


@pytest.fixture
def material(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(BENCH))
    names = ("english", "japanese", "labels", "people")
    yield {name: importlib.import_module(f"material.{name}") for name in names}
    for name in [name for name in sys.modules if name.split(".")[0] == "material"]:
        del sys.modules[name]


def words_of(text: str) -> list[str]:
    """Its words, or signs where it is Japanese; a slot is one, whatever stands in it."""
    bare = re.sub(r"\{\w+\}", " ∎ ", text)
    return re.findall(r"∎|[A-Za-z']+|[^\W\dA-Za-z_]", bare)


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_what_makes_the_material_imports_nothing_of_the_product() -> None:
    files = [*MATERIAL.glob("*.py"), BENCH / "peers" / "held_out.py"]
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"workers", "omnigov"}, file


@pytest.mark.parametrize(("language", "length"), [("english", 4), ("japanese", 8)])
def test_no_template_of_one_part_is_like_one_of_the_other(
    material: dict[str, ModuleType], language: str, length: int
) -> None:
    texts = material[language]
    sides = [
        [text for group in side.values() for text in group] + list(texts.NOBODY[part])
        for side, part in ((texts.DEVELOPMENT, "development"), (texts.HELD_OUT, "held-out"))
    ]
    for one, other in product(*sides):
        assert not runs(one, length) & runs(other, length), (one, other)
    assert not set(texts.DEVELOPMENT) & set(texts.HELD_OUT)


def test_no_template_is_like_an_older_bench_s_sentence(material: dict[str, ModuleType]) -> None:
    older = importlib.import_module("japanese_sentences")
    sides = [(older.DEVELOPMENT, "development"), (older.REPORTED, "reported")]
    known = [text for side, _ in sides for group in side.values() for text in group]
    known += [text for _, part in sides for text in older.NOBODY[part]]
    mine = [text for group in material["japanese"].HELD_OUT.values() for text in group]
    for one, other in product(mine, known):
        assert not runs(one, 8) & runs(other, 8), (one, other)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_label_is_on_both_sides(material: dict[str, ModuleType], language: str) -> None:
    labels = material["labels"]
    mine = {labels.plain(label) for _, label, _ in labels.labels_of("development", language)}
    others = {labels.plain(label) for _, label, _ in labels.labels_of("held-out", language)}
    assert mine
    assert len(others) > 80
    assert not mine & others


def test_no_written_name_is_on_both_sides(material: dict[str, ModuleType]) -> None:
    people = material["people"]
    for names in (people.GIVEN, people.FAMILY, people.GIVEN_JA.split(), people.FAMILY_JA.split()):
        for name in names:
            assert people.mine(name, "development") != people.mine(name, "held-out")
    assert people.mine("Müller", "held-out") == people.mine("muller", "held-out")


def test_each_set_was_written_down(material: dict[str, ModuleType]) -> None:
    written = json.loads((MATERIAL / "written_down.json").read_text(encoding="utf-8"))
    for part in ("development", "held-out"):
        digests = written["digests"][part]
        assert (
            set(digests)
            == set(written["counts"])
            == {*("english", "english_documents", "japanese", "japanese_documents", "numbers", "forms")}
        )
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests.values())
