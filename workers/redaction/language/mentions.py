"""Other ways in which a text mentions a person who was found in it: parts, readings, romanised forms.

山田太郎 is also 山田, やまだたろう, ヤマダ タロウ, Taro Yamada and YAMADA TARO; Jane Ashworth is Ashworth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

import regex

from workers.redaction.core.spans import Span
from workers.redaction.core.values import same
from workers.redaction.language.ja.names import NOT_PERSONS, Lists

KIND = "PERSON"
MOST = 8  # ways to romanise one name

_TITLE = regex.compile(r" ?(?:様|さま|さん|氏|殿|先生|君|くん|ちゃん)$")
_KANJI = regex.compile(r"[\p{Han}々ヶ]+")


def _spelled(kana: str, letters: str) -> dict[str, str]:
    return dict(zip(kana, letters.split(), strict=True))


_ROMAJI = {
    **dict(zip("あいうえおんー", ("a", "i", "u", "e", "o", "n", ""), strict=True)),
    **{
        kana: consonant + vowel
        for row, consonant in zip(
            (
                "かきくけこ",
                "がぎぐげご",
                "なにぬねの",
                "ばびぶべぼ",
                "ぱぴぷぺぽ",
                "まみむめも",
                "らりるれろ",
            ),
            "kgnbpmr",
            strict=True,
        )
        for kana, vowel in zip(row, "aiueo", strict=True)
    },
    **_spelled("さしすせそざじずぜぞ", "sa shi su se so za ji zu ze zo"),
    **_spelled("たちつてとだぢづでど", "ta chi tsu te to da ji zu de do"),
    **_spelled("はひふへほやゆよわをゔ", "ha hi fu he ho ya yu yo wa o vu"),
}
_SMALL = dict(zip("ゃゅょ", "auo", strict=True))
# Beside the name there may stand how it is read: 山田太郎(やまだ たろう).
_READ = regex.compile(
    r"\s?[(（［\[](?<value>[\p{Hiragana}\p{Katakana}ー・ 　]{2,20}|[A-Za-z][A-Za-z ,.\-]{3,40})[)）］\]]"
)
_READ_AT_END = regex.compile(_READ.pattern + "?$")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー・ 　]+")
_AFTER_FAMILY = tuple(sorted(NOT_PERSONS, key=len, reverse=True))


def find(text: str, spans: Iterable[Span], lists: Lists, ordinary: frozenset[str]) -> list[Span]:
    """Places at which a person of `spans` is mentioned in another way, in the original's characters."""
    found: list[Span] = []
    names: dict[str, float] = {}
    for span in spans:
        if span.kind == KIND:
            name = _bare(text[span.start : span.end])
            names[name] = max(span.score, names.get(name, 0.0))
            beside = _READ.match(text, span.end)
            if beside:
                found.append(Span(*beside.span("value"), KIND, span.score))
    for name, score in names.items():
        for other, part in _others(name, lists, ordinary):
            found += [Span(at, at + len(other), KIND, score) for at in _places(text, other, part=part)]
    return found


def persons(text: str, spans: Iterable[Span], lists: Lists, ordinary: frozenset[str]) -> dict[str, str]:
    """For each name of the text, by its `same` form, the whole name of the person whom it mentions.

    That is the name itself where it mentions nobody else of the text, or might mention two of them.
    """
    names: dict[str, str] = {}
    written: dict[str, str] = {}
    whose: dict[str, set[str]] = defaultdict(set)
    persons = [span for span in spans if span.kind == KIND]
    for span in persons:
        value = text[span.start : span.end].strip()
        name = _READ_AT_END.sub("", value) or value
        written[same(KIND, value)] = same(KIND, name)
        names.setdefault(same(KIND, name), name)
    for span in persons:
        beside = _READ.match(text, span.end)
        if beside and _KANA.fullmatch(beside["value"]):
            whose[same(KIND, beside["value"])].add(same(KIND, _bare(text[span.start : span.end])))
    for form, name in names.items():
        for other, _ in _others(_bare(name), lists, ordinary):
            if (key := same(KIND, other)) != form and key in names:
                whose[key].add(form)
    roots = {form: _roots(form, whose, frozenset()) for form in names}
    whole = {form: names[next(iter(root)) if len(root) == 1 else form] for form, root in roots.items()}
    return {form: whole[name] for form, name in written.items()}


