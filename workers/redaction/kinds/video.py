"""Videos: found, followed, hidden through all frames, and looked at again by others. Fails closed.

Three times through the file: what detectors see at some frames is followed between them; the frames are
written anew with all of it hidden; and the copy is read back and looked at again, at some frames and where
each track ends. What is found then is followed too, and the copy is written again. The sound goes through the
room of recordings.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, BinaryIO

import numpy as np

from omnigov.contracts import (
    Area,
    Detector,
    Finding,
    Hook,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    VideoCopy,
    Writing,
)
from omnigov.contracts.policy import Fill
from workers.media import video_copy
from workers.media.ahead import ahead
from workers.media.source import Source
from workers.media.video import Frame, Video
from workers.redaction.core import sources
from workers.redaction.core.picture import covered_share, hidden_share
from workers.redaction.core.runtime import joint_digest
from workers.redaction.detectors import sight
from workers.redaction.detectors.ensemble import Ensemble, Release, ready
from workers.redaction.detectors.sight import Sight, as_seen
from workers.redaction.following import cover, linking, seeds
from workers.redaction.following.cover import Cover
from workers.redaction.following.flow import Flow
from workers.redaction.following.linking import linked, shot_of
from workers.redaction.following.paths import Path
from workers.redaction.following.seeds import Seed
from workers.redaction.following.shots import placed
from workers.redaction.following.tracker import See, Tracker
from workers.redaction.hearing.recording import Recording
from workers.redaction.kinds import sound, told_tracks
from workers.redaction.kinds.picture import silent
from workers.redaction.kinds.redactors import Beside
from workers.redaction.kinds.video_edits import VideoEdits
from workers.redaction.masking.bounds import check_findings
from workers.redaction.masking.by_hand import NO_EDITS
from workers.redaction.masking.looks import LOOKS_MAX
from workers.redaction.masking.masks import CLEARED, HIDDEN
from workers.redaction.masking.revision import revision

STRIDE = 5  # frames from one look for faces to the next, at up to 30 a second
LOOKS = 6.0  # a second, where there are more frames
FEWEST = Fraction(1, 4)  # seconds after which there is a look, however few frames came or how unevenly
OTHERS = 1.0  # seconds from one look for all else to the next
SAMPLE = 2.0  # seconds of the copy from one frame that is looked at again to the next
AROUND = 2.0  # seconds that what is found again is followed, each way
REPORT = 5  # frames after which it is said that it gets on
PIECE = 1 << 20
NO_SOUND = ("no_sound", "too_short")


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
    """Writes the redacted video to `out`: AV1 and FLAC in MP4, the original's frames at the original's times.

    A finding's place is a track, or an interval of the sound. Raises what
    `workers.redaction.kinds.picture.redact` does; what stands in `out` then is to be thrown away.
    """
    started = time.monotonic()
    beside = beside if beside is not None else Beside()
    video = Video(original, limits)
    detectors = ready(profile, Release() if by_hand else None)
    by_person = VideoEdits(edits)
    with _recording(video, profile) as recording:
        hook("decode", None, 0.02)
        listened = None
        if recording is not None:
            listening = _between(hook, 0.02, 0.25)
            ears = Ensemble((), detectors.release)
            listened = sound.listened(recording, profile, ears, listening, by_person.sound, read, beside)
        elif by_person.sound != NO_EDITS:
            raise Refused("regions_unusable", "A region says a time in the sound, and the video has none.")
        values = ReadValues()
        work = _Redaction(video, profile, limits, Sight(profile, detectors), detectors, hook, values)
        work.find(by_person)
        blocks = None if recording is None or listened is None else (recording, listened.silences)
        digest = work.write(out, blocks)
        heard_ms = recording.milliseconds if recording is not None else 0
    findings = work.findings(read)
    if listened is not None:
        findings += listened.findings
    check_findings(len(findings))
    beside.tracks = work.told()
    described = (*detectors.describe(), *describe())
    if listened is not None and profile.text:
        described = (*described, *sound.describe())
    writing = Writing(lines=work.sight.legible.lines, badly_read=work.sight.legible.badly_read)
    if listened is not None:
        writing += listened.writing
    result = RedactionResult(
        media_type=video_copy.MEDIA_TYPE,
        width=work.size[0],
        height=work.size[1],
        digest=digest,
        findings=findings,
        detectors=described,
        revision=revision(profile, described, edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        by_hand=by_hand,
        shortfalls=detectors.shortfalls,
        writing=writing if profile.text else None,
        sound=listened.sound if listened is not None else None,
        video=VideoCopy(
            milliseconds=max(work.milliseconds, heard_ms),
            frames=len(work.times),
            shots=len(work.shots),
            tracks=len(work.paths),
            covered_frames=work.covered_frames,
            beside={"tracks": hashlib.sha256(beside.tracks).hexdigest()},
        ),
    )
    hook("redacted", result, 1.0)
    return result


def describe() -> tuple[Detector, ...]:
    """What follows through frames, as it stands on the record."""
    digest = joint_digest(sources.digest(part.__file__) for part in (sight, linking, seeds, cover))
    return (Detector(name="following", version="1", digest=digest),)


@contextlib.contextmanager
def _recording(video: Video, profile: RedactionProfile) -> Iterator[Recording | None]:
    """The video's sound; None where there is none in which anybody could say a word."""
    recording = None
    if video.sounds:
        try:
            recording = Recording(video.samples(), tone=profile.tone)
        except Refused as refusal:
            if refusal.code not in NO_SOUND:
                raise
    try:
        yield recording
    finally:
        if recording is not None:
            recording.close()


