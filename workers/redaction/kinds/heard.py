"""What was said in one recording, what of it is hidden, and what is left of it as a transcript.

Texts are looked at whole, a line a turn, so that what is personal is told as in any text; where it stands
among the words says when it is silent.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from omnigov.contracts import (
    MILLION,
    Conversation,
    Finding,
    Span,
    TextFormat,
    Turn,
    Word,
)
from workers.redaction.core.spans import Span as FoundSpan
from workers.redaction.core.spans import merged
from workers.redaction.core.values import FolderPseudonyms, same
from workers.redaction.hearing import numbers, placing
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Recording, Stretch, interval, joined
from workers.redaction.hearing.turns import HeardTurn
from workers.redaction.kinds.text import TextRedactor
from workers.redaction.masking.masks import CLEARED

# Detectors, as findings name them.
TEXT, SPEECH, SPEAKERS, SECOND = "text", "speech", "speakers", "second_speech"
# Kinds: a whole turn, one word that two heard differently, and several who speak at once.
UNHEARD, UNCLEAR, SEVERAL = "SPEECH", "UNCLEAR_WORD", "SEVERAL_VOICES"
SILENT = 0.5  # share of a word that is silent, from which it is no longer heard
DOUBTED = 0.4  # probability below which a word is, and is hidden where the other recogniser hears another
AGREED = 0.5  # of a word's or a turn's letters, those that both recognisers heard at least
ENOUGH = 12  # letters from which a turn in which they disagree was heard badly
NAMES = {"en": ("Speaker {}", "Speaker"), "ja": ("話者 {}", "話者")}

Look = Literal["first", "second"]


class Placed(NamedTuple):
    """A word, where it stands in the whole text, and the number of its turn."""

    word: HeardWord
    start: int
    end: int
    turn: int


@dataclass
class Hidden:
    """Something that is silent in the copy: when, and which characters of the whole text it takes away."""

    kind: str
    score: float
    detector: str
    look: Look
    at: Stretch
    span: tuple[int, int] | None = None
    place: Stretch | None = None  # as a person gave it: it goes on the record just so

    def finding(self, shown: Span | None) -> Finding:
        return Finding(
            kind=self.kind,
            place=interval(self.place or self.at),
            score=round(self.score * MILLION),
            detector=self.detector,
            look=self.look,
            shown=shown,
        )


@dataclass
class Heard:
    """The turns of a recording, and what is hidden of them so far. Used from one thread."""

    recording: Recording
    turns: list[HeardTurn]
    redactor: TextRedactor | None  # None where no text can be looked at, and a person answers for that
    cleared: list[Stretch] = field(default_factory=list)
    several: list[Stretch] = field(default_factory=list)  # where more than one voice is heard
    hidden: list[Hidden] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words: list[Placed] = []
        self.text = ""
        self._starts: list[int] = []
        for number, turn in enumerate(self.turns):
            self._starts.append(len(self.text))
            for word, (start, end) in zip(turn.words, turn.spans(), strict=True):
                self.words.append(Placed(word, len(self.text) + start, len(self.text) + end, number))
            self.text += turn.text + "\n"

    def silences(self) -> list[Stretch]:
        return joined(one.at for one in self.hidden)

    def first(self) -> None:
        """Hides every turn that was heard badly, where several speak, and what is personal in the others."""
        for number, turn in enumerate(self.turns):
            if turn.badly:
                self.mute(number, SPEECH, "first")
        for stretch in self.several:
            self._hide_several(stretch)
        for span in self.personal(self.text):
            self.hide_span(span, "first", TEXT)

    def personal(self, text: str) -> list[FoundSpan]:
        """What is to be hidden in a text of what was said. Raises `Quarantined` as a text's analysis does."""
        spoken = list(numbers.find(text))
        if self.redactor is None:
            return merged(spoken)
        return merged([*self.redactor.find(self.redactor.layout(text, TextFormat.PLAIN)), *spoken])

    def mute(self, number: int, detector: str, look: Look) -> bool:
        """Silences a whole turn; whether it was not silent before."""
        turn = self.turns[number]
        at = placing.placed(turn.at, self.recording)
        # What a person lets be heard again has its words again, where there are any.
        turn.badly = not turn.words or _share(at, self.cleared) < CLEARED
        return self._add(Hidden(UNHEARD, 1.0, detector, look, at, self._span_of(number)))

    def hide_span(self, span: FoundSpan, look: Look, detector: str) -> bool:
        """Silences the words that these characters are of; whether there was one that was heard before."""
        words = [one for one in self.words if one.start < span.end and span.start < one.end]
        new = False
        for number in sorted({one.turn for one in words}):
            own = [one for one in words if one.turn == number]
            at = Stretch(min(one.word.at.start for one in own), max(one.word.at.end for one in own))
            part = (max(span.start, own[0].start), min(span.end, own[-1].end))
            hidden = Hidden(span.kind, span.score, detector, look, placing.placed(at, self.recording), part)
            new |= self._add(hidden)
        return new

    def _hide_several(self, stretch: Stretch) -> None:
        """Silences where several speak at once, and each word that reaches into it as a whole.

        The louder one's words leave the transcript there; the other's stand in none.
        """
        own = [one for one in self.words if one.word.at.overlap(stretch) > 0]
        for number in sorted({one.turn for one in own}):
            said = [one for one in own if one.turn == number]
            self.hide_span(FoundSpan(said[0].start, said[-1].end, SEVERAL, 1.0), "first", SPEAKERS)
        self._add(Hidden(SEVERAL, 1.0, SPEAKERS, "first", placing.placed(stretch, self.recording)))

    def add_by_hand(self, place: Stretch, kind: str) -> None:
        """Silences exactly what a person marked, and takes the words away that lie in it."""
        own = [one for one in self.words if one.word.at.overlap(place) > 0]
        rest: tuple[int, int] | None = None
        if own and len({one.turn for one in own}) == 1:
            rest = (own[0].start, own[-1].end)
        self.hidden.append(Hidden(kind, 1.0, "person", "first", place, rest, place))
        if rest is None:
            for one in own:
                self.hidden.append(
                    Hidden(kind, 1.0, "person", "first", place, (one.start, one.end), one.word.at)
                )

    def _add(self, hidden: Hidden) -> bool:
        if _share(hidden.at, self.cleared) >= CLEARED:
            return False
        before = sum(one.length for one in self.silences())
        if hidden.span is not None:
            hidden.span = self._bare(*hidden.span)
        self.hidden.append(hidden)
        if hidden.span is None and sum(one.length for one in self.silences()) == before:
            self.hidden.pop()
            return False
        return True

    def _bare(self, start: int, end: int) -> tuple[int, int] | None:
        """What of these characters is not hidden yet, at their ends; None where nothing can be read there."""
        taken = self._taken()
        while start < end and start in taken:
            start += 1
        while end > start and end - 1 in taken:
            end -= 1
        return (start, end) if any(sign.isalnum() for sign in self.text[start:end]) else None

    def _taken(self) -> set[int]:
        return {at for one in self.hidden if one.span for at in range(*one.span)}

    def _span_of(self, number: int) -> tuple[int, int] | None:
        own = [one for one in self.words if one.turn == number]
        return (own[0].start, own[-1].end) if own else None

    # The second look.

    def audible(self, group: Sequence[Stretch]) -> list[Placed]:
        """The words in these stretches that can still be heard, as far as the first recogniser knows."""
        silences, taken = self.silences(), self._taken()
        return [
            one
            for one in self.words
            if any(each.overlap(one.word.at) > 0 for each in group)
            and not taken.issuperset(range(one.start, one.end))
            and _share(one.word.at, silences) < SILENT
        ]

    def agrees(self, group: Sequence[Stretch], said: str) -> bool:
        """Whether the second recogniser heard most of what the first did in these stretches."""
        words = self.audible(group)
        pairing = _Pairing([(number, one.word.text) for number, one in enumerate(words)], said)
        every = range(len(words))
        return sum(map(pairing.agreed, every)) >= AGREED * sum(map(pairing.letters, every))

    def again(self, group: Sequence[Stretch], said: str, *, doubt: bool, whole: bool) -> bool:
        """Hides what the second recogniser understood of the copy there and nobody may; whether any.

        With `doubt` also words and turns that the two understood differently; with `whole` turns instead of
        words.
        """
        words = self.audible(group)
        pairing = _Pairing([(number, one.word.text) for number, one in enumerate(words)], said)
        found = False
        for span in self.personal(said):
            places = pairing.words_of(span.start, span.end)
            chosen = [words[number] for number in places]
            if chosen and not whole:
                found |= self._hide_words(chosen, span.kind, span.score)
            else:
                found |= self._mute_about(group, chosen or [words[n] for n in pairing.around(span.start)])
        return found | (doubt and self._doubted(words, pairing))

    def _hide_words(self, words: Sequence[Placed], kind: str, score: float) -> bool:
        span = FoundSpan(words[0].start, words[-1].end, kind, score)
        return self.hide_span(span, "second", SECOND)

    def _mute_about(self, group: Sequence[Stretch], words: Sequence[Placed]) -> bool:
        """Mutes the turns of these words; all that lies in the stretches where there is none."""
        turns = {one.turn for one in words} or {
            number for number, turn in enumerate(self.turns) if any(turn.at.overlap(each) for each in group)
        }
        new = False
        for number in sorted(turns):
            new |= self.mute(number, SECOND, "second")
        if not new and not any(each.overlap(one) for each in group for one in self.cleared):
            for each in group:
                at = placing.placed(each, self.recording)
                new |= self._add(Hidden(UNHEARD, 1.0, SECOND, "second", at))
        return new

    def _doubted(self, words: Sequence[Placed], pairing: _Pairing) -> bool:
        new = False
        for number in sorted({one.turn for one in words}):
            own = [place for place, one in enumerate(words) if one.turn == number]
            letters = sum(pairing.letters(place) for place in own)
            if letters >= ENOUGH and sum(map(pairing.agreed, own)) < AGREED * letters:
                new |= self.mute(number, SECOND, "second")
                continue
            for place in own:
                one = words[place]
                doubted = one.word.probability < DOUBTED and pairing.letters(place)
                if doubted and pairing.agreed(place) < AGREED * pairing.letters(place):
                    span = FoundSpan(one.start, one.end, UNCLEAR, 1 - one.word.probability)
                    new |= self.hide_span(span, "second", SECOND)
        return new

    # What is left.

    def names(self) -> dict[int, str]:
        """The pseudonym of each speaker, in the language that is spoken most."""
        spoken = [one.word.language for one in self.words]
        language = "ja" if spoken.count("ja") * 2 > len(spoken) else "en"
        numbered, unknown = NAMES[language]
        return {
            turn.speaker: numbered.format(turn.speaker) if turn.speaker else unknown for turn in self.turns
        }

    def result(self) -> tuple[list[Finding], str, Conversation, list[tuple[Finding, str]]]:
        """The findings in order of time; the transcript and the turns in it; and what stood at findings."""
        values = FolderPseudonyms()
        persons = self._persons()
        names = self.names()
        findings: list[Finding] = []
        read: list[tuple[Finding, str]] = []
        turns: list[Turn] = []
        text = ""
        left = sorted((one for one in self.hidden if one.span), key=lambda one: one.span or (0, 0))
        for number, turn in enumerate(self.turns):
            place = interval(turn.at)
            shown = {"at": place, "speaker": turn.speaker, "name": names[turn.speaker]}
            if turn.badly or not turn.words:
                turns.append(Turn(**shown, heard_badly=True))
                continue
            start = self._starts[number]
            end = start + len(turn.text)
            line = _Line(self.text, start, len(text) + len(names[turn.speaker]) + 2)
            for one in (one for one in left if one.span and start <= one.span[0] < end):
                first, last = one.span or (0, 0)
                value = self.text[first:last]
                named = persons.get(same("PERSON", value), value) if one.kind == "PERSON" else value
                finding = one.finding(line.hide(first, last, f"[{values.of(one.kind, named)}]"))
                findings.append(finding)
                read.append((finding, value))
            words = [
                Word(at=interval(one.word.at), span=span)
                for one in self.words
                if one.turn == number and (span := line.span(one.start, one.end)) is not None
            ]
            said = line.end(end)
            whole = Span(start=line.begins, end=line.begins + len(said))
            turns.append(Turn(**shown, span=whole, words=tuple(words)))
            text += f"{names[turn.speaker]}: {said}\n"
        written = {id(one) for one in left if not self._of_muted(one)}
        findings += [one.finding(None) for one in self.hidden if id(one) not in written]
        findings.sort(key=lambda finding: (finding.place.start, finding.place.end))  # type: ignore[union-attr]
        return findings, text.rstrip("\n"), Conversation(turns=tuple(turns)), read

    def _of_muted(self, one: Hidden) -> bool:
        first = one.span[0] if one.span else 0
        return any(
            turn.badly and start <= first < start + len(turn.text) + 1
            for turn, start in zip(self.turns, self._starts, strict=True)
        )

    def _persons(self) -> dict[str, str]:
        if self.redactor is None:
            return {}
        spans = [
            FoundSpan(*one.span, one.kind, one.score)
            for one in self.hidden
            if one.span and one.kind == "PERSON"
        ]
        return self.redactor.persons(self.redactor.layout(self.text, TextFormat.PLAIN), sorted(spans))


