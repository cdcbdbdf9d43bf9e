"""What a process that redacts leaves out: libraries that take seconds and memory, and do nothing there."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import workers.redaction.cli.command
from workers.redaction.kinds.picture import load
load()
print(sorted({"torch", "transformers", "workers.anonymity.quasi"} & sys.modules.keys()))
"""


def test_redaction_loads_neither_torch_nor_transformers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == "[]", done.stdout


def test_they_are_there_for_whoever_comes_after() -> None:
    code = "import workers.redaction.language.analysis, torch, transformers; print(torch.ones(1).item())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == "1.0"
