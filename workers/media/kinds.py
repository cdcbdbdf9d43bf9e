"""Which kind a medium is, told from its content; and the file here that knows that kind."""

from __future__ import annotations

import importlib
from typing import Any, Protocol, cast

from omnigov.contracts import kinds
from omnigov.contracts.first_bytes import plainly_taken
from omnigov.contracts.kinds import MediumKind
from omnigov.contracts.policy import Limits
from omnigov.contracts.steps import Refused
from workers.media.probe import Probed
from workers.media.source import Source


class Medium(Protocol):
    """What a file of this folder offers, whatever its kind. Opened when the first medium of its kind comes.

    MUST keep to the limits before it decodes anything, and raise `Refused` with a sentence for what it can't
    take whole. MUST NOT hand on metadata.
    """

    def tells(self, data: Source) -> bool:
        """Whether the file is of this kind, with a piece of it in memory. Its head was found to be one's."""

    def probe(self, data: Source, limits: Limits, encoding: str = "") -> Probed:
        """Type and size, where that can be before anything is decoded and with a piece of the file in memory.

        Asked of every upload. `encoding` is what a person said that texts are in; other kinds have none.
        """

    def decode(self, content: bytes, limits: Limits) -> Any:
        """What is in it, in the kind's own form: pixels, pages, characters."""


def told(content: bytes) -> MediumKind:
    """The kind of the file, by its content and never by its name. Raises `Refused` where it is of none."""
    return kind_of(Source.of(content))


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """What an upload is, from its own bytes. Raises `Refused` where the service can't show such a medium.

    `data` is the whole file, of which a piece is in memory at a time. `encoding` is what a person said that
    it is in, should it be a text; empty: the bytes say.
    """
    return medium(kind_of(data)).probe(data, limits, encoding)


def kind_of(data: Source) -> MediumKind:
    """As `told`, of a file of which a piece is in memory at a time."""
    if not len(data):
        raise Refused("empty", "The file is empty. Check that it was copied whole, and send it again.")
    head = data.part(0, kinds.HEAD)
    plainly_taken(head)
    return next(kind for kind in kinds.KINDS if kind.begins.match(head) and medium(kind).tells(data))


def medium(kind: MediumKind) -> Medium:
    """The file that knows this kind."""
    return cast(Medium, importlib.import_module(kind.medium))
