"""Postal addresses in Latin script; every one is invented."""

from __future__ import annotations

import time

import pytest

from workers.redaction.language.en import addresses


def found(text: str) -> list[str]:
    """What is found in each line, joined where spans overlap."""
    rows = text.split("\n")
    said = []
    for row, spans in zip(rows, addresses.find(rows), strict=True):
        hidden = {place for span in spans for place in range(span.start, span.end)}
        marked = "".join(sign if place in hidden else "\0" for place, sign in enumerate(row))
        said += [run for run in marked.split("\0") if run]
    return said


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lives at 27 Larkspur Lane, Brookhaven", "27 Larkspur Lane, Brookhaven"),
        (
            "Go to 1250 Old Mill Road, Unit 4, Brookhaven, OR 97001 today",
            "1250 Old Mill Road, Unit 4, Brookhaven, OR 97001",
        ),
        ("He left Rue des Lilas 14 early", "Rue des Lilas 14"),
        ("on ul. Kwiatowa 7 in town", "ul. Kwiatowa 7"),
        ("at 12 Lindenstrasse we", "12 Lindenstrasse"),
        ("see Birkevej 82 there", "Birkevej 82"),
        ("from Apt. 9, Møllegade, Odense", "Apt. 9, Møllegade, Odense"),
        ("the parcel for PSC 4411, Area 12 came", "PSC 4411, Area 12"),
        ("She grew up in Brookhaven, he said", "Brookhaven"),
        ("My address is Long Meadow, Brookhaven. Write soon", "Long Meadow, Brookhaven"),
        ("back from New Zealand now", "New Zealand"),
        ("the lease for 845 137th Avenue ends", "845 137th Avenue"),
        ("to Nánási út 79. Suite 838 now", "Nánási út 79. Suite 838"),
        ("his name and Sömmeringstr. 74 as well", "Sömmeringstr. 74"),
        ("left 7 rue des six frères Lebrun again", "7 rue des six frères Lebrun"),
        ("is Level 9 72 Henry Colonnade free", "Level 9 72 Henry Colonnade"),
        ("find 39 Marian Garden, East Brook, DL92 5AN there", "39 Marian Garden, East Brook, DL92 5AN"),
        ("stands Stretto Lume, 729, 59015, Artimo (PO).", "Stretto Lume, 729, 59015, Artimo (PO)"),
        ("at Olaf Aakers veg 112 we", "Olaf Aakers veg 112"),
        ("Pick me up from 14 Larkspur Isle at noon", "14 Larkspur Isle"),
        ("no tax in New South Wales yet", "New South Wales"),
        ("a walk in Perthshire today", "Perthshire"),
        ("only M17 8LX was left", "M17 8LX"),
        ("from Cyprus (Greek) again", "Cyprus (Greek)"),
    ],
)
def test_it_is_found_whole(text: str, address: str) -> None:
    assert address in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 the band sold 40 records",
        "On 12 March 2020 we met",
        "The order of 3 boxes and 12 pens",
        "I sent it to them",
        "Order 66 is done. We left at 5",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_an_address_goes_on_over_the_lines_below() -> None:
    text = "Jane Roe\n14 Larkspur Lane\nApt. 3\nBrookhaven\nOregon 97001 and thank you\nNot This"
    assert found(text) == ["14 Larkspur Lane", "Apt. 3", "Brookhaven", "Oregon 97001"]


def test_a_sentence_behind_an_address_stays() -> None:
    assert found("It is at 1870 Derby Ave. Please call me") == ["1870 Derby Ave"]


@pytest.mark.parametrize("unit", ["1 ", "A ", "Apt 1 ", "A. ", "Via 1 ", "of ", "A, ", "1 A "])
def test_a_hostile_line_ends_soon(unit: str) -> None:
    started = time.monotonic()
    addresses.find([unit * 2_000] * 2)
    assert time.monotonic() - started < 5


def test_an_address_ends_above_the_head_of_a_table() -> None:
    rows = ["14 Larkspur Lane", "Brookhaven 97001", "Item\tQuantity\tPrice", "Kettle\t5"]
    found = addresses.find(rows, of_one_text=False)
    assert [bool(spans) for spans in found] == [True, True, False, False]


def test_a_code_alone_below_an_address_belongs_to_it() -> None:
    assert found("14 Larkspur Lane\nMO I RANA\nNM\n8618")[-1] == "8618"
    assert "8618" not in found(
        "The goods were sent on time and in full\nas was said before, by all of us\n8618"
    )
