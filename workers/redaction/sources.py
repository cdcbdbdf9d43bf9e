"""The source that a detector is made of, as one digest: a changed rule is another detector on the record."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
# The shapes of records decide nothing about what is found, and change with all else.
_APART = ["omnigov", "contracts"]


@functools.cache
def digest(file: str) -> str:
    """SHA-256, in hex, over a module's file and every module of ours that it imports, at any depth."""
    whole = hashlib.sha256()
    for each in files(Path(file).resolve()):
        whole.update(f"{each.name}\n{hashlib.sha256(each.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def files(file: Path) -> list[Path]:
    """The module's file and those of what it imports, by name."""
    waiting, seen = [file], set[Path]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += _imported(one)
    return sorted(seen)


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            # What is imported from a package may be a module of it.
            names = [node.module, *(f"{node.module}.{name}" for name in names)]
        for name in names:
            module = HOUSE.joinpath(*name.split(".")).with_suffix(".py")
            if name.split(".")[:2] != _APART and module.is_file():
                yield module
