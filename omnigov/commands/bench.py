"""`omnigov bench NAME`: one benchmark of `bench/`, or all; each writes JSON and prints it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from omnigov.commands.installation import var_folder

FOLDER = Path(__file__).resolve().parents[2] / "bench"


def main(argv: list[str]) -> int:
    # A file, or a folder of parts with a `__main__`.
    benches = {file.stem: file for file in FOLDER.glob("*.py")}
    benches |= {main.parent.name: main.parent for main in FOLDER.glob("*/__main__.py")}
    names = sorted(benches)
    parser = argparse.ArgumentParser(prog="omnigov bench", description=__doc__)
    parser.add_argument("name", choices=[*names, "all"], help="which one")
    parser.add_argument("--out", type=Path, help="the JSON file (default: var/bench/NAME.json)")
    options, rest = parser.parse_known_args(argv)
    worst = 0
    for name in names if options.name == "all" else [options.name]:
        out = options.out or var_folder() / "bench" / f"{name}.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(benches[name]), "--out", str(out), *rest]
        worst = max(worst, subprocess.call(command))  # noqa: S603 - our own files
    return worst
