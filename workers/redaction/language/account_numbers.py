"""Numbers of cards and of bank accounts, whatever parts their groups: 4111.1111…, de89_3704…, IBANGB29NWBK….

A card is told by the sizes of its groups and its check digit, an IBAN by its country's layout (SWIFT's IBAN
registry) and its check digits; so what stands beside it need be no gap. The text is in NFKC, in which every
kind of space is one.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from workers.redaction.core.spans import TIMEOUT, Span
from workers.redaction.language import check_digits

CARD, IBAN = "CREDIT_CARD", "IBAN_CODE"
SCORE = 1.0

_GAP = r"[ \-‐–._/\\|:;,·・•'’*+~=#]{0,3}"
# 4-4-4-4 and one group more, 4-6-5 and 4-6-4, 8-8, 6-10, or all digits alone between the same sign.
_CARDS = tuple(
    regex.compile(rf"(?<!\d)(?<!\d[.,])(?<value>{pattern})(?!\d)")
    for pattern in (
        _GAP.join([r"\d{4}"] * 4),
        _GAP.join([*[r"\d{4}"] * 4, r"\d{1,3}"]),
        rf"\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}",
        rf"\d{{8}}{_GAP}\d{{8}}",
        rf"\d{{6}}{_GAP}\d{{10}}",
        rf"\d{{6}}{_GAP}\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{4}}",
        r"\d{13,19}",
        r"(?:\d{4}|\d{6}|\d{8}|\d{12})(?:[ \-]\d{2,12}){1,4}",
        r"\d(?<gap>[ \-._/\\|:,·・])\d(?:(?P=gap)\d){11,17}",
        r"\d\d(?<gap>[ \-._/\\|:,·・])\d\d(?:(?P=gap)\d\d){5,7}",
    )
)
_YEARS = regex.compile(r"(?:(?:19|20)\d\d\D*)+")

# n: digits, a: letters, c: either; behind the country and its two check digits.
_LAYOUTS = """
AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n
CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n
GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c
KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n
MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c
SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n
VG4a16n XK16n YE4a4n18c
"""
_SIGNS = {"n": r"\d", "a": "[A-Za-z]", "c": r"[A-Za-z\d]"}


def _account(layout: str) -> str:
    parts = regex.findall(r"(\d+)([nac])", layout[2:])
    signs = [_SIGNS[kind] for count, kind in parts for _ in range(int(count))]
    gap = r"[ \-._/·]{0,2}"
    return rf"{layout[:2]}{gap}\d{gap}\d{gap}{gap.join(signs)}"


_BY_COUNTRY = {layout[:2]: regex.compile(rf"(?i:{_account(layout)})") for layout in _LAYOUTS.split()}
_BEGIN = regex.compile(rf"(?i:{'|'.join(_BY_COUNTRY)})(?=[ \-._/·]{{0,2}}\d[ \-._/·]{{0,2}}\d)")
_HEX = regex.compile(r"(?i:[a-f\d]*+)")
_HEX_BEFORE = regex.compile(r"(?ir:[a-f\d]*+)")


def _is_another(text: str, hit: regex.Match[str]) -> bool:
    """Whether it is a row of years, or lies in a longer number in hexadecimal digits."""
    before = _HEX_BEFORE.match(text, 0, hit.start())
    behind = _HEX.match(text, hit.end())
    beside = (before.group() if before else "") + (behind.group() if behind else "")
    return _YEARS.fullmatch(hit["value"]) is not None or any(sign.isdigit() for sign in beside)


def find(text: str) -> Iterator[Span]:
    """Every card's and account's number; the same one may come up more than once."""
    for pattern in _CARDS:
        for hit in pattern.finditer(text, overlapped=True, timeout=TIMEOUT):
            if check_digits.card_holds(hit["value"]) and not _is_another(text, hit):
                yield Span(hit.start(), hit.end(), CARD, SCORE)
    for begin in _BEGIN.finditer(text, overlapped=True, timeout=TIMEOUT):
        account = _BY_COUNTRY[begin.group().upper()].match(text, begin.start(), timeout=TIMEOUT)
        if account is None or not check_digits.iban_holds(account.group()):
            continue
        if text[account.end() : account.end() + 1].isdigit():
            continue  # a longer number
        yield Span(account.start(), account.end(), IBAN, SCORE)
