"""The heat map over the redacted picture, to be read without colour as well as with it.

What supported the label stays light and turns yellow, the rest is darkened and bluish: *cividis*, which
people with any colour vision see as one scale from dark to light (Nuñez, Anderton & Renslow, "Optimizing
colormaps with consideration for color vision deficiency", PLOS ONE 2018). The strongest patches are
outlined and numbered; a dashed outline marks the patch that spoke most against the label.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LARGEST = 768  # pixels a side
TOP = 3
# Nine evenly spaced colours of cividis; between them is interpolated.
CIVIDIS = np.array(
    [
        (0, 34, 78),
        (18, 53, 112),
        (59, 73, 108),
        (87, 93, 109),
        (112, 113, 115),
        (138, 134, 120),
        (165, 156, 116),
        (200, 181, 99),
        (254, 232, 56),
    ],
    dtype=np.float64,
)


def render(picture: np.ndarray, grid: Sequence[Sequence[int]]) -> bytes:
    """PNG of `picture` (RGB uint8 [height, width, 3]) with `grid` ([rows][columns], signed) laid over it."""
    base = Image.fromarray(picture).convert("RGB")
    base.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    values = np.asarray(grid, dtype=np.float64)
    heat = _smooth(np.clip(values, 0, None), base.size)[..., None]  # [height, width, 1], 0 … 1
    grey = np.asarray(base.convert("L"), dtype=np.float64)[..., None]
    # The picture loses its colours, so that every colour that is seen means heat.
    shaded = grey * (0.5 + 0.5 * heat) * 0.65 + _colour(heat[..., 0]) * (0.15 + 0.35 * heat)
    drawn = Image.fromarray(shaded.clip(0, 255).astype(np.uint8))
    _outline(drawn, values)
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def _smooth(positive: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The grid stretched over the picture, 0 … 1: [height, width]."""
    peak = positive.max()
    if peak <= 0:
        return np.zeros((size[1], size[0]))
    small = Image.fromarray((positive / peak).astype(np.float32))
    return np.clip(np.asarray(small.resize(size, Image.Resampling.BICUBIC), dtype=np.float64), 0, 1)


def _colour(heat: np.ndarray) -> np.ndarray:
    """[height, width] in 0 … 1 -> [height, width, 3] in 0 … 255."""
    at = np.linspace(0, 1, len(CIVIDIS))
    return np.stack([np.interp(heat, at, CIVIDIS[:, channel]) for channel in range(3)], axis=-1)


def _outline(drawn: Image.Image, values: np.ndarray) -> None:
    """Number the patches that supported the label most, and mark the one most against it."""
    pen = ImageDraw.Draw(drawn)
    rows, columns = values.shape
    width = max(2, max(drawn.size) // 250)
    font = ImageFont.load_default(size=max(12, max(drawn.size) // 28))
    order = np.argsort(-values, axis=None, kind="stable")
    for rank, flat in enumerate(order[:TOP], start=1):
        if values.flat[flat] <= 0:
            break
        box = _patch(drawn.size, rows, columns, int(flat))
        pen.rectangle(box, outline="black", width=width * 2)
        pen.rectangle(box, outline="white", width=width)
        at = (box[0] + 2 * width + 1, box[1] + width)
        pen.text(at, str(rank), fill="white", font=font, stroke_width=width, stroke_fill="black")
    against = int(order[-1])
    if values.flat[against] < 0:
        _dashed(pen, _patch(drawn.size, rows, columns, against), width)


def _patch(size: tuple[int, int], rows: int, columns: int, flat: int) -> tuple[int, int, int, int]:
    row, column = divmod(flat, columns)
    left, right = round(column * size[0] / columns), round((column + 1) * size[0] / columns) - 1
    top, bottom = round(row * size[1] / rows), round((row + 1) * size[1] / rows) - 1
    return left, top, max(left, right), max(top, bottom)


def _dashed(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], width: int) -> None:
    left, top, right, bottom = box
    dash = max(4, (right - left) // 8)
    for edge in ((left, top, right, top), (left, bottom, right, bottom)):
        for x in range(edge[0], edge[2], 2 * dash):
            _line(pen, (x, edge[1], min(x + dash, edge[2]), edge[1]), width)
    for x in (left, right):
        for y in range(top, bottom, 2 * dash):
            _line(pen, (x, y, x, min(y + dash, bottom)), width)


def _line(pen: ImageDraw.ImageDraw, ends: tuple[int, int, int, int], width: int) -> None:
    pen.line(ends, fill="black", width=2 * width)
    pen.line(ends, fill="white", width=width)
