"""`omnigov redact`, for someone who wants nothing else of us."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from omnigov.contracts import Limits
from tests.bad_files import WHOLE
from workers.media.image import decode
from workers.redaction.command import main

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture
def faces_only(tmp_path: Path) -> str:
    path = tmp_path / "profile.json"
    path.write_text('{"text": false}')
    return str(path)


def test_a_file_is_redacted_and_reported(
    tmp_path: Path, faces_only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "copy.jpg", tmp_path / "report.json"
    source = str(SAMPLES / "astronaut.jpg")
    assert main([source, "--out", str(out), "--report", str(report), "--profile", faces_only]) == 0
    assert "1 of 1 redacted" in capsys.readouterr().out
    written = json.loads(report.read_text())
    (row,) = written["files"]
    assert row["state"] == "redacted"
    assert row["digest"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert [finding["kind"] for finding in row["findings"]] == ["FACE"]
    assert all(len(detector["digest"]) == 64 for detector in row["detectors"])
    assert written["profile"]["text"] is False


def test_of_a_folder_every_file_is_tried_and_each_failure_gets_its_sentence(
    tmp_path: Path, faces_only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "in" / "redacted"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(SAMPLES / "cat.jpg", folder / "deep" / "cat.jpg")
    (folder / "a.png").write_bytes(WHOLE["png"])
    (folder / "a.tiff").write_bytes(WHOLE["tiff"])
    (folder / "broken.jpg").write_bytes(WHOLE["jpg"][:200])
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden").write_text("not looked at")
    report = tmp_path / "report.json"
    arguments = [str(folder), "--out", str(out), "--report", str(report), "--profile", faces_only]
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert "3 of 5 redacted" in captured.out
    assert captured.err.count("broken.jpg: ") == captured.err.count("notes.txt: ") == 1
    assert "Traceback" not in captured.err
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert names == ["a.png", "a.tiff.png", "deep/cat.jpg"]
    states = {Path(row["file"]).name: row["state"] for row in json.loads(report.read_text())["files"]}
    assert states["broken.jpg"] == states["notes.txt"] == "refused"
    # A second time the copies in the folder are not taken for originals.
    assert main(arguments) == 1
    assert "3 of 5 redacted" in capsys.readouterr().out


def test_the_original_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cat.jpg"
    shutil.copy(SAMPLES / "cat.jpg", file)
    before = file.read_bytes()
    assert main([str(file), "--out", str(file)]) == 1
    assert main([str(file), "--out", str(tmp_path)]) == 1
    assert main([str(tmp_path), "--out", str(tmp_path)]) == 1
    assert "original" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("{", "not usable"),
        ('{"faces": "maybe"}', "faces"),
        ('{"shoes": true}', "shoes"),
        ('{"faces": false, "entities": ["SHOE_SIZE"]}', "SHOE_SIZE"),
    ],
)
def test_a_profile_that_can_t_be_used_is_told(
    profile: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "profile.json"
    path.write_text(profile)
    out = tmp_path / "out.jpg"
    assert main([str(SAMPLES / "cat.jpg"), "--out", str(out), "--profile", str(path)]) == 1
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_what_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]) == 1
    assert "neither a file nor a folder" in capsys.readouterr().err
    assert main([str(SAMPLES / "cat.jpg"), "--out", "x", "--profile", str(tmp_path / "nothing")]) == 1
    assert "can't be read" in capsys.readouterr().err


def test_without_model_files_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workers.redaction.detectors._loaded", {})
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path / "models"))
    out = tmp_path / "out.jpg"
    assert main([str(SAMPLES / "cat.jpg"), "--out", str(out)]) == 1
    assert "omnigov models fetch" in capsys.readouterr().err
    assert not out.exists()


def test_a_copy_is_written_whole_or_not_at_all(
    tmp_path: Path, faces_only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is wanted")
    source = str(SAMPLES / "cat.jpg")
    assert main([source, "--out", str(blocked / "copy.jpg"), "--profile", faces_only]) == 1
    assert "can't be read or written" in capsys.readouterr().err
    out = tmp_path / "done" / "copy.jpg"
    assert main([source, "--out", str(out), "--profile", faces_only]) == 0
    assert [path.name for path in out.parent.iterdir()] == ["copy.jpg"]
    assert decode(out.read_bytes(), Limits()).shape[2] == 3
