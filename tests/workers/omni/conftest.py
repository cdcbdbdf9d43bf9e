"""A tiny model with random weights, pictures and a policy whose labels differ in length."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from omnigov.contracts import Label, PolicySpec
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model

torch.set_num_threads(1)  # tiny matrices gain nothing from more


@pytest.fixture(scope="session")
def tiny() -> OmniModel:
    return new_model(TINY)


@pytest.fixture(scope="session")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree", "ox")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
        reasons_max_tokens=12,
    )


@pytest.fixture(scope="session")
def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [
        random.integers(0, 256, size=(h, w, 3), dtype=np.uint8) for h, w in ((40, 60), (32, 32), (90, 20))
    ]