def _between(hook: Hook, low: float, high: float) -> Hook:
    def told(step: str, artefact: object = None, progress: float | None = None) -> None:
        hook(step, artefact, None if progress is None else low + (high - low) * progress)

    return told


@dataclass
class _Sampled:
    """Frames of the copy that are looked at: for all that is hidden, or where tracks end for faces alone."""

    whole: set[int]
    faces: set[int]


class _Redaction:
    """What is hidden in one video's pictures, from the first look to the copy."""

    def __init__(
        self,
        video: Video,
        profile: RedactionProfile,
        limits: Limits,
        sees: Sight,
        detectors: Ensemble,
        hook: Hook,
        values: ReadValues,
    ) -> None:
        self._video, self._profile, self._limits = video, profile, limits
        self.sight, self._detectors, self._hook, self._values = sees, detectors, hook, values
        self.times: list[Fraction] = []
        self.shots: list[int] = []
        self.paths: list[Path] = []
        self.size = (0, 0)
        self.covered_frames = 0
        self._spared: list[Path] = []
        self._by_person = VideoEdits(NO_EDITS)
        self._flow: Flow | None = None

    @property
    def milliseconds(self) -> int:
        return max(1, round((self.times[-1] + Fraction(1 / self._video.rate)) * 1000))

    def find(self, by_person: VideoEdits) -> None:
        """Finds what is hidden, and follows it. Then what a person says is done."""
        self._by_person = by_person
        tracker = self._first_pass()
        found = [path for path in tracker.finish() if path.sure]
        self.shots = tracker.shots
        paths = linked(found, self.shots, self._video.rate)
        added = by_person.seeds(self.times, self.shots, self.size)
        self._settle(paths)
        self.paths += self._grown(added)

    def _first_pass(self) -> Tracker:
        tracker: Tracker | None = None
        rate = self._video.rate
        stride = max(STRIDE, round(rate / LOOKS))
        faces, looked, seconds = -stride, Fraction(0), Fraction(0)
        with contextlib.closing(ahead(self._video.frames())) as frames:
            for one in placed(frames):
                frame = one.frame
                if tracker is None:
                    self.size = frame.luma.shape[1], frame.luma.shape[0]
                    tracker = Tracker(*self.size, self._profile.smallest_face, rate)
                self.times.append(frame.time)
                tracker.follow(one)
                since = frame.number - faces
                due = since >= stride or frame.time - looked >= FEWEST
                if one.flash:
                    self._see_faces(frame, tracker.glimpse)
                elif one.cut or due or tracker.loses:
                    self._see_faces(frame, tracker.see)
                    faces, looked = frame.number, frame.time
                if self.sight.reads and (one.cut or frame.time - seconds >= OTHERS):
                    tracker.see(self.sight.others(frame, self._values))
                    seconds = frame.time
                if frame.number % REPORT == 0:
                    self._get_on("find:frames", frame.number, 0.25, 0.6)
        if tracker is None:
            raise Refused(
                "no_frames",
                "There is no moving picture in the file. Check that it was copied whole, and send it again.",
            )
        return tracker

    def _see_faces(self, frame: Frame, see: See) -> None:
        strong, weak = self.sight.faces(frame)
        if strong or weak:
            see(strong, weak, self.sight.opinion(frame.pixels()))

    def _settle(self, paths: Sequence[Path]) -> None:
        """Takes in new paths, without what a person spares of them."""
        kept, spared = self._by_person.without_spared(paths, self.times, self.size)
        self._spared += spared
        self.paths += kept

    def _grown(self, wanted: Sequence[Seed]) -> list[Path]:
        if not wanted:
            return []
        if self._flow is None:
            self._flow = Flow(*self.size, self._profile.smallest_face, even=True)
        told = lambda: self._hook("follow", None, None)  # noqa: E731
        return seeds.grown(self._video, wanted, self.times, self._flow, told)

    def write(self, out: BinaryIO, sound: tuple[Recording, Sequence[object]] | None) -> str:
        """Writes the copy and looks at it, until nothing more is found; its SHA-256.

        Raises `Quarantined` where it can't be read back, or there is still something to be found.
        """
        sampled = self._samples()
        for look in range(1, LOOKS_MAX + 2):
            self.paths.sort(key=lambda path: (path.first, path.kind, *path.hull().tolist()))
            with tempfile.TemporaryFile() as copy:
                fresh = self._written(copy, sound, sampled)
                if fresh and look > LOOKS_MAX:
                    self._detectors.pass_over(_still_found())
                    fresh = []
                if not fresh:
                    return _handed_on(copy, out)
            before = self.paths
            self.paths = []
            grown = self._grown([self._window(frame, finding) for frame, finding in fresh])
            self._settle(grown)
            joined = linked(
                [*(path for path in before if path.kind != "BY_HAND"), *self.paths],
                self.shots,
                self._video.rate,
            )
            self.paths = joined + [path for path in before if path.kind == "BY_HAND"]
            sampled = self._samples_again(fresh, grown)
        raise AssertionError("the last look ends it")

    def _written(
        self, copy: IO[bytes], sound: tuple[Recording, Sequence[object]] | None, sampled: _Sampled
    ) -> list[tuple[int, Finding]]:
        """What is found in the copy, which is written another way where the quick one did not cover all."""
        self._encode(copy, sound, slowly=False)
        _check_sound(copy, sound, self._limits)
        try:
            return self._look(copy, sampled)
        except Quarantined as reason:
            if reason.code != "copy_broken":
                raise
        copy.seek(0)
        copy.truncate()
        self._encode(copy, sound, slowly=True)
        _check_sound(copy, sound, self._limits)
        return self._look(copy, sampled)

    def _encode(
        self, copy: IO[bytes], sound: tuple[Recording, Sequence[object]] | None, *, slowly: bool
    ) -> None:
        blocks = None if sound is None else sound[0].blocks(sound[1])  # type: ignore[arg-type]
        with contextlib.closing(ahead(self._masked())) as frames:
            count = video_copy.write(
                copy,  # type: ignore[arg-type]
                self._getting_on(frames),
                self._video.ticks,
                self._video.rate,
                self._video.look(),
                blocks,
                slowly=slowly,
            )
        if count != len(self.times):
            raise _broken()

    def _masked(self) -> Iterator[Frame]:
        """The frames with all that is hidden in them."""
        covered = 0
        through = Cover(self.paths, self._profile, *self.size).through(len(self.times))
        with contextlib.closing(ahead(self._video.frames())) as frames:
            for frame, areas in zip(frames, through, strict=True):
                cover.hide(frame, areas, self._profile.fill)
                covered += bool(areas)
                yield frame
        self.covered_frames = covered

    def _getting_on(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames. It reports where they are taken: a hook's database is not another thread's."""
        for frame in frames:
            if frame.number % REPORT == 0:
                self._get_on("mask", frame.number, 0.6, 0.75)
            yield frame

    def _look(self, copy: IO[bytes], sampled: _Sampled) -> list[tuple[int, Finding]]:
        """What is found in the copy and not hidden, by frame. Raises `Quarantined` where it is broken."""
        fresh, count = list[tuple[int, Finding]](), 0
        through = Cover(self.paths, self._profile, *self.size).through(len(self.times))
        with _read_back(copy, self._limits) as written, contextlib.closing(ahead(written.frames())) as frames:
            for frame in frames:
                areas = next(through, None)
                if areas is None:
                    raise _broken()
                self._check(frame, areas)
                count += 1
                if self._profile.second_look and frame.number in sampled.whole | sampled.faces:
                    found = self._found_again(frame, areas, whole=frame.number in sampled.whole)
                    fresh += [(frame.number, finding) for finding in found]
                if frame.number % REPORT == 0 or frame.number in sampled.whole:
                    self._get_on("second_look", frame.number, 0.75, 0.98)
        if count != len(self.times):
            raise _broken()
        return fresh

    def _found_again(self, frame: Frame, areas: Sequence[Area], *, whole: bool) -> list[Finding]:
        hidden = cover.mask(areas, *self.size)
        spared = Cover(self._spared, self._profile, *self.size).at(frame.number)
        cleared = [placed.area for _, placed in spared]
        found = self.sight.again(frame.pixels(), hidden, whole=whole)
        return [
            one
            for one in found
            if hidden_share(hidden, one.area) < HIDDEN and covered_share(one.area, cleared) < CLEARED
        ]

    def _check(self, frame: Frame, areas: Sequence[Area]) -> None:
        same_time = abs(frame.time - self.times[frame.number]) <= self._video.ticks / 2
        black = self._profile.fill is not Fill.SOLID or cover.is_hidden(frame, areas)
        if not same_time or not black or frame.luma.shape != self.size[::-1]:
            raise _broken()

    def _samples(self) -> _Sampled:
        whole, last = set[int](), None
        for number, moment in enumerate(self.times):
            if last is None or moment - last >= SAMPLE:
                whole.add(number)
                last = moment
        return _Sampled(whole, self._ends(self.paths) - whole)

    def _samples_again(self, fresh: Sequence[tuple[int, Finding]], grown: Sequence[Path]) -> _Sampled:
        """What changed is looked at again."""
        whole = {frame for frame, _ in fresh}
        return _Sampled(whole, self._ends(grown) - whole)

    def _ends(self, paths: Sequence[Path]) -> set[int]:
        """Frames just before and after tracks of faces, in their shots. Of two side by side one will do."""
        ends = set[int]()
        if not self._profile.faces:
            return ends
        for path in paths:
            if path.kind != "FACE":
                continue
            for frame, beside in ((path.first, path.first - 1), (path.last, path.last + 1)):
                inside = 0 <= beside < len(self.times)
                if inside and shot_of(beside, self.shots) == shot_of(frame, self.shots):
                    ends.add(beside)
        return {frame for frame in ends if not ends & {frame - 1} or frame % 2}

    def _window(self, frame: int, finding: Finding) -> Seed:
        """Where something that was found again is followed to: some seconds, in its shot."""
        shot = shot_of(frame, self.shots)
        start, end = self.shots[shot], (*self.shots, len(self.times))[shot + 1]
        reach = round(AROUND * self._video.rate)
        return Seed(
            frame, as_seen(finding), max(start, frame - reach), min(end, frame + reach + 1), "detected"
        )

    def _get_on(self, step: str, frame: int, low: float, high: float) -> None:
        self._hook(step, None, low + (high - low) * min(1.0, frame / max(1, self._video.packets)))

    def findings(self, read: ReadValues | None) -> tuple[Finding, ...]:
        """What is hidden, a finding a track; in `read` what was read at each."""
        return told_tracks.findings(self._told(), self._values, read)

    def told(self) -> bytes:
        """The tracks as they are kept in evidence."""
        return told_tracks.written(self._told())

    def _told(self) -> told_tracks.Told:
        return told_tracks.Told(
            self.paths,
            Cover(self.paths, self._profile, *self.size),
            self.times,
            self.shots,
            self.size,
            self.milliseconds,
        )


@contextlib.contextmanager
def _read_back(copy: IO[bytes], limits: Limits) -> Iterator[Video]:
    """The copy as it stands in its file. Raises `Quarantined` where it is none."""
    copy.flush()
    size = os.fstat(copy.fileno()).st_size
    generous = limits.model_copy(update={"max_bytes": max(limits.max_bytes, size)})
    source = Source(lambda start, end: os.pread(copy.fileno(), end - start, start), size)
    try:
        yield Video(source, generous, Fraction(0))
    except Refused as error:
        raise _broken() from error


def _check_sound(copy: IO[bytes], sound: tuple[Recording, Sequence[object]] | None, limits: Limits) -> None:
    """Raises `Quarantined` where the copy's sound is not what was written, to the sample."""
    with _read_back(copy, limits) as written:
        if written.sounds != (sound is not None):
            raise _broken()
        if sound is None:
            return
        recording, silences = sound
        at = 0
        for block in written.samples():
            samples = np.rint(block * 32768).astype(np.int32)
            if not np.array_equal(samples, recording.whole(at, at + samples.size, silences)):  # type: ignore[arg-type]
                raise _broken()
            at += samples.size
        if at != recording.length:
            raise _broken()


def _handed_on(copy: IO[bytes], out: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    copy.seek(0)
    for piece in iter(lambda: copy.read(PIECE), b""):
        sha256.update(piece)
        out.write(piece)
    return sha256.hexdigest()


def _still_found() -> Quarantined:
    return Quarantined(
        "still_found",
        f"Personal data was still found in the redacted video after {LOOKS_MAX} looks. A person has to "
        "redact it by hand.",
    )


def _broken() -> Quarantined:
    return Quarantined(
        "copy_broken",
        "The redacted copy can't be read back as it was written. Try again; if that fails, tell the "
        "administrator.",
    )
