"""What tells people apart without naming them: found in both languages, put into classes, counted."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from workers.anonymity.dates import dates
from workers.anonymity.groups import Anonymity, anonymity
from workers.anonymity.quasi import LADDERS, exact, found, header, wider
from workers.anonymity.report import rows, summary
from workers.redaction.cli.case import Case
from workers.redaction.cli.command import main
from workers.redaction.cli.tally import Tally


def values(text: str) -> dict[str, set[str]]:
    return {kind: set(said) for kind, said in found(text).items()}


# --- finding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("The 34-year-old came late.", "AGE", "34"),
        ("Age: 52", "AGE", "52"),
        ("She turned 91 today", "AGE", "91"),
        ("He is in his mid-forties.", "AGE", "40s"),
        ("４７歳の人", "AGE", "47"),
        ("三十四歳", "AGE", "34"),
        ("年齢：30代", "AGE", "30s"),
        ("a woman came", "SEX", "f"),
        ("性別\t男", "SEX", "m"),
        ("Sex: F  Age: 40", "SEX", "f"),
        ("性別：女　年齢：30代", "SEX", "f"),
        ("born on 3 May 1977 here", "BIRTH_DATE", "1977-05-03"),
        ("昭和52年5月3日生まれ", "BIRTH_DATE", "1977-05-03"),
        ("Date of birth: 5/3/1977", "BIRTH_DATE", "1977-05-03"),
        ("〒564-0001", "POSTAL_CODE", "5640001"),
        ("ZIP: 02139", "POSTAL_CODE", "02139"),
        ("at KY12 3AB", "POSTAL_CODE", "KY123AB"),
        ("大阪府吹田市在住", "PLACE", "大阪府/吹田市"),
        ("仙台市の店", "PLACE", "宮城県/仙台市"),
        ("from Springfield, OH by train", "PLACE", "OH/springfield"),
        ("She lives in Canterbury.", "PLACE", "/canterbury"),
        ("a midwife", "OCCUPATION", "midwife"),
        ("職業：灯籠職人", "OCCUPATION", "灯籠職人"),
        ("She works as a glass blower.", "OCCUPATION", "glass blower"),
        ("Ann Bell\nCable splicing inspector\n", "OCCUPATION", "cable splicing inspector"),
        ("written when he was 23.", "AGE", "23"),
        ("Umbrella Tools and Dies Limited said so", "EMPLOYER", "umbrella tools and dies limited"),
        ("12 Elm Street, Ghent", "PLACE", "/12 elm street, ghent"),
        ("He works for Umbrella Tools.", "EMPLOYER", "umbrella tools"),
        ("株式会社山川に勤務", "EMPLOYER", "株式会社山川"),
        ("She is a Peruvian writer.", "NATIONALITY", "peruvian"),
        ("ベトナム人の技術者", "NATIONALITY", "vietnamese"),
        ("He is divorced.", "FAMILY_STATUS", "divorced"),
        ("子ども3人", "FAMILY_STATUS", "子ども3人"),
        ("treated for haemophilia", "ILLNESS", "haemophilia"),
        ("診断名：血友病", "ILLNESS", "血友病"),
        ("our mayor said", "RARE_ROLE", "mayor"),
        ("住職を務める", "RARE_ROLE", "住職"),
        ("admitted to ward 4 on 2021-05-03", "STAY", "2021-05-03"),
        ("令和3年5月3日に入院", "STAY", "2021-05-03"),
    ],
)
def test_each_kind_is_found_in_either_language(text: str, kind: str, value: str) -> None:
    assert value in values(text).get(kind, set())


@pytest.mark.parametrize(
    "text",
    [
        "The report says nothing of anyone. We met on May 3, 2021 and had lunch at 12:30.",
        "会議は2021年5月3日の午後に開かれ、予算について話し合った。",
        "My driver's license number is [US_DRIVER_LICENSE_1]; it was 30 degrees.",
        "[PERSON_1] wrote to [EMAIL_ADDRESS_2].",
        "Age: [DATE_TIME_4]\nSex: -\n職業：不明\nCity: [LOCATION_1]",
        "",
    ],
)
def test_what_tells_nobody_apart_is_not_counted(text: str) -> None:
    assert values(text) == {}


def test_mentions_are_counted_and_a_place_inside_another_is_not() -> None:
    said = found("The nurse from Springfield, Ohio. The nurse, again.")
    assert said["OCCUPATION"] == {"nurse": 2}
    assert said["PLACE"] == {"OH/springfield": 1}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("平成元年1月8日", "1989-01-08"),
        ("S52.5.3", "1977-05-03"),
        ("May 3rd, 2021", "2021-05-03"),
        ("3.5.2021", "2021-05-03"),
        ("2021/5", "2021-05"),
        ("in 1999", "1999"),
        ("2021-13-01", "2021"),
    ],
)
def test_dates_in_both_calendars_have_one_form(text: str, date: str) -> None:
    assert dates(text) == [date]


def test_each_class_is_wider_than_the_one_before() -> None:
    ladder = {
        "AGE": ("47", "40s", ""),
        "BIRTH_DATE": ("1977-05-03", "1977", "1970s", ""),
        "STAY": ("2021-05-03", "2021-05", "2021", ""),
        "POSTAL_CODE": ("5640001", "564", ""),
        "PLACE": ("大阪府/吹田市", "大阪府", ""),
        "NATIONALITY": ("peruvian", "Americas", ""),
        "OCCUPATION": ("taxi driver", "transport", ""),
        "ILLNESS": ("haemophilia", "blood", ""),
        "SEX": ("f", ""),
    }
    for kind, steps in ladder.items():
        assert tuple(wider(kind, steps[0], level) for level in range(len(steps))) == steps
        assert len(LADDERS[kind]) == len(steps) - 2
    assert wider("OCCUPATION", "unheard of", 1) == "others"


def test_heads_of_columns_tell_their_kind() -> None:
    heads = {
        "Age": "AGE",
        "date_of_birth": "BIRTH_DATE",
        "郵便番号": "POSTAL_CODE",
        "性別（任意）": "SEX",
        "Note": None,
    }
    assert {name: header(name) for name in heads} == heads
    assert exact("AGE", "30-39") == {"30s"}
    assert exact("AGE", "400") == set()


# --- k, on examples that can be counted by hand ----------------------------------------------------------

# The table of Sweeney's paper with k = 2 (figure 2), without the illness. Race is no kind here.
# k is the same without it.
SWEENEY = """Race,Birth year,Gender,ZIP
Black,1965,m,0214*
Black,1965,m,0214*
Black,1965,f,0213*
Black,1965,f,0213*
Black,1964,f,0213*
Black,1964,f,0213*
White,1964,m,0213*
White,1964,m,0213*
White,1964,m,0213*
White,1967,m,0213*
White,1967,m,0213*
"""


def counted(table: str) -> Anonymity:
    return anonymity(rows(table))


def test_the_table_of_the_paper_has_k_2() -> None:
    report = counted(SWEENEY)
    assert report.groups is not None
    assert report.records == 11
    assert report.groups.model_dump() == {"k": 2, "alone": 0, "below_five": 11}


def test_k_is_the_smallest_group() -> None:
    table = "Age,Sex\n" + "34,f\n" * 6 + "34,m\n" * 3 + "51,f\n"
    report = counted(table)
    assert report.groups is not None
    assert report.groups.model_dump() == {"k": 1, "alone": 1, "below_five": 4}
    assert {each.kind: (each.mentions, each.records, each.different) for each in report.kinds} == {
        "AGE": (10, 10, 2),
        "SEX": (10, 10, 2),
    }
    assert counted("Age,Sex\n" + "34,f\n" * 6).groups == report.groups.model_copy(
        update={"k": 6, "alone": 0, "below_five": 0}
    )


def test_the_step_that_helps_most_is_named() -> None:
    """Ages differ within a band, and postal codes beyond their area: only the age helps."""
    table = "Age,ZIP\n31,02139\n35,02139\n38,02139\n42,94110\n47,94110\n"
    report = counted(table)
    assert report.groups is not None
    assert report.groups.model_dump() == {"k": 1, "alone": 5, "below_five": 5}
    assert report.best is not None
    assert (report.best.kind, report.best.to, report.best.k) == ("AGE", "ten-year bands", 2)
    assert report.wider is not None
    assert report.wider.k == 2


def test_the_smaller_step_wins_where_a_wider_one_gains_no_more() -> None:
    table = "Date of birth,Sex\n1977-05-03,f\n1977-01-01,f\n1977-02-02,f\n"
    report = counted(table)
    assert report.best is not None
    assert (report.best.to, report.best.k) == ("the year", 3)


def test_where_no_single_step_helps_none_is_named() -> None:
    assert counted("Age,Sex\n34,f\n34,f\n").best is None
    # Each two rows differ in two kinds and more, so that leaving one out joins nobody.
    assert counted("Age,Sex,ZIP\n21,f,02139\n45,m,02139\n45,f,94110\n21,m,94110\n").best is None


def test_k_agrees_with_brute_force() -> None:
    """Every pair of rows is compared by itself, on made-up rows with a fixed seed."""
    draw = random.Random(20)
    for _ in range(30):
        people = [
            (draw.choice(["25", "33", "38"]), draw.choice("fm"), draw.choice(["02139", "02140"]))
            for _ in range(draw.randint(2, 12))
        ]
        report = counted("Age,Sex,ZIP\n" + "".join(f"{','.join(person)}\n" for person in people))
        same = [sum(one == other for other in people) for one in people]
        assert report.groups is not None
        assert report.groups.k == min(same)
        assert report.groups.alone == sum(size == 1 for size in same)
        assert report.groups.below_five == sum(size < 5 for size in same)
        steps = (
            [(age[0], sex, code) for age, sex, code in people],
            [(sex, code) for _, sex, code in people],
            [(age, code) for age, _, code in people],
            [(age, sex, code[:3]) for age, sex, code in people],
            [(age, sex) for age, sex, _ in people],
        )
        reached = max(min(sum(one == other for other in said) for one in said) for said in steps)
        assert (report.best.k if report.best else report.groups.k) == reached


def test_of_one_text_alone_there_is_no_k() -> None:
    report = anonymity([found("The 34-year-old nurse is married.")])
    assert report.groups is None
    assert report.best is None
    assert [each.kind for each in report.kinds] == ["AGE", "OCCUPATION", "FAMILY_STATUS"]


def test_a_row_whose_columns_are_lost_is_read_as_text() -> None:
    (row,) = rows("Name,Age,Sex,Note\n[PERSON_1],[DATE_TIME_1],nurse\n")
    assert row == {"OCCUPATION": {"nurse": 1}}
    assert rows("") == []
    (japanese,) = rows("氏名\t年齢\t備考\n[PERSON_1]\t３４歳\t看護師、独身\n")
    assert {kind: set(said) for kind, said in japanese.items()} == {
        "AGE": {"34"},
        "OCCUPATION": {"看護師"},
        "FAMILY_STATUS": {"独身"},
    }


def test_a_head_that_the_copy_lost_still_tells_its_column() -> None:
    before = "Name,Date of birth,Country\nWanda,1977-05-03,Ruritania\nBo,1979-01-01,Ruritania\n"
    after = before.replace("Name,Date of birth,Country", "[PERSON_1],[DATE_TIME_1],[LOCATION_1]")
    part = Tally().add("people.csv", before, after, table=True)
    assert part["after"] == part["before"]
    assert rows("") == rows("", kinds=["AGE"]) == []


# --- the report ----------------------------------------------------------------------------------------


def test_the_report_holds_kinds_and_counts_and_no_value() -> None:
    tally = Tally()
    part = tally.add("a", "The 34-year-old nurse from Springfield, Ohio.", "The nurse.")
    tally.add("b", "A 38-year-old baker from Springfield, Ohio.", "A baker.")
    report = {when: each.model_dump(mode="json") for when, each in tally.report().items()}
    text = json.dumps([part, report])
    for value in ("34", "30s", "nurse", "springfield", "OH", "Ohio", "baker", "health"):
        assert f'"{value}' not in text
        assert f"{value} " not in text
    assert [each["kind"] for each in report["before"]["kinds"]] == ["AGE", "PLACE", "OCCUPATION"]
    assert [each["kind"] for each in report["after"]["kinds"]] == ["OCCUPATION"]
    assert "Sweeney" in report["after"]["source"]
    assert part["before"]["groups"] is None


def test_the_summary_is_two_lines() -> None:
    tally = Tally()
    tally.add("a", "Age: 34\nSex: f", "Age: 34")
    assert summary(tally.report()) == (
        "Quasi-identifiers: 2 kinds in 1 record; 1 kind left visible.\n"
        "k needs two records or more: redact a folder, a table with a head, or use --case."
    )
    tally.add("b", "Age: 38\nSex: f", "Age: 38")
    first, second = summary(tally.report()).splitlines()
    assert first == (
        "Quasi-identifiers: 2 kinds in 2 records (k = 1, 2 alone, 2 in groups below 5); "
        "1 kind left visible (k = 1, 2 alone, 2 in groups below 5)."
    )
    assert second == "Most would be won by AGE: ten-year bands. Then k = 2, and 0 of 2 stand alone."
    tally = Tally()
    for name in "ab":
        tally.add(name, "Age: 34", "")
    assert summary(tally.report()).endswith("fewer people alone in what they say.")


def test_redact_counts_what_it_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, report = tmp_path / "in", tmp_path / "report.json"
    folder.mkdir()
    (folder / "people.csv").write_text(
        "Name,E-mail,Sex,Occupation\n"
        "Wanda Ostrowska,wanda@example.org,f,nurse\nZoe Quill,zoe@example.org,f,midwife\n"
        "Bo Quill,bo@example.org,m,baker\n"
    )
    (folder / "note.txt").write_text("Mail bo@example.net: the nurse is divorced.\n")
    arguments = [str(folder), "--out", str(tmp_path / "out"), "--report", str(report), "--quasi"]
    assert main(arguments) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-2].startswith("Quasi-identifiers: ")
    written = json.loads(report.read_text())
    quasi: dict[str, Any] = written["quasi"]
    assert quasi["after"]["records"] == 4
    assert quasi["after"]["groups"]["alone"] == 4
    by_name = {Path(row["file"]).name: row["quasi"] for row in written["files"]}
    assert by_name["people.csv"]["after"]["records"] == 3
    assert by_name["note.txt"]["after"]["groups"] is None
    assert "midwife" not in report.read_text()


def test_a_case_counts_over_several_calls(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    Tally(Case(folder)).add("one.txt", "Age: 34", "Age: 34")
    Tally(Case(folder)).add("one.txt", "Age: 34", "Age: 34")
    tally = Tally(Case(folder))
    tally.add("two.txt", "Age: 34", "Age: 34")
    report = tally.report()["after"]
    assert (report.records, report.groups and report.groups.k) == (2, 2)
    assert b"one.txt" not in (folder / "mapping").read_bytes()


@pytest.mark.long
def test_a_form_in_a_picture_is_counted_before_and_after(tmp_path: Path) -> None:
    picture = Image.new("RGB", (1000, 420), "white")
    font = ImageFont.truetype("DejaVuSans.ttf", 34)
    for place, line in enumerate(("Name: Wanda Ostrowska", "Occupation: midwife", "ZIP: 02139")):
        ImageDraw.Draw(picture).text((40, 50 + 110 * place), line, fill="black", font=font)
    picture.save(tmp_path / "form.png")
    report = tmp_path / "report.json"
    arguments = [str(tmp_path / "form.png"), "--out", str(tmp_path / "out.png"), "--quasi"]
    assert main([*arguments, "--report", str(report)]) == 0
    (row,) = json.loads(report.read_text())["files"]
    before = {each["kind"] for each in row["quasi"]["before"]["kinds"]}
    after = {each["kind"] for each in row["quasi"]["after"]["kinds"]}
    assert {"OCCUPATION", "POSTAL_CODE"} <= before
    assert "OCCUPATION" in after
    assert "midwife" not in report.read_text()
