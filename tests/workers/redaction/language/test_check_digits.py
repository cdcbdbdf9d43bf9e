"""Check digits, against published examples and against the other nine digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.redaction.language import check_digits

digits = st.lists(st.integers(0, 9), min_size=12, max_size=12).map(lambda each: "".join(map(str, each)))


@pytest.mark.parametrize(
    ("holds", "number"),
    [
        # 1234 5678 9018 is the example that the Ministry's own papers use.
        (check_digits.my_number_holds, "1234 5678 9018"),
        # A city's number, published as an example with its check digit worked out.
        (check_digits.corporate_number_holds, "4011001098993"),
        # The two worked examples that drivers pass on; the second was issued in Tokyo in 1990.
        (check_digits.driving_licence_holds, "459803358720"),
        (check_digits.driving_licence_holds, "309012345620"),
        # A police health insurer in Chiba, worked out in a guide for medical offices.
        (check_digits.insurer_number_holds, "33120015"),
        (check_digits.luhn_holds, "4111 1111 1111 1111"),
        (check_digits.card_holds, "3530-1113-3330-0000"),
        (check_digits.iban_holds, "GB82 WEST 1234 5698 7654 32"),
    ],
)
def test_published_examples_hold(holds: object, number: str) -> None:
    assert holds(number)  # type: ignore[operator]


@given(digits)
def test_of_the_ten_my_numbers_with_the_same_beginning_one_holds(number: str) -> None:
    assert sum(check_digits.my_number_holds(f"{number[:11]}{last}") for last in range(10)) == 1


@given(digits)
def test_of_the_ten_corporate_numbers_with_the_same_end_one_holds(number: str) -> None:
    assert sum(check_digits.corporate_number_holds(f"{first}{number}") for first in range(10)) == 1


@given(digits)
def test_of_the_ten_licences_that_differ_in_the_check_digit_one_holds(number: str) -> None:
    held = sum(check_digits.driving_licence_holds(f"30{number[:8]}{check}{number[8]}") for check in range(10))
    assert held == 1


@given(digits)
def test_a_card_with_two_neighbours_swapped_does_not_hold(number: str) -> None:
    whole = next(f"4{number}{last}00" for last in range(10) if check_digits.luhn_holds(f"4{number}{last}00"))
    for place in range(len(whole) - 1):
        one, other = whole[place : place + 2]
        if one != other and {one, other} != {"0", "9"}:
            swapped = whole[:place] + other + one + whole[place + 2 :]
            assert not check_digits.luhn_holds(swapped)


@pytest.mark.parametrize("text", ["", "1", "abc", "１２３４", "0" * 40, "GB82", "ÄÖ82" * 6])
def test_what_is_no_number_does_not_hold(text: str) -> None:
    assert not check_digits.card_holds(text)
    assert not check_digits.iban_holds(text)
    assert not check_digits.my_number_holds(text)
    assert not check_digits.corporate_number_holds(text)
    assert not check_digits.driving_licence_holds(text)
    assert not check_digits.insurer_number_holds(text)
