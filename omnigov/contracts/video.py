"""What a video's redacted copy is, and what is kept beside it: its frames' times, its shots and its tracks.

The copy has the original's frames at the original's times: what is hidden is covered or silent, and nothing
is cut out. Its sound is told of by `omnigov.contracts.sound`, as a recording's is. Pixels are those of the
upright frames, which is how the copy has them; times are from the first frame or sound on.

What a person says (`RedactionEdits`), by the place of a region:

`Area`, added: followed from the frame `part`, both ways to the ends of its shot. Removed: what is hidden
there in that frame is spared in all frames.
`Track`, added: the same, from `hull` in the frame `hull.part`, within `interval` only, with any new `id`.
Removed: the track with this `id` is spared within `interval`.
`Interval`, added: silent in the sound. Removed: heard in it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from omnigov.contracts.records import Frozen, Grown

Known = Literal["detected", "followed", "filled", "by_hand"]
"""How a box came about: seen by a detector in that frame, followed from a frame beside it, put between two
frames or before the first and after the last, or drawn by a person."""


class VideoCopy(Grown):
    """How long the redacted copy is, what was told apart in it, and what is kept beside it."""

    LATER = ()

    milliseconds: int = Field(gt=0, description="to the end of the last frame or sound")
    frames: int = Field(gt=0)
    shots: int = Field(default=1, ge=1)
    tracks: int = Field(default=0, ge=0, description="things that are hidden through frames")
    covered_frames: int = Field(default=0, ge=0, description="in which something is hidden")
    beside: dict[str, str] = Field(default={}, description="SHA-256 of `tracks`")


class Box(Frozen):
    """Where a thing is in one frame: pixels of the upright frame, left and top inside."""

    frame: int = Field(ge=0)
    left: int = Field(ge=0)
    top: int = Field(ge=0)
    right: int
    bottom: int
    known: Known = "detected"

    @model_validator(mode="after")
    def is_not_empty(self) -> Box:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("a box needs a width and a height")
        return self


class Followed(Frozen):
    """One thing through the frames of one shot. Its `id` is that of the `Track` in findings and regions."""

    id: str = Field(min_length=1, max_length=64)
    kind: str = Field(description="as a finding has it: FACE, LICENSE_PLATE, PERSON …")
    detector: str = Field(description="that found it first; `person` for a person's own")
    score: int = Field(ge=0, description="the best of its boxes, in millionths")
    boxes: tuple[Box, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def has_one_box_a_frame(self) -> Followed:
        if any(after.frame <= before.frame for before, after in pairwise(self.boxes)):
            raise ValueError("a track has its boxes in the order of their frames, one a frame")
        return self


class Tracks(Frozen):
    """The evidence part `tracks`: each frame's time, where shots begin, and what is hidden in which frame."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    times: tuple[int, ...] = Field(min_length=1, description="milliseconds at which each frame is shown")
    shots: tuple[int, ...] = Field(default=(0,), description="the first frame of each shot")
    tracks: tuple[Followed, ...] = ()
