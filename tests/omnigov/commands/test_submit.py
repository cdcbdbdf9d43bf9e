"""`omnigov submit`: what it is told of the files goes with each of them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from omnigov.commands import submit
from omnigov.intake.models import Submission
from tests.omnigov import recorded, recorded_sound


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


def test_a_recording_and_its_pictures_are_one_report(
    cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(submit, "installation", contextlib.nullcontext)
    (tmp_path / "a.png").write_bytes(recorded.png())
    order = ["--policy", "what-is-shown", "--workspace", cast.workspace.slug, "--together"]
    order += ["--as", cast.operator.username, str(tmp_path)]
    assert submit.main(order) == 1
    assert "exactly one recording" in capsys.readouterr().err
    assert not Submission.objects.filter(batch__workspace=cast.workspace).exists()
    (tmp_path / "b.wav").write_bytes(recorded_sound.wav())
    assert submit.main(order) == 0
    recording, picture = Submission.objects.filter(batch__workspace=cast.workspace).order_by("created_at")
    assert (recording.name, recording.with_pictures, picture.beside) == ("b.wav", 1, recording)
