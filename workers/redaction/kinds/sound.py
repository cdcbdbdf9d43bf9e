"""Recordings: heard, silenced where something personal is said, and heard again by another. Fails closed.

Who speaks is told by number. What can't be placed, and what was not understood, is silent as a whole.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from omnigov.contracts import (
    PEAK_MS,
    Detector,
    Finding,
    Hook,
    Interval,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    SoundCopy,
    Writing,
)
from workers.media import flac
from workers.media.sound import RATE, decode
from workers.media.source import Source
from workers.redaction.core import sources
from workers.redaction.core.runtime import joint_digest
from workers.redaction.core.values import same
from workers.redaction.detectors.ensemble import Ensemble, Release, check_kinds
from workers.redaction.hearing import parts
from workers.redaction.hearing.recogniser import HeardWord
from workers.redaction.hearing.recording import Recording, Stretch, stretch_of
from workers.redaction.hearing.speakers import Voices
from workers.redaction.hearing.turns import HeardTurn, turns
from workers.redaction.hearing.voice import groups, heard_as, windows
from workers.redaction.kinds import whole_text
from workers.redaction.kinds.heard import Heard
from workers.redaction.kinds.picture import silent
from workers.redaction.kinds.redactors import Beside
from workers.redaction.kinds.text import TextRedactor
from workers.redaction.masking.bounds import check_findings
from workers.redaction.masking.by_hand import NO_EDITS
from workers.redaction.masking.hashed import Hashed
from workers.redaction.masking.looks import LOOKS_MAX
from workers.redaction.masking.revision import revision

PIECE = 1 << 20


def redact_to(
    original: bytes,
    out: BinaryIO,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
    beside: Beside | None = None,
    *,
    by_hand: bool = False,
    encoding: str = "",
) -> RedactionResult:
    """Writes the redacted recording to `out`: FLAC of one channel, as long as the original to the sample.

    A finding's place is an interval, and `shown` where its placeholder is in the transcript. Raises what
    `workers.redaction.kinds.picture.redact` does; what stands in `out` then is to be thrown away.
    """
    started = time.monotonic()
    answers = Ensemble((), Release() if by_hand else None)
    beside = beside if beside is not None else Beside()
    with Recording(decode(original, limits), tone=profile.tone) as recording:
        hook("decode", None, 0.05)
        said = listened(recording, profile, answers, hook, edits, read, beside)
        digest = _written(recording, said.silences, out, limits)
    detectors = describe() if profile.text else ()
    result = RedactionResult(
        media_type=flac.MEDIA_TYPE,
        digest=digest,
        findings=said.findings,
        detectors=detectors,
        revision=revision(profile, detectors, edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        by_hand=by_hand,
        shortfalls=answers.shortfalls,
        writing=said.writing if profile.text else None,
        sound=said.sound,
    )
    hook("redacted", result, 1.0)
    return result


class Listened(NamedTuple):
    """What was found in a recording, and the stretches of it that are silent in the copy."""

    findings: tuple[Finding, ...]
    silences: tuple[Stretch, ...]
    sound: SoundCopy
    writing: Writing


def listened(
    recording: Recording,
    profile: RedactionProfile,
    answers: Ensemble,
    hook: Hook,
    edits: RedactionEdits,
    read: ReadValues | None,
    beside: Beside,
) -> Listened:
    """Listens to a recording, or to a video's sound: what is silent in its copy, and what is told of it.

    `edits` are of its time alone. What there is beside the copy goes to `beside`. Raises as `redact_to` does.
    """
    added, cleared = _by_hand(edits, recording)
    listening = _Listening(recording, profile, answers, hook)
    heard = listening.heard(cleared)
    for place, kind in added:
        heard.add_by_hand(place, kind)
    if profile.text:
        listening.hide(heard)
    findings, transcript, conversation, values = heard.result()
    check_findings(len(findings))
    silences = tuple(heard.silences())
    if read is not None:
        for finding, value in values:
            read.note(finding, value, same(finding.kind, value))
        read.seen, read.left = f"{read.seen}{heard.text}", f"{read.left}{transcript}"
    beside.transcript, beside.conversation = transcript or None, conversation
    beside.peaks = _peaks(recording, silences)
    told = beside.digests()
    sound = SoundCopy(
        milliseconds=recording.milliseconds,
        turns=len(conversation.turns),
        muted_turns=sum(turn.span is None for turn in conversation.turns),
        speakers=len({turn.speaker for turn in conversation.turns} - {0}),
        languages=tuple(sorted({word.word.language for word in heard.words})),
        beside=told,
    )
    badly = sum(turn.heard_badly for turn in conversation.turns)
    return Listened(
        tuple(findings), silences, sound, Writing(lines=len(conversation.turns), badly_read=badly)
    )


def describe() -> tuple[Detector, ...]:
    """What hears, and what tells personal data in it, as they stand on the record.

    The rules by which that is placed in time are of the latter: with another guard it hides something else.
    """
    text = whole_text.describe()
    digest = joint_digest([text.digest, sources.digest(__file__)])
    return (*(part.describe() for part in parts.PARTS), text.model_copy(update={"digest": digest}))


class _Listening:
    """The looks at one recording. What would stop it is passed over where a person answers for it."""

    def __init__(
        self, recording: Recording, profile: RedactionProfile, answers: Ensemble, hook: Hook
    ) -> None:
        self._recording, self._profile = recording, profile
        self._answers, self._hook = answers, hook

    def heard(self, cleared: list[Stretch]) -> Heard:
        """What is said. Nothing, where the profile hides nothing of what is."""
        said: list[HeardTurn] = []
        several: list[Stretch] = []
        redactor: TextRedactor | None = None
        if self._profile.text:
            said, several = self._turns()
        if said:
            try:
                check_kinds(self._profile)
                redactor = TextRedactor(self._profile)
            except Quarantined as reason:
                self._answers.pass_over(reason, whole_text.NAME)
        return Heard(self._recording, said, redactor, cleared, several)

    def hide(self, heard: Heard) -> None:
        """Hides what is personal. Raises `Quarantined` where that can't be shown to be all."""
        if not heard.turns:
            return
        try:
            heard.first()
            if self._profile.second_look:
                self._ask(parts.SECOND, lambda second: self._again(heard, second), None)
        except Quarantined as reason:
            self._answers.pass_over(reason, whole_text.NAME)

    def _turns(self) -> tuple[list[HeardTurn], list[Stretch]]:
        """The turns, and where in them several speak at once."""
        speech: list[Stretch] = self._ask(parts.VOICE, lambda voice: voice.find(self._recording), [])
        if not speech:
            return [], []
        words: list[HeardWord] = self._ask(
            parts.SPEECH, lambda recogniser: list(self._words(recogniser, windows(speech))), []
        )
        voices: Voices = self._ask(
            parts.SPEAKERS,
            lambda speakers: speakers.find(
                self._recording,
                self._profile.speakers,
                lambda share: self._hook("find:speakers", None, 0.35 + 0.1 * share),
            ),
            Voices([], []),
        )
        several = [one for one in voices.several if any(one.overlap(each) > 0 for each in speech)]
        return turns(words, voices.spoken, speech, self._profile.languages, several), several

    def _words(self, recogniser: Any, pieces: Sequence[Stretch]) -> Iterator[HeardWord]:
        for number, piece in enumerate(pieces):
            # Pieces that were cut in the middle of speech overlap: half of that is taken from each.
            first = (pieces[number - 1].end + piece.start) // 2 if number else piece.start
            last = (piece.end + pieces[number + 1].start) // 2 if number + 1 < len(pieces) else piece.end
            low = first if number and pieces[number - 1].end > piece.start else 0
            high = last if last < piece.end else self._recording.length
            for word in recogniser.hear(self._recording.part(*piece), piece.start):
                if not 0 <= word.at.start < word.at.end <= self._recording.length:
                    raise ArithmeticError("A word's time lies outside of the recording.")
                if low <= (word.at.start + word.at.end) // 2 <= high:
                    yield word
            self._hook("find:speech", None, 0.05 + 0.3 * (number + 1) / len(pieces))

    def _again(self, heard: Heard, second: Any) -> None:
        """Hears the copy until nothing more is found. Each piece is heard anew that changed."""
        known = set[tuple[tuple[Stretch, ...], tuple[Stretch, ...]]]()
        for look in range(1, LOOKS_MAX + 1):
            found = False
            silences = heard.silences()
            speech = parts.ask(parts.VOICE, lambda voice: voice.find(self._recording, silences))  # noqa: B023
            left = groups(speech)
            for number, group in enumerate(left):
                inside = tuple(one for one in silences if any(one.overlap(each) > 0 for each in group))
                if (group, inside) in known:
                    continue
                known.add((group, inside))
                said = self._said(heard, second, group, silences)
                found |= heard.again(group, said, doubt=look == 1, whole=look + 1 >= LOOKS_MAX)
                share = (look - 1 + (number + 1) / len(left)) / LOOKS_MAX
                self._hook("second_look", None, 0.5 + 0.45 * share)
            if not found:
                return
        raise Quarantined(
            "still_found",
            f"Personal data was still heard in the redacted recording after {LOOKS_MAX} looks. A person has "
            "to redact it by hand.",
        )

    def _said(self, heard: Heard, second: Any, group: tuple[Stretch, ...], silences: list[Stretch]) -> str:
        """What the second recogniser hears in a group; of each stretch alone where it stopped too early."""
        language = _language(heard, group)
        said = str(second.hear(heard_as(self._recording, group, silences), language))
        if len(group) > 1 and not heard.agrees(group, said):
            each = [second.hear(heard_as(self._recording, (one,), silences), language) for one in group]
            said = "\n".join(filter(None, each))
        return said

    def _ask(
        self, part: parts.Part, question: Callable[[Any], parts.Answer], none: parts.Answer
    ) -> parts.Answer:
        """What a part answers; `none` where it fails and a person answers for the recording."""
        try:
            return parts.ask(part, question)
        except Quarantined as reason:
            self._answers.pass_over(reason, part.name)
        except Exception as error:
            # Whatever the reason, not all was heard. Only the error's kind is named: its text may hold words.
            failed = Quarantined(
                "detector_failed",
                f"The detector {part.name} stopped with {type(error).__name__}. Try again; if it happens "
                "again, a person has to redact the recording by hand.",
            )
            if self._answers.release is None:
                raise failed from error
            self._answers.pass_over(failed, part.name)
        return none


