"""`make demo` from nothing, and again: the time of each step. Clones the last commit to an empty folder.

omnigov bench demo
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = (
    "OMNIGOV_VAR",
    "OMNIGOV_MODELS_DIR",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "BROKER_URL",
    "VIRTUAL_ENV",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    clone = folder / "omnigov"
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        result: dict[str, Any] = {"benchmark": "demo", "cores": os.cpu_count()}
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        result["first"] = timed(clone, environment, "setup") | timed(clone, environment, "demo")
        result["second"] = timed(clone, environment, "demo")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def timed(clone: Path, environment: dict[str, str], target: str) -> dict[str, Any]:
    began = time.perf_counter()
    subprocess.run(["make", target], cwd=clone, env=environment, check=True, stdin=subprocess.DEVNULL)
    seconds: dict[str, Any] = {f"make_{target}_s": round(time.perf_counter() - began, 1)}
    steps = clone / "var" / "demo" / "times.json"
    if target == "demo":
        seconds["steps_s"] = json.loads(steps.read_text())
    return seconds


if __name__ == "__main__":
    sys.exit(main())
