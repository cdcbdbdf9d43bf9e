"""Postal addresses in Latin script: a street and a number, a flat, a box, and the lines that go on below.

A row is cut into stretches of words that an address may be made of: names, numbers and the small words
between them. A stretch is an address by what stands in it (a number and a street's word, a flat, a military
box) or by the words that lead to it ("lives at"). All of it is one walk over the words: no row takes long.
"""

from __future__ import annotations

from typing import NamedTuple

import regex

from workers.redaction.core.spans import Span
from workers.redaction.language import rules
from workers.redaction.language.countries import NAMED
from workers.redaction.language.en.street_words import (
    BEFORE,
    BEHIND,
    FLATS,
    FORCES,
    LAST,
    LEADS_ON,
    LED_TO,
    LOWER,
    POSTCODE,
    SHIPS,
    SMALL,
)

KIND = "LOCATION"
SCORE = 0.8
LINES = 4  # that an address may have below the one that it was found in
LONGEST = 16  # words


_WORD = regex.compile(r"[^\s,]+(?P<comma>,?)|,")
_NUMBER = regex.compile(
    r"#?[A-Z]?\d{1,6}(?:[\-/]\d{1,5})?[A-Za-z]?|[\p{Lu}\d]{2,4}-?\d[\p{Lu}]{2}|\d[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?|\d[A-Z]\d"
)
_ALONE = regex.compile(r"\d{4,6}(?:-\d{3,4})?")
_NAME = regex.compile(
    r"(?:['’]?[st]-|[dl]['’])?\p{Lu}(?:\.?[\p{L}'’/\-])*\.?|\(\p{Lu}\p{L}+\)|\d{1,3}(?:st|nd|rd|th)"
)
_MONTH = regex.compile(
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)


class _Part(NamedTuple):
    """A word that may be part of an address: where it stands, itself, and what it is."""

    start: int
    end: int
    word: str
    number: bool

    @property
    def plain(self) -> str:
        return self.word.lower().rstrip(".")


def find(rows: list[str], *, of_one_text: bool = True) -> list[list[Span]]:
    """For each row the places that an address, or a part of one, stands at. Rows are in NFKC.

    Only in rows `of_one_text` a label says what stands in the row below: a picture's tells places.
    """
    stretches = [_stretches(row) for row in rows]
    found = [
        [_span(address) for stretch in mine if (address := _address(row, stretch))]
        + [Span(*hit.span(), KIND, SCORE) for known in (NAMED, POSTCODE) for hit in known.finditer(row)]
        for row, mine in zip(rows, stretches, strict=True)
    ]
    for place, row in enumerate(rows):
        if (of_one_text and LEADS_ON.search(row)) or any(
            not row[span.end :].strip(" .,;") for span in found[place]
        ):
            _go_on(rows, stretches, found, place)
        first = stretches[place][0] if stretches[place] else []
        if place and first and not row[: first[0].start].strip(" >?") and _has_flat(first[:2]):
            above = stretches[place - 1]
            if (
                len(above) == 1
                and _fills(rows[place - 1], above[0])
                and any(part.number for part in above[0])
            ):
                found[place - 1].append(_span(above[0]))
        code = _ALONE.fullmatch(row.strip(" >")) if of_one_text else None
        if code and any(
            found[above] and _in_block(rows, above, place) for above in range(max(0, place - LINES), place)
        ):
            found[place].append(Span(row.index(code.group()), len(row.rstrip()), KIND, SCORE))
    return found


def _in_block(rows: list[str], above: int, place: int) -> bool:
    """Whether the lines between are as short as those of an address are."""
    return all(0 < len(row.split()) <= 4 for row in rows[above + 1 : place])


def names_street(text: str) -> bool:
    """Whether a word of a street, of a flat or of a box stands in it: a number there is no town's."""
    words = [word.strip(".,") for word in text.split()]
    return any(
        word.lower() in FLATS | LAST or {word.lower(), f"{word.lower()}."} & BEFORE or BEHIND.fullmatch(word)
        for word in words
    )


def _span(parts: list[_Part]) -> Span:
    return Span(parts[0].start, parts[-1].end, KIND, SCORE)


def _stretches(row: str) -> list[list[_Part]]:
    """The row's runs of names and numbers, in order; a full stop behind a longer word ends one."""
    stretches: list[list[_Part]] = [[]]
    words = list(_WORD.finditer(row))
    for place, hit in enumerate(words):
        raw = hit.group().rstrip(",")
        if not raw:
            continue
        word = raw.rstrip(".;:!?\"'")
        if not _NAME.fullmatch(word):
            word = raw.rstrip(".;:!?\"')]}>")
        ends = raw[len(word) :].strip("'\"")
        number = _NUMBER.fullmatch(word) is not None
        if ends == "." and word.isdigit() and not _new_sentence(words, place):
            ends = ""  # as Hungarian writes the number of a house
        elif (
            ends == "."
            and not number
            and ((len(word) <= 5 and not _new_sentence(words, place)) or _number_follows(words, place))
        ):
            word, ends = word + ".", ""
        # A street's name may hold any small word: rue des six frères, Via degli Scalzi.
        in_street = any(part.word.lower() in BEFORE for part in stretches[-1][-4:])
        small = not ends and (
            (word in SMALL and _goes_on(words, place))
            or (word in BEFORE and _goes_on(words, place, far=True))
            or (in_street and word.islower() and _goes_on(words, place, far=True))
            or (word in LOWER and bool(stretches[-1]) and _number_follows(words, place))
        )
        if small and not stretches[-1] and word not in BEFORE:
            continue
        if not (number or small or (_NAME.fullmatch(word) and word not in ("I", "I'm"))):
            stretches.append([])
            continue
        stretches[-1].append(_Part(hit.start(), hit.start() + len(word), word, number))
        if ends:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _new_sentence(words: list[regex.Match[str]], place: int) -> bool:
    """Whether a capital and then a small letter follow: the full stop was no abbreviation's."""
    following = [hit.group() for hit in words[place + 1 : place + 3]]
    return not following or (following[0] == "I") or (len(following) == 2 and following[1][0].islower())


