"""Where the pages of a redacted document lie in its evidence, so that any one is shown without the others."""

from __future__ import annotations

from pydantic import Field

from omnigov.contracts.records import Frozen


class PagePicture(Frozen):
    """One page: a JPEG that is a stretch of the redacted copy, and a small one of the part `thumbnail`."""

    width: int = Field(gt=0, description="pixels")
    height: int = Field(gt=0)
    start: int = Field(ge=0, description="bytes of the part `redacted`, from … to before …")
    end: int
    thumbnail_start: int = Field(ge=0, description="bytes of the part `thumbnail`")
    thumbnail_end: int


class PageIndex(Frozen):
    """The part `pages` of a document's evidence, as JSON."""

    pages: tuple[PagePicture, ...] = Field(min_length=1)
