"""Dates as people write them, in both calendars, to one form: `1977-05-03`, `1977-05`, `1977`, `--05-03`."""

from __future__ import annotations

import regex

from workers.anonymity import numbers

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
#: The year before the first of an era: 昭和1年 is 1926.
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_SHORT = {"明": 1867, "大": 1911, "昭": 1925, "平": 1988, "令": 2018}
_N = rf"(?:\d{{1,2}}|{numbers.KANJI})"
_YEAR = r"(?:18|19|20)\d\d"
_IN_KANJI = rf"[一二][{numbers.KANJI_DIGITS}]{{3}}"
_DAY = rf"[ ]?(?P<m>{_N})[ ]?月(?:[ ]?(?P<d>{_N})[ ]?日)?"
_TH = r"(?:st|nd|rd|th)?"
_NTH = rf"(?:(?P<d>\d{{1,2}}){_TH}|(?P<dw>{numbers.ORDINAL_WORDS}))"
#: 49 is 1949 and 12 is 2012: who is spoken of is more often a child than over ninety-five.
_CENTURY = 30
_FORMS = (
    rf"(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])",
    rf"(?P<y>{_YEAR})[ ]?[-/.][ ]?(?P<m>\d{{1,2}})(?:[ ]?[-/.][ ]?(?P<d>\d{{1,2}}))?",
    rf"(?P<y>{_YEAR}|{_IN_KANJI})[ ]?年(?:度(?!生)|{_DAY})?",
    rf"(?P<era>{'|'.join(_ERAS)})[ ]?(?P<n>{_N}|元)[ ]?年(?:{_DAY})?",
    rf"(?P<era>[MTSHR]|{'|'.join((*_ERAS, *_SHORT))})\.?[ ]?(?P<n>\d{{1,2}}|元)[ ]?[-./年][ ]?"
    r"(?P<m>\d{1,2})[ ]?[-./月][ ]?(?P<d>\d{1,2})",
    rf"{_NTH}[ -]?(?:of )?(?P<month>{_MONTH})[,]?[ -](?P<y>{_YEAR})",
    rf"{_NTH} (?:of )?(?P<month>{_MONTH}),? (?P<yw>{numbers.YEAR_WORDS})",
    rf"(?P<month>{_MONTH})(?: (?:the )?{_NTH})?,?[ -](?P<y>{_YEAR})",
    rf"(?P<month>{_MONTH})(?: (?:the )?{_NTH})?,? (?P<yw>{numbers.YEAR_WORDS})",
    rf"(?P<m>\d{{1,2}})[ ]?[-/][ ]?(?P<d>\d{{1,2}})[ ]?[-/][ ]?(?P<y>{_YEAR})",
    rf"(?P<d>\d{{1,2}})\.[ ]?(?P<m>\d{{1,2}})\.[ ]?(?P<y>{_YEAR})",
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<yy>\d{2})",
    r"(?P<d>\d{1,2})[-.](?P<m>\d{1,2})[-.](?P<yy>\d{2})",
    r"['’](?P<yy>\d{2})",
    r"(?P<yy>\d{2})年(?=度?[生産])",
    rf"(?P<yw>{numbers.YEAR_WORDS})(?!\p{{L}})",
    rf"(?P<y>{_YEAR})",
    rf"(?P<month>{_MONTH}) (?:the )?{_NTH}(?!\p{{L}})",
    rf"{_NTH} (?:of )?(?P<month>{_MONTH})(?!\p{{L}})",
    rf"(?P<m>{_N})月[ ]?(?P<d>{_N})日",
)
# Before a Japanese date there may be any sign: 私は昭和52年に.
_PATTERNS = [regex.compile(rf"(?<!\d)(?<![A-Za-z]){form}(?!\d)") for form in _FORMS]


def _bare(form: str) -> str:
    return regex.sub(r"[?]P<[a-z]+>", "?:", form)


#: Any of them, without names for its parts, to stand inside another pattern.
DATE = "(?:" + "|".join(rf"(?<![\dA-Za-z]){_bare(form)}(?!\d)" for form in _FORMS) + ")"
_WITHOUT_YEAR = 3  # of the forms, the last
#: The same where a year is said.
DATE_WITH_YEAR = (
    "(?:" + "|".join(rf"(?<![\dA-Za-z]){_bare(form)}(?!\d)" for form in _FORMS[:-_WITHOUT_YEAR]) + ")"
)


def dates(text: str) -> list[str]:
    """Every date in the text, in the order of the forms that they are written in."""
    if year := regex.fullmatch(r"(?P<yy>\d{2})年度?", text):
        return [_one(year)]
    found, left = list[str](), text
    for pattern in _PATTERNS:
        for hit in pattern.finditer(left):
            found.append(_one(hit))
        left = pattern.sub(" ", left)
    return found


def _one(hit: regex.Match[str]) -> str:
    parts = {name: value for name, value in hit.groupdict().items() if value}
    year = _year(parts)
    month, day = _number(parts.get("m")), _number(parts.get("d"))
    if name := parts.get("month"):
        month = _MONTHS.index(name[:3].casefold()) + 1
    if words := parts.get("dw"):
        day = numbers.ordinal(words)
    if month > 12 >= day > 0 and hit.start() in (hit.start("m"), hit.start("d")):
        month, day = day, month  # 25/12/1977, as most of the world writes it
    if not 1 <= month <= 12:
        return year
    said = f"{year or '-'}-{month:02}"
    return f"{said}-{day:02}" if 1 <= day <= 31 else said


def _year(parts: dict[str, str]) -> str:
    if era := parts.get("era"):
        return f"{({**_ERAS, **_LETTERS, **_SHORT})[era] + numbers.either(parts['n']):04}"
    if words := parts.get("yw"):
        return f"{numbers.year(words):04}"
    if short := parts.get("yy"):
        return f"{'20' if int(short) < _CENTURY else '19'}{short}"
    return f"{numbers.either(parts['y']):04}" if "y" in parts else ""


def _number(text: str | None) -> int:
    return numbers.either(text) if text else 0
