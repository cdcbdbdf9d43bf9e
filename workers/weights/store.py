"""The verified model files on this machine. Nothing is handed out whose digest does not match."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Literal

from omnigov.contracts import Frozen, ModelVersion, Stage, WeightFile
from workers import offline
from workers.weights.manifest import ModelFile, manifest

REPOSITORY = Path(__file__).resolve().parents[2]
MEND = "Run `omnigov models fetch`."
LONGEST_HEADER = 1 << 20
"""Bytes of a connector's header that are read at most: it has a handful of tensors."""


class WeightsUnavailable(Exception):
    """A model file can't be used; the text says why and what to do."""


class WeightsMissing(WeightsUnavailable):
    """The file isn't on this machine, or was never pinned."""


class WeightsDiffer(WeightsUnavailable):
    """The file is there, and it is not the one that the manifest names."""


def folder() -> Path:
    """Where model files are kept: `OMNIGOV_MODELS_DIR`, else `var/models` of the repository."""
    named = os.environ.get("OMNIGOV_MODELS_DIR")
    return Path(named).expanduser().resolve() if named else REPOSITORY / "var" / "models"


def location(file: ModelFile) -> Path:
    """Where this file belongs, whether it is there or not."""
    return (REPOSITORY if file.in_repository else folder()) / file.path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def mend(file: ModelFile) -> str:
    if not file.in_repository:
        return MEND
    if file.sha256 is None:
        return f"Train it with `omnigov align`, then run `python -m workers models pin {file.name}`."
    return f"Restore it with `git checkout -- {file.path}`."


def check(file: ModelFile) -> Path:
    """Hash the file now and return where it is. Raises `WeightsMissing` or `WeightsDiffer`."""
    path = location(file)
    if file.sha256 is None:
        raise WeightsMissing(f"The model file {file.name} has no digest yet. {mend(file)}")
    if not path.is_file():
        raise WeightsMissing(f"The model file {file.name} is not at {path}. {mend(file)}")
    size = path.stat().st_size
    if size != file.size:
        raise WeightsDiffer(f"The model file {path} has {size} bytes, not {file.size}. {mend(file)}")
    found = digest(path)
    if found != file.sha256:
        raise WeightsDiffer(
            f"The model file {path} has the digest {found[:12]}…, not {file.sha256[:12]}…. {mend(file)}"
        )
    return path


_checking = threading.Lock()


@functools.cache
def _checked(file: ModelFile, _path: Path) -> Path:
    return check(file)


def path(name: str) -> Path:
    """The verified file of this name; hashed when it is first asked for in this process.

    Raises `KeyError` for a name that the manifest does not have, `WeightsMissing` and `WeightsDiffer`
    with the mend otherwise.
    """
    offline.enforce()
    file = manifest().file(name)
    with _checking:  # two threads asking at once hash it once
        return _checked(file, location(file))


def sha256(name: str) -> str:
    """The pinned digest of this file, in hex, without reading the file. Raises as `path` does."""
    file = manifest().file(name)
    if file.sha256 is None:
        raise WeightsMissing(f"The model file {file.name} has no digest yet. {mend(file)}")
    return file.sha256


def directory(name: str) -> Path:
    """The folder of a model of several files, each verified, for `from_pretrained`. Raises as `path` does."""
    files = [file for file in manifest().members(name) if file.name != name]
    if not files:
        raise KeyError(f"no model folder is called {name}; `omnigov models list` shows the names")
    return {path(file.name).parent for file in files}.pop()


class FileState(Frozen):
    """How one file of the manifest stands on this machine."""

    name: str
    role: str
    licence: str
    size: int | None
    sha256: str | None
    state: Literal["verified", "missing", "differs", "unpinned", "not_needed"]
    path: str
    sentence: str | None = None


def state(file: ModelFile) -> FileState:
    """Hash one file and tell how it stands; raises nothing for a file that is missing or differs."""
    kind: Literal["verified", "missing", "differs", "unpinned", "not_needed"] = "verified"
    sentence = None
    try:
        check(file)
    except WeightsDiffer as error:
        kind, sentence = "differs", str(error)
    except WeightsMissing as error:
        kind, sentence = ("unpinned" if file.sha256 is None else "missing"), str(error)
        if not file.wanted:
            kind, sentence = "not_needed", None
    return FileState(
        name=file.name,
        role=file.role,
        licence=file.licence,
        size=file.size,
        sha256=file.sha256,
        state=kind,
        path=str(location(file)),
        sentence=sentence,
    )


def verify_all() -> tuple[FileState, ...]:
    """Hash every file of the manifest, about 0.3 s for the 330 MB on a CPU with SHA instructions."""
    return tuple(state(file) for file in manifest().files)


def config_digest(connector: Path) -> str:
    """SHA-256, in hex, of the model configuration that a connector's file carries.

    A safetensors file begins with its header's length (8 bytes, little-endian) and its header, whose
    `__metadata__` holds the configuration as JSON text. Raises `WeightsDiffer` where there is none.
    """
    with connector.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        try:
            text = json.loads(stream.read(min(length, LONGEST_HEADER)))["__metadata__"]["config"]
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsDiffer(
                f"{connector} carries no model configuration. Train it with `omnigov align`."
            ) from error
    return hashlib.sha256(str(text).encode()).hexdigest()


def model_version(stage: Stage) -> ModelVersion:
    """The model of a stage with every weight file's pinned digest; verifies the connector alone, no torch.

    Raises `WeightsMissing` where the stage has no model or one of its files no digest yet, and as `check`
    does for the connector.
    """
    for model in manifest().models:
        if model.stage == stage:
            break
    else:
        raise WeightsMissing(f"No model is made for the stage {stage} yet; choose a policy of another stage.")
    files = tuple(
        WeightFile(name=file.name, role=file.role, sha256=sha256(file.name))
        for part in model.config.parts
        for file in manifest().members(part)
    )
    connector = path(model.config.connector)
    return ModelVersion(name=model.name, stage=stage, config_digest=config_digest(connector), files=files)
