"""A doubtful face is shown to another network: a face stays one as it lies, other round things do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from omnigov.contracts import Area, RedactionProfile
from workers.redaction.core import known_answers
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.centerface import CenterFace
from workers.redaction.detectors.second_opinion import SecondOpinion


@pytest.fixture(scope="module")
def opinion() -> SecondOpinion:
    return SecondOpinion()


@pytest.mark.parametrize("turn", [None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_face_is_one_however_it_lies(opinion: SecondOpinion, turn: int | None) -> None:
    face = known_answers.face()
    pixels = np.asarray(face if turn is None else cv2.rotate(face, turn), np.uint8)
    (found,) = CenterFace().find(Picture(pixels, RedactionProfile()))
    assert opinion.is_face(pixels, found.area)


def test_a_lit_ball_and_noise_are_none(opinion: SecondOpinion) -> None:
    ball = np.full((200, 200, 3), 90, np.uint8)
    for radius in range(70, 0, -2):
        cv2.circle(ball, (100 - radius // 4, 100 - radius // 4), radius, [230 - 2 * radius] * 3, -1)
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    place = Area(left=30, top=30, right=170, bottom=170)
    assert not opinion.is_face(ball, place)
    assert not opinion.is_face(noise, place)
