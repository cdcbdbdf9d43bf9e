"""`omnigov bench NAME`: one benchmark of `bench/`, or all; each writes JSON and prints it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from omnigov.commands.house import var_folder

FOLDER = Path(__file__).resolve().parents[2] / "bench"


def main(argv: list[str]) -> int:
    names = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="omnigov bench", description=__doc__)
    parser.add_argument("name", choices=[*names, "all"], help="which one")
    parser.add_argument("--out", type=Path, help="the JSON file (default: var/bench/NAME.json)")
    options, rest = parser.parse_known_args(argv)
    worst = 0
    for name in names if options.name == "all" else [options.name]:
        out = options.out or var_folder() / "bench" / f"{name}.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(FOLDER / f"{name}.py"), "--out", str(out), *rest]
        worst = max(worst, subprocess.call(command))  # noqa: S603 - our own file
    return worst
