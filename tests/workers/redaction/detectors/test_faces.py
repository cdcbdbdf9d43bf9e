"""Faces that are small, turned by any angle, or printed on a card: found, and covered where it matters."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from omnigov.contracts import Limits, RedactionProfile
from tests.workers.redaction.conftest import SAMPLES
from workers.media.picture import Pixels, decode
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.centerface import TILE, CenterFace, _tiles, _turned, _views

PROFILE = RedactionProfile(text=False, codes=False, seals=False, screens=False)
FEATURES = (188, 95, 258, 165)  # of the astronaut: brows to lower lip, by eye
HOPPER_FEATURES = (200, 165, 330, 290)
HOPPER_WIDTH = 167  # pixels of the face in the sample

Mask = npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def centerface() -> CenterFace:
    return CenterFace()


def sample(name: str, box: tuple[int, int, int, int]) -> tuple[Pixels, Mask]:
    pixels = decode((SAMPLES / name).read_bytes(), Limits())
    features = np.zeros(pixels.shape[:2], np.bool_)
    left, top, right, bottom = box
    features[top:bottom, left:right] = True
    return pixels, features


def hopper(width: int, degrees: int) -> tuple[Pixels, Mask]:
    """The sample with its face so many pixels wide, turned on a grey ground that holds it."""
    pixels, features = sample("hopper.jpg", HOPPER_FEATURES)
    size = tuple(round(side * width / HOPPER_WIDTH) for side in (pixels.shape[1], 400))
    small = cv2.resize(pixels[:400], size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(features[:400].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    side = round(1.42 * max(size))
    onto = cv2.getRotationMatrix2D(((size[0] - 1) / 2, (size[1] - 1) / 2), degrees, 1.0)
    onto[0, 2] += (side - size[0]) / 2
    onto[1, 2] += (side - size[1]) / 2
    view = cv2.warpAffine(small, onto, (side, side), borderValue=(127,) * 3)
    turned = cv2.warpAffine(mask, onto, (side, side), flags=cv2.INTER_NEAREST)
    return np.asarray(view, np.uint8), turned > 0


def covered(centerface: CenterFace, pixels: Pixels, features: Mask) -> float:
    hidden = np.zeros_like(features)
    for finding in centerface.find(Picture(pixels, PROFILE)):
        box = finding.area
        hidden[box.top : box.bottom, box.left : box.right] = True
    return float(hidden[features].mean())


@pytest.mark.parametrize("width", [12, 16])
@pytest.mark.parametrize("degrees", [0, 45, 100, 135, 225, 315])
def test_a_small_face_is_found_at_any_angle(centerface: CenterFace, width: int, degrees: int) -> None:
    assert covered(centerface, *hopper(width, degrees)) >= 0.95


@pytest.mark.parametrize("degrees", [0, 40, 90, 200])
@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_a_portrait_printed_on_a_card_is_found(centerface: CenterFace, degrees: int, grey: bool) -> None:
    """A card of 560 pixels on a desk, its portrait 150 wide: flat, framed, faded."""
    pixels, features = sample("astronaut.jpg", FEATURES)
    head = np.s_[20:220, 140:300]
    portrait = cv2.resize(pixels[head], (150, 188), interpolation=cv2.INTER_AREA)
    if grey:
        portrait = cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    card = np.full((350, 560, 3), (226, 232, 214), np.uint8)
    cv2.rectangle(card, (0, 0), (560, 50), (40, 90, 140), -1)
    card[90:278, 30:180] = 45 + portrait * 0.65
    cv2.rectangle(card, (28, 88), (181, 279), (90, 90, 90), 2)
    for line in range(5):
        cv2.putText(
            card, "NAME 0123 456", (215, 120 + 40 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40,) * 3, 2
        )
    on_card = np.zeros(card.shape[:2], np.uint8)
    on_card[90:278, 30:180] = cv2.resize(features[head].astype(np.uint8), (150, 188))
    onto = cv2.getRotationMatrix2D((280, 175), degrees, 1.0)
    onto[:, 2] += (400 - 280, 400 - 175)
    desk = cv2.warpAffine(card, onto, (800, 800), borderValue=(120, 90, 60))
    mask = cv2.warpAffine(on_card, onto, (800, 800), flags=cv2.INTER_NEAREST) > 0
    assert covered(centerface, np.asarray(desk, np.uint8), mask) >= 0.95


def test_the_same_picture_gives_the_same_findings(centerface: CenterFace) -> None:
    picture = Picture(sample("astronaut.jpg", FEATURES)[0], PROFILE)
    assert centerface.find(picture) == CenterFace().find(picture) != []


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_quarter_turn_moves_pixels_and_nothing_else(degrees: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (7, 10, 3)).astype(np.uint8)
    turned, back = _turned(pixels, degrees)
    assert (turned == np.rot90(pixels, degrees // 90)).all()
    corner = back @ np.array([0, 0, 1])
    x, y = np.rint(corner).astype(int)
    assert (pixels[y, x] == turned[0, 0]).all()


@pytest.mark.parametrize("length", [10, 1024, 1025, 2121, 4000, 20_000])
def test_tiles_cover_the_whole_length_and_overlap(length: int) -> None:
    tiles = _tiles(length)
    assert tiles[0][0] == 0
    assert tiles[-1][1] == length
    assert all(0 < end - start <= TILE for start, end in tiles)
    assert all(end - start >= 90 for (_, end), (start, _) in itertools.pairwise(tiles))


@pytest.mark.parametrize("grey", [0, 127, 255])
def test_tiles_of_one_colour_hold_nobody_and_are_left_out(centerface: CenterFace, grey: int) -> None:
    empty = np.full((850, 880, 3), grey, np.uint8)
    assert not len(centerface._look(empty, 1.0, 0, 0, 0.1))
    page = np.full((2339, 1653, 3), grey, np.uint8)
    page[100:110, 100:110] += 100
    assert [(left, top) for _, scale, left, top in _views(page) if scale == 1] == [(0, 0)]
