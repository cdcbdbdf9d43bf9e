"""Check digits of numbers that name a person or a firm. Signs between the digits are passed over."""

from __future__ import annotations

import string

# Public safety commissions, as the first two digits of a licence name the one that gave it first.
_COMMISSIONS = frozenset(
    [
        *(*range(10, 15), *range(20, 26), 30, *range(40, 56), *range(60, 66)),
        *(*range(70, 75), *range(80, 84), *range(90, 98)),
    ]
)
# The kinds of insurance that an insurer's number begins with (law numbers), and the prefectures behind it.
_INSURANCES = frozenset([1, 2, 3, 4, 6, 7, 31, 32, 33, 34, 39, 63, 67, 72, 73, 74, 75])
_PREFECTURES = range(1, 48)


def digits_of(text: str) -> list[int]:
    return [int(sign) for sign in text if sign in string.digits]


def luhn_holds(text: str) -> bool:
    """ISO/IEC 7812-1, annex B: payment cards; Japan's health insurers number themselves the same way."""
    total = 0
    for place, digit in enumerate(reversed(digits_of(text))):
        total += sum(divmod(2 * digit, 10)) if place % 2 else digit
    return total % 10 == 0


def card_holds(text: str) -> bool:
    """A payment card's number: 13 to 19 digits, of an industry that issues cards, and no digit alone."""
    digits = digits_of(text)
    return (
        13 <= len(digits) <= 19 and digits[0] in (2, 3, 4, 5, 6) and len(set(digits)) > 1 and luhn_holds(text)
    )


def iban_holds(text: str) -> bool:
    """ISO 13616: the country and check digits moved behind, letters as two digits, modulo 97."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    if not 15 <= len(plain) <= 34 or not plain.isascii():
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def my_number_holds(text: str) -> bool:
    """A Japanese individual number (My Number): Ordinance 85 of 2014, article 5."""
    digits = digits_of(text)
    if len(digits) != 12:
        return False
    total = sum(
        digit * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(digits[:11]), start=1)
    )
    rest = total % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def corporate_number_holds(text: str) -> bool:
    """A Japanese corporate number: its first digit, by the ordinance on corporate numbers, article 2."""
    digits = digits_of(text)
    if len(digits) != 13:
        return False
    total = sum(digit * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits[1:]), start=1))
    return digits[0] == 9 - total % 9


def driving_licence_holds(text: str) -> bool:
    """A Japanese driving licence: the commission, and modulus 11 over the first ten digits.

    The rule for the eleventh digit is not published; this is the one that licences are seen to follow.
    """
    digits = digits_of(text)
    if len(digits) != 12 or 10 * digits[0] + digits[1] not in _COMMISSIONS:
        return False
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    total = sum(digit * weight for digit, weight in zip(digits, weights, strict=False))
    return digits[10] == (11 - total % 11) % 10


def insurer_number_holds(text: str) -> bool:
    """A Japanese health insurer's number of eight digits: law, prefecture, insurer, check digit."""
    digits = digits_of(text)
    return (
        len(digits) == 8
        and 10 * digits[0] + digits[1] in _INSURANCES
        and 10 * digits[2] + digits[3] in _PREFECTURES
        and luhn_holds(text)
    )