class _Line:
    """One turn's text with placeholders, and where what is left of it stands in the transcript."""

    def __init__(self, text: str, start: int, begins: int) -> None:
        self.begins = begins
        self._text, self._at, self._said = text, start, ""
        self._moved: list[tuple[int, int, int]] = []  # characters start … end of the text, and where they are

    def hide(self, first: int, last: int, placeholder: str) -> Span:
        self._keep(first)
        at = self.begins + len(self._said)
        self._said += placeholder
        self._at = max(self._at, last)
        return Span(start=at, end=at + len(placeholder))

    def _keep(self, upto: int) -> None:
        if upto > self._at:
            self._moved.append((self._at, upto, self.begins + len(self._said)))
            self._said += self._text[self._at : upto]
            self._at = upto

    def end(self, end: int) -> str:
        self._keep(end)
        return self._said

    def span(self, first: int, last: int) -> Span | None:
        """Where a word stands that is left whole; None where a part of it is hidden."""
        if last > self._at:
            self._keep(last)
        for start, end, place in self._moved:
            if start <= first and last <= end and last > first:
                return Span(start=place + first - start, end=place + last - start)
        return None


class _Pairing:
    """Which letters of the words that are left the second recogniser heard as well."""

    def __init__(self, words: Iterable[tuple[int, str]], said: str) -> None:
        first = [(sign, number) for number, text in words for sign in _letters(text)]
        second = [(sign, at) for at, each in enumerate(said) for sign in _letters(each)]
        self._owners = [number for _, number in first]
        self._second = [at for _, at in second]
        matcher = difflib.SequenceMatcher(
            None, [sign for sign, _ in first], [sign for sign, _ in second], autojunk=False
        )
        self._first_of: dict[int, int] = {}  # letter of the second: letter of the first
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                self._first_of[block.b + step] = block.a + step
        self._agreed: dict[int, int] = {}
        self._letters: dict[int, int] = {}
        for number in self._owners:
            self._letters[number] = self._letters.get(number, 0) + 1
        for letter in self._first_of.values():
            self._agreed[self._owners[letter]] = self._agreed.get(self._owners[letter], 0) + 1

    def letters(self, number: int) -> int:
        return self._letters.get(number, 0)

    def agreed(self, number: int) -> int:
        return self._agreed.get(number, 0)

    def words_of(self, start: int, end: int) -> list[int]:
        """The words at these characters of what the second heard; none where too few letters agree."""
        own = [place for place, at in enumerate(self._second) if start <= at < end]
        paired = [self._owners[self._first_of[place]] for place in own if place in self._first_of]
        if len(paired) < AGREED * max(len(own), 1):
            between = self._between(own)
            return between if between else []
        return list(range(min(paired), max(paired) + 1)) if paired else []

    def _between(self, own: Sequence[int]) -> list[int]:
        """The words between those that both heard before and after these letters, where there are any."""
        if not own:
            return []
        before = [self._first_of[place] for place in range(own[0]) if place in self._first_of]
        after = [
            self._first_of[place]
            for place in range(own[-1] + 1, len(self._second))
            if place in self._first_of
        ]
        low = self._owners[before[-1]] + 1 if before else 0
        high = self._owners[after[0]] if after else (self._owners[-1] + 1 if self._owners else 0)
        return list(range(low, high))

    def around(self, start: int) -> list[int]:
        """The nearest words before and after a character of what the second heard that both heard."""
        before = [
            self._first_of[place]
            for place, at in enumerate(self._second)
            if at < start and place in self._first_of
        ]
        after = [
            self._first_of[place]
            for place, at in enumerate(self._second)
            if at >= start and place in self._first_of
        ]
        return sorted({self._owners[letter] for letter in (*before[-1:], *after[:1])})


def _letters(text: str) -> list[str]:
    return [sign for sign in text.casefold() if sign.isalnum()]


def _share(stretch: Stretch, taken: Iterable[Stretch]) -> float:
    return sum(stretch.overlap(one) for one in taken) / max(stretch.length, 1)
