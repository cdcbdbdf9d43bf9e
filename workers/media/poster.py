"""A video's poster: one frame of the redacted copy, small, for a list; never of an original."""

from __future__ import annotations

import io
from typing import BinaryIO

import av
from PIL import Image, ImageStat

from workers.media.thumbnail import SIDE

AT = (0.1, 0.4, 0.7)
"""Parts of its length at which a frame is looked for that is more than black."""
DARK = 16
"""Mean of the grey of a frame, of 255, up to which it is as good as black."""
_QUALITY = 80


def poster(copy: BinaryIO) -> bytes:
    """A JPEG of a frame with a longer side of `SIDE` pixels; nothing where the copy is no video.

    The copy is the redaction's own, written a moment before, so its size was held against the limits.
    """
    found: Image.Image | None = None
    copy.seek(0)
    try:
        with av.open(copy, mode="r", format="mp4") as container:
            for part in AT:
                frame = _frame(container, part)
                found = frame if found is None else found
                if frame is not None and _light(frame):
                    found = frame
                    break
    except av.error.FFmpegError:
        return b""
    if found is None:
        return b""
    out = io.BytesIO()
    found.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _frame(container: av.container.InputContainer, part: float) -> Image.Image | None:
    """The first frame that can be decoded from this part of the length on; None where there is none."""
    container.seek(round((container.duration or 0) * part))
    frame = next(container.decode(video=0), None)
    if frame is None:
        return None
    shown = Image.fromarray(frame.to_ndarray(format="rgb24"))
    shown.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return shown


def _light(frame: Image.Image) -> bool:
    return ImageStat.Stat(frame.convert("L")).mean[0] > DARK
