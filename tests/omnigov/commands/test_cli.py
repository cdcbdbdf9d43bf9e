"""The command line: usage, verbs, and what each needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from omnigov import cli


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in (*cli.HERE, *cli.GPU_SIDE))


def test_an_unknown_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["frobnicate"]) == 2
    assert "no verb" in capsys.readouterr().err


def test_every_verb_of_ours_can_be_loaded() -> None:
    for target, _ in cli.HERE.values():
        assert callable(cli._load(target))


@pytest.mark.parametrize("loaded", ["torch", "django", "psycopg_pool"])
def test_verify_needs_neither_torch_nor_django(loaded: str) -> None:
    code = (
        "import sys; from omnigov import cli; cli._load(cli.HERE['verify'][0]); "
        f"sys.exit({loaded!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_web_process_starts_without_torch() -> None:
    code = (
        "import sys, omnigov.asgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'captum', 'onnxruntime')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env=os.environ).returncode == 0
