"""The redacted copy of a picture: encoded, and read back as everybody else will see it."""

from __future__ import annotations

from omnigov.contracts import Limits, Quarantined, Refused
from workers.media.picture import MediaType, Pixels, decode, encode


def encoded(pixels: Pixels, media_type: MediaType, limits: Limits) -> tuple[bytes, Pixels]:
    """The copy's bytes, and its pixels as they are read back from them.

    Raises `Quarantined` for a copy that can't be read back.
    """
    copy = encode(pixels, media_type)
    # The copy may be larger than the original, and a page is drawn to the limit and a row more: no reason
    # against it.
    height, width = pixels.shape[:2]
    room = limits.model_copy(
        update={
            "max_bytes": max(limits.max_bytes, len(copy)),
            "max_pixels": max(limits.max_pixels, height * width),
            "max_side": max(limits.max_side, height, width),
        }
    )
    try:
        seen = decode(copy, room)
    except Refused as refused:
        raise Quarantined(
            "copy_broken",
            "The redacted copy can't be read back. Try again; if that fails, tell the administrator.",
        ) from refused
    if seen.shape != pixels.shape:
        raise Quarantined("copy_broken", "The redacted copy has another size than the original.")
    return copy, seen
