"""The tower: its grid, TensorFlow's padding, and that folding batch norms changes nothing."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional

from workers import weights
from workers.omni.efficientnet import EfficientNetLite, SamePadConvolution, load_efficientnet


def test_it_gives_one_vector_a_patch_of_32_pixels() -> None:
    tower = EfficientNetLite().eval()
    with torch.inference_mode():
        assert tower(torch.zeros(2, 3, 96, 64)).shape == (2, 3 * 2, 1280)


def test_odd_padding_goes_to_the_right_and_the_bottom() -> None:
    convolution = SamePadConvolution(1, 1, 3, 2, bias=False)
    picture = torch.randn(1, 1, 8, 8)
    expected = functional.conv2d(functional.pad(picture, (0, 1, 0, 1)), convolution.weight, stride=2)
    assert torch.equal(convolution(picture), expected)


def test_folding_batch_norms_keeps_the_function() -> None:
    torch.manual_seed(0)
    tower = EfficientNetLite().train()
    with torch.no_grad():
        for _ in range(3):  # gives every batch norm statistics of its own
            tower(torch.randn(4, 3, 64, 64))
    tower.eval()
    folded = copy.deepcopy(tower).requires_grad_(False).fold_batch_norms()
    picture = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(tower(picture), folded(picture), atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())


@pytest.mark.long
def test_it_knows_imagenet_with_the_files_own_classifier() -> None:
    """The weights are the published ones, and names, padding and pixel scale are read as they were meant."""
    from workers.alignment.command import DATA
    from workers.alignment.stamps import read_stamps
    from workers.alignment.views import picture_of, plain_view
    from workers.weights import datasets

    file = weights.path("efficientnet-lite0")
    stored = torch.load(file, weights_only=True)
    classes = {
        "food/fruit/banana": 954,
        "food/vegetables/broccoli": 937,
        "food/fruit/strawberry": 949,
        "food/fruit/pineapple": 953,
        "hobbies/music/string/violin": 889,
        "food/fruit/pomegranate": 957,
        "household/dishes/teapot": 849,
    }
    try:
        stamps = {stamp.name: stamp for stamp in read_stamps(datasets.path(DATA))}
    except weights.WeightsUnavailable as missing:
        pytest.skip(str(missing))
    views = [plain_view(picture_of(stamps[name]), 224) for name in classes]
    pixels = torch.stack([(torch.from_numpy(view.copy()).float() - 127) / 128 for view in views])
    with torch.inference_mode():
        pooled = load_efficientnet(file)(pixels.permute(0, 3, 1, 2)).mean(1)
        found = (pooled @ stored["_fc.weight"].T + stored["_fc.bias"]).argmax(1).tolist()
    assert found == list(classes.values())
