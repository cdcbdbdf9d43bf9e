"""What the bench on a company's texts reports shares nothing with the lines that rules are tuned on."""

from __future__ import annotations

import ast
import importlib
import random
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "redaction"
ALIKE = 5  # words on end; in Japanese signs, twice as many


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    yield importlib.import_module("company_unseen.patterns")
    for name in [name for name in sys.modules if name.startswith("company_")]:
        del sys.modules[name]


def lists_of(unseen: ModuleType) -> dict[str, dict[str, tuple[str, ...]]]:
    package = unseen.__name__.split(".")[0]
    return {
        "en": importlib.import_module(f"{package}.english").ENGLISH,
        "ja": importlib.import_module(f"{package}.japanese").JAPANESE,
    }


def runs(line: str, length: int) -> set[tuple[str, ...]]:
    bare = re.sub(r"\{\w+\}|<\w+>|#+|\d+", " ∎ ", line)
    words = re.findall(r"[A-Za-z']+|[^\W\dA-Za-z_]", bare)
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_unseen_lines_are_like_none_that_were_tuned_on(unseen: ModuleType) -> None:
    for language, lists in lists_of(unseen).items():
        length = ALIKE if language == "en" else 2 * ALIKE
        tuned = set[tuple[str, ...]]()
        for module, name in (("development", "DEVELOPMENT"), ("seen", "SEEN"), ("seen_again", "SEEN_AGAIN")):
            lines = getattr(importlib.import_module(f"company_texts.{module}"), name)[language]
            tuned |= {run for some in lines.values() for line in some for run in runs(line, length)}
        assert tuned
        for patterns in lists.values():
            for pattern in patterns:
                assert not runs(pattern, length) & tuned, pattern


def test_each_place_in_an_unseen_line_is_filled(unseen: ModuleType) -> None:
    dice = random.Random(1)
    for lists in lists_of(unseen).values():
        for sort in ("ticket", "log", "minutes", "parts"):
            for _ in range(40):
                made = unseen.text(lists, sort, dice)
                assert not re.search(r"<[^\W\d]\w*>|##", made), made


def test_the_unseen_lines_are_made_by_code_of_their_own(unseen: ModuleType) -> None:
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for file in (BENCH / "company_unseen").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    assert imported == {"__future__", "random", "re", "company_unseen.patterns"}
