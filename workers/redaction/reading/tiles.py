"""Large sheets in tiles: text is looked for at a size at which its letters can be seen.

An A0 drawing brought down to the size of one page has letters of four pixels. So a large picture is cut into
tiles that overlap, and lines that two tiles cut are joined again. Of a picture that is seen whole the empty
paper about what stands in it is not looked at: it is half of many a page, and takes as long as writing.

The finder weighs each sign against the whole view: of a line alone on a wide empty ground, or below a large
photograph, it sees nothing. So what stands apart and no box touches is looked at once more by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from workers.media.picture import Pixels
from workers.redaction.core.picture import resized

LONGEST = 2400  # pixels of a view's longer side
SHORTEST = 480  # … to which the shorter side of a small picture is brought up, within `ENLARGE_MAX`
ENLARGE_MAX = 2.0
SCREEN = (
    1500  # pixels: what is no wider is seen as it is, however long: pictures of screens have small letters
)
LEAST = 0.75  # the scale of tiles: of letters of 8 points some lines are missed below it
ENOUGH = 0.58  # the scale at which one view is enough: 12 megapixels are seen at 0.6
NEARLY = 0.9  # of a box in another, from which both are the same
OVERLAP = 360  # pixels of a view that its neighbour sees too: a name and what stands about it
BLANK = 12  # of 255 between neighbours: a view with less has nothing in it
MARGIN = 64  # pixels of a view that are left about what stands in it: a finder wants ground about ink
STEP = 32  # pixels of a view's sides, where there is paper: what a finder takes as it is
PAPER = 2  # of 255 that empty paper differs from the picture's corner at most
SAME_ROW = 0.6  # of the lower box's height that two boxes of one line share
SLACK = 3.0  # pixels by which two tiles may differ about an edge
PIECE = 720  # pixels of a piece's sides, in which a line alone is found whatever its letters' size
PIECES_OVERLAP = 200
PIECES_MAX = 40  # things that stand apart in one view; more of them are looked at by their neighbourhood
BLOCK = 16  # pixels of a block's sides: what is two blocks from a photograph stands apart from it
FEWEST_BLOCKS = 2  # of something that stands apart: one is a speck
FILLED = 0.4  # of the box about something large, from which it is a photograph
LONG = 180.0  # heights of a line that is not joined to a longer one: what reads it would press it

Quads = npt.NDArray[np.float32]  # [boxes, 4, 2]: x, y of their corners, clockwise from top left
Find = Callable[[Pixels], Quads]


def boxes(pixels: Pixels, zoom: float, find: Find) -> Quads:
    """What `find` finds in views of the picture at a fitting scale, in pixels of the picture."""
    scale = scale_of(pixels.shape[0], pixels.shape[1]) * zoom
    if not _needs_tiles(pixels, scale / zoom):
        return _in_one_view(pixels, scale, find)
    found = np.empty((0, 4, 2), np.float32)
    for left, top, tile in _tiles(pixels, scale):
        if _is_blank(tile):
            continue
        seen = _looked_at(resized(tile, scale), find)
        quads = seen / np.float32(scale) + np.array([left, top], np.float32)
        found = _joined(found, quads)
    return found


def scale_of(high: int, wide: int) -> float:
    """The scale at which a picture is looked at, in one view or in tiles."""
    longest, shortest = max(high, wide), min(high, wide)
    one_view = min(max(SHORTEST / shortest, 1.0), ENLARGE_MAX, LONGEST / longest)
    return one_view if one_view >= ENOUGH else max(LEAST, min(1.0, SCREEN / shortest))


def _needs_tiles(pixels: Pixels, scale: float) -> bool:
    return bool(max(pixels.shape[:2]) * scale > LONGEST + 1)


def _tiles(pixels: Pixels, scale: float) -> Iterator[tuple[int, int, Pixels]]:
    side, overlap = LONGEST / scale, OVERLAP / scale
    for top, bottom in _parts(pixels.shape[0], side, overlap):
        for left, right in _parts(pixels.shape[1], side, overlap):
            yield left, top, pixels[top:bottom, left:right]


def _in_one_view(pixels: Pixels, scale: float, find: Find) -> Quads:
    """What `find` finds in the picture at that scale; empty paper about it is not looked at."""
    left, top, right, bottom = _filled(pixels, round(MARGIN / scale))
    if left == right:
        return np.empty((0, 4, 2), np.float32)
    right, bottom = (
        min(whole, begin + round(math.ceil((end - begin) * scale / STEP) * STEP / scale))
        for begin, end, whole in ((left, right, pixels.shape[1]), (top, bottom, pixels.shape[0]))
    )
    filled = np.ascontiguousarray(pixels[top:bottom, left:right])
    quads = _looked_at(resized(filled, scale), find) / np.float32(scale)
    return np.asarray(quads + np.array([left, top], np.float32), np.float32)


def _looked_at(view: Pixels, find: Find) -> Quads:
    """What `find` finds in the view, and then in what stands apart there and no box touches, by itself."""
    found = find(view)
    if max(view.shape[:2]) <= PIECE:
        return found
    for left, top, right, bottom in _overlooked(view, found):
        piece = np.ascontiguousarray(view[top:bottom, left:right])
        found = _joined(found, find(piece) + np.array([left, top], np.float32))
    return found


def _overlooked(view: Pixels, found: Quads) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right, bottom of pieces about what stands apart on empty ground and no box touches.

    What is large and filled is a photograph, and was seen; what is large and thin is a frame or a drawing,
    and is cut.
    """
    blocks = _blocks(view)
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(blocks.astype(np.uint8), connectivity=8)
    touched = {
        int(each)
        for quad in found
        for each in np.unique(labels[_block_range(quad[:, 1])][:, _block_range(quad[:, 0])])
    }
    apart = [place for place in range(1, count) if place not in touched and _may_be_written(sizes[place])]
    if len(apart) > PIECES_MAX:
        yield from _cut(np.isin(labels, apart), view, 0, 0, view.shape[1], view.shape[0])
        return
    for place in apart:
        left, top, wide, high, _ = (int(each) * BLOCK for each in sizes[place])
        yield from _cut(labels == place, view, left, top, left + wide, top + high)


