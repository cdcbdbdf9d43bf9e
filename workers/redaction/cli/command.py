"""`omnigov redact IN --out OUT`: redaction alone, for media of all kinds, or a folder of them."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar

from pydantic import TypeAdapter, ValidationError
from tqdm import tqdm

from omnigov.contracts import (
    FormTemplate,
    Hook,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
)
from omnigov.contracts.encodings import NAMED
from omnigov.contracts.kinds import MediumKind
from workers.media import kinds
from workers.media.text import decode, encode
from workers.redaction.cli import template as template_command
from workers.redaction.cli.case import Case, CaseUnusable
from workers.redaction.core.values import FolderPseudonyms, Pseudonyms
from workers.redaction.kinds import table as tables
from workers.redaction.kinds import text
from workers.redaction.kinds.picture import load
from workers.redaction.kinds.redactors import Beside, redactor
from workers.redaction.masking.by_hand import NO_EDITS

if TYPE_CHECKING:
    from workers.redaction.cli.tally import Tally

Loaded = TypeVar("Loaded")


def main(argv: list[str]) -> int:
    """Redacts and returns the exit code: 0 when every file was redacted, 1 when one was not."""
    if template_command.ASKED in argv:
        return template_command.main([word for word in argv if word != template_command.ASKED])
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The name of a file may hold bytes that are no text.
            stream.reconfigure(errors="backslashreplace")
    try:
        profile = _with_templates(_profile(arguments.profile), arguments.template)
        edits = _edits(arguments.edits)
        jobs = list(_jobs(arguments.source, arguments.out))
        case = _case(arguments.case, arguments.out)
        load(profile)
    except (Quarantined, _Unusable, CaseUnusable) as error:
        print(f"omnigov redact: {error}", file=sys.stderr)
        return 1
    if profile.fill.weak:
        print(
            f"omnigov redact: {profile.fill} is weak: what was under it can be guessed. Use it only where "
            "nobody is harmed by that.",
            file=sys.stderr,
        )
    rows = []
    tally = _tally(case) if arguments.quasi else None
    limits = Limits(max_bytes=max(1, arguments.max_bytes))
    files = _Files(
        profile,
        edits,
        case or FolderPseudonyms(),
        tally,
        arguments.encoding,
        limits=limits,
        tracks=arguments.tracks,
    )
    if case:
        inside = arguments.case.resolve()
        jobs = [job for job in jobs if inside not in job[0].resolve().parents]
    for source, target in tqdm(jobs, unit="file", disable=None if len(jobs) > 1 else True):
        name = source.name if arguments.source.is_file() else source.relative_to(arguments.source).as_posix()
        row = files.one(source, target, name)
        rows.append(row)
        if row["state"] != "redacted":
            tqdm.write(f"{source}: {row['sentence']}", file=sys.stderr)
        elif arguments.verbose:
            tqdm.write(f"{source}: {len(row['findings'])} found, written to {row['out']}")
    if arguments.report:
        report = {"profile": profile.model_dump(mode="json"), "files": rows}
        if tally:
            report["quasi"] = {when: each.model_dump(mode="json") for when, each in tally.report().items()}
        try:
            _write(arguments.report, _json(report))
        except OSError as error:
            reason = error.strerror or error
            print(f"omnigov redact: The report can't be written: {reason}.", file=sys.stderr)
            return 1
    done = sum(row["state"] == "redacted" for row in rows)
    print(f"{done} of {len(rows)} redacted, {sum(len(row['findings']) for row in rows)} findings hidden.")
    if tally:
        print(tally.summary())
    return 0 if done == len(rows) else 1


def _tally(case: Case | None) -> Tally:
    # Its patterns take a second to build, which who asks for no counts need not wait for.
    from workers.redaction.cli.tally import Tally

    return Tally(case)


class _Unusable(Exception):
    """What was asked for can't be begun; the message is a sentence for a person."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="omnigov redact",
        description="Hide faces, codes, seals and personal data in pictures, documents (PDF, TIFF), texts, "
        "recordings and videos; nothing of their metadata is kept.",
    )
    parser.add_argument(
        "source",
        metavar="IN",
        type=Path,
        help="a picture, a document, a text, a recording or a video, or a folder of them",
    )
    parser.add_argument("--out", required=True, type=Path, help="the redacted copy, or a folder for them")
    parser.add_argument("--report", type=Path, help="write what was hidden where, without values, as JSON")
    parser.add_argument("--profile", type=Path, help="what to hide and how sure to be, as JSON")
    parser.add_argument(
        "--template",
        type=Path,
        action="append",
        default=[],
        metavar="T",
        help="a form whose fields are hidden by place; --make-template SAMPLE FIELDS --out T makes one",
    )
    parser.add_argument("--edits", type=Path, help="regions to add and to leave out, by file, as JSON")
    parser.add_argument(
        "--case", type=Path, metavar="CASE", help="a folder that keeps pseudonyms the same over several calls"
    )
    parser.add_argument(
        "--encoding",
        default="",
        metavar="NAME",
        help=f"what texts are encoded in, where their bytes don't say it for sure: {', '.join(NAMED)}",
    )
    parser.add_argument(
        "--quasi",
        action="store_true",
        help="count what tells people apart without naming them, before and after, and k over all files",
    )
    parser.add_argument(
        "--tracks",
        action="store_true",
        help="beside each video's copy, a file NAME.tracks.json: what is hidden where in which frame",
    )
    parser.add_argument(
        "--max-bytes",
        type=int,
        default=Limits().max_bytes,
        metavar="N",
        help=f"the largest file that is taken; {Limits().max_bytes:,} bytes where it is left out",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each file")
    return parser


def _profile(path: Path | None) -> RedactionProfile:
    return RedactionProfile() if path is None else _loaded("profile", path, TypeAdapter(RedactionProfile))


def _with_templates(profile: RedactionProfile, paths: list[Path]) -> RedactionProfile:
    added = tuple(_loaded("form template", path, TypeAdapter(FormTemplate)) for path in paths)
    return profile.model_copy(update={"templates": (*profile.templates, *added)}) if added else profile


def _edits(path: Path | None) -> dict[str, RedactionEdits]:
    """Edits by the file's name, or by its path below the folder that is redacted."""
    return {} if path is None else _loaded("file of edits", path, TypeAdapter(dict[str, RedactionEdits]))


def _loaded(what: str, path: Path, kind: TypeAdapter[Loaded]) -> Loaded:
    try:
        return kind.validate_json(path.read_bytes())
    except OSError as error:
        raise _Unusable(f"The {what} {path} can't be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _Unusable(f"The {what} {path} is not usable: {place}: {first['msg']}.") from error


def _case(folder: Path | None, out: Path) -> Case | None:
    if folder and out.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise _Unusable("The case holds the values. Keep it out of the folder of the copies.")
    return Case(folder) if folder else None


def _jobs(source: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    """Each file with where its copy goes; the suffix is settled when the copy's type is known."""
    if source.is_file():
        target = out / source.name if out.is_dir() else out
        if target.is_file() and target.samefile(source):
            raise _Unusable(f"{target} is the original itself; give --out another name.")
        yield source, target
        return
    if not source.is_dir():
        raise _Unusable(f"{source} is neither a file nor a folder.")
    if out.exists() and (not out.is_dir() or out.samefile(source)):
        raise _Unusable(f"{source} is a folder, so --out must be another folder.")
    inside = out.resolve()
    files = sorted(
        file
        for file in source.rglob("*")
        if file.is_file()
        and not file.is_symlink()
        and not any(part.startswith(".") for part in file.relative_to(source).parts)
        and inside not in file.resolve().parents
    )
    if not files:
        raise _Unusable(f"There is no file in {source}.")
    for file in files:
        yield file, out / file.relative_to(source)


class _Files:
    """Redacts files of all kinds that are taken, by what is in them; loads what each kind asks for once."""

    def __init__(
        self,
        profile: RedactionProfile,
        edits: dict[str, RedactionEdits],
        pseudonyms: Pseudonyms,
        tally: Tally | None = None,
        encoding: str = "",
        *,
        limits: Limits,
        tracks: bool,
    ) -> None:
        self._limits, self._tracks = limits, tracks
        self._profile = profile
        self._edits = edits
        self._pseudonyms = pseudonyms
        self._tally = tally
        self._encoding = encoding
        self._texts: text.TextRedactor | None = None
        self._taken: set[Path] = set()

    def one(self, source: Path, target: Path, name: str) -> dict[str, Any]:
        """Redacts one file; returns its row of the report."""
        row: dict[str, Any] = {"file": str(source), "state": "redacted", "findings": []}
        limits = self._limits
        try:
            content = _read(source, limits)
            edits = self._edits.get(name, NO_EDITS)
            kind = kinds.told(content)
            if kind.name == "text":
                result, out = self._text(content, source, target, limits)
            else:
                result, out = self._medium(kind, content, source, target, limits, edits)
        except Refused as refused:
            return row | {"state": "refused", "code": refused.code, "sentence": refused.sentence}
        except Quarantined as kept:
            return row | {"state": "quarantined", "code": kept.code, "sentence": kept.sentence}
        except OSError as error:
            sentence = f"The file can't be read or written: {error.strerror or error}."
            return row | {"state": "failed", "code": "io", "sentence": sentence}
        except MemoryError:
            sentence = "The file does not fit into memory. Send a smaller one, or split it."
            return row | {"state": "failed", "code": "memory", "sentence": sentence}
        except CaseUnusable as error:
            return row | {"state": "failed", "code": "case", "sentence": str(error)}
        return row | {"out": str(out)} | result

    def _medium(
        self,
        kind: MediumKind,
        content: bytes,
        source: Path,
        wished: Path,
        limits: Limits,
        edits: RedactionEdits,
    ) -> tuple[dict[str, Any], Path]:
        read, beside = ReadValues(), Beside()
        with _Part(wished.parent) as part, _progress() as hook:
            result = redactor(kind).redact_to(
                content, part.stream, self._profile, limits, hook, edits, read, beside, by_hand=False
            )
            row = self._named(result, read)
            out = self._target(wished, kind.copies[result.media_type])
            part.becomes(out)
        if self._tracks and beside.tracks:
            _write(out.with_name(f"{out.name}.tracks.json"), beside.tracks)
        return row | self._counted(source, read.seen, read.left), out

    def _text(
        self, content: bytes, source: Path, wished: Path, limits: Limits
    ) -> tuple[dict[str, Any], Path]:
        if self._texts is None:
            self._texts = text.TextRedactor(self._profile, self._pseudonyms)
        original, encoding = decode(content, limits, self._encoding)
        table = source.suffix.lower() in tables.SUFFIXES
        copy, result = self._texts.redact(original, table=table, seconds=text.seconds_for(original))
        out = self._target(wished, (wished.suffix,))
        _write(out, encode(copy, encoding))
        return result.model_dump(mode="json") | self._counted(source, original, copy), out

    def _counted(self, source: Path, before: str, after: str) -> dict[str, Any]:
        """What tells people apart in this file, where that was asked for. It never holds the copy back."""
        if self._tally is None:
            return {}
        try:
            table = source.suffix.lower() in tables.SUFFIXES
            return {"quasi": self._tally.add(str(source.resolve()), before, after, table=table)}
        except (TimeoutError, csv.Error):
            return {"quasi": {"sentence": "This file took too long, or is no table, and was not counted."}}

    def _named(self, result: RedactionResult, read: ReadValues) -> dict[str, Any]:
        """The result for the report; a finding whose value was read has its pseudonym."""
        row = result.model_dump(mode="json")
        for finding, value in zip(row["findings"], read.of(result.findings), strict=True):
            if value is not None:
                finding["pseudonym"] = self._pseudonyms.of(finding["kind"], value.value)
        return row

    def _target(self, wished: Path, suffixes: tuple[str, ...]) -> Path:
        """The wished name with a suffix that tells the copy's type, and no name twice."""
        target = wished if wished.suffix.lower() in suffixes else wished.with_suffix(suffixes[0])
        if target in self._taken:
            target = wished.with_name(wished.name + suffixes[0])
        self._taken.add(target)
        return target


def _json(report: dict[str, Any]) -> bytes:
    # The name of a file may hold bytes that are no text.
    return json.dumps(report, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def _progress() -> Iterator[Hook]:
    """A hook that shows how much of a long file is done, where somebody sees it."""
    with tqdm(total=100, unit="%", leave=False, delay=3, disable=None) as bar:

        def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
            if progress is not None:
                bar.update(max(0, int(100 * progress) - bar.n))

        yield hook


def _read(source: Path, limits: Limits) -> bytes:
    with source.open("rb") as stream:
        return stream.read(limits.max_bytes + 1)


def _write(path: Path, content: bytes) -> None:
    with _Part(path.parent) as part:
        part.stream.write(content)
        part.becomes(path)


class _Part:
    """A stream to a file that is there whole when it has its name, and not at all after an error."""

    stream: BinaryIO

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._folder)
        self.stream, self._path = os.fdopen(handle, "wb"), Path(name)
        return self

    def becomes(self, path: Path) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self._path.replace(path)

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self._path.unlink(missing_ok=True)
