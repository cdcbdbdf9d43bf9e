"""What the tests of redaction share: the samples, papers to write on, and detectors that misbehave."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from omnigov.contracts import Area, Detector, Finding, RedactionProfile
from workers.redaction.core.picture import Picture
from workers.redaction.detectors import registry
from workers.redaction.detectors.registry import Entry

SAMPLES = Path(__file__).parents[3] / "samples"


FACES_ONLY = RedactionProfile(text=False, codes=False, seals=False, screens=False)


TEXT_ONLY = RedactionProfile(faces=False, codes=False, seals=False, screens=False)


# Where the features of each face are (brow to chin), measured by eye in the upright picture.
FACES = {
    "astronaut.jpg": Area(left=185, top=75, right=262, bottom=178),
    "cameraman.png": Area(left=204, top=118, right=256, bottom=196),
    "hopper.jpg": Area(left=190, top=150, right=345, bottom=330),
}


WITHOUT_PEOPLE = ("butterfly", "cat", "flower", "fruits", "home")


SECRET = "Hidden Person 5551234567"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def is_black(pixels: np.ndarray, box: Area, *, share: float = 0.99) -> bool:
    """Whether the box is hidden; JPEG leaves black a little off."""
    inside = pixels[box.top : box.bottom, box.left : box.right]
    return bool((inside.max(axis=2) < 24).mean() >= share)


def font(size: int) -> ImageFont.FreeTypeFont:
    spec = find_spec("matplotlib_fontja")
    assert spec is not None
    assert spec.origin is not None
    return ImageFont.truetype(str(Path(spec.origin).parent / "fonts" / "ipaexg.ttf"), size)


def dejavu(size: int) -> ImageFont.FreeTypeFont:
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / "DejaVuSans.ttf"), size)


def pdf(pages: int = 2, *, password: str | None = None, script: bool = False) -> bytes:
    """A PDF with faces on its pages, text that nobody sees, an author, a link, and a note."""
    stream = io.BytesIO()
    page = canvas.Canvas(stream, pagesize=(400, 500), encrypt=password)
    page.setAuthor(SECRET)
    page.setTitle(SECRET)
    if script:
        page._doc.Catalog.OpenAction = "<</S/JavaScript/JS(app.alert(1))>>"
    for number in range(pages):
        page.drawImage(ImageReader(io.BytesIO(sample("astronaut.jpg"))), 50, 200, 256, 256)
        page.drawString(50, 100, f"Page {number + 1}")
        hidden = page.beginText(60, 120)
        hidden.setTextRenderMode(3)
        hidden.textLine(SECRET)
        page.drawText(hidden)
        page.linkURL(f"https://example.org/{SECRET.replace(' ', '-')}", (0, 0, 100, 100))
        page.textAnnotation(SECRET, (10, 10, 20, 20))
        page.showPage()
    page.save()
    return stream.getvalue()


def tiff(*pages: Image.Image) -> bytes:
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], description=SECRET)
    return stream.getvalue()


class Broken:
    """A detector that stops on every picture, with a text that must not go on."""

    def find(self, picture: Picture) -> list[Finding]:
        raise ValueError("the name Eleanor Whitfield stood here")

    def describe(self) -> Detector:
        return Detector(name="broken", version="1", digest="0" * 64)


class Restless:
    """A detector that finds something new each time it looks."""

    def __init__(self) -> None:
        self.looks = 0

    def find(self, picture: Picture) -> list[Finding]:
        self.looks += 1
        left = 20 * self.looks
        box = Area(left=left, top=0, right=left + 10, bottom=10)
        return [Finding(kind="FACE", place=box, score=1, detector="restless")]

    def describe(self) -> Detector:
        return Detector(name="restless", version="1", digest="0" * 64)


class Late(Restless):
    """A detector that sees a thing only in the redacted copy, once."""

    def find(self, picture: Picture) -> list[Finding]:
        return super().find(picture) if self.looks == 0 else []


def only(monkeypatch: pytest.MonkeyPatch, detector: type, *looks: Any) -> None:
    implementation = f"{detector.__module__}:{detector.__name__}"
    entry = Entry(detector.__name__.lower(), implementation, (), looks, lambda _: True)
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "REGISTRY", (entry,))
