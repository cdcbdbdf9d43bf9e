"""Recordings from end to end, with the parts that listen as they are."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from scipy.signal import istft, stft

from omnigov.contracts import (
    Interval,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Region,
    Span,
    peak_pairs,
)
from workers.media.sound import RATE, decode
from workers.redaction.core import sources
from workers.redaction.core.runtime import joint_digest
from workers.redaction.hearing import parts, recogniser
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Stretch
from workers.redaction.kinds import sound, whole_text
from workers.redaction.kinds.redactors import Beside
from workers.weights import datasets

KNOWN = Path(parts.__file__).with_name("known_voice.flac").read_bytes()
PROFILE, LIMITS = RedactionProfile(), Limits()


def wav(samples: np.ndarray, rate: int = RATE, layout: str = "mono", form: str = "wav") -> bytes:
    """Samples between -1 and 1, [channels, samples], as a file."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as file:
        stream = file.add_stream("pcm_s16le", rate=rate, layout=layout)
        whole = np.ascontiguousarray((np.atleast_2d(samples).T * 32767).astype(np.int16)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout=layout)
        frame.sample_rate = rate
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def samples(content: bytes) -> np.ndarray:
    return np.concatenate(list(decode(content, LIMITS)))


def peaks_of(whole: np.ndarray) -> list[tuple[int, int]]:
    steps = [np.rint(whole[at : at + 800] * 32768).astype(int) for at in range(0, whole.size, 800)]
    return [(max(step.min() // 256, -127), min(step.max() // 256, 127)) for step in steps]


class Redacted:
    def __init__(self, original: bytes, **options: Any) -> None:
        out, self.beside, self.read = io.BytesIO(), Beside(), ReadValues()
        profile = options.pop("profile", PROFILE)
        self.result: RedactionResult = sound.redact_to(
            original, out, profile, LIMITS, read=self.read, beside=self.beside, **options
        )
        self.copy = out.getvalue()


@pytest.fixture(scope="module")
def known() -> Redacted:
    return Redacted(KNOWN)


def test_a_name_is_silent_and_the_words_about_it_are_not(known: Redacted) -> None:
    before, after = samples(KNOWN), samples(known.copy)

    assert before.size == after.size
    person = next(finding for finding in known.result.findings if finding.kind == "PERSON")
    assert isinstance(person.place, Interval)
    inside = slice(person.place.start * 16 + 200, person.place.end * 16 - 200)
    assert np.abs(before[inside]).max() > 0.05
    assert not after[inside].any()
    assert np.array_equal(before[: person.place.start * 16], after[: person.place.start * 16])


def test_the_transcript_has_a_placeholder_where_the_finding_says(known: Redacted) -> None:
    transcript = known.beside.transcript
    assert transcript is not None
    assert transcript.startswith("Speaker 1: My name is [PERSON_1].")
    assert "Brown" not in transcript
    for finding in known.result.findings:
        assert finding.shown is None or transcript[finding.shown.start : finding.shown.end].startswith("[")
    assert known.beside.conversation is not None
    (turn,) = known.beside.conversation.turns
    assert isinstance(turn.span, Span)
    said = [transcript[word.span.start : word.span.end] for word in turn.words]
    assert said[:3] == ["My", "name", "is"]
    assert all(0 <= word.at.start < word.at.end <= 2700 for word in turn.words)


def test_the_result_says_how_long_it_is_and_who_was_heard(known: Redacted) -> None:
    assert known.result.sound is not None
    assert known.result.sound.milliseconds == samples(KNOWN).size // 16
    assert (known.result.sound.turns, known.result.sound.speakers) == (1, 1)
    assert known.result.sound.languages == ("en",)
    assert [detector.name for detector in known.result.detectors] == [
        "voice_activity",
        "speech",
        "speakers",
        "second_speech",
        "text",
    ]


def test_the_result_names_what_is_kept_beside_the_copy(known: Redacted) -> None:
    """The step's entry commits to the result, so nobody exchanges the words beneath a decision unseen."""
    assert known.result.sound is not None
    written = known.beside.written()

    assert set(written) == {"peaks", "turns", "transcript"}
    assert known.result.sound.beside == {
        name: hashlib.sha256(content).hexdigest() for name, content in written.items()
    }


def test_peaks_are_those_of_the_copy_and_not_of_the_original(known: Redacted) -> None:
    open_ = Redacted(KNOWN, profile=PROFILE.model_copy(update={"text": False}))
    assert open_.beside.peaks is not None
    assert known.beside.peaks is not None

    assert peak_pairs(open_.beside.peaks) == peaks_of(samples(KNOWN))
    assert max(high for _, high in peak_pairs(open_.beside.peaks)) > 10
    assert peak_pairs(known.beside.peaks) == peaks_of(samples(known.copy))
    assert known.beside.peaks != open_.beside.peaks


def test_what_reads_it_is_another_on_the_record_once_a_rule_of_hearing_changes() -> None:
    """Where words become turns and where their guard ends: no part that listens is made of that."""
    rules = {file.stem for file in sources.files(Path(sound.__file__))}

    assert {"turns", "placing", "numbers", "heard", "sound"} <= rules
    assert sound.describe()[-1].name == whole_text.NAME
    assert sound.describe()[-1].digest == joint_digest(
        [whole_text.describe().digest, sources.digest(sound.__file__)]
    )


def test_the_value_goes_to_whoever_asks_for_it_and_to_no_record(known: Redacted) -> None:
    values = known.read.of(known.result.findings)

    assert any(value is not None and "Brown" in value.value for value in values)
    assert "Brown" not in known.result.model_dump_json()


def test_a_person_adds_and_takes_away(known: Redacted) -> None:
    person = next(finding for finding in known.result.findings if finding.kind == "PERSON")
    edits = RedactionEdits(
        added=(Region(place=Interval(start=0, end=300)),), removed=(Region(place=person.place),)
    )

    again = Redacted(KNOWN, edits=edits)

    assert not samples(again.copy)[200 : 300 * 16 - 200].any()
    assert "PERSON" not in {finding.kind for finding in again.result.findings}
    by_hand = next(finding for finding in again.result.findings if finding.detector == "person")
    assert (by_hand.place, by_hand.kind) == (Interval(start=0, end=300), "BY_HAND")
    assert "Brown" in (again.beside.transcript or "")
    assert again.result.revision != known.result.revision


@pytest.mark.parametrize("place", [Span(start=0, end=3), Interval(start=0, end=99_000)])
def test_a_region_that_is_no_time_in_it_is_refused(place: Span | Interval) -> None:
    with pytest.raises(Refused):
        Redacted(KNOWN, edits=RedactionEdits(added=(Region(place=place),)))


def silence() -> np.ndarray:
    return np.zeros(2 * RATE)


def music() -> np.ndarray:
    at = np.arange(3 * RATE) / RATE
    return 0.3 * sum(np.sin(2 * np.pi * pitch * at) for pitch in (220, 277, 330)) / 3


def noise() -> np.ndarray:
    return np.random.default_rng(1).standard_normal(2 * RATE) * 0.1


def clipped() -> np.ndarray:
    return np.sign(np.sin(2 * np.pi * 97 * np.arange(2 * RATE) / RATE)) * 0.999


@pytest.mark.parametrize("made", [silence, music, noise, clipped])
def test_where_nobody_speaks_nothing_is_hidden_and_nothing_changes(made: Callable[[], np.ndarray]) -> None:
    content = wav(made())

    redacted = Redacted(content)

    assert redacted.result.findings == ()
    assert redacted.beside.transcript is None
    assert redacted.result.sound is not None
    assert redacted.result.sound.turns == 0
    assert np.array_equal(samples(redacted.copy), samples(content))


def test_a_telephone_call_in_eight_channels_is_heard() -> None:
    low = samples(KNOWN)[::2]

    redacted = Redacted(wav(np.tile(low, (8, 1)), rate=RATE // 2, layout="7.1"))

    assert "PERSON" in {finding.kind for finding in redacted.result.findings}
    assert "Brown" not in (redacted.beside.transcript or "")


def level(spoken: np.ndarray) -> np.ndarray:
    """As loud as the others."""
    return 0.06 * spoken / np.sqrt(np.square(spoken[np.abs(spoken) > 0.01]).mean())


def reports() -> list[np.ndarray]:
    """Nine seconds each of three voices: a woman's and a man's in English, a woman's in Japanese."""
    folder = Path(__file__).parents[4] / "samples"
    names = ("report-accident", "report-machine", "report-quality-ja")
    return [level(samples((folder / f"{name}.ogg").read_bytes())[: 9 * RATE]) for name in names]


def left(copy: bytes, spoken: np.ndarray) -> float:
    """The share of what can be heard in a recording that can be heard in its copy."""
    after = samples(copy)
    loud = np.abs(spoken) > 0.01
    return float((after[loud] != 0).mean())


@pytest.mark.long
@pytest.mark.parametrize("fainter", [1.0, 0.25])
def test_where_two_speak_at_once_neither_is_heard(fainter: float) -> None:
    """A recogniser writes down the louder one alone, and whoever listens hears both."""
    one, other, _ = reports()
    spoken = one + fainter * other

    redacted = Redacted(wav(spoken))

    assert left(redacted.copy, spoken) < 0.05
    assert redacted.beside.transcript is None


@pytest.mark.long
def test_where_five_speak_at_once_nobody_is_heard() -> None:
    spoken = [*reports(), *(np.roll(each, 4 * RATE) for each in reports()[:2])]
    whole = np.sum(spoken, axis=0)

    redacted = Redacted(wav(whole / np.abs(whole).max()))

    assert left(redacted.copy, whole) < 0.05
    assert redacted.beside.transcript is None


def whispered(spoken: np.ndarray) -> np.ndarray:
    """The same sounds without a pitch: only how loud each band is, at each moment, is kept."""
    _, _, spectrum = stft(spoken, RATE, nperseg=512, noverlap=384)
    broad = np.apply_along_axis(np.convolve, 0, np.abs(spectrum), np.ones(9) / 9, "same")
    turned = np.exp(2j * np.pi * np.random.default_rng(1).random(broad.shape))
    _, made = istft(broad * turned, RATE, nperseg=512, noverlap=384)
    return 0.3 * made[: spoken.size] / np.abs(made).max()


def far(spoken: np.ndarray) -> np.ndarray:
    """In the minute of a voice beside the microphone, the same from the other end of the hall."""
    return np.concatenate([reports()[1][: 5 * RATE], np.zeros(RATE), 0.004 * spoken])


def too_loud(spoken: np.ndarray) -> np.ndarray:
    return np.clip(40 * spoken, -0.99, 0.99)


@pytest.mark.long
@pytest.mark.parametrize("made", [whispered, far, too_loud])
def test_a_name_that_is_hard_to_hear_is_silent(made: Callable[[np.ndarray], np.ndarray]) -> None:
    known = samples(KNOWN)
    spoken = made(known)

    redacted = Redacted(wav(spoken))

    assert "Brown" not in (redacted.beside.transcript or "")
    assert "Sarah" not in (redacted.beside.transcript or "")
    name = slice(spoken.size - known.size + RATE, spoken.size - known.size + 2 * RATE)  # "Sarah Brown"
    assert not samples(redacted.copy)[name].any()


def test_a_tenth_of_a_second_is_taken_and_nobody_speaks_in_it() -> None:
    redacted = Redacted(wav(0.1 * np.random.default_rng(2).standard_normal(RATE // 10 + 1)))

    assert redacted.result.findings == ()
    assert redacted.result.sound is not None
    assert (redacted.result.sound.milliseconds, redacted.result.sound.turns) == (100, 0)


@pytest.mark.long
def test_a_language_that_nobody_here_knows_is_silent_as_a_whole() -> None:
    stamps = datasets.path("tuxpaint-stamps-default")
    files = sorted(stamps.rglob("*_desc_fr.ogg"))[:6]
    spoken = np.concatenate([samples(file.read_bytes()) for file in files])

    redacted = Redacted(wav(spoken))

    assert redacted.result.sound is not None
    assert redacted.result.sound.muted_turns == redacted.result.sound.turns > 0
    assert redacted.beside.transcript is None


def test_a_part_that_does_not_load_keeps_the_recording_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise OSError("no such file")

    monkeypatch.setattr(recogniser.Recogniser, "__init__", broken)

    with pytest.raises(Quarantined) as kept:
        Redacted(KNOWN)
    assert kept.value.code == "detector_missing"


def test_a_part_that_hears_nothing_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_proven", set())
    monkeypatch.setattr(recogniser.Recogniser, "hear", lambda *_: [])

    with pytest.raises(Quarantined) as kept:
        Redacted(KNOWN)
    assert kept.value.code == "detector_silent"


def test_words_beyond_the_recording_keep_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    far = HeardWord(Stretch(10**7, 10**7 + 9), " Sarah Brown", 0.9, False, "en")
    monkeypatch.setattr(parts, "_proven", {part.name for part in parts.PARTS})
    monkeypatch.setattr(recogniser.Recogniser, "hear", lambda *_: [far])

    with pytest.raises(Quarantined):
        Redacted(KNOWN)


def test_speech_without_words_is_silent_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_proven", {part.name for part in parts.PARTS})
    monkeypatch.setattr(recogniser.Recogniser, "hear", lambda *_: [])

    redacted = Redacted(KNOWN)

    assert redacted.result.sound is not None
    assert redacted.result.sound.muted_turns == redacted.result.sound.turns > 0
    assert redacted.beside.transcript is None
    spoken = samples(redacted.copy)[RATE // 2 : 2 * RATE]
    assert not spoken.any()


def test_where_a_person_answers_what_failed_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise OSError("no such file")

    monkeypatch.setattr(recogniser.Recogniser, "__init__", broken)

    redacted = Redacted(KNOWN, by_hand=True)

    assert [(each.code, each.detector) for each in redacted.result.shortfalls] == [
        ("detector_missing", "speech")
    ]
    assert redacted.result.sound is not None
    assert redacted.result.sound.muted_turns > 0
