"""Media, and places in them."""

from __future__ import annotations

from pydantic import (
    Field,
    model_validator,
)

from omnigov.contracts.records import Frozen


class Box(Frozen):
    """Pixels of the upright picture: left and top inside, right and bottom outside."""

    left: int = Field(ge=0)
    top: int = Field(ge=0)
    right: int
    bottom: int

    @model_validator(mode="after")
    def has_an_area(self) -> Box:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("a box needs an area")
        return self
