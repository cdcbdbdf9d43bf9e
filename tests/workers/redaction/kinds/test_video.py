"""Videos from end to end: a known face through all its frames, and everything that makes redaction stop."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import Any

import numpy as np
import pytest

from omnigov.contracts import (
    Area,
    Interval,
    Limits,
    Quarantined,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Region,
    Span,
    Track,
    Tracks,
)
from tests.clips import clip, laden, moving, tone, with_face
from workers.media.video import Video
from workers.redaction.kinds import video
from workers.redaction.kinds.redactors import Beside

FACES = RedactionProfile(text=False, codes=False, seals=False, screens=False)
FIRST = FACES.model_copy(update={"second_look": False})
NOTHING = FIRST.model_copy(update={"faces": False})
FRAMES, PLACES = with_face(30)
CLIP = clip(FRAMES)


def redacted(
    content: bytes, profile: RedactionProfile = FIRST, **more: Any
) -> tuple[bytes, RedactionResult, Tracks]:
    out, beside = io.BytesIO(), Beside()
    result = video.redact_to(content, out, profile, Limits(), beside=beside, **more)
    assert result.digest == hashlib.sha256(out.getvalue()).hexdigest()
    assert result.video is not None
    assert result.video.beside == {"tracks": hashlib.sha256(beside.tracks).hexdigest()}
    return out.getvalue(), result, Tracks.model_validate_json(beside.tracks)


def dark(copy: bytes, places: list[tuple[int, int, int, int]]) -> list[bool]:
    """Of each frame of the copy, whether the middle half of a place is black."""
    said = []
    for frame, (left, top, right, bottom) in zip(Video(copy, Limits()).frames(), places, strict=True):
        wide, high = (right - left) // 4, (bottom - top) // 4
        said.append(bool(frame.luma[top + high : bottom - high, left + wide : right - wide].max() < 50))
    return said


def test_a_face_is_black_in_every_frame_and_told_as_one_track() -> None:
    copy, result, tracks = redacted(CLIP, FACES)
    assert all(dark(copy, PLACES))
    (finding,) = result.findings
    assert isinstance(finding.place, Track)
    assert (finding.kind, finding.place.interval) == ("FACE", Interval(start=0, end=1200))
    assert finding.place.id == tracks.tracks[0].id
    assert len(tracks.tracks[0].boxes) == len(tracks.times) == 30
    assert result.video is not None
    assert (result.video.frames, result.video.covered_frames, result.video.milliseconds) == (30, 30, 1200)
    assert {"centerface", "mtcnn", "following"} <= {detector.name for detector in result.detectors}


def test_a_head_that_turns_away_between_two_looks_stays_hidden() -> None:
    frames, places = with_face(40, seen={*range(12), *range(24, 40)})
    copy, result, _ = redacted(clip(frames))
    assert all(dark(copy, places))
    assert len(result.findings) == 1


def test_a_face_is_hidden_from_where_it_comes_and_not_from_where_it_is_seen() -> None:
    frames, places = with_face(40, seen=range(17, 40))
    assert all(dark(redacted(clip(frames))[0], places))


def test_nothing_goes_on_over_a_cut() -> None:
    frames = FRAMES[:15] + moving(15, 320, 240)
    _, result, tracks = redacted(clip(frames))
    assert tracks.shots == (0, 15)
    assert max(box.frame for track in tracks.tracks for box in track.boxes) == 14
    assert result.video is not None
    assert result.video.shots == 2


def test_a_flash_is_no_cut() -> None:
    frames = [
        np.clip(f.astype(int) + 140, 0, 255).astype(np.uint8) if n in (9, 10) else f
        for n, f in enumerate(FRAMES)
    ]
    copy, _, tracks = redacted(clip(frames))
    assert tracks.shots == (0,)
    assert all(dark(copy, PLACES))


@pytest.mark.parametrize("planted", [range(13, 14), range(11, 14)])
def test_a_face_in_frames_that_are_planted_is_black_and_draws_no_other_to_it(planted: range) -> None:
    away = [(left + 24, top + 16, right + 24, bottom + 16) for left, top, right, bottom in PLACES]
    frames = [np.roll(FRAMES[n], (16, 24), (0, 1)) if n in planted else f for n, f in enumerate(FRAMES)]
    copy, _, _ = redacted(clip(frames))
    assert all(dark(copy, [away[n] if n in planted else place for n, place in enumerate(PLACES)]))


@pytest.mark.parametrize("planted", [range(13, 14), range(11, 14)])
def test_a_face_in_planted_frames_of_a_clip_without_any_is_black(planted: range) -> None:
    frames = [FRAMES[n] if n in planted else f for n, f in enumerate(moving(30, 320, 240))]
    copy, _, tracks = redacted(clip(frames))
    assert tracks.shots == (0,)
    assert all(black for n, black in enumerate(dark(copy, PLACES)) if n in planted)


def test_the_same_video_gives_the_same_bytes_and_names() -> None:
    one, first, _ = redacted(CLIP)
    other, second, _ = redacted(CLIP)
    assert one == other
    assert (first.findings, first.revision) == (second.findings, second.revision)


def test_sound_goes_along_as_long_as_it_was() -> None:
    copy, result, _ = redacted(clip(FRAMES[:10], sound=tone(2.0)), NOTHING)
    samples = np.concatenate(list(Video(copy, Limits()).samples()))
    assert samples.size / 16_000 == pytest.approx(2.0, abs=0.05)
    assert result.sound is not None
    assert result.video is not None
    assert result.video.milliseconds == result.sound.milliseconds


def test_nothing_but_pictures_and_sound_goes_out() -> None:
    content = laden(clip(FRAMES[:6]), "Jane Ashworth, 020 7946 0958")
    assert b"Jane Ashworth" in content
    copy, _, _ = redacted(content)
    assert b"Ashworth" not in copy
    assert b"7946" not in copy


# What a person says.


def test_what_is_pointed_at_in_one_frame_is_hidden_in_all_of_its_shot() -> None:
    frames = moving(40)
    place = Area(part=20, left=48, top=28, right=76, bottom=62)
    edits = RedactionEdits(added=(Region(place=place, kind="BY_HAND"),))
    copy, result, tracks = redacted(clip(frames), NOTHING, edits=edits)
    patches = [(10 + 2 * n, 30, 34 + 2 * n, 60) for n in range(40)]
    assert all(dark(copy, patches))
    (finding,) = result.findings
    assert (finding.kind, finding.detector) == ("BY_HAND", "person")
    assert tracks.tracks[0].boxes[20].known == "by_hand"


def test_what_is_pointed_at_can_be_limited_to_a_time() -> None:
    hull = Area(part=20, left=48, top=28, right=76, bottom=62)
    place = Track(id="mine", interval=Interval(start=600, end=1000), hull=hull)
    _, _, tracks = redacted(clip(moving(40)), NOTHING, edits=RedactionEdits(added=(Region(place=place),)))
    boxes = tracks.tracks[0].boxes
    assert (boxes[0].frame, boxes[-1].frame) == (15, 24)


def test_a_track_is_spared_by_its_name_within_a_time() -> None:
    _, result, _ = redacted(CLIP)
    track = result.findings[0].place
    assert isinstance(track, Track)
    meant = track.model_copy(update={"interval": Interval(start=400, end=800)})
    copy, again, _ = redacted(CLIP, FACES, edits=RedactionEdits(removed=(Region(place=meant),)))
    seen = [not black for black in dark(copy, PLACES)]
    assert seen == [10 <= number < 20 for number in range(30)]
    assert len(again.findings) == 2


def test_what_is_spared_in_one_frame_is_spared_in_all() -> None:
    left, top, right, bottom = PLACES[10]
    place = Area(part=10, left=left, top=top, right=right, bottom=bottom)
    copy, result, _ = redacted(CLIP, FACES, edits=RedactionEdits(removed=(Region(place=place),)))
    assert not any(dark(copy, PLACES))
    assert not result.findings


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Area(part=30, left=0, top=0, right=9, bottom=9), "region_outside"),
        (Area(part=0, left=0, top=0, right=999, bottom=9), "region_outside"),
        (Span(start=0, end=4), "regions_unusable"),
        (Interval(start=0, end=400), "regions_unusable"),
    ],
)
def test_regions_that_mean_nothing_in_a_video_are_refused(place: Any, code: str) -> None:
    with pytest.raises(Refused) as caught:
        redacted(CLIP, FIRST, edits=RedactionEdits(added=(Region(place=place),)))
    assert caught.value.code == code


# What stops it.


def test_a_detector_that_stops_puts_the_video_in_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers.redaction.detectors.centerface import CenterFace

    def broken(*_: Any) -> None:
        raise ArithmeticError

    monkeypatch.setattr(CenterFace, "at_once", broken)
    with pytest.raises(Quarantined) as caught:
        redacted(CLIP)
    assert caught.value.code == "detector_failed"
    _, result, _ = redacted(CLIP, FIRST, by_hand=True)
    assert [each.code for each in result.shortfalls] == ["detector_failed"]


def test_what_the_second_look_finds_is_followed_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers.redaction.detectors.centerface import CenterFace

    monkeypatch.setattr(CenterFace, "at_once", lambda *_: np.empty((0, 5), np.float32))
    copy, result, _ = redacted(CLIP, FACES)
    assert all(dark(copy, PLACES))
    assert {finding.look for finding in result.findings} == {"second"}


def test_what_is_found_again_and_again_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers.redaction.detectors.sight import Sight

    place = Area(left=10, top=10, right=30, bottom=30)
    from omnigov.contracts import Finding

    found = Finding(kind="FACE", place=place, score=900_000, detector="mtcnn", look="second")
    monkeypatch.setattr(Sight, "again", lambda *_, **__: [found])
    monkeypatch.setattr(video, "HIDDEN", 2.0)
    with pytest.raises(Quarantined) as caught:
        redacted(CLIP, FACES)
    assert caught.value.code == "still_found"


def test_a_copy_that_is_not_black_where_it_has_to_be_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.redaction.following.cover.hide", lambda *_: None)
    with pytest.raises(Quarantined) as caught:
        redacted(CLIP)
    assert caught.value.code == "copy_broken"


def test_a_copy_with_a_frame_too_many_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    write = video.video_copy.write

    def one_more(out: Any, frames: Any, *more: Any, **named: Any) -> int:
        given = list(frames)
        last = given[-1]._replace(time=given[-1].time + 1)
        return write(out, [*given, last], *more, **named) - 1

    monkeypatch.setattr(video.video_copy, "write", one_more)
    with pytest.raises(Quarantined) as caught:
        redacted(clip(FRAMES[:6]))
    assert caught.value.code == "copy_broken"


def test_a_copy_that_sounds_otherwise_than_it_was_written_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    add = video.video_copy.Copy.samples
    monkeypatch.setattr(video.video_copy.Copy, "samples", lambda copy, samples: add(copy, samples // 2))
    with pytest.raises(Quarantined) as caught:
        redacted(clip(FRAMES[:6], sound=tone(1.0)))
    assert caught.value.code == "copy_broken"


def test_it_says_that_it_gets_on() -> None:
    said: list[tuple[str, float | None]] = []
    redacted(CLIP, FACES, hook=lambda step, artefact=None, progress=None: said.append((step, progress)))
    steps = [step for step, _ in said]
    assert {"decode", "find:frames", "mask", "second_look", "redacted"} <= set(steps)
    progress = [share for _, share in said if share is not None]
    assert max(progress) <= 1.0


def test_it_says_so_in_the_thread_that_redacts() -> None:
    said = set[int]()
    redacted(CLIP, hook=lambda *told: said.add(threading.get_ident()))
    assert said == {threading.get_ident()}


# Strange videos.


@pytest.mark.parametrize("shade", [0, 128])
def test_a_still_ground_is_redacted(shade: int) -> None:
    frames = [np.full((96, 160, 3), shade, np.uint8)] * 20
    _, result, _ = redacted(clip(frames), FACES)
    assert not result.findings


def test_one_frame_is_a_video() -> None:
    copy, result, _ = redacted(clip(FRAMES[:1]), FACES)
    assert dark(copy, PLACES[:1]) == [True]
    assert result.video is not None
    assert result.video.frames == 1


def test_flicker_is_redacted_in_all_frames() -> None:
    frames = [
        f if n % 2 else np.clip(f.astype(int) // 4, 0, 255).astype(np.uint8) for n, f in enumerate(FRAMES)
    ]
    copy, _, _ = redacted(clip(frames))
    lit = [black for number, black in enumerate(dark(copy, PLACES)) if number % 2]
    assert all(lit)


@pytest.mark.parametrize(
    "times",
    [
        [300 * number for number in range(20)],
        [number if number < 15 else 300 * number for number in range(20)],  # most come at once
    ],
)
def test_a_face_in_few_frames_is_seen_where_they_take_long(times: list[int]) -> None:
    wide, places = with_face(60, 640, 480)
    middle = places[30][0]
    empty = np.concatenate([wide[59][:, :middle], wide[0][:, middle:]], axis=1)
    frames = [wide[number] if 16 <= number <= 18 else empty for number in range(20)]
    copy, _, tracks = redacted(clip(frames, container="matroska", times=times))
    assert tracks.shots == (0,)
    assert all(dark(copy, places[:20])[16:19])


def test_many_cuts_keep_each_face() -> None:
    frames, places = list[Any](), list[Any]()
    for number in range(30):
        if (number // 6) % 2:
            frames.append(np.ascontiguousarray(255 - moving(1, 320, 240)[0]))
            places.append(None)
        else:
            frames.append(FRAMES[number])
            places.append(PLACES[number])
    copy, _, tracks = redacted(clip(frames))
    assert len(tracks.shots) == 5
    said = dark(copy, [place or (0, 0, 8, 8) for place in places])
    assert all(black for black, place in zip(said, places, strict=True) if place)


def test_sound_longer_than_the_picture_is_kept_whole() -> None:
    _, result, _ = redacted(clip(FRAMES[:3], sound=tone(3.0)), NOTHING)
    assert result.video is not None
    assert result.video.milliseconds >= 2950
