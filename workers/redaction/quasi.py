"""Quasi-identifiers: what names nobody, and together with the rest of it tells people apart all the same.

An age, a sex and a postal code are enough to tell most people of a country apart (L. Sweeney, "k-anonymity: a
model for protecting privacy", International Journal on Uncertainty, Fuzziness and Knowledge-based Systems
10(5), 2002, 557–570). This finds them in texts, forms and tables, English and Japanese, and puts each into
wider and wider classes. `workers.redaction.anonymity` counts with the classes; nothing here is written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import regex

from workers.redaction import addresses
from workers.redaction import quasi_words as words
from workers.redaction.normal import normal
from workers.redaction.quasi_dates import DATE, dates
from workers.redaction.spans import TIMEOUT

#: Of each kind the wider classes, in order; after the last one it can only be left out.
LADDERS: dict[str, tuple[str, ...]] = {
    "AGE": ("ten-year bands",),
    "SEX": (),
    "BIRTH_DATE": ("the year", "the decade"),
    "POSTAL_CODE": ("the first three signs",),
    "PLACE": ("prefecture or state",),
    "OCCUPATION": ("groups of occupations",),
    "EMPLOYER": (),
    "NATIONALITY": ("continents",),
    "FAMILY_STATUS": (),
    "ILLNESS": ("groups of illnesses",),
    "RARE_ROLE": (),
    "STAY": ("the month", "the year"),
}
LEFT_OUT = "left out"

Values = Mapping[str, Iterable[str]]  # of one person: by kind what was found, as exact as it stands there


def _either(terms: Iterable[str]) -> str:
    """Longest first: Latin words stand alone, Japanese ones may stand in a row of signs."""
    escaped = [regex.escape(term, literal_spaces=True) for term in sorted(terms, key=len, reverse=True)]
    latin = "|".join(term for term in escaped if term.isascii())
    japanese = "|".join(term for term in escaped if not term.isascii())
    return rf"(?:(?<![\p{{L}}])(?:{latin})(?![\p{{L}}])|{japanese or '(?!)'})"


_LABELLED = {
    kind: regex.compile(
        rf"(?<![\p{{L}}])(?i:{'|'.join(map(regex.escape, labels))})[ ]?[:=：\t|][ \t]*"
        r"(?P<value>[^\t\n;|。]{1,80})"
    )
    for kind, labels in words.LABELS.items()
}
_HEADS = {label.casefold(): kind for kind, labels in words.LABELS.items() for label in labels}
_NEXT_LABEL = regex.compile(r"\s+[\p{L}]{1,20}[ ]?[:=].*")
_PLACEHOLDER = regex.compile(r"\[[A-Z][A-Z0-9_]*_\d+\]")
_NOTHING = regex.compile(
    r"\[[A-Z][A-Z0-9_]*_\d+\]|(?i:n/?a|none|unknown|-+|\*+|\?+|不明|なし|無し|未記入|記載なし)?"
)


_ENGLISH_NATIONS = _either(name for name in words.NATIONS if name.isascii())
_PERSON = r"(?:man|woman|boy|girl|gentleman|lady|male|female)"
_FREE: dict[str, list[str]] = {
    "AGE": [
        r"(?<!\d)(?P<value>\d{1,3})[ -]?(?i:years?[ -]olds?|year[ -]old|yrs?\.?[ -]old|y/?o)\b",
        r"(?i:\baged?|\bturned|\bage is) (?P<value>\d{1,3})\b(?!\d)",
        r"(?i:\b(?:he|she|I|they) (?:was|is|am|were)|\b(?:he|she)['’]s) (?P<value>\d{1,2})"
        r"(?=[.,;!?\n]|$| (?:and|but|when|now)\b)",
        r"(?P<value>(?:\d{1,3}|[一二三四五六七八九十]{1,4}))[ ]?[歳才](?!月)",
        r"(?P<value>\d0)[ ]?代(?![理表目])",
        r"(?i:\bin (?:his|her|their|my)(?: early| mid| late|-)* ?(?:mid-|early |late )?)"
        r"(?P<value>(?i:(?:twen|thir|for|fif|six|seven|eigh|nine)ties))\b",
    ],
    "SEX": [
        rf"\b(?P<value>(?i:{_PERSON}))\b",
        r"\b(?P<value>Mr|Mrs|Ms|Miss)\b",
        r"(?P<value>男性|女性|男児|女児|男子|女子)",
    ],
    "BIRTH_DATE": [
        rf"(?i:\bborn)(?: (?i:on|in))? (?P<value>{DATE})",
        rf"(?P<value>{DATE})[ ]?(?:に)?(?:生(?!活|産|徒|命|物|き)|出生|誕生)",
    ],
    "POSTAL_CODE": [
        r"〒?[ ]?(?P<value>(?<![\d-])\d{3}-\d{4})(?![\d-])",
        r"〒[ ]?(?P<value>\d{7})(?!\d)",
        r"\b[A-Z]{2} (?P<value>\d{5}(?:-\d{4})?)\b",
        r"\b(?P<value>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b",
        rf"(?i:{_ENGLISH_NATIONS}|united kingdom)\s+(?P<value>\d{{5}})(?!\d)",
    ],
    "PLACE": [
        rf"(?P<value>(?:{'|'.join(words.PREFECTURES)})(?:\p{{Han}}{{1,5}}?郡)?"
        r"(?:[\p{Han}ヶケのぁ-んァ-ヴ]{1,6}?[市区町村])?)",
        rf"(?P<value>{'|'.join(sorted(words.CITIES, key=len, reverse=True))})",
        r"(?P<value>[\p{Han}ヶケ]{1,4}[市区町村])(?:在住|出身|内の|に住|の住民|民)",
        rf"(?P<value>\p{{Lu}}\p{{L}}+(?: \p{{Lu}}\p{{L}}+)?, (?:{'|'.join(words.STATES.values())}))\b",
        rf"(?P<value>(?:\p{{Lu}}\p{{L}}+(?: \p{{Lu}}\p{{L}}+)?, )?(?:{'|'.join(words.STATES)}))\b",
        r"(?i:\b(?:lives?|living|lived|resid(?:es?|ing|ent)|native|grew up|born)) (?i:in|of|near|from) "
        r"(?P<value>\p{Lu}\p{Ll}+(?:[ -]\p{Lu}\p{Ll}+){0,2})",
    ],
    "OCCUPATION": [
        rf"(?P<value>(?i:{_either(words.OCCUPATIONS)}))(?!['’]s licen[cs]e)",
        rf"(?P<value>(?:\b\p{{L}}[\p{{Ll}}-]+ ){{0,2}}\b(?i:{'|'.join(words.HEADS)}))\b",
        r"(?i:\bworks?|\bworked|\bworking|\bemployed) (?i:as an?) (?P<value>\p{L}+(?: \p{L}+)?)",
    ],
    "EMPLOYER": [
        r"(?i:\bworks?|\bworked|\bworking|\bemployed) (?i:at|for|by) (?:(?i:the) )?"
        r"(?P<value>\p{Lu}[\p{L}&.'-]+(?: (?:\p{Lu}[\p{L}&.'-]+|of|and|&))*)",
        r"(?P<value>\p{Lu}[\p{L}&-]+(?: \p{Lu}[\p{L}&-]+)* "
        r"(?:Inc|Ltd|LLC|Corp|GmbH|plc|University|Hospital))\b",
        r"(?P<value>(?:\p{Lu}[\p{L}&.-]*,? (?:and )?){1,5}"
        r"(?:Inc\.?|Corporation|Company|Limited|Bancorp|Holdings?|Group|Co\.? ?Ltd|S\.?A\.?|NV|AG|AB|BV|SE"
        r"|PLC|SpA|ASA))"
        r"(?![\p{L}\d])",
        r"(?P<value>(?:株式会社|有限会社|合同会社)[\p{Han}ァ-ヴー\p{Lu}\p{Ll}]{1,15}|"
        r"[\p{Han}ァ-ヴー\p{Lu}\p{Ll}]{1,15}(?:株式会社|有限会社|合同会社))",
        r"(?P<value>[\p{Han}ァ-ヴー]{2,12}(?:大学|病院|高校|高等学校|中学校|小学校|工場|製作所|銀行))",
    ],
    "NATIONALITY": [
        rf"(?i:\b(?:an?|is|am|are|was|were) )(?P<value>(?i:{_ENGLISH_NATIONS}))"
        r"(?! (?i:language|text|food|version|lessons?|restaurant|company|car))",
        rf"(?P<value>{'|'.join(name for name in words.NATIONS if not name.isascii())})(?:人|国籍)",
        rf"(?i:\b(?:born in|citizen of|national of|comes? from|came from) )(?:the )?"
        rf"(?P<value>(?i:{_ENGLISH_NATIONS}))",
    ],
    "FAMILY_STATUS": [
        r"\b(?P<value>(?i:married|divorced|widow(?:ed|er)?|unmarried|remarried|separated from"
        r"|single (?:mother|father|parent)|wife|husband|spouse|fiancée?))\b",
        r"(?i:\b(?:is|am|was) )(?P<value>(?i:single))\b",
        r"\b(?P<value>(?i:(?:mother|father|parent) of \p{L}+|(?:one|two|three|four|five|six|seven|\d) "
        r"(?:children|kids|sons|daughters)|pair of twins|twins|triplets))\b",
        r"(?P<value>既婚|未婚|独身|離婚|離別|死別|再婚|婚約者|配偶者|シングル(?:マザー|ファザー)|[母父]子家庭|双子"
        r"|(?<![\p{Han}])[妻夫](?![\p{Han}])|子(?:ども|供)?が?[ ]?[\d一二三四五六]人"
        r"|[\d一二三四五六]児の[母父])",
    ],
    "ILLNESS": [rf"(?P<value>(?i:{_either(words.ILLNESSES)}))"],
    "RARE_ROLE": [
        rf"(?P<value>(?i:{_either(words.ROLES)}))",
        r"(?i:\bthe )(?P<value>(?i:only|first) (?i:female|male|black|asian|japanese|foreign|woman|man)\b)",
        r"(?P<value>唯一の|初の女性|最年少|最高齢)",
    ],
    "STAY": [
        r"(?i:\b(?:admitted|discharged|hospitali[sz]ed|checked in|checked out|arrived|stayed|entered)\b)"
        rf"[^.\n]{{0,30}}?(?P<value>{DATE})",
        rf"(?P<value>{DATE})[ ]?(?:に|から|より|～|まで)?"
        r"(?:入院|退院|入所|退所|来院|来日|入国|宿泊|滞在|転入|転出)",
        rf"(?:入院|退院|入所|退所|来院|来日|入国|滞在)[^。\n]{{0,6}}?(?P<value>{DATE})",
    ],
}
_PATTERNS = {kind: [regex.compile(each) for each in patterns] for kind, patterns in _FREE.items()}
_TENS = dict(
    zip(("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine"), range(20, 100, 10), strict=True)
)
_HAN = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)}
_SEXES = {
    **dict.fromkeys(("m", "male", "man", "boy", "gentleman", "mr", "男", "男性", "男児", "男子"), "m"),
    **dict.fromkeys(("f", "female", "woman", "girl", "lady", "mrs", "ms", "miss"), "f"),
    **dict.fromkeys(("女", "女性", "女児", "女子"), "f"),
}


def found(text: str) -> dict[str, Counter[str]]:
    """By kind what stands in a text or a form, and how often."""
    hits: dict[str, set[tuple[int, int, str]]] = {}
    form = (
        normal(text.replace("\r", "\n")).text
        if "\n" not in text
        else "\n".join(normal(line).text for line in text.splitlines())
    )
    # What was hidden is no word: [US_DRIVER_LICENSE_1] names no driver.
    form = _PLACEHOLDER.sub(lambda hit: "-" * len(hit[0]), form)
    for kind, patterns in _PATTERNS.items():
        for pattern in (_LABELLED[kind], *patterns):
            for hit in pattern.finditer(form, timeout=TIMEOUT):
                start, end = hit.span("value")
                labelled = pattern is _LABELLED[kind]
                said = _NEXT_LABEL.sub("", hit["value"]) if labelled else hit["value"]
                for value in exact(kind, said, labelled=labelled):
                    hits.setdefault(kind, set()).add((start, end, value))
    for start, end in _addresses(form):
        hits.setdefault("PLACE", set()).update(
            (start, end, value) for value in exact("PLACE", form[start:end])
        )
    return {kind: Counter(value for _, _, value in _outermost(spans)) for kind, spans in hits.items()}


def _addresses(form: str) -> Iterator[tuple[int, int]]:
    """Addresses in Latin script, and countries."""
    lines = form.split("\n")
    offset = 0
    for line, spans in zip(lines, addresses.find(lines), strict=True):
        for span in spans:
            yield offset + span.start, offset + span.end
        offset += len(line) + 1


def _outermost(spans: set[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Without what lies inside another find: 'Springfield, Ohio' is one place and not two."""
    kept: list[tuple[int, int, str]] = []
    for start, end, value in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not any(
            first <= start and end <= last and (first, last) != (start, end) for first, last, _ in kept
        ):
            kept.append((start, end, value))
    return kept


