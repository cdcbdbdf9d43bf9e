"""Postal codes: told by their shape where it is like no other number's, else by what stands about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from workers.anonymity import words
from workers.anonymity.nations import COUNTRY
from workers.redaction.language.en import addresses

_STATES = "|".join(sorted({*words.STATES.values(), "AE", "AA", "AP", "PR", "GU", "VI"} - {"ID"}))
_YEAR = r"(?!(?:18|19|20)\d\d(?!\d))"
_TOWN = r"\p{Lu}[\p{L}'’.-]+(?:[ -](?:\p{Lu}[\p{L}'’.-]*|am|an|der|de|la|le|sur|upon|\d{1,2}))*"
_CANADA = r"[ABCEGHJ-NPR-TVXY]\d[A-CEGHJ-NPR-TV-Z]"
_NO_CODE = "AD|AM|BC|CE|CC|CM|GB|HZ|KB|KG|KM|MB|ML|MM|PM|SA|SD|SS|TB|UK|US|EU|JP"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WORDS = r"zip(?:[ -]?code)?|post(?:al)?[ -]?codes?|postleitzahl|plz|code postal|cap|cep|pin[ -]?code|eircode"
_CALLED = r"(?<!\d|-|(?:電話|内線|番号|[Tt][Ee][Ll]|FAX)[ :は]?)"
PATTERNS = [
    # Behind its word, as it is said: "my postcode is 2000".
    rf"(?i:\b(?:{_WORDS})(?:(?: here| there)? (?:is|was)(?: now)?|,| of| no\.?| number)?)[ :=#]*\s{{0,3}}"
    r"(?P<value>\d{3,6}(?:-\d{4}|[ -]?\d{2,3}|[ -]?[A-Z]{2})?"
    r"|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z][ -]?\d[A-Za-z]\d)(?![\p{L}\d])",
    r"(?:郵便番号(?:は|が|:)?|〒)[ ]?(?P<value>\d{3}[ -]?\d{4})(?!\d)",
    # Japan's looks like a telephone's number without its area code: Japanese stands beside it, or a town.
    rf"{_CALLED}(?<=[\p{{Han}}\p{{Kana}}ー、。][ ]?)(?P<value>\d{{3}}-\d{{4}})(?![\d-])",
    r"(?<![\d-]|\d[ )])(?P<value>\d{3}-\d{4})(?=[ ]?\p{Han}|[ ,]+(?:\p{Lu}[\p{L}-]+,? ){0,3}Japan\b)",
    r"(?<=[市区町村郡][^\n]{0,40}[ ])(?P<value>\d{3}-\d{4})(?![\d-])",
    r"(?<=\p{Lu}\p{Ll}+,? )(?<!(?i:call|phone|tel|fax|dial|ext|mobile|cell|number|text)[.,]? )"
    r"(?P<value>\d{3}-\d{4})(?=\s*(?:$|\n|,? \p{Lu}\p{Ll}))",
    r"(?m:^)[ ]*(?P<value>\d{3}-\d{4})[ ]*(?m:$)",
    # The United States, with the state; Idaho's sign is also "ID".
    rf"\b(?:{_STATES}|(?<=, )ID)\.?,?\s+(?P<value>\d{{5}}(?:-\d{{4}})?)(?![\d-])",
    rf"\b(?:{'|'.join(words.STATES)}),?\s+(?P<value>\d{{5}}(?:-\d{{4}})?)(?![\d-])",
    # The United Kingdom, Canada, the Netherlands, Brazil, Australia, India.
    r"(?<![\p{L}\d])(?P<value>(?:[A-Z]{1,2}\d[A-Z\d]?|GIR) \d[A-Z]{2})(?![\p{L}\d])",
    rf"(?<![\p{{L}}\d])(?P<value>{_CANADA}[ -]?\d[A-Z]\d)(?![\p{{L}}\d])",
    rf"(?<![\p{{L}}\d.,-])(?P<value>[1-9]\d{{3}} (?!{_NO_CODE})[A-Z]{{2}})"
    r"(?=,|\s*(?:\n|$)|\s+\p{Lu}\p{Ll})",
    r"(?<![\d.-])(?P<value>\d{5}-\d{3})(?![\d-])",
    r"\b(?:NSW|VIC|QLD|SA|WA|TAS|NT|ACT),?\s+(?P<value>\d{4})(?!\d)",
    r"\p{Lu}\p{Ll}+ ?- ?(?P<value>[1-9]\d{2} ?\d{3})(?![\d-])",
    # Poland and Portugal; Sweden, Czechia, Slovakia, Greece; and those with their country's letters before.
    rf"(?<![\d-])(?P<value>\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}) (?={_TOWN})",
    rf"(?:(?m:^)|, )(?P<value>[1-9]\d{{2}} \d{{2}}) (?={_TOWN}\s*(?:[,.\n]|$))",
    rf"(?<![\p{{L}}\d-])(?P<value>(?:AT?|BE?|BG|CH|CZ|DE?|DK|EE?|ES|FI?N?|FR|GR|HR?|HU|IT?|IS|LT|LV|L|NL|NO?|PL|PT?"
    rf"|RO|SE?|SI|SK)-\d{{3,5}}(?: \d{{2}})?) (?={_TOWN})",
    # Behind a street's number, before a town; and beside a country.
    rf"(?<=\d\p{{L}}?,?[ ]*[,\n][ ]*)(?<!(?i:{_MONTHS})\p{{L}}*\.? \d{{1,2}},[ ]*)"
    rf"(?P<value>\d{{4,5}}) (?={_TOWN}\s*(?:[,.\n]|$))",
    r"(?<=(?m:^)[ ]*\d{1,4}\p{L}?,? \p{L}[^\n\d]{3,40}\n[ ]*)"
    rf"(?P<value>\d{{5}}) (?={_TOWN}[ ]*(?:\n|$))",
    rf"{COUNTRY}(?: \(\p{{L}}+\))?[,.]?\s+(?P<value>{_YEAR}\d{{4,6}}|\d{{3}} \d{{2,3}})"
    r"(?![\d.,-]*\d)(?!\s*(?:%|\p{Ll}))",
    rf"(?<![\d.,-])(?P<value>{_YEAR}\d{{4,6}}|\d{{3}} \d{{2,3}}),?\s+{COUNTRY}(?=\s*(?:[.,;\n]|$))",
]
_NUMBER = regex.compile(r"(?<![\p{L}\d.,/#-])(?:\d{4,6}|\d{3} \d{2})(?![\p{L}\d/-]|[.,]\d)")
_BELOW = regex.compile(r"\n[ ]*\d[\d -]{2,9}[ .]*(?=\n|$)")
_PART = regex.compile(r"[^,\n]+")


def in_addresses(form: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Numbers beside a town in an address, or alone in the line below it, behind one that is the street's."""
    for start, end in _blocks(form, spans):
        numbers = 0
        for part in _PART.finditer(form, start, _line_end(form, end)):
            text = part.group()
            digits = any(sign.isdigit() for sign in text)
            if digits and numbers and not addresses.names_street(text):
                for hit in _NUMBER.finditer(text):
                    left, right = text[: hit.start()].strip(), text[hit.end() :].strip(" .")
                    if (not left or not right) and all(
                        regex.fullmatch(_TOWN, side) for side in (left, right) if side
                    ):
                        yield part.start() + hit.start(), part.start() + hit.end()
            numbers += digits


def _blocks(form: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Addresses over all their lines, from spans that end where a line does."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last and (start < last[1] or not form[last[1] : start].strip(" ,\n")):
            last = (last[0], max(last[1], end))
        else:
            if last:
                yield last
            last = (start, end)
    if last:
        yield last


def _line_end(form: str, end: int) -> int:
    """Where the address's line ends; a line with only a number below it belongs to it."""
    stop = form.find("\n", end)
    stop = len(form) if stop < 0 else stop
    below = _BELOW.match(form, stop)
    return below.end() if below else stop
