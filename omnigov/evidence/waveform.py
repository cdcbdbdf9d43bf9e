"""A recording's peaks as a drawing: for its page, and small for a list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from omnigov.contracts import peak_pairs

SMALL = 72
"""Columns of the drawing in a list, one of its pixels each."""
QUIET = 8
"""Height of a waveform in which next to nothing is heard."""
_TONE = "#5f8f87"  # to be seen on light ground and on dark


def columns_of(peaks: bytes, most: int) -> list[tuple[int, int]]:
    """Lowest and highest sample of up to `most` stretches of one length.

    Raises `ValueError` for half a pair.
    """
    pairs = peak_pairs(peaks)
    if len(pairs) <= most:
        return pairs
    edges = [number * len(pairs) // most for number in range(most + 1)]
    return [
        (min(low for low, _ in pairs[start:end]), max(high for _, high in pairs[start:end]))
        for start, end in pairwise(edges)
    ]


def path_of(columns: Sequence[tuple[int, int]]) -> str:
    """An SVG path about the waveform: there along the highest samples, back along the lowest.

    A column is one wide, and a sample from -127 to 127 high, upwards below zero as SVG counts.
    """
    if not columns:
        return ""
    there = [f"{x} {-max(high, 1)}" for x, (_, high) in enumerate(columns)]
    back = [f"{x} {-min(low, -1)}" for x, (low, _) in reversed(list(enumerate(columns)))]
    return f"M{'L'.join([*there, *back])}Z"


def height_of(columns: Sequence[tuple[int, int]]) -> int:
    """How far it reaches from the middle: what was recorded quietly is drawn as large as the rest."""
    return max([QUIET, *(max(-low, high) for low, high in columns)])


def small(peaks: bytes) -> bytes:
    """An SVG of the whole recording, as wide as it is in a list."""
    columns = columns_of(peaks, SMALL)
    width, height = max(1, len(columns) - 1), height_of(columns)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-height} {width} {2 * height}" '
        'width="72" height="54" preserveAspectRatio="none">'
        f'<path d="{path_of(columns)}" fill="{_TONE}"/></svg>'
    ).encode()
