"""The peers, each in an environment of its own, as their packages would replace ours.

`NAME.txt` beside this file pins what the peer is installed from, and `NAME.py` runs in its environment: it is
given the path of a JSON file with what is asked, and the path of the one to answer in. Nothing of ours is
imported there.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from omnigov.commands.installation import var_folder

HERE = Path(__file__).parent


def python(name: str) -> Path:
    """The Python of the peer's environment, made when it is first asked for or when its pins have changed."""
    folder = var_folder() / "bench" / "peers" / name
    pins = HERE / f"{name}.txt"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    ready, interpreter = folder / ".ready", folder / "bin" / "python"
    if not (ready.exists() and ready.read_text() == digest):
        print(f"Installing the peer {name} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [interpreter, "-m", "pip", "install", "--quiet", "--requirement", pins],
            check=True,
            stdout=sys.stderr,
        )
        ready.write_text(digest)
    return interpreter


def ask(name: str, asked: dict[str, Any], *, timeout: float = 3600) -> dict[str, Any]:
    """What the peer answers. Raises `CalledProcessError` where it ends with an error."""
    with tempfile.TemporaryDirectory() as scratch:
        question, answer = Path(scratch) / "asked.json", Path(scratch) / "answer.json"
        question.write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
        subprocess.run(
            [python(name), "-I", HERE / f"{name}.py", question, answer],
            check=True,
            timeout=timeout,
            stdout=sys.stderr,
        )
        said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return said
