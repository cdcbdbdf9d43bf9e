"""Which way up a stored picture stands: asked by the GPU side before it looks, and by pages before they show.

Both have to answer alike: a region that a person draws is hidden where the GPU side finds these pixels.
"""

from __future__ import annotations

import struct

from PIL import Image

ORIENTATION_TAG = 0x0112

# EXIF 2.32, tag 0x0112: what has to be done to the stored picture so that it stands upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 … 8; 1 where there is none or where the EXIF data is broken.

    Read here by hand: Pillow's reader stops with a warning at the first broken tag, and a picture with
    broken EXIF is still a picture.
    """
    if image.format == "TIFF":
        tags = getattr(image, "tag_v2", {})
        value = tags.get(ORIENTATION_TAG, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1
    exif = image.info.get("exif", b"")
    if not isinstance(exif, bytes):
        return 1
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == ORIENTATION_TAG and kind == 3:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
