"""The detector of persons and vehicles: its network as its file tells it, and what it finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from workers import weights
from workers.omni import objects
from workers.omni.objects import Objects, Thing, anchors

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture(scope="module")
def detector() -> Objects:
    return Objects(weights.path(objects.FILE))


def pixels(name: str) -> np.ndarray:
    return np.asarray(Image.open(SAMPLES / name).convert("RGB"))


@pytest.mark.parametrize("name", ["astronaut.jpg", "cameraman.png"])
def test_a_person_is_found_where_one_is(detector: Objects, name: str) -> None:
    found = detector.find(pixels(name))
    assert found[0].kind == "person"
    assert found[0].score > 0.5


@pytest.mark.parametrize("name", ["cat.jpg", "fruits.jpg", "butterfly.jpg"])
def test_nobody_is_found_where_nobody_is(detector: Objects, name: str) -> None:
    found = detector.find(pixels(name))
    assert all(thing.score < 0.4 for thing in found)


def test_a_small_person_in_a_corner_is_found_there(detector: Objects) -> None:
    """The whole is looked at with 300 pixels a side: half a corner's person would be too small there."""
    wide = np.full((720, 1280, 3), 110, np.uint8)
    small = np.asarray(Image.fromarray(pixels("cameraman.png")).resize((200, 200)))
    wide[500:700, 1060:1260] = small
    found = detector.find(wide)
    assert found[0].kind == "person"
    left, top, right, bottom = found[0].box
    assert left > 0.78
    assert top > 0.62
    assert right <= 1
    assert bottom <= 1


def test_there_is_an_anchor_for_each_row_and_they_lie_in_the_picture(detector: Objects) -> None:
    boxes, scores = detector.answers(torch.zeros(2, 3, objects.SIDE, objects.SIDE))
    assert boxes.shape == (2, len(anchors()), 4)
    assert scores.shape == (2, len(anchors()), 24)
    assert torch.allclose(boxes[0], boxes[1], atol=1e-4)
    assert ((anchors()[:, :2] > 0) & (anchors()[:, :2] < 1)).all()


@pytest.mark.parametrize(
    ("size", "kernel", "stride"), [(300, 3, 2), (19, 3, 1), (10, 3, 2), (7, 1, 1), (5, 3, 2)]
)
def test_borders_are_filled_so_that_each_stride_has_its_place(size: int, kernel: int, stride: int) -> None:
    """TensorFlow's SAME: ⌈size / stride⌉ places, and the odd row below."""
    given = torch.arange(float(size * size)).view(1, 1, size, size)
    filled = objects._filled(given, kernel, stride)
    found = functional.conv2d(filled, torch.ones(1, 1, kernel, kernel), stride=stride)
    assert found.shape[-1] == -(-size // stride)
    above, below = filled.shape[-1] - size, 0
    top = int((filled[0, 0].sum(1) == 0).nonzero()[0]) if above else below
    assert above <= 1 or top in (0, size + 1)
    if above == 1:
        assert not filled[0, 0, -1].any(), "the one row that is missing stands below"


def test_what_lies_on_a_surer_one_of_its_kind_is_the_same_thing() -> None:
    things = [
        Thing("person", 0.5, (0.1, 0.1, 0.3, 0.3)),
        Thing("person", 0.7, (0.1, 0.1, 0.3, 0.32)),
        Thing("vehicle", 0.6, (0.1, 0.1, 0.3, 0.3)),
        Thing("person", 0.4, (0.6, 0.1, 0.8, 0.3)),
    ]
    assert [(t.kind, t.score) for t in objects._apart(things)] == [
        ("person", 0.7),
        ("vehicle", 0.6),
        ("person", 0.4),
    ]


def test_a_file_without_a_network_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "objects.safetensors")
    with pytest.raises(ValueError, match="omnigov models fetch"):
        Objects(tmp_path / "objects.safetensors")
