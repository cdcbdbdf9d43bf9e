"""Pictures as cameras store them, and what metadata a copy has."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

from PIL import Image

# What a camera does to the upright picture before it stores it under each orientation.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def metadata(content: bytes, folder: Path) -> dict[str, object]:
    """What exiftool finds beside the container's own facts; Pillow's view where exiftool is missing."""
    if shutil.which("exiftool"):
        file = folder / "copy"
        file.write_bytes(content)
        done = subprocess.run(["exiftool", "-json", "-G1", str(file)], capture_output=True, check=True)
        found = json.loads(done.stdout)[0]
        own = {
            "File", "System", "ExifTool", "Composite", "JFIF", "PNG",
        }  # fmt: skip
        kept = {key: value for key, value in found.items() if key.split(":")[0] not in own and ":" in key}
        png_facts = {
            "ImageWidth",
            "ImageHeight",
            "BitDepth",
            "ColorType",
            "Compression",
            "Filter",
            "Interlace",
        }
        kept |= {
            key: value
            for key, value in found.items()
            if key.startswith("PNG:") and key.split(":")[1] not in png_facts
        }
        return kept
    with Image.open(io.BytesIO(content)) as image:
        return {
            key: value
            for key, value in image.info.items()
            if key not in ("jfif", "jfif_version", "jfif_unit", "jfif_density")
        }
