"""Places in media: whatever points into a medium says where with one of these.

What was stored before there were places has a `box` and a `page` instead; `read_place` reads it. A record
that was read so and is written again looks other than it was stored. Nothing rests on that: what an entry
commits to is committed to as the JSON that is stored, and checked against the stored JSON, by
`digest_of_stored` and `Run.stored_findings`, never against a record that was read from it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, model_validator

from omnigov.contracts.records import Frozen


class Area(Frozen):
    """Pixels of one upright part: left and top inside, right and bottom outside."""

    place: Literal["area"] = "area"
    part: int = Field(default=0, ge=0, description="page of a document or frame of a video, from 0")
    left: int = Field(ge=0)
    top: int = Field(ge=0)
    right: int
    bottom: int

    @model_validator(mode="after")
    def is_not_empty(self) -> Area:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("an area needs a width and a height")
        return self


class Span(Frozen):
    """Characters `start` … `end` − 1 of a text or transcript."""

    place: Literal["span"] = "span"
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def is_not_empty(self) -> Span:
        if self.end <= self.start:
            raise ValueError("a span needs a length")
        return self


class Interval(Frozen):
    """From `start` up to `end`, in milliseconds from the beginning of a sound or video."""

    place: Literal["interval"] = "interval"
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def is_not_empty(self) -> Interval:
        if self.end <= self.start:
            raise ValueError("an interval needs a length")
        return self


class Track(Frozen):
    """One thing through the frames of a video. Where it is in each of them lies in the evidence."""

    place: Literal["track"] = "track"
    id: str = Field(min_length=1, max_length=64, description="one and the same in all that is said of it")
    interval: Interval
    hull: Area = Field(description="about its areas in all frames; its part is the first of them")


Place = Annotated[Area | Span | Interval | Track, Discriminator("place")]


def read_place(fields: Any) -> Any:
    """The fields of a record that points into a medium: with a `place` for a stored `box` and `page`."""
    if not isinstance(fields, dict) or "box" not in fields or "place" in fields:
        return fields
    box = fields["box"]
    rest = {name: value for name, value in fields.items() if name not in ("box", "page")}
    edges = box if isinstance(box, dict) else {}
    return rest | {"place": {**edges, "place": "area", "part": fields.get("page", 0)}}


def area_of(place: Area | Span | Interval | Track) -> Area:
    """The place as pixels of one part. Raises `TypeError` for a place that is none."""
    if not isinstance(place, Area):
        raise TypeError(f"A {place.place} is no area.")
    return place
