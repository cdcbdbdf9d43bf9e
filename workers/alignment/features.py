"""The tower's pooled features of captioned pictures, kept in blocks on disk: what a training starts from.

A block is written whole or not at all, so that a run that was stopped goes on where it was. A block's name
holds the digest of the pictures' names and of the tower, so that another set of data makes other blocks.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from workers.alignment.captioned import Captioned
from workers.alignment.views import LARGEST, plain_view, random_view
from workers.omni.model import OmniModel

BLOCK = 256  # pictures
AT_ONCE = 16
WIDEST_BITMAP = 40_000_000  # pixels of a file that is decoded at all


class NotDrawn(Exception):
    """A picture can't be drawn; the text says which and why."""


def draw(one: Captioned) -> Image.Image:
    """The picture as RGBA, at most LARGEST pixels a side. Raises NotDrawn."""
    try:
        if one.file is not None and one.file.suffix == ".svg":
            import resvg_py

            drawn = resvg_py.svg_to_bytes(svg_path=str(one.file), width=LARGEST, dpi=96)
            picture: Image.Image = Image.open(io.BytesIO(drawn))
        else:
            picture = Image.open(io.BytesIO(one.png) if one.file is None else one.file)
        if picture.width * picture.height > WIDEST_BITMAP:
            raise NotDrawn(f"{one.name} has {picture.width} × {picture.height} pixels")
        picture = picture.convert("RGBA")
    except (OSError, ValueError, RuntimeError) as error:
        raise NotDrawn(f"{one.name}: {error}") from error
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return picture


def pooled_features(
    model: OmniModel,
    pictures: Sequence[Captioned],
    views: int,
    seed: int,
    folder: Path,
    said: Callable[[str], None],
) -> tuple[Tensor, Tensor]:
    """float16 features [views, pictures, width] and which could be drawn [pictures].

    The first view is the whole picture on white; the others are moved, mirrored and on other grounds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rounds, drawn = [], []
    for view in range(views):
        blocks = []
        for begin in range(0, len(pictures), BLOCK):
            some = pictures[begin : begin + BLOCK]
            kept = folder / f"{_key(model, some, view, seed)}.safetensors"
            if not kept.is_file():
                made = _block(model, some, view, seed + 1000 * view + begin)
                partial = kept.with_suffix(".partial")
                save_file(made, partial)
                partial.replace(kept)
                said(f"features: view {view + 1} of {views}, {begin + len(some)} of {len(pictures)} pictures")
            blocks.append(load_file(kept))
        rounds.append(torch.cat([block["features"] for block in blocks]))
        drawn.append(torch.cat([block["drawn"] for block in blocks]))
    return torch.stack(rounds), drawn[0]


def _key(model: OmniModel, some: Sequence[Captioned], view: int, seed: int) -> str:
    told = [
        model.config.tower,
        str(model.config.picture_side),
        str(view),
        str(seed),
        *(one.name for one in some),
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:24]


def _block(model: OmniModel, some: Sequence[Captioned], view: int, seed: int) -> dict[str, Tensor]:
    random = np.random.default_rng(seed)
    side = model.config.picture_side
    seen, drawn = [], []
    for one in some:
        try:
            picture = draw(one)
            drawn.append(True)
        except NotDrawn:
            picture = Image.new("RGBA", (side, side), "white")
            drawn.append(False)
        if view == 0:
            seen.append(plain_view(picture, side))
        else:
            seen.append(random_view(picture, "" if one.mirrored else "sign", side, random))
    pooled = [model.patches(seen[i : i + AT_ONCE]).mean(1).half().cpu() for i in range(0, len(seen), AT_ONCE)]
    return {"features": torch.cat(pooled).clone(), "drawn": torch.tensor(drawn)}
