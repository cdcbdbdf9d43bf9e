"""A video on the page of its decision: what is hidden in which frames, and the line of time with all on it.

Its sound is told of as a recording is (`review.heard`), on the same line. Where a thing is in each frame the
page reads from the part `tracks` itself, and lays over the copy: nothing is burnt in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from omnigov.contracts import Area, Finding, Followed, Interval, Track, Tracks
from omnigov.review.heard import Band, SoundPart, Stretch, Tick, along, covered, sound_part, ticks, weights
from omnigov.review.numbered import Numbered
from omnigov.review.parts import Media, Part

LANES = 8
"""Lines of tracks that lie side by side in time; what finds no free one shares the last."""
LANE = 22
"""Pixels of such a line, as it is drawn."""


@dataclass(frozen=True)
class Shot(Stretch):
    """Frames without a cut. `number` counts from 1."""

    number: int


@dataclass(frozen=True)
class TrackShown(Stretch):
    """One thing that is hidden through frames. `ordinal` counts from 1, as in the list of findings."""

    finding: Finding
    ordinal: int
    lane: int
    frames: int
    """In which it is hidden; 0 where its boxes are not kept."""

    @property
    def top(self) -> int:
        return self.lane * LANE


@dataclass(frozen=True)
class VideoPart(Part):
    """A video, whole."""

    kind = "video"

    milliseconds: int = field(kw_only=True)
    frames: int = field(kw_only=True)
    width: int = field(kw_only=True)
    height: int = field(kw_only=True)
    shots: tuple[Shot, ...] = field(kw_only=True)
    tracks: tuple[TrackShown, ...] = field(kw_only=True)
    has_tracks: bool = field(kw_only=True)
    """Whether it is kept where each thing is in each frame."""
    bands: tuple[Band, ...] = field(kw_only=True)
    ticks: tuple[Tick, ...] = field(kw_only=True)
    sound: SoundPart | None = field(kw_only=True)
    """None where the copy is without sound."""

    @property
    def has_transcript(self) -> bool:
        return self.sound is not None and self.sound.has_transcript

    @property
    def high(self) -> int:
        """Pixels that the lines of tracks take."""
        return LANE * (1 + max((each.lane for each in self.tracks), default=-1))

    @property
    def hidden_for(self) -> int:
        """Milliseconds in which something is hidden in the picture."""
        return covered([each.at for each in self.tracks])


def video_part(media: Media) -> VideoPart:
    """What the page of a decision on a video shows. Raises `EvidenceDamaged`."""
    told = media.redaction.video
    found = tuple(Numbered(ordinal, each) for ordinal, each in enumerate(media.redaction.findings, 1))
    tracks = media.tracks()
    total = told.milliseconds if told else 1
    sound = sound_part(media, total) if media.redaction.sound else None
    return VideoPart(
        number=1,
        total=1,
        findings=found,
        milliseconds=total,
        frames=told.frames if told else 0,
        width=media.redaction.width,
        height=media.redaction.height,
        shots=tuple(_shots(tracks, total)),
        tracks=tuple(_tracks(found, tracks, total)),
        has_tracks=tracks is not None,
        bands=tuple(band for band in (_looked(media, tracks, total),) if band.weights)
        + (sound.bands if sound else ()),
        ticks=tuple(ticks(total)),
        sound=sound,
    )


def time_of(frame: int, tracks: Tracks) -> int:
    """When a frame is shown, in milliseconds; of one behind the last, when that is."""
    return tracks.times[min(frame, len(tracks.times) - 1)]


def lasting(area: Area, tracks: Tracks, total: int) -> Interval:
    """From when to when the frame of an area is shown."""
    start = time_of(area.part, tracks)
    after = tracks.times[area.part + 1] if area.part + 1 < len(tracks.times) else total
    return Interval(start=start, end=max(after, start + 1))


def _shots(tracks: Tracks | None, total: int) -> Iterator[Shot]:
    if tracks is None:
        return
    begins = [time_of(frame, tracks) for frame in tracks.shots]
    for number, (start, end) in enumerate(zip(begins, [*begins[1:], total], strict=True), 1):
        at = Interval(start=start, end=max(end, start + 1))
        yield Shot(at, *along(at, total), number)


def _tracks(found: Sequence[Numbered], tracks: Tracks | None, total: int) -> Iterator[TrackShown]:
    """Each finding that lies in the picture, on the first line that is free when it begins."""
    followed: dict[str, Followed] = {each.id: each for each in tracks.tracks} if tracks else {}
    free: list[int] = []
    for at, each in sorted(_in_picture(found, tracks, total), key=lambda pair: pair[0].start):
        lane = next((lane for lane, until in enumerate(free) if until <= at.start), len(free))
        if lane == len(free) and len(free) < LANES:
            free.append(at.end)
        lane = min(lane, LANES - 1)
        free[lane] = max(free[lane], at.end)
        place = each.finding.place
        kept = followed.get(place.id) if isinstance(place, Track) else None
        frames = len(kept.boxes) if kept else int(isinstance(place, Area))
        yield TrackShown(at, *along(at, total), each.finding, each.ordinal, lane, frames)


def _in_picture(
    found: Iterable[Numbered], tracks: Tracks | None, total: int
) -> Iterator[tuple[Interval, Numbered]]:
    for each in found:
        place = each.finding.place
        if isinstance(place, Track):
            yield place.interval, each
        elif isinstance(place, Area) and tracks is not None:
            yield lasting(place, tracks, total), each


def _looked(media: Media, tracks: Tracks | None, total: int) -> Band:
    """What each frame did that the model was given, from where it is shown up to the next of them."""
    pictures = []
    for segment in media.why.segments if media.why else ():
        value = sum(map(sum, segment.grid))
        if isinstance(segment.place, Area) and tracks is not None:
            pictures.append((time_of(segment.place.part, tracks), value))
    pictures.sort()
    starts = [start for start, _ in pictures]
    found = []
    for start, value in pictures:
        after = bisect_left(starts, start + 1)
        end = starts[after] if after < len(starts) else total
        found.append((Interval(start=start, end=max(end, start + 1)), value))
    return Band("frames", tuple(weights(found, total)))
