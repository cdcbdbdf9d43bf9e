"""The arms on features that are drawn: what is trained when, what stays, and how they are compared."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workers.alignment import arms
from workers.alignment.arms import Data, Found, difference, run
from workers.alignment.moving import SIZE, Scene, cut_out, frames_of, trimmed
from workers.omni.seen import stretches_seen

WIDTHS = {"pictures": 24, "texts": 16, "recordings": 20}


def drawn(subjects: int, seed: int, recordings: int = 2) -> Data:
    """Every side tells the subject by a random map of its own that all sets share, and noise."""
    random = torch.Generator().manual_seed(seed)
    shared = torch.Generator().manual_seed(99)
    maps = {name: torch.randn(8, width, generator=shared) for name, width in WIDTHS.items()}
    hidden = torch.randn(subjects, 8, generator=random)
    subject = torch.arange(subjects).repeat(recordings)

    def told(name: str, rows: torch.Tensor) -> torch.Tensor:
        clean = hidden[rows] @ maps[name]
        return clean + 0.1 * torch.randn(clean.shape, generator=random)

    every = torch.arange(subjects)
    return Data(
        told("pictures", every), told("texts", every), every, told("recordings", subject), subject,
        told("pictures", every),
    )  # fmt: skip


@pytest.fixture(scope="module")
def sets() -> tuple[Data, Data, Data]:
    return drawn(60, 1), drawn(20, 2), drawn(30, 3)


@pytest.fixture(scope="module")
def found(sets: tuple[Data, Data, Data]) -> dict[str, Found]:
    return {arm: run(arm, 1, *sets, lambda _: None, steps=90, batch=48) for arm in arms.ARMS}


def test_each_arm_learns_to_find_captions_of_subjects_that_it_never_saw(found: dict[str, Found]) -> None:
    for arm, each in found.items():
        assert min(each.shares.values()) > 0.4, arm
    assert len(found["staged"].recording) == 60
    assert len(found["staged"].bound) == 60


def test_the_gate_keeps_pictures_and_recordings_bit_identical(found: dict[str, Found]) -> None:
    assert found["staged"].kept is True
    assert found["ungated"].kept is False, "without the gate the same training changes them"
    assert found["direct"].kept is None


def test_clips_are_answered_by_both_sides_together_alone(found: dict[str, Found]) -> None:
    staged = found["staged"]
    assert sum(staged.bound) > 45
    assert sum(staged.alone["blind"]) == 30
    # One picture stands in two questions with two answers: what is seen alone is right of one of them.
    assert sum(staged.alone["picture alone"]) == 30


def test_a_seed_gives_the_same_again(sets: tuple[Data, Data, Data]) -> None:
    one, other = (run("balanced", 4, *sets, lambda _: None, steps=6, batch=24) for _ in range(2))
    assert one == other


def test_a_fraction_has_the_recordings_of_so_many_subjects(sets: tuple[Data, Data, Data]) -> None:
    rows = arms._heard(sets[0], 0.25, torch.Generator().manual_seed(1))
    assert len(set(sets[0].subject[rows].tolist())) == 15
    assert len(rows) == 30


def test_every_subject_is_another_ones_once_and_never_its_own() -> None:
    captions = torch.tensor([0, 1, 1, 2, 3, 4, 5])
    other = arms._others(captions)
    assert (captions[other] != captions).all()
    assert torch.equal(other, arms._others(captions))


def test_differences_are_paired_over_items(found: dict[str, Found]) -> None:
    by, low, high = difference([found["staged"]], [found["staged"]], "mean")
    assert (by, low, high) == (0, 0, 0)
    worse = Found(**{**found["staged"].__dict__, "clip": [False] * 30})
    by, low, high = difference([found["staged"]], [worse], "clip")
    assert by == pytest.approx(found["staged"].shares["clip"])
    assert low <= by <= high


def test_a_clip_is_drawn_the_same_from_the_same_seed_and_holds_what_moves() -> None:
    red = np.zeros((40, 20, 4), np.uint8)
    red[...] = (255, 0, 0, 255)
    scene = Scene(np.full((200, 300, 3), 90, np.uint8), red, (0.5, 0.6))
    (pages, present), (again, _) = (frames_of(scene, 4.0, np.random.default_rng(5)) for _ in range(2))
    assert [page.at for page in pages] == stretches_seen(4000, 100)
    assert 3 <= sum(present) <= 8
    for page, there, other in zip(pages, present, again, strict=True):
        assert page.pixels.shape == (SIZE[1], SIZE[0], 3)
        assert np.array_equal(page.pixels, other.pixels)
        reddish = (page.pixels[..., 0].astype(int) - page.pixels[..., 1] > 100).mean()
        assert (reddish > 0.02) == there
    still, nobody = frames_of(Scene(scene.background), 4.0, np.random.default_rng(5))
    assert not any(nobody)
    assert len(still) == 8


def test_what_lies_in_a_box_is_cut_from_its_ground() -> None:
    photograph = np.full((80, 100, 3), (40, 160, 60), np.uint8)
    photograph[20:60, 40:60] = (200, 30, 30)
    made = cut_out(photograph, (30, 10, 70, 70))
    assert made.shape == (60, 40, 4)
    inside = made[..., 3] > 0
    assert inside[15:45, 12:28].mean() > 0.9
    assert inside[:8].mean() < 0.1
    assert trimmed(made).shape[0] < 60
