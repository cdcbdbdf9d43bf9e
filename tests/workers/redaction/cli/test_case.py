"""A case folder: numbers that stay, values that are sealed, and a reveal that is written down first."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import stat
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from workers.redaction.cli import reveal
from workers.redaction.cli.case import Case, CaseUnusable
from workers.redaction.cli.command import main

NAME = "Wanda Ostrowska"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cases" / "4711"


def revealed(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "reveals.jsonl").read_text("utf-8").splitlines()]


def test_numbers_stay_over_several_calls(folder: Path) -> None:
    first = Case(folder)
    assert [first.of("PERSON", NAME), first.of("PERSON", "Bo"), first.of("URL", NAME)] == [
        *("PERSON_1", "PERSON_2", "URL_1")
    ]
    again = Case(folder)
    assert again.of("PERSON", "wanda  OSTROWSKA") == "PERSON_1"
    assert again.of("PERSON", "Cy") == "PERSON_3"
    assert first.of("PERSON", "Di") == "PERSON_4", "it reads what another call added meanwhile"


def test_the_folder_shows_no_value_and_its_key_is_its_owners(folder: Path) -> None:
    case = Case(folder)
    for value in (NAME, "A", "山田太郎"):
        case.of("PERSON", value)
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "mapping").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    mapping = (folder / "mapping").read_bytes()
    assert all(value.encode() not in mapping for value in (NAME, "PERSON", "ostrowska"))
    assert len({len(line) for line in mapping.splitlines()}) == 1


@pytest.mark.parametrize("harm", ["swap", "drop", "change", "key", "another"])
def test_what_was_changed_is_told(folder: Path, tmp_path: Path, harm: str) -> None:
    case = Case(folder)
    for value in ("Ann", "Bo", "Cy"):
        case.of("PERSON", value)
    lines = (folder / "mapping").read_bytes().splitlines(keepends=True)
    if harm == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    elif harm == "drop":
        del lines[0]
    elif harm == "change":
        lines[1] = b"A" + lines[1][1:] if lines[1][:1] != b"A" else b"B" + lines[1][1:]
    elif harm == "key":
        (folder / "key").write_bytes(b"k" * 32)
    else:
        other = Case(tmp_path / "other")
        other.of("PERSON", "Ann")
        lines[0] = (tmp_path / "other" / "mapping").read_bytes()
    (folder / "mapping").write_bytes(b"".join(lines))
    with pytest.raises(CaseUnusable, match="does not open"):
        Case(folder)


def test_a_line_that_a_crash_cut_off_is_written_over(folder: Path) -> None:
    Case(folder).of("PERSON", "Ann")
    with (folder / "mapping").open("ab") as mapping:
        mapping.write(b"half a li")
    assert Case(folder).of("PERSON", "Bo") == "PERSON_2"
    assert [Case(folder).of("PERSON", each) for each in ("Ann", "Bo", "Cy")] == [
        *("PERSON_1", "PERSON_2", "PERSON_3")
    ]


def test_what_is_no_case_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(CaseUnusable, match="other things"):
        Case(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["photo.jpg"]
    with pytest.raises(CaseUnusable, match="no case"):
        Case(tmp_path / "nothing", make=False)
    assert not (tmp_path / "nothing").exists()
    with pytest.raises(CaseUnusable, match="can't be used"):
        Case(tmp_path / "photo.jpg" / "case")
    with pytest.raises(CaseUnusable, match="can't be used"):
        Case(tmp_path / "photo.jpg")
    lost = tmp_path / "lost"
    Case(lost).of("PERSON", "Ann")
    (lost / "key").unlink()
    with pytest.raises(CaseUnusable, match="key of the case"):
        Case(lost)
    short = tmp_path / "short"
    short.mkdir()
    (short / "key").write_bytes(b"short")
    with pytest.raises(CaseUnusable, match="32 bytes"):
        Case(short)


def _number(folder: Path, place: int, start: object, found: object) -> None:
    start.wait(30)  # type: ignore[attr-defined]
    case = Case(folder)
    names = [*(f"Person {number}" for number in range(12)), f"Only {place}"]
    found.put([(name, case.of("PERSON", name)) for name in names])  # type: ignore[attr-defined]


def test_calls_at_the_same_time_give_one_number_to_one_value(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    start, found = context.Barrier(4), context.Queue()
    calls = [context.Process(target=_number, args=(folder, place, start, found)) for place in range(4)]
    for call in calls:
        call.start()
    given = [pair for _ in calls for pair in found.get(timeout=60)]
    for call in calls:
        call.join(30)
    assert len(dict(given)) == len(set(given)) == 16
    assert len({number for _, number in given}) == 16


def test_reveal_prints_the_value_and_writes_who_and_why_first(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(folder)
    case.of("PERSON", NAME)
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert reveal.main([str(folder), "person_1", "--reason", "The court\nasks."]) == 0
    assert capsys.readouterr().out == f"{NAME}\n"
    (line,) = revealed(folder)
    assert (line["pseudonym"], line["reason"]) == ("PERSON_1", "The court asks.")
    assert line["who"] != "somebody-else"
    assert line["at"].endswith("+00:00")
    assert NAME not in (folder / "reveals.jsonl").read_text("utf-8")
    assert reveal.main([str(folder), "PERSON_1", "--reason", "Again.", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pseudonym": "PERSON_1", "value": NAME}
    assert len(revealed(folder)) == 2


def test_without_a_line_nothing_is_revealed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Case(folder).of("PERSON", NAME)
    for arguments, says in (
        (["PERSON_1", "--reason", " "], "Write a reason"),
        (["PERSON_2", "--reason", "The court asks."], "no PERSON_2"),
    ):
        assert reveal.main([str(folder), *arguments]) == 1
        shown = capsys.readouterr()
        assert says in shown.err
        assert shown.out == ""
        assert not (folder / "reveals.jsonl").exists()
    (folder / "reveals.jsonl").mkdir()
    with pytest.raises(OSError, match="directory"):
        Case(folder).reveal("PERSON_1", "The court asks.")


def test_redact_keeps_a_case_over_calls_and_kinds_of_files(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, picture = tmp_path / "one.txt", tmp_path / "two.txt", tmp_path / "three.png"
    one.write_text("Mail to bo@example.net or to wanda.ostrow@example.org now.\n")
    two.write_text("ＷＡＮＤＡ．ＯＳＴＲＯＷ＠ＥＸＡＭＰＬＥ．ＯＲＧ へ送付\n", encoding="utf-8")
    image = Image.new("RGB", (900, 160), "white")
    font = ImageFont.truetype("DejaVuSans.ttf", 36)
    ImageDraw.Draw(image).text((30, 50), "Mail: wanda.ostrow@example.org", fill="black", font=font)
    image.save(picture)
    shutil.copy(picture, tmp_path / "again.png")
    report = tmp_path / "report.json"
    for file in (one, two, picture):
        arguments = [str(file), "--out", str(tmp_path / "out" / file.name), "--case", str(folder)]
        assert main([*arguments, "--report", str(report)]) == 0
    assert "[EMAIL_ADDRESS_2]" in (tmp_path / "out" / "one.txt").read_text("utf-8")
    assert "[EMAIL_ADDRESS_2]" in (tmp_path / "out" / "two.txt").read_text("utf-8")
    (row,) = json.loads(report.read_text())["files"]
    assert {each["pseudonym"] for each in row["findings"] if each["kind"] == "EMAIL_ADDRESS"} == {
        "EMAIL_ADDRESS_2"
    }
    assert "ostrow" not in report.read_text()
    capsys.readouterr()
    assert reveal.main([str(folder), "EMAIL_ADDRESS_2", "--reason", "The court asks."]) == 0
    assert capsys.readouterr().out == "wanda.ostrow@example.org\n"


def test_a_case_is_not_handed_out_with_the_copies_nor_redacted_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, out = tmp_path / "in", tmp_path / "out"
    files.mkdir()
    (files / "one.txt").write_text("Mail to bo@example.net now.\n")
    for folder in (out, out / "deep" / "case"):
        assert main([str(files), "--out", str(out), "--case", str(folder)]) == 1
        assert "out of the folder of the copies" in capsys.readouterr().err
        assert not folder.exists()
    for _ in range(2):
        assert main([str(files), "--out", str(out), "--case", str(files / "case")]) == 0
        assert "1 of 1 redacted" in capsys.readouterr().out


def test_where_the_case_breaks_nothing_is_redacted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = tmp_path / "one.txt", tmp_path / "out.txt"
    file.write_text("Mail to bo@example.net now.\n")
    Case(folder).of("PERSON", NAME)
    arguments = [str(file), "--out", str(out), "--case", str(folder)]
    with monkeypatch.context() as broken:

        def full(*_: object, **__: object) -> int:
            raise CaseUnusable("The disk is full.")

        broken.setattr("workers.redaction.cli.case._add_line", full)
        assert main(arguments) == 1
        assert "The disk is full." in capsys.readouterr().err
    (folder / "key").write_bytes(b"k" * 32)
    assert main(arguments) == 1
    assert "does not open" in capsys.readouterr().err
    assert not out.exists()
