"""How much personal data is found, beside the peers on the same material in the same run.

Each part is a file here with `add_options(parser)` and `run(options) -> dict`. All parts run unless `--only`
names some; the JSON keeps what an earlier run said of the parts that this one leaves out.

    omnigov bench redaction [--only identifiers …] [--seed 7]
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

PARTS = (
    "held_out",
    "identifiers",
    "english",
    "japanese_names",
    "plates",
    "forms",
    "writing",
    "nothing_personal",
    "faces",
    "screens",
    "speed",
    "quasi",
    "text_encodings",
    "company",
    "sound",
    "spoken",
    "together",
    "video",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="omnigov bench redaction",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--seed", type=int, default=7)
    parts = {name: importlib.import_module(name) for name in PARTS}
    for part in parts.values():
        part.add_options(parser)
    options = parser.parse_args()
    said = json.loads(options.out.read_text()) if options.out.exists() else {}
    said |= {"benchmark": "redaction"}
    said["parts"] = said.get("parts", {})
    for name in options.only:
        said["parts"][name] = parts[name].run(options)
        # Written after each part: an hour's work is not lost with the last one.
        options.out.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
        print(json.dumps({name: said["parts"][name]}, indent=2, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
