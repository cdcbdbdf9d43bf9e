"""Numbers and letters that are said one by one, by a rule of their own: nobody says which number they are of.

A telephone number in words is known to `language.spoken`. Aloud, four digits of a membership, and a name that
is spelled, give somebody away as well, and a recogniser writes them as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from workers.redaction.core.spans import TIMEOUT, Span

DIGITS, LETTERS = 4, 3  # that are hidden from: fewer count and abbreviate more often than they name
NUMBER, SPELLED = "SPOKEN_NUMBER", "SPELLED_LETTERS"
KINDS = frozenset({NUMBER, SPELLED})
SCORE = 0.8

_UNITS = "zero|oh|nought|one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SOUND_ALIKE = "to|too|for|ate|won|o|tree|free|niner"  # a digit only between digits
_BETWEEN = r"[\s,.;:…\-‐‑–—/・、。()（）]*(?:(?:dash|hyphen|point|dot|and|then|の)[\s,.\-、]*)?"

_ENGLISH = regex.compile(
    rf"(?i:(?<![^\W\d_])(?:(?P<times>double|triple)\s+)?"
    rf"(?:(?P<unit>{_UNITS})|(?P<two>{_TEENS}|{_TENS})|(?P<alike>{_SOUND_ALIKE}))(?![^\W\d_]))"
)
_FIGURES = regex.compile(r"\d+")
# Said for a digit and for little else; and those that are parts of words everywhere.
_JAPANESE = regex.compile(
    r"(?P<sure>ゼロ|ぜろ|れい|レイ|まる|マル|いち|イチ|さん|サン|よん|ヨン|ろく|ロク|なな|ナナ|しち|シチ|はち|ハチ"
    r"|きゅう|キュウ|きゅー|キュー|にい|ニイ|にー|ニー|ごう|ごー|ゴー|[〇零○一二三四五六七八九])|(?P<weak>[にニごゴしシくク])"
)
_LETTER = regex.compile(r"(?<![^\W_])[A-Za-zÀ-ÖØ-öø-ÿ](?![^\W_])")
_GAP = regex.compile(_BETWEEN)
_LETTER_GAP = regex.compile(r"[\s,.\-‐‑–—、]*(?:(?:as in|for|like)\s+\w+[\s,.\-]*)?")


def find(text: str) -> Iterator[Span]:
    """Runs of at least `DIGITS` digits and of at least `LETTERS` single letters, however they are written."""
    yield from _digits(text)
    yield from _letters(text)


def _digits(text: str) -> Iterator[Span]:
    at = 0
    while at < len(text):
        run = _run(text, at)
        if run is None:
            at += 1
            continue
        end, digits, unsure = run
        if digits >= DIGITS and (unsure == 0 or digits - unsure >= DIGITS - 1):
            yield Span(at, end, NUMBER, SCORE)
        at = max(end, at + 1)


def _run(text: str, start: int) -> tuple[int, int, int] | None:
    """Where the run of digits that begins here ends, its digits, and how many of them are unsure."""
    at, end, digits, unsure = start, start, 0, 0
    pending = 0  # words that sound like a digit, and are one if another digit follows
    while (one := _digit(text, at)) is not None:
        last, count, sure = one
        if sure:
            digits, end = digits + count + pending, last
            unsure, pending = unsure + pending, 0
        elif digits == 0:
            return None
        else:
            pending += count
        gap = _GAP.match(text, last, timeout=TIMEOUT)
        at = gap.end() if gap else last
    return (end, digits, unsure) if digits else None


def _digit(text: str, at: int) -> tuple[int, int, bool] | None:
    """Where the number that stands here ends, how many digits it is, and whether that is sure."""
    if hit := _FIGURES.match(text, at, timeout=TIMEOUT):
        return hit.end(), len(hit.group()), True
    if hit := _ENGLISH.match(text, at, timeout=TIMEOUT):
        times = {"double": 2, "triple": 3}.get((hit.group("times") or "").lower(), 1)
        return hit.end(), times * (2 if hit.group("two") else 1), not hit.group("alike")
    if hit := _JAPANESE.match(text, at, timeout=TIMEOUT):
        return hit.end(), 1, bool(hit.group("sure"))
    return None


def _letters(text: str) -> Iterator[Span]:
    start, end, count = 0, -1, 0
    for hit in _LETTER.finditer(text, timeout=TIMEOUT):
        gap = _LETTER_GAP.fullmatch(text, end, hit.start(), timeout=TIMEOUT) if count else None
        if gap is None:
            if count >= LETTERS:
                yield Span(start, end, SPELLED, SCORE)
            start, count = hit.start(), 0
        end, count = hit.end(), count + 1
    if count >= LETTERS:
        yield Span(start, end, SPELLED, SCORE)
