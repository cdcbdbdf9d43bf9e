"""What is hidden of what was said, by words that were made up: nothing listens, and no text is analysed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from omnigov.contracts import Interval
from workers.media.sound import RATE
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Recording, Stretch
from workers.redaction.hearing.turns import turns
from workers.redaction.kinds.heard import Heard

WORD = RATE // 2  # samples from one word to the next


@pytest.fixture
def recording() -> Iterator[Recording]:
    sound = np.random.default_rng(2).standard_normal(20 * RATE).astype(np.float32) * 0.1
    with Recording([sound]) as open_:
        yield open_


def heard(recording: Recording, text: str, cleared: tuple[Stretch, ...] = (), **sure: float) -> Heard:
    words = [
        HeardWord(Stretch(at * WORD, at * WORD + WORD * 4 // 5), f" {word}", sure.get(word, 0.9), False, "en")
        for at, word in enumerate(text.split())
    ]
    said = turns(words, (), (), ("en", "ja"))
    return Heard(recording, said, None, list(cleared))


ALL = (Stretch(0, 20 * RATE),)


def test_a_number_is_silent_from_its_first_word_to_its_last(recording: Recording) -> None:
    said = heard(recording, "please call five five one four tomorrow morning")
    said.first()

    findings, transcript, conversation, read = said.result()

    (finding,) = findings
    assert finding.kind == "SPOKEN_NUMBER"
    assert isinstance(finding.place, Interval)
    assert finding.place.start <= 1000 - 250
    assert finding.place.end >= 2900 + 250
    assert transcript == "Speaker: please call [SPOKEN_NUMBER_1] tomorrow morning"
    assert finding.shown is not None
    assert transcript[finding.shown.start : finding.shown.end] == "[SPOKEN_NUMBER_1]"
    assert [transcript[word.span.start : word.span.end] for word in conversation.turns[0].words] == [
        "please",
        "call",
        "tomorrow",
        "morning",
    ]
    assert [value for _, value in read] == ["five five one four"]


def test_what_the_second_hears_is_silent_where_the_first_heard_words(recording: Recording) -> None:
    said = heard(recording, "please call fife won forty tomorrow morning")

    assert said.again(ALL, "please call 5140 tomorrow morning", doubt=False, whole=False)

    assert "[SPOKEN_NUMBER_1] tomorrow morning" in said.result()[1]
    assert not said.again(ALL, "please call tomorrow morning", doubt=False, whole=False)


def test_what_the_second_hears_where_there_was_nothing_mutes_the_turn(recording: Recording) -> None:
    said = heard(recording, "please call tomorrow morning")

    assert said.again(ALL, "please call 5140 tomorrow morning", doubt=False, whole=False)

    _, transcript, conversation, _ = said.result()
    assert transcript == ""
    assert [(turn.span, turn.heard_badly) for turn in conversation.turns] == [(None, True)]


def test_a_doubtful_word_that_two_heard_differently_is_silent(recording: Recording) -> None:
    text = "this is Mitchell from the night shift speaking"
    said = heard(recording, text, Mitchell=0.3)

    assert said.again(ALL, text.replace("Mitchell", "Hugo"), doubt=True, whole=False)
    assert "this is [UNCLEAR_WORD_1] from the night" in said.result()[1]

    agreed = heard(recording, text, Mitchell=0.3)
    assert not agreed.again(ALL, text, doubt=True, whole=False)


def test_a_turn_in_which_two_heard_different_things_is_silent_as_a_whole(recording: Recording) -> None:
    said = heard(recording, "the compressor makes a loud noise")

    assert said.again(ALL, "why would you buy vinyl", doubt=True, whole=False)
    assert said.result()[1] == ""


def test_what_a_person_cleared_stays_and_what_they_marked_goes(recording: Recording) -> None:
    said = heard(recording, "call five five one four now", cleared=(Stretch(0, 6 * WORD),))
    said.add_by_hand(Stretch(5 * WORD, 6 * WORD), "BY_HAND")
    said.first()

    findings, transcript, _, _ = said.result()

    assert transcript == "Speaker: call five five one four [BY_HAND_1]"
    assert [(finding.kind, finding.place) for finding in findings] == [
        ("BY_HAND", Interval(start=2500, end=3000))
    ]


def test_where_several_speak_it_is_silent_with_each_word_that_reaches_in(recording: Recording) -> None:
    said = heard(recording, "the pump stopped at noon and nobody saw it")
    said.several = [Stretch(WORD * 2 + WORD // 2, WORD * 3 + WORD // 4)]  # in "stopped" and "at"

    said.first()

    findings, transcript, _, read = said.result()
    assert {(finding.kind, finding.detector) for finding in findings} == {("SEVERAL_VOICES", "speakers")}
    assert transcript == "Speaker: the pump [SEVERAL_VOICES_1] noon and nobody saw it"
    assert [value for _, value in read] == ["stopped at"]
    silent = said.silences()
    assert silent[0].start <= WORD * 2 - RATE // 4
    assert silent[-1].end >= WORD * 4 - WORD // 5 + RATE // 4


def test_where_several_speak_and_no_word_was_heard_it_is_silent(recording: Recording) -> None:
    said = heard(recording, "the pump stopped")
    said.several = [Stretch(5 * RATE, 6 * RATE)]

    said.first()

    (silent,) = said.silences()
    assert silent.start <= 5 * RATE - RATE // 4
    assert silent.end >= 6 * RATE + RATE // 4
