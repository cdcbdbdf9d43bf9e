"""Two ways to write one value, and the numbers that values go by: `PERSON_3`."""

from __future__ import annotations

import re
from typing import Protocol

from workers.redaction.core.normal import normal

_SEPARATORS = re.compile(r"[-()〒・\s]")
_DATES = ("DATE_TIME",)  # 2001-1-11 is not 2001-11-1
_TITLES = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof)\.?\s+)+|(?<=\S)\s*(?:様|さま|さん|氏|殿|先生)$", re.IGNORECASE
)


def same(kind: str, value: str) -> str:
    """Equal for two ways to write one value: width, case, spaces, what separates a number's digits.

    So are a person's name with and without a title or 様, and a value with and without a comma behind it.
    """
    form = normal(value).text.strip()
    form = form.strip(" .,;:、。") or form
    if kind == "PERSON":
        form = _TITLES.sub("", form) or form
    form = "".join(form.split()).casefold()
    if kind in _DATES or any(sign.isalpha() for sign in form) or not any(sign.isdigit() for sign in form):
        return form
    return _SEPARATORS.sub("", form)


class Pseudonyms(Protocol):
    """What values are called. One value has one number of its kind, and one number has one value."""

    def of(self, kind: str, value: str) -> str:
        """The value's pseudonym, such as `PERSON_3`: the one it has, or the next of its kind."""


class FolderPseudonyms:
    """Pseudonyms for as long as a folder is redacted; nothing of them is kept."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}

    def of(self, kind: str, value: str) -> str:
        key = (kind, same(kind, value))
        if key not in self._numbers:
            self._last[kind] = self._last.get(kind, 0) + 1
            self._numbers[key] = f"{kind}_{self._last[kind]}"
        return self._numbers[key]