def _language(heard: Heard, group: Sequence[Stretch]) -> str | None:
    """The language of most words in a group; None where there is none that is left."""
    spoken = [one.word.language for one in heard.audible(group)]
    return max(sorted(set(spoken)), key=spoken.count) if spoken else None


def _by_hand(edits: RedactionEdits, recording: Recording) -> tuple[list[tuple[Stretch, str]], list[Stretch]]:
    """What a person marked to be silent, with its kind, and what stays on their word. Raises `Refused`."""
    length = recording.length
    for region in (*edits.added, *edits.removed):
        if not isinstance(region.place, Interval):
            raise Refused("regions_unusable", "A region says no time in a recording. Correct the regions.")
        if region.place.start * RATE // 1000 >= length or region.place.end > recording.milliseconds + 1:
            raise Refused(
                "region_outside",
                f"A region reaches beyond the recording, which has {recording.milliseconds / 1000:.1f} "
                "seconds. Correct it.",
            )
    added = [
        (stretch_of(region.place, length), region.kind)
        for region in edits.added
        if isinstance(region.place, Interval)
    ]
    cleared = [
        stretch_of(region.place, length) for region in edits.removed if isinstance(region.place, Interval)
    ]
    return added, cleared


def _written(recording: Recording, silences: Sequence[Stretch], out: BinaryIO, limits: Limits) -> str:
    """Writes the copy and reads it back; its SHA-256. Raises `Quarantined` where it reads otherwise."""
    with tempfile.TemporaryFile() as copy:
        hashed = Hashed(out, copy)
        flac.write(recording.blocks(silences), cast(BinaryIO, hashed))
        length = copy.tell()

        def read(start: int, end: int) -> bytes:
            copy.seek(start)
            return copy.read(end - start)

        at = 0
        generous = limits.model_copy(update={"max_bytes": max(limits.max_bytes, length)})
        try:
            for block in decode(Source(read, length), generous):
                samples = np.rint(block * 32768).astype(np.int32)
                if not np.array_equal(samples, recording.whole(at, at + samples.size, silences)):
                    raise _broken()
                at += samples.size
        except Refused as error:
            raise _broken() from error
    if at != recording.length:
        raise _broken()
    return hashed.sha256.hexdigest()


def _broken() -> Quarantined:
    return Quarantined(
        "copy_broken",
        "The redacted copy can't be read back as it was written. Try again; if that fails, tell the "
        "administrator.",
    )


def _peaks(recording: Recording, silences: Sequence[Stretch]) -> bytes:
    """A lowest and a highest sample for each `PEAK_MS` of the copy, from -127 to 127, as signed bytes."""
    step = RATE * PEAK_MS // 1000
    peaks = bytearray()
    for block in recording.blocks(silences):
        for at in range(0, block.size, step):
            part = block[at : at + step]
            pair = np.array([part.min(), part.max()], np.int32) // 256
            peaks += np.clip(pair, -127, 127).astype(np.int8).tobytes()
    return bytes(peaks)
