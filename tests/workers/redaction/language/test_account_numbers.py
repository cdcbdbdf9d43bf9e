"""Cards' and accounts' numbers, whatever parts their groups; every one is a test number."""

from __future__ import annotations

import time

import pytest

from omnigov.contracts import RedactionProfile
from tests.workers.redaction.language.conftest import found_by_rules, shared
from workers.redaction.core.normal import normal
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language import account_numbers


@pytest.mark.parametrize(
    "number",
    [
        "4111.1111.1111.1111",
        "4111_1111_1111_1111",
        "5500/0000/0000/0004",
        "5500\u00a00000\u202f0000\u20070004",
        "4111・1111・1111・1111",
        "4111 - 1111 - 1111 - 1111",
        "4111.1111-1111 1111",
        "3782.822463.10005",
        "3782_822463_10005",
        "30569309025904",
        "3056.930902.5904",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41 11 11 11 11 11 11 11",
        "41111111 11111111",
        "4111 11111111 1111",
        "6304000000000000000",
    ],
)
@pytest.mark.parametrize(
    "sentence", ["{}", "Card {} is declined", "card{}x", "カード番号は{}です", "No.{}", "CARD-{}-OK"]
)
def test_a_card_is_found_whole(number: str, sentence: str) -> None:
    assert normal(number).text in found_by_rules(sentence.format(number), "CREDIT_CARD")


@pytest.mark.parametrize(
    "number",
    [
        "DE89.3704.0044.0532.0130.00",
        "de89370400440532013000",
        "de89_3704_0044_0532_0130_00",
        "GB29 NWBK 6016 1331 9268 19",
        "gb29-nwbk-6016-1331-9268-19",
        "fr1420041010050500013m02606",
        "NL91/ABNA/0417/1643/00",
        "CH93\u00a00076\u00a02011\u00a06238\u00a05295\u00a07",
        "NO93 8601 1117 947",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "iban {} please", "IBAN{}", "口座は{}です", "({})"])
def test_an_iban_is_found_whole(number: str, sentence: str) -> None:
    assert normal(number).text in found_by_rules(sentence.format(number), "IBAN_CODE")


@pytest.mark.parametrize(
    "text",
    [
        "4111.1111.1111.1112",
        "de88370400440532013000",
        "0.4111111111111111",
        "2019, 2020, 2021, 2022",
        "session=c8f34b5113d45346652561271376ef6a",
        "items/221037449 200 71ms",
        "1.3.6.1.4.1.311.21.8",
        "2026-11-29 10:15:30.123456",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert [*found_by_rules(text, "CREDIT_CARD"), *found_by_rules(text, "IBAN_CODE")] == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("paid with 4111.2012.1203.1111 today", "4111.2012.1203.1111"),
        ("4539_2012_12_03_4567_8 was refused", "4539_2012_12_03_4567_8"),
        ("ref 2012-12-03-4111-1111", "2012-12-03-4111-1111"),
    ],
)
def test_a_long_number_is_never_cut_into_a_date_and_a_rest(text: str, number: str) -> None:
    hidden = {
        text[span.start : span.end] for span in shared().find([text], RedactionProfile(), of_one_text=True)[0]
    }
    assert hidden <= {number}


@pytest.mark.parametrize("unit", ["4", "41", "4111.", "1 ", "de89", "DE89 ", "gb29a", "4.", "de 8 "])
def test_a_hostile_line_ends_soon(unit: str) -> None:
    started = time.monotonic()
    list(account_numbers.find(unit * (2_000 // len(unit))))
    assert time.monotonic() - started < TIMEOUT
