"""`omnigov redact`, for someone who wants nothing else of us."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from omnigov.contracts import Limits
from tests.bad_files import WHOLE
from tests.workers.redaction.conftest import SAMPLES
from workers.media.picture import decode
from workers.redaction.cli.command import main


@pytest.fixture
def faces_only(tmp_path: Path) -> str:
    path = tmp_path / "profile.json"
    path.write_text('{"text": false, "codes": false, "seals": false}')
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
    (folder / "notes.dat").write_bytes(b"no\0text")
    (folder / ".hidden").write_text("not looked at")
    report = tmp_path / "report.json"
    arguments = [str(folder), "--out", str(out), "--report", str(report), "--profile", faces_only]
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert "3 of 5 redacted" in captured.out
    assert captured.err.count("broken.jpg: ") == captured.err.count("notes.dat: ") == 1
    assert "Traceback" not in captured.err
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert names == ["a.png", "a.tiff.png", "deep/cat.jpg"]
    states = {Path(row["file"]).name: row["state"] for row in json.loads(report.read_text())["files"]}
    assert states["broken.jpg"] == states["notes.dat"] == "refused"
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
    monkeypatch.setattr("workers.redaction.detectors.registry._loaded", {})
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


def test_a_folder_of_all_kinds_is_redacted_and_a_name_has_one_number_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "one.txt").write_text("担当は山田太郎様です。\nMail: taro@example.co.jp\n", encoding="utf-8")
    (folder / "two.md").write_bytes("taro@example.co.jp へ送付".encode("cp932"))
    pages = [Image.new("RGB", (240, 320), "white") for _ in range(3)]
    pages[0].save(folder / "scan.tiff", save_all=True, append_images=pages[1:])
    report = tmp_path / "report.json"
    assert main([str(folder), "--out", str(out), "--report", str(report)]) == 0
    assert "3 of 3 redacted" in capsys.readouterr().out
    assert "山田" not in (out / "one.txt").read_text("utf-8")
    assert "[EMAIL_ADDRESS_1]" in (out / "one.txt").read_text("utf-8")
    assert (out / "two.md").read_text("cp932") == "[EMAIL_ADDRESS_1] へ送付"
    assert (out / "scan.pdf").read_bytes().startswith(b"%PDF-")
    assert "taro" not in report.read_text()


def test_edits_come_from_a_file(tmp_path: Path, faces_only: str, capsys: pytest.CaptureFixture[str]) -> None:
    edits, out = tmp_path / "edits.json", tmp_path / "copy.jpg"
    box = {"left": 5, "top": 5, "right": 90, "bottom": 60}
    edits.write_text(json.dumps({"cat.jpg": {"added": [{"box": box}]}}))
    arguments = [str(SAMPLES / "cat.jpg"), "--out", str(out), "--profile", faces_only, "--edits"]
    assert main([*arguments, str(edits)]) == 0
    assert decode(out.read_bytes(), Limits())[10:55, 10:85].max() < 40
    edits.write_text('{"cat.jpg": {"added": [{"box": {"left": 9, "top": 9, "right": 2, "bottom": 3}}]}}')
    assert main([*arguments, str(edits)]) == 1
    assert "an area needs a width and a height" in capsys.readouterr().err


def test_a_weak_fill_is_said_to_be_weak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text('{"text": false, "fill": "blur"}')
    source, out = str(SAMPLES / "cat.jpg"), str(tmp_path / "copy.jpg")
    assert main([source, "--out", out, "--profile", str(profile)]) == 0
    assert "blur is weak" in capsys.readouterr().err