def _may_be_written(size: npt.NDArray[np.int32]) -> bool:
    """Whether what has this place and area, in blocks, is neither a speck nor a photograph."""
    _, _, wide, high, area = (int(each) for each in size)
    is_photograph = area >= FILLED * wide * high and max(wide, high) * BLOCK > PIECE
    return area >= FEWEST_BLOCKS and not is_photograph


def _block_range(along: npt.NDArray[np.float32]) -> slice:
    return slice(max(0, int(along.min()) // BLOCK), int(along.max()) // BLOCK + 1)


def _cut(
    blocks: npt.NDArray[np.bool_], view: Pixels, left: int, top: int, right: int, bottom: int
) -> Iterator[tuple[int, int, int, int]]:
    """Pieces that hold these blocks between these edges, each with a margin, and no larger than need be."""
    tall, wide = view.shape[:2]
    for upper, lower in _parts(bottom - top, PIECE, PIECES_OVERLAP):
        for near, far in _parts(right - left, PIECE, PIECES_OVERLAP):
            row, column = (top + upper) // BLOCK, (left + near) // BLOCK
            inside = blocks[row : -(-(top + lower) // BLOCK), column : -(-(left + far) // BLOCK)]
            down, across = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            if len(down):
                yield (
                    max(0, (column + int(across[0])) * BLOCK - MARGIN),
                    max(0, (row + int(down[0])) * BLOCK - MARGIN),
                    min(wide, (column + int(across[-1]) + 1) * BLOCK + MARGIN),
                    min(tall, (row + int(down[-1]) + 1) * BLOCK + MARGIN),
                )


def _blocks(view: Pixels) -> npt.NDArray[np.bool_]:
    """Which of its blocks have anything in them, [down, across]; the outer ones as far as the view goes."""
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    below, right = (-side % BLOCK for side in grey.shape)
    grey = cv2.copyMakeBorder(grey, 0, below, 0, right, cv2.BORDER_REPLICATE)
    cut = grey.reshape(grey.shape[0] // BLOCK, BLOCK, grey.shape[1] // BLOCK, BLOCK)
    filled: npt.NDArray[np.bool_] = cut.max(axis=(1, 3)) - cut.min(axis=(1, 3)) >= BLANK
    return filled


def _filled(pixels: Pixels, margin: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is no empty paper, and the margin about it; all 0 where all is empty.

    Empty is what has the corner's colour: of a photograph all is filled.
    """
    corner = np.asarray(pixels[0, 0], np.int16)
    low, high = (np.clip(corner + step, 0, 255).astype(np.uint8) for step in (-PAPER, PAPER))
    empty = cv2.inRange(pixels, low, high)  # [height, width], 255 where it is
    rows = cv2.reduce(empty, 1, cv2.REDUCE_MIN).ravel() == 0
    columns = cv2.reduce(empty, 0, cv2.REDUCE_MIN).ravel() == 0
    if not rows.any():
        return 0, 0, 0, 0
    tall, wide = pixels.shape[:2]
    down, across = np.flatnonzero(rows), np.flatnonzero(columns)
    return (
        max(0, int(across[0]) - margin),
        max(0, int(down[0]) - margin),
        min(wide, int(across[-1]) + 1 + margin),
        min(tall, int(down[-1]) + 1 + margin),
    )


def _parts(whole: int, side: float, overlap: float) -> list[tuple[int, int]]:
    """Stretches of about one length that cover the whole and overlap by so much."""
    count = max(1, math.ceil((whole - overlap) / (side - overlap)))
    step = (whole - overlap) / count
    return [(round(place * step), min(whole, round((place + 1) * step + overlap))) for place in range(count)]


def _is_blank(tile: Pixels) -> bool:
    grey = cv2.cvtColor(tile, cv2.COLOR_RGB2GRAY)
    across = cv2.absdiff(grey[:, 1:], grey[:, :-1]).max(initial=0)
    return int(max(across, cv2.absdiff(grey[1:], grey[:-1]).max(initial=0))) < BLANK


def _joined(before: Quads, after: Quads) -> Quads:
    """The boxes of both, each line that two tiles see as one box."""
    others, fresh = list(before), []
    for quad in after:
        one = quad
        for place in reversed(range(len(others))):
            whole = _whole(others[place], one)
            if whole is not None:
                one = whole
                del others[place]
        fresh.append(one)
    return np.asarray([*others, *fresh], np.float32).reshape(-1, 4, 2)


def _whole(one: Quads, other: Quads) -> Quads | None:
    """The box about two that show the same line or parts of it; None where they do not."""
    (a, b), (c, d) = (one.min(axis=0), one.max(axis=0)), (other.min(axis=0), other.max(axis=0))
    if (np.minimum(b, d) <= np.maximum(a, c)).any():
        return None
    sizes = float(np.prod(b - a)), float(np.prod(d - c))
    least, most = (quad for _, quad in sorted(zip(sizes, ((a, b), (c, d)), strict=True), key=lambda e: e[0]))
    cut = bool((least[0] >= most[0] - SLACK).all() and (least[1] <= most[1] + SLACK).all())
    if cut or np.prod(np.minimum(b, d) - np.maximum(a, c)) >= NEARLY * min(sizes):
        return one if sizes[0] >= sizes[1] else other  # one of them was cut through, or both are the same
    if not (_is_level(one) and _is_level(other)):
        return None  # a box about two lines aslant would not be read
    across = 0 if (b - a)[0] + (d - c)[0] >= (b - a)[1] + (d - c)[1] else 1
    down = 1 - across
    shared = min(b[down], d[down]) - max(a[down], c[down])
    low, high = np.minimum(a, c), np.maximum(b, d)
    thin, thick = sorted((b[down] - a[down], d[down] - c[down]))
    if shared < SAME_ROW * thick or (high - low)[across] > LONG * thin:
        return None
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float32)


def _is_level(quad: Quads) -> bool:
    sides = np.abs(np.roll(quad, -1, axis=0) - quad)
    return bool((sides.min(axis=1) <= 0.03 * sides.max(axis=1) + 1.5).all())
