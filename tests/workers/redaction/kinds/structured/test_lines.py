"""Pairs, SQL, drawn tables and subtitles in the middle of other lines."""

from __future__ import annotations

import sqlite3

import pytest

from tests.workers.redaction.kinds.conftest import shared
from workers.redaction.kinds.structured.heads import meaning
from workers.redaction.kinds.structured.pairs import find

VALUES = ("原", "Rose", "Stone", "Grant", "Field", "Marsh", "7946", "447700", "Frost", "Mark")


def redacted(text: str) -> str:
    copy = shared().redact(text)[0]
    assert not [value for value in VALUES if value in copy]
    return copy


@pytest.mark.parametrize(
    "text",
    [
        'level=info msg="sent" name="Grant Field" phone="020 7946 0958" took=12ms',
        "action=login first_name=Mark last_name=Frost ok",
        "{'name': 'Rose', 'age': 42, 'tags': [1, 2]}",
        '{"name": "Rose", "age": 42, broken',
        '{\\"last_name\\":\\"Stone\\",\\"n\\":[1,2]}',
        '7,"{""name"":""Rose"",""n"":1}",x',
        "<user><lastName>Marsh</lastName><age>5</age>",
        '<input type="text" name="surname" value="Stone">',
        "customer: {name: Rose, age: 42}",
        "Name: Rose; n=5",
        "氏名=原 n=5",
        "10:11|INFO|user:Grant Field|ok",
        "name:Rose Stone;id:9;city code:4",
        '10:11:00 INFO {"event":"login","username":"Mark Frost","ms":12}\n'
        '10:12:00 INFO {"event":"pay","customer_name":"Rose","amount":12.5}\n',
        "first_name: Rose\nlast_name: Stone\n",
        "customer.name = Grant",
        "GET /x?lastName=Stone&n=5 200",
        "surname=O'Marsh&n=5 200",
        '"first": "Rose", "last": "Stone",',
        "<v Rose>Hello",
    ],
)
def test_a_value_is_hidden_by_the_key_beside_it(text: str) -> None:
    copy = redacted(text)
    for kept in (
        "took=12ms",
        "action=login",
        "'age': 42, 'tags': [1, 2]",
        '"age": 42',
        "[1,2]",
        "<age>5</age>",
        "n=5",
        ", age: 42}",
    ):
        assert (kept in copy) == (kept in text)


@pytest.mark.parametrize(
    "text",
    [
        '{"product_name": "Bolt", "user": "admin", "from": "queue", "to": "S3"',
        '<input name="email" type="text">',
        "user=root host=web01 owner=system",
        "time=10:11 state=ok parent=5",
    ],
)
def test_what_is_no_person_s_stays(text: str) -> None:
    assert list(find(text, 0, len(text))) == []


def test_statements_of_sql_run_after() -> None:
    text = (
        "CREATE TABLE users (id int, first_name text, last_name text, phone bigint, n int);\n"
        "INSERT INTO users (id, first_name, last_name, phone, n) VALUES "
        "(1,'Rose','Stone',447700900123,20240502),"
        "(2,'Grant','O''Field',NULL,-5);\nINSERT INTO users VALUES "
        "(3,'Mark','Frost',447700900999,1607635102);\n"
        "UPDATE users SET last_name = 'Marsh', n = 42 WHERE id = 2;\n"
    )
    base = sqlite3.connect(":memory:")
    base.executescript(redacted(text))
    rows = base.execute("SELECT id, n, phone FROM users").fetchall()
    assert [row[:2] for row in rows] == [(1, 20240502), (2, 42), (3, 1607635102)]
    assert rows[0][2].startswith("[PHONE_NUMBER")
    assert rows[1][2] is None


def test_comments_between_values_are_read_and_end_nothing() -> None:
    copy = redacted(
        "INSERT INTO people\n  (id, Surname, `given_name`)\nVALUES\n  (1, 'Stone', 'Rose'), -- by Tom "
        "Baxter\n"
        "  /* and */ (2, 'Field', 'Grant');\n"
    )
    assert "Baxter" not in copy
    assert copy.startswith("INSERT INTO people\n  (id, Surname, `given_name`)")


def test_what_a_query_asks_with_is_read_where_an_address_seems_to_end() -> None:
    copy = shared().redact("see https://x.example/?q=Olivia+Brandt&n=5 and http://y.example/?k=a")[0]
    assert "Brandt" not in copy


def test_a_dump_s_columns_are_told_by_their_heads() -> None:
    text = "COPY staff (id, full_name, note) FROM stdin;\n1\tRose Stone\tlikes tea\n2\tGrant\t\\N\n\\.\n"
    lines = redacted(text).splitlines()
    assert [line.count("\t") for line in lines] == [0, 2, 2, 0]
    assert lines[0] == text.splitlines()[0]


def test_drawn_tables_are_told_by_their_heads() -> None:
    text = (
        "# List\n\n| Name | Phone | Team |\n|------|:-----:|-----:|\n| Rose | 020 7946 0958 | 12 |\n| "
        "**Grant** | | 13 |\n"
        "\nText.\n\n id | last_name \n----+-----------\n  1 | Frost\n"
    )
    copy = redacted(text)
    assert [line.count("|") for line in copy.splitlines()] == [line.count("|") for line in text.splitlines()]
    assert "| Name | Phone | Team |" in copy
    assert copy.count("| 12 |") == copy.count("| 13 |") == 1


def test_the_times_of_subtitles_stay() -> None:
    text = "1\n00:00:01,000 --> 00:00:04,000\nRose Stone: My phone is 020 7946 0958.\n"
    assert redacted(text).splitlines()[1] == text.splitlines()[1]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["customer", "first"], "PERSON"),
        (["patient", "name", "given"], "PERSON"),
        (["firstname"], "PERSON"),
        (["product", "name"], "NEUTRAL"),
        (["product_name"], "NEUTRAL"),
        (["file_name"], "NEUTRAL"),
        (["homePhone"], "PHONE_NUMBER"),
        (["email_address"], "EMAIL_ADDRESS"),
        (["billing", "street"], "LOCATION"),
        (["dateOfBirth"], "DATE_TIME"),
        (["status"], "NEUTRAL"),
        (["id"], "NEUTRAL"),
        (["first"], "PERSON"),
        (["item", "first"], "PERSON"),
    ],
)
def test_what_keys_ask_for(names: list[str], kind: str) -> None:
    assert meaning(names)[0] == kind
