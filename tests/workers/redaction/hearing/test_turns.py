from __future__ import annotations

from workers.media.sound import RATE
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Stretch
from workers.redaction.hearing.speakers import Spoken
from workers.redaction.hearing.turns import HeardTurn, speaker_at, turns


def seconds(start: float, end: float) -> Stretch:
    return Stretch(round(start * RATE), round(end * RATE))


def words(
    text: str, begins: float, *, sure: float = 0.9, badly: bool = False, language: str = "en"
) -> list[HeardWord]:
    return [
        HeardWord(seconds(begins + at * 0.4, begins + at * 0.4 + 0.3), f" {word}", sure, badly, language)
        for at, word in enumerate(text.split())
    ]


def of(
    *said: HeardWord, spoken: tuple[Spoken, ...] = (), speech: tuple[Stretch, ...] = ()
) -> list[HeardTurn]:
    return turns(said, spoken, speech, ("en", "ja"))


def test_another_speaker_begins_another_turn() -> None:
    spoken = (Spoken(seconds(0, 0.8), 1), Spoken(seconds(0.8, 2), 2))

    found = of(*words("good morning who speaks", 0), spoken=spoken)

    assert [(turn.speaker, turn.text) for turn in found] == [(1, "good morning"), (2, "who speaks")]


def test_a_long_pause_begins_another_turn() -> None:
    assert [turn.text for turn in of(*words("one", 0), *words("two", 5))] == ["one", "two"]


def test_words_stand_in_the_text_where_they_say() -> None:
    (turn,) = of(*words("good morning who", 0))

    assert [turn.text[start:end] for start, end in turn.spans()] == ["good", "morning", "who"]


def test_speech_without_a_word_is_a_turn_that_was_heard_badly() -> None:
    found = of(*words("one two", 0), speech=(seconds(0, 1), seconds(3, 4)))

    assert [(turn.text, turn.badly) for turn in found] == [("one two", False), ("", True)]
    assert found[1].at == seconds(3, 4)


def test_what_was_heard_badly_reaches_as_far_as_its_speech_and_not_into_its_neighbours() -> None:
    found = of(
        *words("one two", 0),
        *words("tree", 1.5, badly=True),
        *words("four", 2.2),
        *words("five", 3, badly=True),
        speech=(seconds(0, 4),),
    )

    assert [(turn.text, turn.at) for turn in found if turn.badly] == [
        ("tree", seconds(0.7, 2.2)),
        ("five", seconds(2.5, 4)),
    ]
    assert [turn.at for turn in found if not turn.badly] == [seconds(0, 0.7), seconds(2.2, 2.5)]


def test_unsure_words_garbled_ones_and_another_language_are_heard_badly() -> None:
    assert of(*words("one two three", 0, sure=0.3))[0].badly
    assert of(*words("one two three", 0, badly=True))[0].badly
    assert of(*words("un deux trois", 0, language="fr"))[0].badly
    assert not of(*words("one two three", 0))[0].badly


def test_a_turn_is_heard_badly_once_several_speak_in_a_fifth_of_it() -> None:
    """What the others say stands in no transcript, and whoever listens hears it."""
    said = words("the pump stopped at noon", 0)  # 1.9 s

    for until, badly in ((1.3, False), (1.5, True)):
        (turn,) = turns(said, (), (), ("en", "ja"), [seconds(1, until)])
        assert turn.badly is badly


def test_where_several_speak_it_is_who_speaks_longest_and_else_who_is_near() -> None:
    spoken = (Spoken(seconds(0, 1), 1), Spoken(seconds(0.5, 3), 2))

    assert speaker_at(seconds(0.4, 1.4), spoken) == 2
    assert speaker_at(seconds(3.5, 3.8), spoken) == 2
    assert speaker_at(seconds(9, 9.5), spoken) == 0
