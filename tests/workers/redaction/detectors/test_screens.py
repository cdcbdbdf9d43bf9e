"""Lit screens in photographs are hidden; paper, windows, boards, and pictures that are a page, are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from omnigov.contracts import Area, Limits, RedactionProfile
from tests.bad_files import saved
from tests.workers.redaction.conftest import SAMPLES
from workers.media.picture import Pixels, decode
from workers.redaction.detectors.screens import is_drawn
from workers.redaction.kinds.picture import redact

SCREENS_ONLY = RedactionProfile(faces=False, text=False, codes=False, seals=False)
SIZE = (900, 1200)  # height and width

# Corners of a device in the picture, as a camera sees it: straight on, and at a slant.
STRAIGHT = [(400, 250), (840, 250), (840, 600), (400, 600)]
SLANT = [(380, 260), (820, 330), (790, 660), (410, 560)]


def photograph(thing: Pixels | None = None, corners: list[tuple[int, int]] = STRAIGHT) -> Pixels:
    """A wall and a desk, with the thing laid at these corners; blurred and noisy as a camera's picture is."""
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    wall = 150 + 20 * np.sin(columns / 170) + 12 * np.sin(rows / 90)
    picture = np.stack([wall, wall * 0.95, wall * 0.9], axis=2)
    picture[650:] = picture[650:] * [0.85, 0.7, 0.5]
    if thing is not None:
        edges = [(0, 0), (thing.shape[1], 0), (thing.shape[1], thing.shape[0]), (0, thing.shape[0])]
        onto = cv2.getPerspectiveTransform(np.array(edges, np.float32), np.array(corners, np.float32))
        layer = cv2.warpPerspective(thing, onto, SIZE[::-1], flags=cv2.INTER_AREA)
        solid = cv2.warpPerspective(np.ones(thing.shape[:2], np.float32), onto, SIZE[::-1])[:, :, None]
        picture = layer * solid + picture * (1 - solid)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    noisy = soft + np.random.default_rng(4).normal(0, 3, soft.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def form(width: int, height: int) -> Pixels:
    page = Image.open(SAMPLES / "form.png").convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(page, np.uint8)


def device(*, frame: int, level: int = 30) -> Pixels:
    """A monitor that shows a form, its frame so many pixels broad."""
    made = np.full((800, 1000, 3), level, np.uint8)
    made[frame:-frame, frame:-frame] = form(1000 - 2 * frame, 800 - 2 * frame)
    return made


def findings(pixels: Pixels) -> list[Area]:
    _, result = redact(saved(Image.fromarray(pixels), "JPEG", quality=88), SCREENS_ONLY, Limits())
    assert {finding.kind for finding in result.findings} <= {"SCREEN"}
    return [finding.area for finding in result.findings]


@pytest.mark.parametrize("frame", [25, 50, 90])
@pytest.mark.parametrize("corners", [STRAIGHT, SLANT], ids=["straight", "slant"])
def test_a_lit_screen_is_hidden_whole(frame: int, corners: list[tuple[int, int]]) -> None:
    pixels = photograph(device(frame=frame), corners)
    copy, result = redact(saved(Image.fromarray(pixels), "PNG"), SCREENS_ONLY, Limits())
    assert [(finding.kind, finding.detector) for finding in result.findings] == [("SCREEN", "screens")]
    lit = np.zeros(SIZE, np.uint8)
    cv2.fillConvexPoly(lit, np.array(corners, np.int32), 1)
    assert (decode(copy, Limits())[lit > 0] == 0).mean() > 0.98
    assert (decode(copy, Limits()) == 0).mean() < 0.3


def test_a_telephone_held_upright_is_hidden() -> None:
    telephone = np.ascontiguousarray(np.rot90(device(frame=60)))
    assert len(findings(photograph(telephone, [(500, 200), (680, 190), (700, 560), (515, 575)]))) == 1


def test_paper_on_a_dark_desk_has_no_frame_and_stays() -> None:
    desk = np.full((900, 1200, 3), 45.0) + 8 * np.sin(np.arange(1200) / 40)[None, :, None]
    desk[200:700, 400:760] = form(360, 500)
    noisy = desk + np.random.default_rng(1).normal(0, 3, desk.shape)
    assert findings(np.clip(noisy, 0, 255).astype(np.uint8)) == []


def test_a_window_of_several_panes_stays() -> None:
    window = np.full((800, 1000, 3), 30, np.uint8)
    for top, left in ((40, 40), (40, 520), (420, 40), (420, 520)):
        window[top : top + 340, left : left + 440] = (225, 232, 240)
    assert findings(photograph(window)) == []


def test_a_board_with_a_light_frame_stays() -> None:
    assert findings(photograph(device(frame=40, level=215))) == []


def test_a_board_that_goes_on_beyond_the_picture_stays() -> None:
    assert findings(photograph(device(frame=40), [(800, 200), (1230, 200), (1230, 600), (800, 600)])) == []


@pytest.mark.parametrize("name", ["form.png", "astronaut.jpg", "cat.jpg", "fruits.jpg", "home.jpg"])
def test_a_page_and_a_picture_without_a_screen_stay(name: str) -> None:
    _, result = redact((SAMPLES / name).read_bytes(), SCREENS_ONLY, Limits())
    assert result.findings == ()


def test_a_screenshot_is_not_blacked_out_and_a_photograph_is_no_screenshot() -> None:
    screenshot = np.full((900, 1200, 3), 235, np.uint8)
    screenshot[150:700, 200:900] = device(frame=40)[125:675, 150:850]
    screenshot[150:700, 200:900][:30] = 30
    assert is_drawn(screenshot)
    assert findings(screenshot) == []
    assert not is_drawn(photograph())


def test_the_same_picture_gives_the_same_regions_and_a_profile_may_leave_screens() -> None:
    pixels = photograph(device(frame=50))
    assert findings(pixels) == findings(pixels) != []
    content = saved(Image.fromarray(pixels), "PNG")
    nothing = SCREENS_ONLY.model_copy(update={"screens": False})
    assert redact(content, nothing, Limits())[1].findings == ()
