"""Tables as text: told by the heads of their columns, and tables still when they come out."""

from __future__ import annotations

import csv
import io
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnigov.contracts import TextFormat
from tests.workers.redaction.kinds.conftest import shared
from workers.redaction.core.spans import Span
from workers.redaction.kinds.structured.layout import Layout
from workers.redaction.kinds.table import rows as every_row
from workers.redaction.kinds.table import separator

PEOPLE = """\
Name,Date of birth,Phone,E-mail,Department,Note
Jane Ashworth,1984-03-02,020 7946 0958,jane@example.com,Logistics,"Moved, likes tea"
Tomas Novak,12/05/1990,+44 20 7946 0011,tn@example.org,Sales,
山田太郎,昭和60年3月2日,090-1234-5678,taro@example.jp,営業部,"住所: 東京都千代田区丸の内1-1-1"
"""


def copy_of(text: str) -> list[list[str]]:
    copy = shared().redact(text, table=True)[0]
    return list(csv.reader(io.StringIO(copy), delimiter=separator(text)))


def test_cells_are_told_by_their_heads_and_the_table_stays_one() -> None:
    head, jane, tomas, taro = copy_of(PEOPLE)
    assert head == ["Name", "Date of birth", "Phone", "E-mail", "Department", "Note"]
    for row, department in ((jane, "Logistics"), (tomas, "Sales"), (taro, "営業部")):
        kinds = [cell.strip("[]0123456789").rstrip("_") for cell in row[:4]]
        assert kinds == ["PERSON", "DATE_TIME", "PHONE_NUMBER", "EMAIL_ADDRESS"]
        assert row[4] == department
    assert jane[5] == "Moved, likes tea"
    assert taro[5].startswith("住所: [JP_ADDRESS")


@pytest.mark.parametrize(
    "text",
    [
        "customer_id;firstName;last_name;city\n12;Heather;Novak;Ghent\n",
        "氏名\tふりがな\t部署\n山田花子\tやまだはなこ\t総務部\n",
        'Item,Owner\nBolt,"O""Brien, Pat"\n',
        'Name,Note\nHeather,"first line\nsecond line"\n',
        "Name,Note\r\nHeather,\r\n,\r\n",
    ],
)
def test_every_value_below_a_persons_head_is_hidden(text: str) -> None:
    before = list(csv.reader(io.StringIO(text), delimiter=separator(text)))
    after = copy_of(text)
    assert after[0] == before[0]
    assert [len(row) for row in after] == [len(row) for row in before]
    for value in ("Heather", "Novak", "Brien", "Pat", "山田", "やまだ"):
        assert not any(value in cell for row in after for cell in row)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sep=;\nLast name;First name;Amount\nStone;Rose;1,50\n", ("sep=;", "1,50")),
        ("Customer list\nLast name,First name,Amount\nStone,Rose,1.50\n", ("Customer list", ",1.50")),
        ("List of May,,\n\nLast name,First name,Amount\nStone,Rose,1.50\n", ("List of May", ",1.50")),
        ("# made by night job\nid|first_name|last_name\n1|Rose|Stone\n", ("# made by night job", "1|[")),
        ("#id|first_name|last_name\n1|Rose|Stone\n", ("#id|first_name", "1|[")),
        ("id^surname^given name^n\n1^Stone^Rose^5\n", ("1^[", "^5")),
        ("'id';'Name';'n'\n'1';'Rose';'7'\n'2';'Grant; Stone';'8'\n", ("'1';'[", "]';'8'")),
        ("id,n\n1,5\n\nName,Phone\nRose,020 7946 0958\n", ("id,n\n1,5",)),
        ("Item,n\nscrew,5\nName,Phone,Town\nGrant,020 7946 0958,x\n", ("screw,5",)),
        ("Name\nRose\nGrant Stone\n", ("Name",)),
        ("Orders\nid,n\n1,5\n\nName;Phone\nRose;020 7946 0958\n\nStone;020 7946 0011\n", ("id,n\n1,5",)),
        ("Na\u200bme|ｎ\nRose|5\n", ("|5",)),
        ("氏名|部署\n原|総務部\n", ("|総務部",)),
    ],
)
def test_columns_are_told_by_heads_wherever_they_stand(text: str, kept: tuple[str, ...]) -> None:
    copy = shared().redact(text, table=True)[0]
    for value in ("Rose", "Stone", "Grant", "7946", "原"):
        assert value not in copy
    assert all(each in copy for each in kept)
    assert copy.count("\n") == text.count("\n")


def test_a_large_table_is_laid_out_in_seconds() -> None:
    text = "Name,Phone,City\n" + "Rose Stone,07700 900123,Ghent\n" * 20_000
    began = time.process_time()
    layout = Layout(text, TextFormat.CSV, frozenset({"PERSON"}))
    assert len(layout.hidden([])) == 20_000
    assert time.process_time() - began < 20


def test_a_table_without_a_head_is_judged_cell_by_cell() -> None:
    assert [row[1:] for row in copy_of("Jane Ashworth,Logistics,120\nTom Hill,Sales,90\n")] == [
        ["Logistics", "120"],
        ["Sales", "90"],
    ]


def test_what_goes_on_behind_a_cell_s_quotation_marks_is_read() -> None:
    copy = shared().redact('id,remark,n\n1,"seen" by Heather Novak,4\n2,"late",5\n', table=True)[0]
    assert "Novak" not in copy
    assert copy.endswith(',4\n2,"late",5\n')


def test_what_is_found_in_one_cell_is_carried_to_the_others() -> None:
    (_, row) = copy_of("Name,Remark\nWanda Ostrowska,seen by Wanda Ostrowska herself\n")
    assert "Ostrowska" not in row[1]
    assert row[1].endswith("herself")


def test_a_span_over_several_cells_leaves_what_parts_them() -> None:
    text = 'a,"b, c",d\n'
    assert Layout(text, TextFormat.CSV, frozenset()).hidden([Span(0, len(text), "PERSON", 0.5)]) == [
        Span(0, 1, "PERSON", 0.5),
        Span(3, 7, "PERSON", 0.5),
        Span(9, 10, "PERSON", 0.5),
    ]


@given(st.lists(st.lists(st.text(alphabet='ab",\n\r\t 山', max_size=6), min_size=1, max_size=4), max_size=5))
def test_cells_are_those_that_python_reads(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    text = out.getvalue()
    # Whatever separator is told for so small a table, nothing lies outside of its cells or is in two of them.
    spans = [cell for row in every_row(text, separator(text)) for cell in row.cells if cell.end > cell.start]
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    if separator(text) == ",":
        wanted = [cell for row in rows for cell in row if cell]
        assert [text[span.start : span.end].replace('""', '"') for span in spans] == wanted
