"""`omnigov redact IN --out OUT`: redaction alone, for a picture or a folder of them."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tqdm import tqdm

from omnigov.contracts import Limits, Quarantined, RedactionProfile, RedactionResult, Refused
from workers.redaction.image import load, redact

SUFFIXES = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}


def main(argv: list[str]) -> int:
    """Redacts and returns the exit code: 0 when every file was redacted, 1 when one was not."""
    arguments = _parser().parse_args(argv)
    try:
        profile = _profile(arguments.profile)
        jobs = list(_jobs(arguments.source, arguments.out))
        load(profile)
    except (Quarantined, _Unusable) as error:
        print(f"omnigov redact: {error}", file=sys.stderr)
        return 1
    rows = []
    taken: set[Path] = set()
    for source, target in tqdm(jobs, unit="file", disable=None if len(jobs) > 1 else True):
        row, result = _one(source, target, profile, taken)
        rows.append(row)
        if result is None:
            tqdm.write(f"{source}: {row['sentence']}", file=sys.stderr)
        elif arguments.verbose:
            tqdm.write(f"{source}: {len(result.findings)} found, written to {row['out']}")
    if arguments.report:
        report = {"profile": profile.model_dump(mode="json"), "files": rows}
        _write(arguments.report, json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n")
    done = sum(row["state"] == "redacted" for row in rows)
    print(f"{done} of {len(rows)} redacted, {sum(len(row['findings']) for row in rows)} findings hidden.")
    return 0 if done == len(rows) else 1


class _Unusable(Exception):
    """What was asked for can't be begun; the message is a sentence for a person."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="omnigov redact",
        description="Hide faces and personal data written in pictures; nothing of their metadata is kept.",
    )
    parser.add_argument("source", metavar="IN", type=Path, help="a picture, or a folder of pictures")
    parser.add_argument("--out", required=True, type=Path, help="the redacted picture, or a folder for them")
    parser.add_argument("--report", type=Path, help="write what was hidden where, without values, as JSON")
    parser.add_argument("--profile", type=Path, help="what to hide and how sure to be, as JSON")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each file")
    return parser


def _profile(path: Path | None) -> RedactionProfile:
    if path is None:
        return RedactionProfile()
    try:
        return RedactionProfile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _Unusable(f"The profile {path} can't be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _Unusable(f"The profile {path} is not usable: {place}: {first['msg']}.") from error


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


def _one(
    source: Path, target: Path, profile: RedactionProfile, taken: set[Path]
) -> tuple[dict[str, Any], RedactionResult | None]:
    """Redacts one file; returns its row of the report, and the result where there is one."""
    row: dict[str, Any] = {"file": str(source), "state": "redacted", "findings": []}
    limits = Limits()
    try:
        copy, result = redact(_read(source, limits), profile, limits)
        target = _target(target, result, taken)
        _write(target, copy)
    except Refused as refused:
        return row | {"state": "refused", "code": refused.code, "sentence": refused.sentence}, None
    except Quarantined as kept:
        return row | {"state": "quarantined", "code": kept.code, "sentence": kept.sentence}, None
    except OSError as error:
        sentence = f"The file can't be read or written: {error.strerror or error}."
        return row | {"state": "failed", "code": "io", "sentence": sentence}, None
    return row | {"out": str(target)} | result.model_dump(mode="json"), result


def _read(source: Path, limits: Limits) -> bytes:
    with source.open("rb") as stream:
        return stream.read(limits.max_bytes + 1)


def _target(wished: Path, result: RedactionResult, taken: set[Path]) -> Path:
    """The wished name with a suffix that tells the copy's type, and no name twice."""
    suffixes = SUFFIXES[result.media_type]
    target = wished if wished.suffix.lower() in suffixes else wished.with_suffix(suffixes[0])
    if target in taken:
        target = wished.with_name(wished.name + suffixes[0])
    taken.add(target)
    return target


def _write(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
