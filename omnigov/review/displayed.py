"""What the page of a decision measured to have been displayed to the person who had it open.

The page measures itself: which parts stood in the window and for how long, what was laid over the medium, how
large it was made, what of a recording was played. It is bound to the page that the server served (`served`),
and a verdict's entry commits to it. It says nothing of what was understood, nor that anybody sat before the
screen; and who sends something else than the page measured is not found out by it. Where a page measured
nothing, as without scripts, or where what came back can't be, nothing is put in its place.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from omnigov.contracts.records import Frozen

MOST_MS = 7 * 24 * 60 * 60 * 1000
MOST_PARTS = 400
CLOCKS_MS = 5_000
"""By how much the browser's clock and ours may run apart."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Milliseconds = Annotated[int, Field(ge=0, le=MOST_MS)]


class Measured(Frozen):
    """What a page says of itself. Times are in milliseconds in which the browser called the page visible.

    That is no proof that it was in front: another window may have covered a part of it.
    """

    total: Milliseconds = Field(description="that the browser called the page visible")
    parts: dict[Code, Milliseconds] = Field(
        max_length=MOST_PARTS,
        description="how long each part stood in the window: half of it, or as much as fills half the window",
    )
    unloaded: tuple[Code, ...] = Field(default=(), max_length=MOST_PARTS, description="pictures not loaded")
    overlays: dict[Code, Milliseconds] = Field(
        default={}, max_length=20, description="how long each was laid over the medium"
    )
    zoom: int = Field(default=1, ge=1, le=100, description="the largest at which the medium was shown")
    played: Milliseconds = Field(default=0, description="of a recording, each stretch counted once")


class Displayed(Measured):
    """The same, bound to the page that the server gave; what the entry commits to, in its canonical form."""

    page: str = Field(description="the page's own mark, which the server made")


def displayed_on(text: str, *, page: str, age_ms: int) -> Displayed | None:
    """What the page of this mark, served so long ago, measured; None where nothing that holds was measured.

    A page can't have been visible for longer than it has existed, nor a part for longer than its page.
    """
    try:
        said = Measured.model_validate_json(text)
    except ValidationError:
        return None
    longest = max((said.total, *said.parts.values(), *said.overlays.values()))
    if not page or said.total > age_ms + CLOCKS_MS or longest > said.total + CLOCKS_MS:
        return None
    return Displayed(**said.model_dump(), page=page)
