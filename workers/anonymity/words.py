"""Words by which people are told apart, and the wider class that each belongs to: `quasi_words.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

_WORDS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def _by_word(groups: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {word.casefold(): group for group, words in groups.items() for word in words}


#: What stands before a field of a form or at the head of a column, by kind.
LABELS: dict[str, list[str]] = _WORDS["labels"]
OCCUPATIONS = _by_word(_WORDS["occupations"])
#: Last words of an occupation, whatever stands before them.
HEADS: list[str] = _WORDS["heads_of_occupations"]
ILLNESSES = _by_word(_WORDS["illnesses"])
ROLES: list[str] = _WORDS["rare_roles"]
PREFECTURES: list[str] = list(_WORDS["cities_of_prefectures"])
#: Cities that are often named without their prefecture.
CITIES = {
    city: prefecture for prefecture, cities in _WORDS["cities_of_prefectures"].items() for city in cities
}
STATES: dict[str, str] = _WORDS["states"]
