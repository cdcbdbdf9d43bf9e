"""What a later look at a text sees: the copy, with blanks for what is hidden; only bare parts count in it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from workers.redaction.kinds.structured.layout import Layout

BLANK = "■"


def blanked(text: str, layout: Layout, hidden: Iterable[tuple[int, int]]) -> str:
    """The copy as it is looked at again: a blank for each sign that is hidden, and no placeholder.

    So all else stands where it stood, and what cuts long lines cuts them as before. Of a placeholder's
    letters, or of a sentence cut elsewhere, the analysis would make days and persons that are none. What is
    `hidden` is in order and without overlap.
    """
    parts, at = list[str](), 0
    for start, end in hidden:
        parts += [text[at:start], _blank(layout, start, end)]
        at = end
    return "".join([*parts, text[at:]])


def _blank(layout: Layout, start: int, end: int) -> str:
    """Blanks of the same length; where a placeholder gets quotation marks, they get them too."""
    length, placeholder = end - start, "[X]"
    before, found, after = layout.written(start, end, placeholder).partition(placeholder)
    around = len(before) + len(after)
    if not found or around >= length:
        return BLANK * length
    return f"{before}{BLANK * (length - around)}{after}"


def bare(text: str, hidden: npt.NDArray[np.bool_], start: int, end: int) -> list[tuple[int, int]]:
    """What of these characters isn't hidden yet: all, or each part in which something can be read.

    `hidden` is [characters], true where something is.
    """
    inside = hidden[start:end]
    if not inside.any():
        return [(start, end)]
    edges = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=1, append=1))
    parts = [
        (start + int(first), start + int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [part for part in parts if any(sign.isalnum() for sign in text[slice(*part)])]
