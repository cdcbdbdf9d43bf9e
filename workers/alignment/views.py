"""Stamps as the tower sees them: flattened, moved, on many grounds; and the tower's features of each."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from workers.alignment.stamps import Stamp
from workers.omni.model import OmniModel

LARGEST = 384  # pixels a side; the tower takes 224
BATCH = 16


def picture_of(stamp: Stamp) -> Image.Image:
    """The stamp as RGBA, at most LARGEST pixels a side."""
    if stamp.file.suffix == ".svg":
        import resvg_py

        # Without a resolution resvg gives pictures sized in points or millimetres no size at all.
        drawn = resvg_py.svg_to_bytes(svg_path=str(stamp.file), width=LARGEST, dpi=96)
        picture = Image.open(io.BytesIO(drawn)).convert("RGBA")
    else:
        picture = Image.open(stamp.file).convert("RGBA")
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return picture


def plain_view(picture: Image.Image, side: int) -> np.ndarray:
    """The whole stamp on white, as every evaluation sees it: uint8 [side, side, 3]."""
    return _paste(picture, Image.new("RGB", (side, side), "white"), scale=0.95, shift=(0.5, 0.5))


def random_view(picture: Image.Image, kind: str, side: int, random: np.random.Generator) -> np.ndarray:
    """The stamp mirrored, scaled, moved and on another ground: uint8 [side, side, 3].

    Pictures that a user sends fill the frame and have grounds of their own, which stamps do not.
    """
    if kind != "sign" and random.random() < 0.5:  # A mirrored letter is another sign.
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    # A picture is scaled to a square whatever its shape was, so objects come a little wide or tall.
    wide = float(random.uniform(0.8, 1.25))
    picture = picture.resize((max(1, round(picture.width * wide)), picture.height), Image.Resampling.BILINEAR)
    scale = float(random.uniform(0.6, 1.35))
    shift = (float(random.uniform(0.25, 0.75)), float(random.uniform(0.25, 0.75)))
    return _paste(picture, _ground(side, random), scale, shift)


def _paste(picture: Image.Image, ground: Image.Image, scale: float, shift: tuple[float, float]) -> np.ndarray:
    side = ground.width
    ratio = scale * side / max(picture.size)
    size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    at = (round((side - size[0]) * shift[0]), round((side - size[1]) * shift[1]))
    ground.paste(picture, at, picture)
    return np.asarray(ground)


def _ground(side: int, random: np.random.Generator) -> Image.Image:
    """White, one colour, a gradient, soft blotches, or a texture with the spectrum of natural scenes."""
    choice = int(random.integers(6))
    if choice == 0:
        return Image.new("RGB", (side, side), "white")
    if choice >= 4:
        return Image.fromarray(_natural_texture(side, random))
    cells = {1: (1, 1), 2: (2, 2), 3: (6, 6)}[choice]
    colours = random.integers(0, 256, size=(*cells, 3), dtype=np.uint8)
    return Image.fromarray(colours).resize((side, side), Image.Resampling.BICUBIC)


def _natural_texture(side: int, random: np.random.Generator) -> np.ndarray:
    """Noise whose amplitude falls as 1/f, as in photographs (Field, 1987): uint8 [side, side, 3]."""
    across, down = np.fft.rfftfreq(side), np.fft.fftfreq(side)
    frequency = np.maximum(np.hypot(down[:, None], across[None, :]), 1 / side)
    # Channels share most of their light, as they do outdoors.
    light = random.standard_normal((side, side, 1)) + 0.5 * random.standard_normal((side, side, 3))
    noise = np.fft.irfft2(
        np.fft.rfft2(light, axes=(0, 1)) / frequency[..., None], s=(side, side), axes=(0, 1)
    )
    noise = noise / noise.std() * random.uniform(25, 60) + random.uniform(60, 200, size=3)
    return np.asarray(noise.clip(0, 255), dtype=np.uint8)


def plain_features(model: OmniModel, stamps: Sequence[Stamp]) -> Tensor:
    """The tower's features of each whole stamp on white: float16 [stamps, grid², tower width]."""
    side = model.config.picture_side
    return _features(model, [plain_view(picture_of(stamp), side) for stamp in stamps])


def training_features(
    model: OmniModel, stamps: Sequence[Stamp], views: int, seed: int, said: Callable[[str], None]
) -> Tensor:
    """Features of a plain view and `views` − 1 random ones: float16 [views, stamps, grid², tower width]."""
    side = model.config.picture_side
    random = np.random.default_rng(seed)
    pictures = [picture_of(stamp) for stamp in stamps]
    rounds = []
    for view in range(views):
        if view == 0:
            seen = [plain_view(picture, side) for picture in pictures]
        else:
            seen = [
                random_view(p, stamp.kind, side, random) for p, stamp in zip(pictures, stamps, strict=True)
            ]
        rounds.append(_features(model, seen))
        said(f"features of view {view + 1} of {views}")
    return torch.stack(rounds)


def _features(model: OmniModel, views: list[np.ndarray]) -> Tensor:
    blocks = [model.patches(views[i : i + BATCH]).half().cpu() for i in range(0, len(views), BATCH)]
    return torch.cat(blocks).clone()
