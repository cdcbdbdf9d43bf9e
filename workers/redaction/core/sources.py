"""The source that a detector is made of, as one digest: a changed rule is another detector on the record."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[3]
# The shapes of records decide nothing about what is found, and change with all else.
_APART = ("omnigov", "contracts")


@functools.cache
def digest(file: str) -> str:
    """SHA-256, in hex, over a module's file and every module of ours that it imports, at any depth.

    Each goes in by its place in the house and by its bytes: one that moved is another, too.
    """
    whole = hashlib.sha256()
    for each in files(Path(file).resolve()):
        place = each.relative_to(HOUSE).as_posix() if each.is_relative_to(HOUSE) else each.name
        whole.update(f"{place}\n{hashlib.sha256(each.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def files(file: Path) -> list[Path]:
    """The module's file and those of what it imports, by name, and of the packages that all of them lie in.

    Python runs a package's `__init__` before anything in it, so what that brings along is part of each.
    """
    waiting, seen = [file], set[Path]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += _packages(one)
            waiting += _imported(one)
    return sorted(seen)


def _packages(file: Path) -> Iterator[Path]:
    for folder in file.parents:
        if folder == HOUSE or not folder.is_relative_to(HOUSE):
            return
        if (init := folder / "__init__.py").is_file():
            yield init


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _modules(HOUSE.joinpath(*alias.name.split(".")))
        elif isinstance(node, ast.ImportFrom):
            # `from .. import rules` begins at the folder above the file's own.
            start = file.parents[node.level - 1] if node.level else HOUSE
            package = start.joinpath(*(node.module or "").split("."))
            yield from _modules(package)
            # What is imported from a package may be a module of it.
            for alias in node.names:
                yield from package.glob("*.py") if alias.name == "*" else _modules(package / alias.name)


def _modules(place: Path) -> Iterator[Path]:
    """The file of the module or package at this place, where it is one of ours."""
    if place.is_relative_to(HOUSE.joinpath(*_APART)):
        return
    for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if file.is_file():
            yield file
