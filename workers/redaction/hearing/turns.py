"""Words, voices and speech as turns: from where somebody begins to speak up to where they stop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workers.media.sound import RATE
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Stretch, joined, without
from workers.redaction.hearing.speakers import Spoken

PAUSE = RATE  # samples without a word, after which the next is another turn,
BREATH = RATE // 5  # … and after the end of a sentence, once the turn is as long as
LONG = 6 * RATE  # this: a turn that has to be silent as a whole takes no more along than it must
ENDS = (".", "?", "!", "。", "？", "！")
AROUND = RATE * 2 // 5  # samples about a word that its time may be wrong by
WORDLESS = RATE * 2 // 5  # samples of speech without a word that are hidden from
UNSURE = 0.5  # probability below which a word is
SEVERAL_SHARE = 0.2  # of a turn's time in which several speak, from which it was
UNSURE_SHARE = 0.5  # of a turn's words, from which it was heard badly


@dataclass
class HeardTurn:
    """One turn as it was heard. Its text is its words', without the space before the first."""

    at: Stretch
    speaker: int
    words: list[HeardWord] = field(default_factory=list)
    badly: bool = False

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).lstrip()

    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in the text, without the space before it."""
        places, at = list[tuple[int, int]](), 0
        lead = len(self.words[0].text) - len(self.words[0].text.lstrip()) if self.words else 0
        for word in self.words:
            blank = len(word.text) - len(word.text.lstrip())
            end = at + len(word.text)
            places.append((max(0, min(at + blank, end) - lead), end - lead))
            at = end
        return places


def turns(
    words: Sequence[HeardWord],
    spoken: Sequence[Spoken],
    speech: Sequence[Stretch],
    known: Iterable[str],
    several: Sequence[Stretch] = (),
) -> list[HeardTurn]:
    """The turns in the order in which they begin. Speech in which no word was heard is a turn without words.

    A turn was heard badly where its words were, where most of them are unsure, where its language is none of
    those that are `known`, and where `several` speak for a good part of it: what the others say is written
    down nowhere. It reaches as far as the speech that it is in, up to its neighbours' words: where words were
    misheard, their times were as well.
    """
    found: list[HeardTurn] = []
    for word in words:
        speaker = speaker_at(word.at, spoken)
        last = found[-1] if found else None
        if (
            last is None
            or last.speaker != speaker
            or last.words[-1].language != word.language
            or last.words[-1].badly != word.badly
            or word.at.start - last.at.end > PAUSE
            or (
                word.at.start - last.at.end > BREATH
                and last.at.length > LONG
                and last.words[-1].text.endswith(ENDS)
            )
        ):
            found.append(HeardTurn(word.at, speaker, [word]))
        else:
            last.words.append(word)
            last.at = Stretch(last.at.start, max(last.at.end, word.at.end))
    languages = set(known)
    for turn in found:
        turn.badly = (
            any(word.badly or word.language not in languages for word in turn.words)
            or sum(word.probability < UNSURE for word in turn.words) > UNSURE_SHARE * len(turn.words)
            or not any(sign.isalnum() for sign in turn.text)
            or sum(turn.at.overlap(one) for one in several) >= SEVERAL_SHARE * turn.at.length
        )
    for number, turn in enumerate(found):
        if turn.badly:
            before = found[number - 1].at.end if number else 0
            after = found[number + 1].at.start if number + 1 < len(found) else None
            turn.at = _reached(turn.at, speech, before, after)
    about = joined(Stretch(max(0, word.at.start - AROUND), word.at.end + AROUND) for word in words)
    wordless = [one for one in without(speech, about) if one.length >= WORDLESS]
    found += [HeardTurn(one, speaker_at(one, spoken), [], badly=True) for one in wordless]
    return sorted(found, key=lambda turn: turn.at)


def _reached(at: Stretch, speech: Iterable[Stretch], before: int, after: int | None) -> Stretch:
    start, end = at
    for one in speech:
        if one.overlap(at) > 0:
            start = min(start, max(one.start, before))
            end = max(end, one.end if after is None else min(one.end, after))
    return Stretch(start, end)


def speaker_at(at: Stretch, spoken: Sequence[Spoken]) -> int:
    """Who speaks longest there; else who speaks nearest, within a second; 0 where nobody does."""
    shares: dict[int, int] = {}
    for one in spoken:
        shares[one.speaker] = shares.get(one.speaker, 0) + one.at.overlap(at)
    speaker, longest = max(shares.items(), key=lambda share: (share[1], -share[0]), default=(0, 0))
    if longest:
        return speaker
    near = [(max(one.at.start - at.end, at.start - one.at.end), one.speaker) for one in spoken]
    distance, speaker = min(near, default=(RATE, 0))
    return speaker if distance < RATE else 0