def header(name: str) -> str | None:
    """The kind of a table's column by its head; None where it tells no quasi-identifier."""
    form = " ".join(normal(name).text.replace("_", " ").split())
    form = regex.sub(r"[ ]?[((].*?[))]$", "", form)
    return _HEADS.get(form.casefold())


def exact(kind: str, text: str, *, labelled: bool = True) -> set[str]:
    """What a field of this kind says, in one form; nothing where it is empty, or only a placeholder.

    `labelled` says that the field is known to be of the kind: then unknown words are taken as they are.
    """
    form = " ".join(normal(text).text.split()).strip(" .,、")
    if _NOTHING.fullmatch(form):
        return set()
    return _EXACT.get(kind, _words)(kind, form, labelled)


def _age(_: str, form: str, __: bool) -> set[str]:
    low = form.casefold()
    tens = next((number for word, number in _TENS.items() if low.startswith(f"{word}ties")), None)
    if tens is None and (band := regex.fullmatch(r"(\d)0(?:s|代|[-~]\d9)?", low)) and not low.isdigit():
        tens = int(band[1]) * 10
    if tens is not None:
        return {f"{tens}s"}
    if digits := regex.search(r"\d{1,3}", low):
        return {digits[0].lstrip("0") or "0"} if int(digits[0]) <= 120 else set()
    tens_sign, _, ones = low.rpartition("十")
    if regex.match(r"[一二三四五六七八九十]{1,4}", low):
        number = (_HAN.get(tens_sign, 1) * 10 if "十" in low else 0) + _HAN.get(ones[:1], 0)
        return {str(number)}
    return set()


