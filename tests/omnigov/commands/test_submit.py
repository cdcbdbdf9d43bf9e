"""`omnigov submit`: what it is told of the files goes with each of them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from omnigov.commands import submit
from omnigov.intake.models import Submission


def test_the_encoding_goes_with_each_file(
    cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(submit, "installation", contextlib.nullcontext)
    (tmp_path / "a.txt").write_bytes("担当は山田太郎。\n".encode("euc_jp"))
    order = [str(tmp_path / "a.txt"), "--policy", "what-is-shown", "--workspace", cast.workspace.slug]
    order += ["--as", cast.operator.username]
    assert submit.main([*order, "--encoding", "EUC-JP"]) == 0
    assert Submission.objects.get(batch__workspace=cast.workspace).encoding == "euc_jp"
    assert submit.main([*order, "--encoding", "utf-7"]) == 1
    assert "The encoding has to be one of utf-8," in capsys.readouterr().err
