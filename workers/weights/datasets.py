"""Training and benchmark data: pinned by digest as model files are, with licences.

The archive's digest guards the download, the tree's digest guards what is read: SHA-256 of the lines
`<sha256 of a file>  <its path>\\n`, sorted by path, as `sha256sum` would print them.
"""

from __future__ import annotations

import functools
import hashlib
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from omnigov.contracts import Frozen
from workers.weights.download import SourceFailed, download
from workers.weights.fetch import FetchFailed, one_at_a_time
from workers.weights.progress import Report
from workers.weights.store import REPOSITORY, WeightsDiffer, WeightsMissing, digest

MEND = "Run `omnigov data fetch`."
OFFLINE_MEND = (
    "Connect this machine once and run `omnigov data fetch` again, or put the archive into a folder and "
    "name it in OMNIGOV_DATA_FOLDER."
)


class FolderSource(Frozen):
    """`OMNIGOV_DATA_FOLDER`: a folder that holds the archive."""

    kind: Literal["folder"] = "folder"


class AptSource(Frozen):
    """A Debian package, downloaded by the system's apt-get, with its mirror and proxy; needs no root."""

    kind: Literal["apt"] = "apt"
    package: str
    version: str


class UrlSource(Frozen):
    kind: Literal["url"] = "url"
    url: str


class Dataset(Frozen):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    version: str
    about: str
    licence: str
    copyright: str
    used_for: tuple[Literal["align", "adapt", "evaluate"], ...]
    archive: str = Field(pattern=r"^[A-Za-z0-9][^/]*\.(deb|tar\.gz|tgz|whl)$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    tree_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    root: str = Field(description="where the data begins inside the unpacked tree")
    sources: tuple[Annotated[FolderSource | AptSource | UrlSource, Field(discriminator="kind")], ...]


@functools.cache
def datasets() -> tuple[Dataset, ...]:
    return TypeAdapter(tuple[Dataset, ...]).validate_json(
        Path(__file__).with_name("datasets.json").read_bytes()
    )


def folder() -> Path:
    """Where data is kept: `OMNIGOV_DATA_DIR`, else `var/data` of the repository."""
    named = os.environ.get("OMNIGOV_DATA_DIR")
    return Path(named).expanduser().resolve() if named else REPOSITORY / "var" / "data"


def dataset(name: str) -> Dataset:
    """Raises `KeyError` with a sentence where there is no such data set."""
    for entry in datasets():
        if entry.name == name:
            return entry
    raise KeyError(f"no data set is called {name}; `omnigov data list` shows their names")


def tree_digest(tree: Path) -> str:
    """SHA-256, in hex, over every file below `tree` and its path; see the module's first lines."""
    whole = hashlib.sha256()
    for path in sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()):
        whole.update(f"{digest(tree / path)}  {path}\n".encode())
    return whole.hexdigest()


def check(entry: Dataset) -> Path:
    """Hash the unpacked tree now; returns where the data begins. Raises `WeightsMissing`, `WeightsDiffer`."""
    tree = folder() / entry.name
    if not tree.is_dir():
        raise WeightsMissing(f"The data set {entry.name} is not at {tree}. {MEND}")
    found = tree_digest(tree)
    if found != entry.tree_sha256:
        raise WeightsDiffer(
            f"The data set {tree} has the digest {found[:12]}…, not {entry.tree_sha256[:12]}…. "
            f"Move the folder away, then: {MEND}"
        )
    return tree / entry.root


@functools.cache
def _checked(entry: Dataset, _folder: Path) -> Path:
    return check(entry)


def path(name: str) -> Path:
    """Where this data set begins, verified when first asked for in this process. Raises as `check` does."""
    return _checked(dataset(name), folder())


def fetch(names: Iterable[str], report: Report) -> tuple[str, ...]:
    """Make these data sets (all, without names) be here, verified; returns those that had to be brought.

    Raises `FetchFailed` with a sentence.
    """
    try:
        chosen = tuple(dataset(name) for name in names) or datasets()
    except KeyError as error:
        raise FetchFailed(f"{error.args[0]}.") from error
    brought = []
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with one_at_a_time(folder() / ".lock", report):
            for entry in chosen:
                if not _is_here(entry):
                    _bring(entry, report)
                    brought.append(entry.name)
    except OSError as error:
        raise FetchFailed(
            f"{folder()} can't be written: {error}. "
            "Free some space, or name a folder that can be written in OMNIGOV_DATA_DIR."
        ) from error
    finally:
        report.close()
    return tuple(brought)


def _is_here(entry: Dataset) -> bool:
    try:
        check(entry)
    except WeightsMissing:
        return False
    except WeightsDiffer as error:
        raise FetchFailed(str(error)) from error
    return True


