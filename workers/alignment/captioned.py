"""One captioned picture of any of the sets that alignment learns from, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Captioned:
    """`name` is unique over all sets. `texts` are what it may be called, the caption first.

    `group` holds what must stay on one side of a split: variants of one picture, things of one name.
    `classes` are the classes that the set's own taxonomies put it in, by the taxonomy's name.
    """

    name: str
    source: str  # "stamps", "clip_art" or "emoji"
    group: str
    texts: tuple[str, ...]
    japanese: tuple[str, ...] = ()
    file: Path | None = None
    png: bytes = b""  # where there is no file
    classes: dict[str, str] = field(default_factory=dict)
    mirrored: bool = True  # whether its mirror image is still what the caption says
