"""Dates as people write them, in both calendars, to one form: `1977-05-03`, `1977-05` or `1977`."""

from __future__ import annotations

import regex

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
#: The year before the first of an era: 昭和1年 is 1926.
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_FORMS = (
    r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?",
    r"(?P<y>(?:18|19|20)\d\d)年(?:[ ]?(?P<m>\d{1,2})月(?:[ ]?(?P<d>\d{1,2})日)?)?",
    rf"(?P<era>{'|'.join(_ERAS)})(?P<n>\d{{1,2}}|元)年(?:[ ]?(?P<m>\d{{1,2}})月(?:[ ]?(?P<d>\d{{1,2}})日)?)?",
    r"(?P<era>[MTSHR])(?P<n>\d{1,2})[./年](?P<m>\d{1,2})[./月](?P<d>\d{1,2})",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH}),? (?P<y>(?:18|19|20)\d\d)",
    rf"(?P<month>{_MONTH})(?: (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?)? (?P<y>(?:18|19|20)\d\d)",
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>(?:19|20)\d\d)",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d)",
    r"(?P<y>(?:19|20)\d\d)",
)
_PATTERNS = [regex.compile(rf"(?<![\d\p{{L}}]){form}(?!\d)") for form in _FORMS]
#: Any of them, without names for its parts, to stand inside another pattern.
DATE = "(?:" + "|".join(rf"(?<!\d){regex.sub(r'[?]P<[a-z]+>', '?:', form)}(?!\d)" for form in _FORMS) + ")"


def dates(text: str) -> list[str]:
    """Every date in the text, in the order of the forms that they are written in."""
    found, left = list[str](), text
    for pattern in _PATTERNS:
        for hit in pattern.finditer(left):
            found.append(_one(hit))
        left = pattern.sub(" ", left)
    return found


def _one(hit: regex.Match[str]) -> str:
    parts = hit.groupdict()
    if era := parts.get("era"):
        number = 1 if parts["n"] == "元" else int(parts["n"])
        year = {**_ERAS, **_LETTERS}[era] + number
    else:
        year = int(parts["y"])
    month = parts.get("m") or ""
    if name := parts.get("month"):
        month = str(_MONTHS.index(name[:3].casefold()) + 1)
    if not month or not 1 <= int(month) <= 12:
        return f"{year:04}"
    day = parts.get("d") or ""
    return f"{year:04}-{int(month):02}" + (f"-{int(day):02}" if day else "")
