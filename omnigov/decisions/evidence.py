"""The files that a run leaves behind: the redacted copy and the heat map.

They are written whole or not at all, and read only by the digest that the run's row holds.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path
from typing import Literal

from django.conf import settings

from omnigov.durable import sync_folder, write_private

Piece = Literal["redacted", "heatmap"]


class EvidenceDamaged(RuntimeError):
    """A file of a run is gone, or is not the one that was recorded."""


def write(run: uuid.UUID, piece: Piece, content: bytes) -> None:
    write_private(_file(run, piece), content)


def read(run: uuid.UUID, piece: Piece, *, digest: str | None = None) -> bytes:
    """The file's bytes. Raises `EvidenceDamaged` if it is gone or, where `digest` is given, differs."""
    try:
        content = _file(run, piece).read_bytes()
    except FileNotFoundError:
        raise EvidenceDamaged(f"The run's {piece} picture is gone from the evidence folder.") from None
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise EvidenceDamaged(f"The run's {piece} picture was changed after it was recorded.")
    return content


def discard(run: uuid.UUID) -> None:
    """Removes all files of a run, for good when this returns."""
    folder = _file(run, "redacted").parent
    if folder.is_dir():
        shutil.rmtree(folder)
        sync_folder(folder.parent)


def _file(run: uuid.UUID, piece: Piece) -> Path:
    return Path(settings.OMNIGOV_EVIDENCE_DIR) / run.hex[:2] / run.hex / piece