def _goes_on(words: list[regex.Match[str]], place: int, *, far: bool = False) -> bool:
    """Whether a name or a number stands behind a small word, or behind the next one; `far` for some more."""
    following = [hit.group() for hit in words[place + 1 : place + (5 if far else 3)]]
    for word in following:
        if word[0].isupper() or word[0].isdigit():
            return True
        if word not in SMALL and not (far and word.islower()):
            return False
    return False


def _number_follows(words: list[regex.Match[str]], place: int) -> bool:
    return place + 1 < len(words) and words[place + 1].group()[0].isdigit()


def _address(row: str, stretch: list[_Part]) -> list[_Part]:
    """The part of a stretch that is an address; nothing where none is."""
    before = row[max(0, stretch[0].start - 60) : stretch[0].start].rstrip()
    if LED_TO.search(before):
        corner = len("the corner of ") if before.endswith("the corner of") else 0
        return [stretch[0]._replace(start=stretch[0].start - corner), *stretch[1:LONGEST]]
    for place in range(len(stretch)):
        if _begins_address(stretch, place):
            begin = place
            # A street's name before its number, as most of Europe writes it.
            if stretch[place].number or stretch[place].plain in FLATS or stretch[place].word in LOWER:
                begin = max(0, place - 5)
                while begin < place and stretch[begin].word in SMALL:
                    begin += 1
            elif place > 1 and stretch[place - 1].word == "and":
                begin = place - 2  # which two streets meet
            return stretch[begin : begin + LONGEST]
    return []


def _begins_address(stretch: list[_Part], place: int) -> bool:
    part, behind = stretch[place], stretch[place + 1 : place + 8]
    if not behind:
        return False
    if _has_flat(stretch[place : place + 2]):
        return True
    before = stretch[place - 1].number if place else False
    if part.word in LOWER and place and not stretch[place - 1].number:
        return behind[0].number
    if part.word.lower() in BEFORE:
        return before or any(other.number for other in behind)
    if BEHIND.fullmatch(part.word):
        return before or behind[0].number
    if not part.number or _MONTH.fullmatch(behind[0].plain) or behind[0].number:
        # 9819 7 rue Charles Corbeau; Stretto Agazzi, 729, 59015, Artimino
        names = [len(other.plain) > 2 for other in behind if not other.number and other.word not in SMALL]
        first = place == 0 or not stretch[place - 1].number
        return (
            part.number
            and behind[0].number
            and first
            and any(names)
            and not _MONTH.fullmatch(behind[1].plain)
        )
    for count, other in enumerate(behind):
        if not other.number and other.plain in LAST and count:
            return True
        if BEHIND.fullmatch(other.word) and not count:
            return True
        if other.word.lower() in BEFORE and len(behind) > 1 and not count:
            return True
        if other.number and place == 0 and count:
            return any(len(one.plain) > 3 for one in behind[:count])
    return False


def _has_flat(parts: list[_Part]) -> bool:
    """A flat, a box, or a military address, at the beginning of these two words or so."""
    if len(parts) < 2:
        return False
    one, other = parts[0], parts[1]
    if one.word in FORCES or one.word in SHIPS:
        return True
    return one.word[0].isupper() and one.plain in FLATS and (other.number or other.plain in FLATS)


def _fills(row: str, stretch: list[_Part]) -> bool:
    rest = row[: stretch[0].start] + row[stretch[-1].end :]
    return not rest.strip(" >?.,;") and len(stretch) <= 10


def _go_on(rows: list[str], stretches: list[list[list[_Part]]], found: list[list[Span]], place: int) -> None:
    """The lines below an address that are nothing but names and numbers, and the next one's first words.

    A line without a number is taken only between two that have one, or below a flat or a box.
    """
    waiting: list[tuple[int, list[_Part]]] = []
    flat = any(_has_flat(stretch[at : at + 2]) for stretch in stretches[place] for at in range(len(stretch)))
    for below in range(place + 1, min(place + 1 + LINES, len(rows))):
        if not stretches[below] or rules.heads_a_table(rows[below]):
            return
        first = stretches[below][0]
        if rows[below][: first[0].start].strip(" >?,") or len(first) > 10:
            return
        waiting.append((below, first))
        if any(part.number for part in first) or (flat and len(waiting) <= 2):
            for line, parts in waiting:
                found[line].append(_span(parts))
            flat = flat or _has_flat(first[:2])
            waiting = []
        if not _fills(rows[below], first):
            return
