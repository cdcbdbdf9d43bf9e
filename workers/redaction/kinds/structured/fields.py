"""A value in a text: where it stands, what it is called, and how a placeholder has to be written there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from workers.redaction.core.views import Piece
from workers.redaction.forms.labels import NEUTRAL


class Field(NamedTuple):
    """Characters `start` … `end` − 1 are a value, without the quotation marks about it."""

    start: int
    end: int
    head: str = ""  # what it is called, in words
    kind: str = NEUTRAL  # what a value that is called so is hidden as, whole
    soft: bool = False  # … where it looks like one: "user" may be a person or a service
    bare: str = ""  # quotation marks that a placeholder needs: what stands here is a number
    label: bool = False  # the head of a column, and no value


class Island(NamedTuple):
    """A part of a text in which only fields hold values, and all else is how they are written."""

    start: int
    end: int
    fields: Sequence[Field]
    pieces: Sequence[Piece] = ()  # its own escapes
    rows: bool = False  # its fields stand in rows, and a row says more than each of them
