"""Redacts one file in a process of its own: what `speed` measures of ours, asked and answered as peers are.

Asked `{"path", "profile", "out"}`; answers `{"seconds", "load_seconds", "findings", "pages"}`. Reading the
file and writing the copy are in the time, loading the models is not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from omnigov.contracts import Limits, RedactionProfile
from workers.media import kinds
from workers.redaction.kinds.picture import NO_EDITS, load, silent
from workers.redaction.kinds.redactors import redactor


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    profile = RedactionProfile.model_validate(asked["profile"])
    begun = time.perf_counter()
    load(profile)
    loaded = time.perf_counter()
    original = Path(asked["path"]).read_bytes()
    with Path(asked["out"]).open("wb") as stream:
        result = redactor(kinds.told(original)).redact_to(
            original, stream, profile, Limits(), silent, NO_EDITS, None, by_hand=False
        )
    answer = {
        "seconds": time.perf_counter() - loaded,
        "load_seconds": loaded - begun,
        "findings": [finding.model_dump(mode="json") for finding in result.findings],
        "pages": result.pages,
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


main()