def _bare(name: str) -> str:
    """Without a title, and without the reading in brackets that a form's value ends with."""
    name = _TITLE.sub("", name.strip())
    return _READ_AT_END.sub("", name) or name


def _roots(form: str, whose: Mapping[str, set[str]], seen: frozenset[str]) -> frozenset[str]:
    """The names that nothing else is the whole of, behind this one: Yamada, Taro Yamada, 山田太郎."""
    wholes = whose.get(form, set()) - seen
    if not wholes:
        return frozenset([form])
    return frozenset().union(*(_roots(whole, whose, seen | {form}) for whole in wholes))


def _places(text: str, value: str, *, part: bool) -> Iterator[int]:
    """Where the value stands and is no part of a longer word, or for a family's name of a place's."""
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) :]
        joined = value[0].isascii() and before.isalnum() and before.isascii()
        joined = joined or (value[-1].isascii() and after[:1].isalnum() and after[:1].isascii())
        if not joined and not (part and after.startswith(_AFTER_FAMILY)):
            yield at
        at = text.find(value, at + len(value))


def _others(name: str, lists: Lists, ordinary: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Other ways to write the name, each with whether it is a part of it alone."""
    words = name.split()
    if name.isascii() or not _KANJI.fullmatch("".join(words)):
        for word in words if len(words) > 1 else ():
            plain = word.strip(".,")
            if len(plain) > 2 and plain.lower() not in ordinary and plain[0].isupper():
                yield plain, True
                yield plain.upper(), True
        return
    for family, given in _cuts(words, lists):
        yield from ((part, True) for part in (family, given) if len(part) > 1)
        yield from ((f"{family}{gap}{given}", False) for gap in ("", " ", "　", "・"))
        for first, second in product(lists.readings_of_family(family), lists.readings_of_given(given)):
            yield from ((form, False) for form in _in_kana(first, second))
            yield from ((form, False) for form in _in_latin(first, second))


def _cuts(words: list[str], lists: Lists) -> list[tuple[str, str]]:
    """The family's and the given name: as a space says, or where lists know both, or the likeliest cut."""
    if len(words) == 2:
        return [(words[0], words[1])]
    name = "".join(words)
    cuts = [(name[:at], name[at:]) for at in range(1, len(name))]
    if not cuts:
        return []
    known = [(a, b) for a, b in cuts if a in lists.families and b in lists.givens]
    likely = [(a, b) for a, b in cuts if a in lists.families]
    return known or likely[-1:]


def _in_kana(family: str, given: str) -> Iterator[str]:
    for first, second in ((family, given), (_katakana(family), _katakana(given))):
        yield from (f"{first}{gap}{second}" for gap in ("", " ", "　", "・"))


def _katakana(reading: str) -> str:
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in reading)


def _in_latin(family: str, given: str) -> Iterator[str]:
    for first, second in product(romaji(family), romaji(given)):
        a, b = first.capitalize(), second.capitalize()
        for one, other in ((a, b), (b, a), (a.upper(), b), (b, a.upper()), (a.upper(), b.upper())):
            yield f"{one} {other}"
        yield from (f"{b.upper()} {a.upper()}", f"{a}, {b}", f"{first} {second}", f"{second} {first}")


def romaji(reading: str) -> list[str]:
    """A reading in Hepburn's letters, long vowels in the usual ways: Sato, Satou, Satoh, Satō."""
    plain, at = "", 0
    while at < len(reading):
        sign, after = reading[at], reading[at + 1 : at + 2]
        letters = _ROMAJI.get(sign, "")
        if sign == "っ":
            double = _ROMAJI.get(after, "")[:1]
            letters = "t" if double == "c" else double
        elif after in _SMALL and letters.endswith("i"):
            glide = "" if letters in ("shi", "chi", "ji") else "y"
            letters = letters[:-1] + glide + _SMALL[after]
            at += 1
        plain += letters
        at += 1
    forms = [plain]
    for long, shorts in (("ou", ("o", "oh", "ō")), ("oo", ("o", "oh", "ō")), ("uu", ("u", "ū"))):
        forms += [form.replace(long, short) for form in forms if long in form for short in shorts]
    forms += [regex.sub("n(?=[bmp])", "m", form) for form in forms]
    return list(dict.fromkeys(forms))[:MOST]
