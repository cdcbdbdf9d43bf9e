"""`omnigov export`: what it refuses, and that the line it prints runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from omnigov.exports.command import main
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def people(committed_cast: Cast) -> Any:
    people: Any = committed_cast
    recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    return people


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kind", "decisions"], "Did you mean decision?"),
        (["--from", "2026-11-28", "--to", "2026-11-28"], "ends before it begins"),
        (["--from", "2026-11-29", "--to", "2026-11-28"], "ends before it begins"),
        (["--from", "9000-01-01"], "would be empty"),
        (["--workspace", "00000000-0000-4000-8000-000000000000"], "would be empty"),
        (["--kind", "erasure", "--profile", "full", "--to", "2001-01-01"], "would be empty"),
    ],
)
def test_an_empty_export_is_refused(
    arguments: list[str], said: str, people: Any, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["--out", str(tmp_path / "t.zip"), *arguments]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("9999-12-31T23:59:59-12:00", "lies outside the years 1 to 9999"),
        ("0001-01-01T00:00:00+12:00", "lies outside the years 1 to 9999"),
        ("yesterday", "is no day or time"),
    ],
)
def test_a_time_that_is_none_gets_a_sentence(
    moment: str, said: str, tmp_path: Path, capsys: Captured
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--out", str(tmp_path / "t.zip"), "--to", moment])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_the_line_that_it_prints_runs(people: Any, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "the auditor's file $1.zip"
    assert main(["--out", str(out), "--workspace", str(people.workspace.id)]) == 0
    line = re.search(r"check it with: (.+)", capsys.readouterr().out)
    assert line is not None
    done = subprocess.run(["sh", "-c", line[1]], capture_output=True, text=True, cwd="/", env=_without_us())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The signer was checked against the key given." in done.stdout


def _without_us() -> dict[str, str]:
    """An auditor's environment: no server, no database."""
    named = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "OMNIGOV_VAR")
    return {name: value for name, value in os.environ.items() if name not in named}
