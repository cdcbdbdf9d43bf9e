"""An original as a browser can show it, upright: what is drawn on it lies where the GPU side finds it."""

from __future__ import annotations

import io

from PIL import Image

from omnigov.orientation import TURNS, orientation

BROWSERS = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp")
"""What browsers show by themselves. A TIFF they do not."""


class NotShown(ValueError):
    """The original can't be shown as a picture."""


def as_shown(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The picture and its media type: the very bytes, where a browser shows them upright by itself.

    Some browsers turn some kinds of file by what a camera wrote into them. So what has to be turned is turned
    here. Raises `NotShown` where the bytes can't be opened.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            # Loaded first: Pillow turns a TIFF itself while it reads it, and then has no turn left.
            image.load()
            turn = TURNS.get(orientation(image))
            if turn is None and media_type in BROWSERS:
                return content, media_type
            stood = _eight_bits(image)
            if turn is not None:
                stood = stood.transpose(turn)
        out = io.BytesIO()
        kind = "JPEG" if media_type == "image/jpeg" else "PNG"
        stood.save(out, kind, quality=92)
    except Exception as broken:
        raise NotShown("The original can't be shown as a picture.") from broken
    return out.getvalue(), f"image/{kind.lower()}"


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("RGB")
    return image.convert("RGB")
