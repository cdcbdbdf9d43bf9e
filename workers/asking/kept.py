"""Heads that were fitted to policies in files, and the numbers of examples, in the state folder.

`heads/<policy's digest>/` holds each head as its file and its card, and `newest` names the one in use. The
numbers of an example lie under a keyed digest of what was seen of it: of an original nothing is kept. The key
is `examples.key`, made on first use; without it neither heads nor files' names say what the examples were.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from omnigov.contracts import Head, PolicySpec, digest_of
from workers.omni.features import Features
from workers.omni.heads import file_digest
from workers.weights.store import REPOSITORY

NEWEST = "newest"
KEY = "examples.key"


def state_folder() -> Path:
    """Where this installation keeps what it makes: OMNIGOV_VAR, or `var` beside the source."""
    return Path(os.environ.get("OMNIGOV_VAR") or REPOSITORY / "var").expanduser().resolve()


def examples_key() -> bytes:
    """The key of this installation's marks of examples, made where there is none."""
    place = state_folder() / KEY
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent) as stream:  # for its owner's eyes alone
            stream.write(secrets.token_bytes(32))
            stream.flush()
            with contextlib.suppress(FileExistsError):  # of two at once the first wins
                os.link(stream.name, place)
    return place.read_bytes()


def keep(policy: PolicySpec, file: bytes, card: Head) -> Path:
    """Keeps a head for its policy and makes it the newest; where its file lies."""
    folder = _folder(policy)
    place = folder / f"{card.file_digest}.safetensors"
    _written(place, file)
    _written(place.with_suffix(".json"), card.model_dump_json(indent=2).encode() + b"\n")
    _written(folder / NEWEST, card.file_digest.encode())
    return place


def newest(policy: PolicySpec) -> tuple[bytes, Head] | None:
    """The newest head of this very policy with its card; None where there is none.

    Raises ValueError where the file is not the one that was kept.
    """
    folder = _folder(policy)
    try:
        named = (folder / NEWEST).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    file = (folder / f"{named}.safetensors").read_bytes()
    if file_digest(file) != named:
        raise ValueError(f"The head in {folder} was changed since it was kept; adapt the policy again.")
    return file, Head.model_validate_json((folder / f"{named}.json").read_bytes())


def _folder(policy: PolicySpec) -> Path:
    return state_folder() / "heads" / digest_of(policy)


def forget_unkeyed(made_by: str) -> None:
    """Removes the numbers that were kept under plain digests, before there were keys."""
    shutil.rmtree(state_folder() / "features" / made_by, ignore_errors=True)


def _written(place: Path, content: bytes) -> None:
    """Writes the file whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as stream:
        stream.write(content)
    os.replace(stream.name, place)


class KeptFeatures(MutableMapping[str, Features]):
    """Features by the keyed mark of a redacted medium, for one policy on one model; a file each."""

    def __init__(self, made_by: str) -> None:
        self._folder = state_folder() / "features" / made_by

    def __getitem__(self, mark: str) -> Features:
        try:
            blocks = load((self._folder / f"{mark}.safetensors").read_bytes())
        except FileNotFoundError:
            raise KeyError(mark) from None
        return Features(mark, blocks)

    def __setitem__(self, mark: str, features: Features) -> None:
        blocks = {name: np.ascontiguousarray(block) for name, block in features.blocks.items()}
        _written(self._folder / f"{mark}.safetensors", save(blocks))

    def __delitem__(self, mark: str) -> None:
        (self._folder / f"{mark}.safetensors").unlink()

    def __iter__(self) -> Iterator[str]:
        return (file.stem for file in self._folder.glob("*.safetensors"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, mark: object) -> bool:
        return (self._folder / f"{mark}.safetensors").is_file()
