"""Which code this is: on each decision, so that a result can be traced to the lines that made it."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path


@functools.cache
def code_version() -> str:
    """The package's version and the first 16 hex digits of a SHA-256 over the source of both halves.

    Taken from the files that run, not from version control: a changed line shows even where nobody
    committed it.
    """
    root = Path(__file__).resolve().parent.parent
    total = hashlib.sha256()
    for folder in ("omnigov", "workers"):
        for file in sorted((root / folder).rglob("*.py")):
            total.update(file.relative_to(root).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{version('omnigov')}+source.{total.hexdigest()[:16]}"
