"""`omnigov models …` and `omnigov data …`: print what is there, bring what is missing."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from omnigov.contracts import Frozen, Stage
from workers.weights import datasets, fetch, store
from workers.weights.manifest import ConvertedSource, ModelFile, manifest, repin
from workers.weights.progress import report_to

ALL = "all that the product loads, without a name"


def models(argv: Sequence[str]) -> int:
    """Runs one verb of `omnigov models`; returns 0, or 1 where a file is missing, differs or can't be had."""
    parser = argparse.ArgumentParser(prog="omnigov models", description="Model files by digest.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    bring = verbs.add_parser("fetch", help="bring missing files and verify every one")
    bring.add_argument("names", nargs="*", metavar="NAME", help=ALL)
    bring.add_argument("--jobs", type=int, default=4, help="how many at a time (default: 4)")
    listed = verbs.add_parser("list", help="what the manifest names, with licences, and what is here")
    checked = verbs.add_parser("verify", help="hash every file; exits 1 where one is missing or differs")
    described = verbs.add_parser("describe", help="the model version of a stage, with every digest")
    described.add_argument("--stage", type=Stage, choices=list(Stage), default=Stage.IMAGE_TEXT)
    described.add_argument("--every", action="store_true", help="of every stage that has a model")
    for verb in (bring, listed, checked, described):
        verb.add_argument("--json", action="store_true", help="print the result as JSON")
    pinned = verbs.add_parser("pin", help="write the digest of a trained or converted file into the manifest")
    pinned.add_argument("names", nargs="+", metavar="NAME")
    options = parser.parse_args(argv)
    try:
        if options.verb == "fetch":
            return _fetch_models(options.names, options.jobs, as_json=options.json)
        if options.verb == "list":
            return _list_models(as_json=options.json)
        if options.verb == "verify":
            return _verify_models(as_json=options.json)
        if options.verb == "describe" and options.every:
            return _describe_every(as_json=options.json)
        if options.verb == "describe":
            return _describe(options.stage, as_json=options.json)
        return _pin(options.names)
    except store.WeightsUnavailable as error:
        print(error, file=sys.stderr)
        return 1


def data(argv: Sequence[str]) -> int:
    """Runs one verb of `omnigov data`; returns 0, or 1 where a data set can't be had."""
    parser = argparse.ArgumentParser(
        prog="omnigov data", description="Training and benchmark data by digest."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    bring = verbs.add_parser("fetch", help="bring missing data sets and verify them")
    bring.add_argument("names", nargs="*", metavar="NAME", help="all, without a name")
    listed = verbs.add_parser("list", help="what there is, with licences, and what is here")
    for verb in (bring, listed):
        verb.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(argv)
    try:
        if options.verb == "fetch":
            return _fetch_data(options.names, as_json=options.json)
        return _list_data(as_json=options.json)
    except store.WeightsUnavailable as error:
        print(error, file=sys.stderr)
        return 1


def _print_json(result: object) -> None:
    print(json.dumps(result, ensure_ascii=False))


def _dump(records: Sequence[Frozen]) -> list[object]:
    return [record.model_dump(mode="json") for record in records]


def _fetch_models(names: Sequence[str], jobs: int, *, as_json: bool) -> int:
    brought = fetch.fetch(names, report_to(), jobs)
    states = [store.state(file) for file in fetch.select(names)]
    if as_json:
        _print_json({"brought": list(brought), "files": _dump(states)})
        return 0
    verified = [state for state in states if state.state == "verified"]
    size = sum(state.size or 0 for state in verified)
    print(f"Model files in {store.folder()}: {len(verified)} verified, {size / 1e6:.0f} MB.")
    for state in states:
        if state.state != "verified" and state.sentence:
            print(state.sentence)
    return 0


def _list_models(*, as_json: bool) -> int:
    rows = []
    for file in manifest().files:
        where = store.location(file)
        rows.append(
            {
                **file.model_dump(mode="json", exclude={"sources"}),
                "sources": [source.kind for source in file.sources],
                "here": where.is_file(),
                "location": str(where),
            }
        )
    if as_json:
        _print_json(rows)
        return 0
    for file, row in zip(manifest().files, rows, strict=True):
        size = _size(file.size) if file.size else "not pinned"
        here = "here" if row["here"] else "-"
        sha256 = (file.sha256 or "-")[:12]
        print(f"{file.name:44} {here:5} {size:>11}  {sha256:13} {file.role:21} {file.licence}")
    return 0


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size:,} B"


def _verify_models(*, as_json: bool) -> int:
    states = store.verify_all()
    bad = [state for state in states if state.state not in ("verified", "not_needed")]
    if as_json:
        _print_json(_dump(states))
        return 1 if bad else 0
    for state in states:
        print(f"{state.state:11} {state.name}")
    for state in bad:
        print(state.sentence, file=sys.stderr)
    return 1 if bad else 0


def _describe_every(*, as_json: bool) -> int:
    stages = [model.stage for model in manifest().models]
    if not as_json:
        return max(_describe(stage, as_json=False) for stage in stages)
    _print_json([store.model_version(stage).model_dump(mode="json") for stage in stages])
    return 0


def _describe(stage: Stage, *, as_json: bool) -> int:
    version = store.model_version(stage)
    if as_json:
        _print_json(version.model_dump(mode="json"))
        return 0
    print(f"{version.name}, stage {version.stage}, configuration {version.config_digest[:12]}")
    for file in version.files:
        print(f"  {file.sha256}  {file.name} ({file.role})")
    return 0


def _pin(names: Sequence[str]) -> int:
    files = fetch.select(names)
    found = {}
    with tempfile.TemporaryDirectory(prefix="omnigov-pin-") as scratch:
        for file in files:
            path = _made(file, Path(scratch))
            found[file.name] = (store.digest(path), path.stat().st_size)
    repin(found)
    for name, (sha256, size) in found.items():
        print(f"{name}: {sha256}, {size:,} bytes")
    return 0


def _made(file: ModelFile, scratch: Path) -> Path:
    """Where a file lies that was trained, or converted just now; raises `FetchFailed` for any other."""
    if file.in_repository:
        path = store.location(file)
        if not path.is_file():
            raise fetch.FetchFailed(f"{path} is not there; train it with `omnigov align`, then pin it.")
        return path
    for source in file.sources:
        if isinstance(source, ConvertedSource):
            from workers.weights.sources import RECIPES

            made = scratch / source.recipe
            if not made.is_dir():
                fetch.fetch([source.origin], report_to())
                made.mkdir()
                RECIPES[source.recipe](store.path(source.origin), made)
            return made / source.member
    raise fetch.FetchFailed(
        f"{file.name} comes from others: its digest is changed in the manifest by hand, or not at all."
    )


def _fetch_data(names: Sequence[str], *, as_json: bool) -> int:
    brought = datasets.fetch(names, report_to())
    chosen = [datasets.dataset(name) for name in names] or list(datasets.datasets())
    places = {entry.name: str(datasets.folder() / entry.name / entry.root) for entry in chosen}
    if as_json:
        _print_json({"brought": list(brought), "places": places})
        return 0
    for name, place in places.items():
        print(f"{name}: verified, in {place}")
    return 0


def _list_data(*, as_json: bool) -> int:
    rows = []
    for entry in datasets.datasets():
        here = (datasets.folder() / entry.name).is_dir()
        row = entry.model_dump(mode="json", exclude={"sources"})
        rows.append({**row, "sources": [source.kind for source in entry.sources], "here": here})
    if as_json:
        _print_json(rows)
        return 0
    width = shutil.get_terminal_size().columns
    for entry, row in zip(datasets.datasets(), rows, strict=True):
        print(f"{entry.name} {entry.version}  {'here' if row['here'] else '-'}  {entry.size / 1e6:.0f} MB")
        print(f"  {entry.licence}; {entry.copyright}"[:width])
        print(f"  {entry.about}"[:width])
    return 0
