"""What the model is worth. One part a file of this folder; each writes JSON.

omnigov bench model --only PART [--out FILE] [the part's own options]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PARTS = (
    "attribution",
    "calibration",
    "few_shot",
    "gate_camera",
    "lora_step",
    "planted",
    "points",
    "risk",
    "sound_machines",
    "sound_reports",
    "twins",
    "words",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=PARTS, help="one part; without it all, each into a file of its own")
    options, rest = parser.parse_known_args()
    worst = 0
    for part in (options.only,) if options.only else PARTS:
        out = options.out if options.only else options.out.with_stem(f"{options.out.stem}-{part}")
        command = [sys.executable, str(Path(__file__).with_name(f"{part}.py")), "--out", str(out), *rest]
        worst = max(worst, subprocess.call(command))
    return worst


if __name__ == "__main__":
    sys.exit(main())
