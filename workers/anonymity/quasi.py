"""Quasi-identifiers: what names nobody, and together with the rest of it tells people apart all the same.

An age, a sex and a postal code are enough to tell most people of a country apart (L. Sweeney, "k-anonymity: a
model for protecting privacy", International Journal on Uncertainty, Fuzziness and Knowledge-based Systems
10(5), 2002, 557–570). This finds them in texts, forms and tables, English and Japanese, and puts each into
wider and wider classes. `workers.anonymity.groups` counts with the classes; nothing here is written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import regex

from workers.anonymity import nations, numbers, words
from workers.anonymity import postal as quasi_postal
from workers.anonymity.dates import dates
from workers.anonymity.patterns import FREE
from workers.redaction.core.normal import normal
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language.en import addresses

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


_PATTERNS = {kind: [regex.compile(each) for each in patterns] for kind, patterns in FREE.items()}
_TENS = dict(
    zip(("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine"), range(20, 100, 10), strict=True)
)
_BANDS = {
    **dict.fromkeys(("teens", "teenager", "teenagers", "teenage", "teenaged", "十代"), "10s"),
    **{f"{sign}十代": f"{ten}0s" for ten, sign in enumerate("二三四五六七八九", 2)},
    **dict(
        zip(("アラサー", "アラフォー", "アラフィフ", "アラ還"), ("30s", "40s", "50s", "60s"), strict=True)
    ),
    **{f"{latin}genarian": f"{ten}0s" for ten, latin in enumerate(("sexa", "septua", "octo", "nona"), 6)},
    "centenarian": "100s",
}
_YEARS = {
    **dict.fromkeys(("はたち", "ハタチ", "二十歳"), "20"),
    **dict(zip(("還暦", "古希", "古稀", "喜寿"), ("60", "70", "70", "77"), strict=True)),
    **dict(zip(("傘寿", "米寿", "卒寿", "白寿"), ("80", "88", "90", "99"), strict=True)),
}
_SEXES = {
    **dict.fromkeys(("m", "male", "man", "boy", "gentleman", "mr", "男", "男性", "男児", "男子"), "m"),
    **dict.fromkeys(("f", "female", "woman", "girl", "lady", "mrs", "ms", "miss"), "f"),
    **dict.fromkeys(("女", "女性", "女児", "女子", "女の子", "女の人", "女の方"), "f"),
    **dict.fromkeys(("男の子", "男の人", "男の方", "trans man", "transgender man"), "m"),
    **dict.fromkeys(("trans woman", "transgender woman"), "f"),
    **dict.fromkeys(("x", "transgender", "nonbinary", "non-binary", "intersex", "その他"), "x"),
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
    places = list(_addresses(form))
    for kind, spans in (("PLACE", places), ("POSTAL_CODE", quasi_postal.in_addresses(form, places))):
        for start, end in spans:
            said = exact(kind, form[start:end])
            hits.setdefault(kind, set()).update((start, end, value) for value in said)
    # Latin American Holdings is a firm and nobody's nation, and so is a street of that name.
    taken = [*places, *((start, end) for start, end, _ in hits.get("EMPLOYER", ()))]
    hits["NATIONALITY"] = {
        (start, end, value)
        for start, end, value in hits.get("NATIONALITY", ())
        if not any(first <= start and end <= last and (first, last) != (start, end) for first, last in taken)
    }
    return {
        kind: Counter(value for _, _, value in _outermost(spans)) for kind, spans in hits.items() if spans
    }


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
    low = form.casefold().replace(" 代", "代").replace("0 代", "0代")
    if said := _BANDS.get(low) or _YEARS.get(low):
        return {said}
    tens = next((number for word, number in _TENS.items() if low.startswith(f"{word}ties")), None)
    if (
        tens is None
        and (band := regex.fullmatch(r"(\d)0(?:['’]?s|代|[-~]\d9|-something)?", low))
        and not low.isdigit()
    ):
        tens = int(band[1]) * 10
    if tens is None and (some := regex.fullmatch(rf"({numbers.WORDS})-?something", low)):
        tens = numbers.english(some[1])
    if tens is not None:
        return {f"{tens}s"}
    if digits := regex.search(r"\d{1,3}", low):
        years = int(digits[0])
    elif english := regex.search(
        rf"(?P<hundred>(?:a|one) hundred(?: and )?)?(?P<rest>{numbers.WORDS})?", low
    ):
        years = (100 if english["hundred"] else 0) + (
            numbers.english(english["rest"]) if english["rest"] else 0
        )
    if not digits and (signs := regex.search(numbers.KANJI, low)):
        years = numbers.kanji(signs[0])
    elif not digits and not years:
        return set()
    if "month" in low or regex.match("生後", low):
        years //= 12
    return {str(years)} if years <= 120 else set()


def _sex(_: str, form: str, __: bool) -> set[str]:
    sex = _SEXES.get(form.casefold().rstrip("."))
    return {sex} if sex else set()


def _date(_: str, form: str, labelled: bool) -> set[str]:
    said = set(dates(form))
    # A form's 52年5月3日 stands beside an era that is circled: it is said all the same.
    return said or ({form} if labelled and any(sign.isdigit() for sign in form) else set())


def _postal(_: str, form: str, __: bool) -> set[str]:
    sign = regex.sub(r"[^0-9A-Z]", "", form.upper())
    sign = regex.sub(r"^[A-Z]{1,3}(?=\d{3,5}$)", "", sign)  # D-10115
    long_enough = 3 <= len(sign) <= 9
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
    if country := nations.country_at_end(form):
        return {f"{country}/{low}"}
    return {f"/{low}"} if labelled or form[:1].isupper() else set()


def _nation(_: str, form: str, labelled: bool) -> set[str]:
    nation = nations.nation(form)
    return {nation} if nation else {form.casefold()} if labelled else set()


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
            return (value[:4] if level == 1 else f"{value[:3]}0s") if value[:4].isdigit() else ""
        case "STAY":
            if value.startswith("--"):
                return value[:4] if level == 1 else ""
            return value[:7] if level == 1 else value[:4]
        case "POSTAL_CODE":
            return value[:3]
        case "PLACE":
            return value.partition("/")[0]
        case "NATIONALITY":
            return nations.CONTINENTS.get(value, "elsewhere")
        case "OCCUPATION":
            return _group(words.OCCUPATIONS, value)
        case "ILLNESS":
            return _group(words.ILLNESSES, value)
    return value


def _group(groups: Mapping[str, str], value: str) -> str:
    """The group of the longest known word in it."""
    known = [word for word in groups if word in value]
    return groups[max(known, key=len)] if known else "others"
