"""Which kind a medium is, told from its content; and the file here that knows that kind."""

from __future__ import annotations

import importlib
from pathlib import PurePath
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

    def tells(self, content: bytes) -> bool:
        """Whether the file is of this kind. Its head was found to be one's."""

    def probe(self, data: Source, limits: Limits) -> Probed:
        """Type and size, without decoding and with a piece of the file in memory.

        Asked of every upload, and so of kinds that have a viewer.
        """

    def decode(self, content: bytes, limits: Limits) -> Any:
        """What is in it, in the kind's own form: pixels, pages, characters."""


def told(content: bytes, name: str = "") -> MediumKind:
    """The kind that the file is of, by its content. Raises `Refused` where it is of none.

    A text has no mark that tells it, so a name is asked as well there, and only there.
    """
    head, suffix = content[: kinds.HEAD], PurePath(name).suffix.lower()
    for kind in kinds.KINDS:
        named = not kind.suffixes or suffix in kind.suffixes
        if named and kind.begins.match(head) and medium(kind).tells(content):
            return kind
    raise Refused(
        "not_media",
        "This is no medium that is taken here, whatever its name says. Send a picture as JPEG, PNG, WebP, "
        "BMP, TIFF or GIF.",
    )


def probe(data: Source, limits: Limits) -> Probed:
    """What an upload is, from its own bytes. Raises `Refused` where the service can't show such a medium.

    `data` is the whole file, of which a piece is in memory at a time.
    """
    if not len(data):
        raise Refused("empty", "The file is empty. Check that it was copied whole, and send it again.")
    head = data.part(0, kinds.HEAD)
    plainly_taken(head)
    kind = next(kind for kind in kinds.KINDS if kind.viewer and kind.begins.match(head))
    return medium(kind).probe(data, limits)


def medium(kind: MediumKind) -> Medium:
    """The file that knows this kind."""
    return cast(Medium, importlib.import_module(kind.medium))