def _bring(entry: Dataset, report: Report) -> None:
    scratch = folder() / ".incoming"
    scratch.mkdir(parents=True, exist_ok=True)
    archive = scratch / entry.archive
    reasons = []
    for source in entry.sources:
        try:
            _archive_from(entry, source, archive, report)
            found = digest(archive)
            if found != entry.sha256:
                aside = folder() / f"{entry.archive}.refused-{found[:12]}"
                os.replace(archive, aside)
                raise SourceFailed(f"the {source.kind} gave another file, set aside as {aside}")
            break
        except SourceFailed as error:
            reasons.append(error)
    else:
        if all(reason.unreachable for reason in reasons):
            raise FetchFailed(
                f"{entry.name} is not on this machine, and no source can be reached. {OFFLINE_MEND}"
            )
        raise FetchFailed(f"{entry.name}: {'; '.join(map(str, reasons))}. {MEND}")
    report.said(f"{entry.name}: verified, {entry.size:,} bytes; unpacking")
    unpacked = scratch / entry.name
    shutil.rmtree(unpacked, ignore_errors=True)
    unpack(archive, unpacked)
    if tree_digest(unpacked) != entry.tree_sha256:
        raise FetchFailed(f"{entry.name} did not unpack as pinned; its tree is at {unpacked}.")
    os.replace(unpacked, folder() / entry.name)
    archive.unlink()


def _archive_from(
    entry: Dataset, source: FolderSource | AptSource | UrlSource, archive: Path, report: Report
) -> None:
    """Write the archive, unjudged, to `archive`. Raises `SourceFailed`."""
    if isinstance(source, FolderSource):
        named = os.environ.get("OMNIGOV_DATA_FOLDER")
        if not named or not (Path(named).expanduser() / entry.archive).is_file():
            raise SourceFailed(f"OMNIGOV_DATA_FOLDER holds no {entry.archive}", unreachable=True)
        shutil.copyfile(Path(named).expanduser() / entry.archive, archive)
    elif isinstance(source, AptSource):
        _from_apt(source, archive, report)
    else:
        download(source.url, archive, lambda have, total: report.moved(entry.name, have, total))


def _from_apt(source: AptSource, archive: Path, report: Report) -> None:
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise SourceFailed("apt-get is not on this machine", unreachable=True)
    report.said(f"{source.package}: apt-get download {source.package}={source.version}")
    answer = subprocess.run(  # noqa: S603 - the words come from the manifest
        [apt_get, "download", "--quiet=2", f"{source.package}={source.version}"],
        cwd=archive.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode or not archive.is_file():
        last = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SourceFailed(f"apt-get download {source.package}={source.version}: {last}", unreachable=True)


def unpack(archive: Path, into: Path) -> None:
    """Unpack a Debian package's files, a wheel, a .tar.gz or .tgz. Raises `FetchFailed` where it is none."""
    if archive.suffix == ".deb":
        unpack_deb(archive, into)
        return
    if archive.suffix == ".whl":
        unpack_wheel(archive, into)
        return
    try:
        with tarfile.open(archive, "r:gz") as files:
            files.extractall(into, filter="data")
    except (EOFError, OSError, tarfile.TarError, zlib.error) as error:
        raise FetchFailed(f"{archive.name} can't be unpacked: {error}") from error


def unpack_wheel(archive: Path, into: Path) -> None:
    """Unpack a wheel's files; nothing of it is installed or run. Raises `FetchFailed` where it isn't one."""
    try:
        with zipfile.ZipFile(archive) as files:
            files.extractall(into)  # noqa: S202 - pinned by digest, and it keeps names below the folder
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise FetchFailed(f"{archive.name} can't be unpacked: {error}") from error


def unpack_deb(archive: Path, into: Path) -> None:
    """Unpack a Debian package's files. Raises `FetchFailed` where it isn't one.

    A .deb is an ar(5) archive: 8 bytes of magic, then members, each a header of 60 bytes (name in the first
    16, its size in bytes 48 to 58) and its content, padded to an even length.
    """
    try:
        data = archive.read_bytes()
        offset = 8
        while data[:8] == b"!<arch>\n" and offset + 60 <= len(data):
            name = data[offset : offset + 16].decode("ascii").strip().rstrip("/")
            size = int(data[offset + 48 : offset + 58])
            if offset + 60 + size > len(data):
                raise ValueError("it ends early")
            if name in ("data.tar.xz", "data.tar.gz", "data.tar"):
                with tarfile.open(fileobj=io.BytesIO(data[offset + 60 : offset + 60 + size])) as files:
                    files.extractall(into, filter="data")
                return
            offset += 60 + size + size % 2
    except (ValueError, EOFError, tarfile.TarError, lzma.LZMAError, zlib.error) as error:
        raise FetchFailed(f"{archive.name} can't be unpacked: {error}") from error
    raise FetchFailed(f"{archive.name} is not a Debian package with files in it")