def _sex(_: str, form: str, __: bool) -> set[str]:
    sex = _SEXES.get(form.casefold().rstrip("."))
    return {sex} if sex else set()


def _date(_: str, form: str, __: bool) -> set[str]:
    return set(dates(form))


def _postal(_: str, form: str, labelled: bool) -> set[str]:
    sign = regex.sub(r"[^0-9A-Z]", "", form.upper())
    long_enough = (3 if labelled else 5) <= len(sign) <= 9
    return {sign} if long_enough and any(each.isdigit() for each in sign) else set()


def _place(_: str, form: str, labelled: bool) -> set[str]:
    prefecture = next((name for name in words.PREFECTURES if name in form), "")
    town = regex.search(
        r"[\p{Han}ヶケのぁ-んァ-ヴ]{1,6}?[市区町村]", form.partition(prefecture)[2] if prefecture else form
    )
    if prefecture or (town and not form.isascii()):
        where = prefecture or words.CITIES.get(town[0] if town else "", "")
        return {f"{where}/{town[0] if town else ''}"}
    state = next((code for name, code in words.STATES.items() if form.endswith(name)), "")
    code = form.rpartition(", ")[2]
    if state or code in words.STATES.values():
        city = form.rpartition(", ")[0].casefold()
        return {f"{state or code}/{city}"}
    low = form.casefold()
    country = next((name for name in words.NATIONS if name.isascii() and low.endswith(name)), "")
    if country:
        return {f"{country}/{low}"}
    return {f"/{low}"} if labelled or form[:1].isupper() else set()


