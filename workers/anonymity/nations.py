"""Nations, as peoples and as countries, and where a text says that somebody is of one.

`quasi_nations.json` has for each the names of its people, of its country, and those in Japanese. A people's
name counts wherever it doesn't stand for a language, a dish or goods: whose embassy somebody went to, and
whose army called them up, tells where they are from. A country counts where somebody comes from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import regex

_NAMES: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def _parts(entry: str) -> list[list[str]]:
    return [[name.strip() for name in part.split(",") if name.strip()] for part in entry.split(";")]


_NATIONS = [(continent, _parts(entry)) for continent, entries in _NAMES.items() for entry in entries]
PEOPLES = {name: names[0][0] for _, names in _NATIONS for name in names[0]}
#: Countries by their names in small letters, to their people.
COUNTRIES = {name: names[0][0] for _, names in _NATIONS for name in names[1]}
_JAPANESE = {name: names[0][0] for _, names in _NATIONS for name in names[2]}
CONTINENTS = {names[0][0]: continent for continent, names in _NATIONS}


def _any(names: Iterable[str]) -> str:
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(regex.escape(name, literal_spaces=True).replace(" ", "[ -]") for name in ordered)


_HAS_PLURAL = regex.compile(r".*(?<!ese|ish|ch|ss|[hst]m[ae]n|women)$")
_MANY = {f"{name}s": nation for name, nation in PEOPLES.items() if _HAS_PLURAL.match(name)}
_KNOWN = {**COUNTRIES, **_JAPANESE, **_MANY, **PEOPLES}
_LETTERS = {"us", "usa", "uk", "uae"}
#: English names of countries; in a text they begin with a capital.
COUNTRY = (
    rf"(?<![\p{{L}}'’])(?=\p{{Lu}})(?:USA?|UAE|UK|(?i:{_any(COUNTRIES.keys() - _LETTERS)}))(?![\p{{L}}])"
)

# Also first names: these need an article.
_NAMES_TOO = ("finn", "dane", "scot", "brit", "pole", "dominican", "lao")
_ARTICLE = r"(?<=(?i:\b(?:an?|the|another|young|old)) )"
_LANGUAGE_BEFORE = (
    r"(?<!(?i:\b(?:spe(?:a|e)k(?:s|ing)?|spoken?|learn(?:s|t|ing|ed)?|stud(?:y|ies|ied|ying)|teach(?:es|ing)?"
    r"|taught|fluent in|translat\p{L}+ (?:in)?to|understand|read|written in|better))"
    r" (?:some |no |good |fluent )?"
    r"(?:\p{Lu}\p{L}+(?:,|,? and|,? or) )*)"
)
_IN_LANGUAGE = (
    r"(?<!(?i:\b(?:in|into)) (?=\p{L}+(?:\s*[.,;:!?)\n]|\s*$"
    r"| (?:and|or|at|with|to|for|on|by|is|was|as|when|because|but)\b)))"
)
_THINGS = (
    "languages?|lessons?|class(?:es)?|course|grammar|dictionary|translations?|text|version|subtitles|words?"
    "|phrases?|alphabet|letters|speaking|teacher|literature|poetry|novels?|films?|movies?|music|opera|songs?"
    "|history|art|philosophy|mythology|tragedy|culture|architecture|style|design|food|cuisine|restaurants?"
    "|cooking|dish(?:es)?|recipes?|takeaway|bread|toast|fries|cheese|wines?|beers?|coffee|tea|pastry|pastries"
    "|chocolate|salad|dressing|rice|noodles|curry|sauce|whisky|vodka|beans?|cars?|watch(?:es)?|trains?|gardens?"
    "|bath|windows?|doors?|horn|braid|bulldog|shepherd|terrier|cats?|wolfhound|spaniel|dogs?|rugs?|flu|measles"
    "|airlines?|airways|express|ocean|sea|channel|quarter|open|roulette|press|brand|products?|goods|market"
    "|stocks?|yen|dollars?|pounds?|francs?|pesos?|rupees?|krona|currency|economy|standard|summer|winter|weather"
    "|coast|alps|islands?|ink|whispers|dream|oven|courage|roulette|times|companies|company|corporation|imports?"
    "|revolution|empire|wars?|league|cup|republic"
)
_NOT_BEHIND = (
    rf"(?![ -](?i:{_THINGS})(?![\p{{L}}]))(?! (?i:the|your|it|them)\b)"
    r"(?!(?<!\b(?i:an?|the) \p{L}+) (?:is|was|isn['’]t|as an?|and English|or English)\b)"
)
_FROM = (
    r"(?i:\b(?:born|raised|brought up|gr[eo]w(?:s|ing)? up|natives?|citizens?|nationals?|subjects?|refugees?"
    r"|immigrants?|migrants?|came|comes?|originally|is|am|are|was|were|['’]m|['’]s|['’]re|hails?|fled|deported|emigrated"
    r"|immigrated|migrated|someone|people|famil(?:y|ies)|parents|descen[dt]\p{L}*)"
    r"(?: (?:here|over|back|to \p{L}+|out))? (?:in|of|from) (?:the )?)"
)
_OF_COUNTRY = (
    r"(?:[ -]born|(?i:[ ](?:nationals?|citizens?|citizenship|nationality|passports?|embassy|consulate|visa"
    r"|government|army)))\b"
)
_IN_JAPANESE = "|".join(sorted((name for name in _JAPANESE if len(name) > 1), key=len, reverse=True))
_SIGNS = "".join(name for name in _JAPANESE if len(name) == 1)
_PLAIN = PEOPLES.keys() - set(_NAMES_TOO)
PATTERNS = [
    # "She is French", and in small letters where a person is plainly meant: "he's french".
    rf"(?<![\p{{L}}])(?=\p{{Lu}}){_LANGUAGE_BEFORE}{_IN_LANGUAGE}"
    rf"(?P<value>(?i:{_any([*_PLAIN, *_MANY])}))(?![\p{{L}}]){_NOT_BEHIND}",
    rf"{_ARTICLE}(?=\p{{Lu}})(?P<value>(?i:{'|'.join(_NAMES_TOO)}))(?![\p{{L}}]){_NOT_BEHIND}",
    rf"(?i:\b(?:is|am|are|was|were)|['’](?:m|s|re)) (?:an? |half |part |originally )?"
    rf"(?P<value>(?:{_any(_PLAIN - {'polish', 'danish', 'turkey', 'swiss'})}))(?![\p{{L}}]){_NOT_BEHIND}",
    rf"{_FROM}(?P<value>{COUNTRY})",
    rf"(?P<value>{COUNTRY})(?={_OF_COUNTRY})",
    rf"(?i:\b(?:nationality|citizenship|country of origin)(?: (?:is|was|of))?[\s:]{{1,4}})"
    rf"(?P<value>{COUNTRY})",
    # 中国人民 and 日本人口 are no persons. In Japanese, Japan's government is just the government.
    rf"(?<![ァ-ヴー])(?P<value>{_IN_JAPANESE})(?:系|の)?"
    r"(?:人(?![民口気工])|国?籍|国民|旅券|パスポート|大使館|領事館|軍|出身|生まれ|系(?!列)"
    r"|から(?:来(?:た|日|て)|の(?:難民|移民|留学生|技能実習生)))",
    rf"(?<![ァ-ヴー])(?!日本)(?P<value>{_IN_JAPANESE})政府",
    rf"(?<![\p{{Han}}])(?P<value>[{_SIGNS}])国?籍",
    rf"国籍(?:[・/]地域)?(?:は|が|\s)\s?(?P<value>{_IN_JAPANESE})",
]


def nation(text: str) -> str:
    """The nation that a word names, as a people; empty where it names none."""
    low = " ".join(text.casefold().replace("-", " ").split())
    if low.startswith("the "):
        low = low[4:]
    ending = regex.sub(r"(?:国籍|籍|国民|系|出身|人)+$", "", low)
    return next(
        (_KNOWN[name] for name in (text.casefold(), low, ending, ending + "国") if name in _KNOWN), ""
    )


def country_at_end(text: str) -> str:
    """The country that an address ends with; empty where it ends with none."""
    low = text.casefold()
    ends = [name for name in COUNTRIES if low.endswith(name) and not low[: -len(name)][-1:].isalpha()]
    return max(ends, key=len, default="")
