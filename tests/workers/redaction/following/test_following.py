"""What is followed between two looks: by flow, over gaps, back from where it is seen, and up to a cut."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from omnigov.contracts import Limits, RedactionProfile
from tests.clips import clip, moving
from workers.media.video import Frame, Video
from workers.redaction.following import cover, linking, seeds
from workers.redaction.following.flow import Flow, as_edges, in_sight
from workers.redaction.following.paths import Path, Seen
from workers.redaction.following.seeds import Seed
from workers.redaction.following.shots import placed
from workers.redaction.following.tracker import Tracker

PATCH = (10.0, 30.0, 34.0, 60.0)


def frames(count: int) -> list[Frame]:
    return list(Video(clip(moving(count)), Limits()).frames())


def at(number: int) -> np.ndarray:
    return np.array(PATCH) + np.array([2, 0, 2, 0]) * number


def seen(edges: tuple[float, ...], score: float = 0.9) -> Seen:
    return Seen(edges, "FACE", score, "centerface")  # type: ignore[arg-type]


def test_flow_takes_a_box_along_with_what_it_is_about() -> None:
    flow, shown = Flow(160, 96, 12), frames(6)
    box = as_edges([PATCH])
    for before, after in pairwise(shown):
        box, found = flow.step(flow.small(before), flow.small(after), box)
        assert found.all()
    assert np.abs(box[0] - at(5)).max() < 2.5


def test_flow_does_not_find_what_is_gone() -> None:
    flow = Flow(160, 96, 12)
    there = flow.small(frames(1)[0])
    _, found = flow.step(there, np.full_like(there, 90), as_edges([PATCH]))
    assert not found.any()


def test_a_box_may_reach_over_the_edge() -> None:
    boxes = as_edges([(-10, 0, 10, 20), (-20, 0, -1, 20), (150, 90, 190, 130)])
    assert in_sight(boxes, 160, 96).tolist() == [True, False, False]


def tracked(count: int, looks: dict[int, tuple[list[Seen], list[Seen]]]) -> list[Path]:
    tracker = Tracker(160, 96, 12, 25)
    for one in placed(iter(frames(count))):
        tracker.follow(one)
        if one.frame.number in looks:
            tracker.see(*looks[one.frame.number])
    return tracker.finish()


def test_what_is_seen_twice_is_one_path_with_a_box_in_each_frame() -> None:
    (path,) = tracked(20, {5: ([seen(tuple(at(5)))], []), 15: ([seen(tuple(at(15)))], [])})
    assert (path.first, path.last, path.times_seen) == (0, 19, 2)
    assert all(np.abs(path.box(number) - at(number)).max() < 3 for number in range(20))


def test_a_weak_box_keeps_a_path_alive_and_begins_none() -> None:
    weak = {number: ([], [seen(tuple(at(number)), 0.2)]) for number in range(5, 50, 5)}
    assert tracked(50, weak) == []
    (path,) = tracked(50, weak | {0: ([seen(PATCH)], [])})
    assert path.times_seen == 10


def test_a_path_ends_with_its_shot_and_a_flash_is_passed_over() -> None:
    other = list(Video(clip([255 - one for one in moving(10)]), Limits()).frames())
    whole = [one._replace(number=number) for number, one in enumerate([*frames(10), *other])]
    cuts = [one.frame.number for one in placed(iter(whole)) if one.cut]
    assert cuts == [0, 10]
    flash = [*frames(10)]
    flash[5] = flash[5]._replace(planes=tuple(255 - plane for plane in flash[5].planes))  # type: ignore[arg-type]
    said = list(placed(iter(flash)))
    assert [one.cut for one in said].count(True) == 1
    assert said[5].flash


def test_paths_of_one_thing_are_joined_and_what_is_between_is_filled() -> None:
    before, after = Path(0, seen(PATCH)), Path(10, seen(tuple(at(10))))
    (whole,) = linking.linked([before, after], [0], 25)
    assert (whole.first, whole.last) == (0, 10)
    assert np.abs(whole.box(5) - at(5)).max() < 0.1
    assert whole.known(5) == "filled"
    assert len(linking.linked([before, after], [0, 5], 25)) == 2  # of two shots
    far = Path(10, seen((120.0, 0.0, 144.0, 30.0)))
    assert len(linking.linked([before, far], [0], 25)) == 2


def test_where_two_paths_of_one_thing_meet_both_boxes_are_hidden() -> None:
    before, after = Path(0, seen((0, 0, 20, 20))), Path(1, seen((10, 0, 30, 20)))
    before.after((0, 0, 20, 20), "followed")
    assert linking.joined(before, after).box(1).tolist() == [0, 0, 30, 20]


@pytest.mark.parametrize("middle", [0, 20, 39])
def test_what_is_pointed_at_is_followed_both_ways(middle: int) -> None:
    video = Video(clip(moving(40), options={"g": "12"}), Limits())
    times = [frame.time for frame in video.frames()]
    told = list[int]()
    seed = Seed(middle, seen(tuple(at(middle))), 0, 40, "by_hand")
    (path,) = seeds.grown(video, [seed], times, Flow(160, 96, 12), lambda: told.append(1))
    assert (path.first, path.last) == (0, 39)
    assert all(np.abs(path.box(number) - at(number)).max() < 5 for number in range(40))
    assert told


def test_boxes_are_hidden_in_even_pixels_in_all_planes() -> None:
    planes = (
        np.full((20, 20), 200, np.uint8),
        np.full((10, 10), 90, np.uint8),
        np.full((10, 10), 90, np.uint8),
    )
    frame = Frame(0, Fraction(0), planes, full=False)
    area = cover.even(np.array([3.4, 5.0, 8.1, 9.9], np.float32), 20, 20)
    assert (area.left, area.top, area.right, area.bottom) == (2, 4, 10, 10)
    cover.hide(frame, [area], RedactionProfile().fill)
    assert (frame.planes[0][4:10, 2:10] == 16).all()
    assert (frame.planes[1][2:5, 1:5] == 128).all()
    assert frame.planes[0][0, 0] == 200
    assert cover.is_hidden(frame, [area])
    frame.planes[0][6:8, 4:8] = 200
    assert not cover.is_hidden(frame, [area])
