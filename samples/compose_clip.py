"""Composes `gate.mp4` of other samples: four seconds before a house, and two with a cat.

In the first shot a person (`astronaut.jpg`, cut out along an ellipse) walks by from left to right before
`home.jpg`, under a camera that shakes; in the second one a cat looks into it. What is heard is the
beginning of `report-accident.ogg`. No noise is drawn from elsewhere: the same files give the same frames.

    python samples/compose_clip.py        writes samples/gate.mp4
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

HERE = Path(__file__).parent
SIZE = (480, 360)
RATE = 15  # pictures a second
FIRST, SECOND = 60, 30  # pictures of each shot
SHAKE = 4  # pixels
HEAD = (150, 10, 330, 290)  # of the astronaut, upright: head and shoulders
LOUD = 48_000  # samples a second, as Opus has them


def main() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=RATE, options={"crf": "27", "preset": "veryslow"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=LOUD, options={"b": "48000"})
        sound.layout = "mono"
        for number, picture in enumerate(pictures()):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for frame in heard((FIRST + SECOND) / RATE):
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    (HERE / "gate.mp4").write_bytes(out.getvalue())


def pictures() -> Iterator[Image.Image]:
    house = Image.open(HERE / "home.jpg").convert("RGB").resize((SIZE[0] + 4 * SHAKE, SIZE[1] + 4 * SHAKE))
    person = cut_out()
    shakes = np.random.default_rng(7).integers(-SHAKE, SHAKE + 1, (FIRST, 2))
    for number, (across, down) in enumerate(shakes):
        at = number / (FIRST - 1)
        scene = house.copy()
        left = round(-person.width + at * (SIZE[0] + person.width))
        top = SIZE[1] - person.height + 20 + round(4 * np.sin(number / 2))
        scene.paste(person, (left, top), person)
        corner = 2 * SHAKE + int(across), 2 * SHAKE + int(down)
        yield scene.crop((*corner, corner[0] + SIZE[0], corner[1] + SIZE[1]))
    cat = ImageOps.fit(Image.open(HERE / "cat.jpg").convert("RGB"), (SIZE[0] + 60, SIZE[1]))
    for number in range(SECOND):
        yield cat.crop((2 * number, 0, 2 * number + SIZE[0], SIZE[1]))


def cut_out() -> Image.Image:
    """The person, upright, with soft edges."""
    upright = ImageOps.exif_transpose(Image.open(HERE / "astronaut.jpg")).convert("RGB").crop(HEAD)
    mask = Image.new("L", upright.size)
    wide, high = upright.size
    ImageDraw.Draw(mask).ellipse((6, 6, wide - 6, 2 * high), fill=255)
    upright.putalpha(mask.filter(ImageFilter.GaussianBlur(3)))
    return upright


def heard(seconds: float) -> Iterator[av.AudioFrame]:
    """The beginning of the report, on one channel."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=LOUD)
    left = round(seconds * LOUD)
    with av.open(HERE / "report-accident.ogg") as container:
        for frame in container.decode(audio=0):
            for made in resampler.resample(frame):
                if left <= 0:
                    return
                samples = made.to_ndarray()[:, :left]
                left -= samples.shape[1]
                cut = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
                cut.sample_rate = LOUD
                yield cut


if __name__ == "__main__":
    main()
