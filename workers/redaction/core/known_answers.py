"""Pictures and sentences in which a detector must find something, before it is believed to find nothing.

A broken build of a library, a wrong model file or a processor's fault can leave a network that runs and sees
nothing: each file would come out as it went in. So a detector that is loaded is first shown what it has to
find, as a known-answer test does for a cipher.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from workers.media.picture import Pixels

# Eileen Collins, NASA, public domain; cut from samples/astronaut.jpg.
_FACE = Path(__file__).with_name("known_face.jpg")
# Nobody: domain and number are kept free for examples (RFC 2606; Ofcom's numbers for drama).
_LINES = ("Contact: jane.ashworth@example.com", "Phone: 020 7946 0958")
_LETTERS, _MARGIN = 28, 24  # pixels
# By language, and what the language's model and Presidio's patterns must find there without any list of names
# of ours. Nobody: the name is the one on Japanese sample forms; the address is kept free (RFC 5737).
SENTENCES = {
    "en": ("Jane Ashworth, who lives in London, wrote to us from 192.0.2.44.", {"PERSON", "IP_ADDRESS"}),
    "ja": ("担当の山田太郎は京都市に住んでいます。", {"PERSON", "LOCATION"}),
}


def face() -> Pixels:
    """A face seen from the front, [112, 102, 3]."""
    return np.asarray(Image.open(_FACE).convert("RGB"))


def lines() -> Pixels:
    """An e-mail address and a telephone number in print, [144, 640, 3]."""
    page = Image.new("RGB", (640, 2 * (_LETTERS + _MARGIN) + _MARGIN + 16), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(_LETTERS)
    for number, line in enumerate(_LINES):
        pen.text((_MARGIN, _MARGIN + number * (_LETTERS + _MARGIN)), line, font=font, fill="black")
    return np.asarray(page)


def code() -> Pixels:
    """A QR code on white, [about 240, 240, 3]."""
    grey = cv2.QRCodeEncoder.create().encode("https://example.com/")
    large = cv2.resize(np.asarray(grey, np.uint8), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    framed = cv2.copyMakeBorder(large, 32, 32, 32, 32, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB), np.uint8)