def _nation(_: str, form: str, labelled: bool) -> set[str]:
    low = regex.sub(r"(?:国籍|人)$", "", form.casefold())
    return {words.NATIONS[low]} if low in words.NATIONS else {low} if labelled else set()


def _employer(_: str, form: str, __: bool) -> set[str]:
    return {regex.sub(r"(?:に|で)?(?:勤務|在籍|所属|在学)$", "", form.casefold())}


def _words(_: str, form: str, __: bool) -> set[str]:
    return {form.casefold()}


_EXACT: dict[str, Callable[[str, str, bool], set[str]]] = {
    "AGE": _age,
    "SEX": _sex,
    "BIRTH_DATE": _date,
    "STAY": _date,
    "POSTAL_CODE": _postal,
    "PLACE": _place,
    "NATIONALITY": _nation,
    "EMPLOYER": _employer,
}


def wider(kind: str, value: str, level: int) -> str:
    """The value's class after `level` steps of its kind's ladder; empty beyond the last: left out."""
    if level == 0:
        return value
    if level > len(LADDERS[kind]):
        return ""
    match kind:
        case "AGE":
            return value if value.endswith("s") else f"{int(value) // 10 * 10}s"
        case "BIRTH_DATE":
            return value[:4] if level == 1 else f"{value[:3]}0s"
        case "STAY":
            return value[:7] if level == 1 else value[:4]
        case "POSTAL_CODE":
            return value[:3]
        case "PLACE":
            return value.partition("/")[0]
        case "NATIONALITY":
            return words.CONTINENTS.get(value, "elsewhere")
        case "OCCUPATION":
            return _group(words.OCCUPATIONS, value)
        case "ILLNESS":
            return _group(words.ILLNESSES, value)
    return value


def _group(groups: Mapping[str, str], value: str) -> str:
    """The group of the longest known word in it."""
    known = [word for word in groups if word in value]
    return groups[max(known, key=len)] if known else "others"
