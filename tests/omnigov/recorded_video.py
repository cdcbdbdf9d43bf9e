"""Videos as a worker would leave them, with all their evidence.

Two coloured shots, in which a thing moves; what is hidden is told by hand, and black in the copy. Its sound
is that of `recorded_sound`. It is AV1 and FLAC in an MP4, as the product writes them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from omnigov.contracts import Area, Box, Finding, Followed, Interval, Track, Tracks, VideoCopy
from omnigov.evidence.models import Name
from tests.omnigov import recorded_sound
from tests.omnigov.recorded_media import Copy, result_of

SIZE = (320, 180)
EACH = 80
"""Milliseconds that a picture is shown."""
FRAMES = 60
CUT = 35
"""The first picture of the second shot."""
Picture = npt.NDArray[np.uint8]

Moving = tuple[str, str, int, int, tuple[int, int, int, int], tuple[int, int]]
"""Id, kind, first and last picture, the box in the first, and pixels that it goes on with each."""

MOVING: tuple[Moving, ...] = (
    ("t1", "FACE", 4, 34, (20, 30, 60, 80), (4, 0)),
    ("t2", "FACE", 35, 59, (240, 60, 280, 110), (-3, 1)),
    ("t3", "LICENCE_PLATE", 10, 30, (200, 140, 260, 160), (0, 0)),
)


def boxes_of(moving: Moving) -> tuple[Box, ...]:
    _, _, first, last, (left, top, right, bottom), (across, down) = moving
    return tuple(
        Box(
            frame=frame,
            left=left + across * (frame - first),
            top=top + down * (frame - first),
            right=right + across * (frame - first),
            bottom=bottom + down * (frame - first),
            known="detected" if (frame - first) % 5 == 0 else "followed",
        )
        for frame in range(first, last + 1)
    )


def picture(number: int, boxes: Sequence[Box], *, hidden: bool) -> Picture:
    """A picture of one of the shots, with what moves in it as it is, or hidden."""
    width, height = SIZE
    ground = np.zeros((height, width, 3), np.uint8)
    shade = np.linspace(60, 200, width).astype(np.uint8)
    ground[:, :, 0 if number < CUT else 2] = shade
    ground[:, :, 1] = 90
    for box in boxes:
        if box.frame == number:
            ground[box.top : box.bottom, box.left : box.right] = (0, 0, 0) if hidden else (230, 190, 160)
    return ground


def mp4(pictures: Sequence[Picture], samples: npt.NDArray[np.float32] | None = None) -> bytes:
    """These pictures, each `EACH` milliseconds long, and samples of 16,000 a second beside them."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(
            "libvpx-vp9",
            rate=Fraction(1000, EACH),
            options={
                "deadline": "realtime",
                "cpu-used": "6",
                "crf": "20",
                "b": "0",
                "lag-in-frames": "0",
                "g": "10",
            },
        )
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        sound = None
        if samples is not None:
            sound = container.add_stream("flac", rate=recorded_sound.RATE)
            sound.layout, sound.format = "mono", "s16"
        for number, pixels in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number * EACH, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None and samples is not None:
            whole = np.clip(samples * 32767, -32768, 32767).astype(np.int16)[np.newaxis]
            heard = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
            heard.sample_rate, heard.pts = recorded_sound.RATE, 0
            container.mux(sound.encode(heard))
            container.mux(sound.encode())
    return out.getvalue()


def original(moving: Sequence[Moving] = MOVING) -> bytes:
    """An original in which these things move, without sound."""
    boxes = [box for each in moving for box in boxes_of(each)]
    return mp4([picture(number, boxes, hidden=False) for number in range(FRAMES)])


def video(moving: Sequence[Moving] = MOVING, *, sound: bool = True) -> Copy:
    """The redacted copy of a video in which these things are hidden, and in which somebody speaks."""
    boxes = [box for each in moving for box in boxes_of(each)]
    heard = recorded_sound.sound(recorded_sound.REPORT[:1]) if sound else None
    samples = recorded_sound.samples_of(heard) if heard else None
    pictures = [picture(number, boxes, hidden=True) for number in range(FRAMES)]
    content = mp4(pictures, samples)
    length = FRAMES * EACH
    tracks = Tracks(
        width=SIZE[0],
        height=SIZE[1],
        times=tuple(number * EACH for number in range(FRAMES)),
        shots=(0, CUT),
        tracks=tuple(
            Followed(id=each[0], kind=each[1], detector="centerface", score=900_000, boxes=boxes_of(each))
            for each in moving
        ),
    )
    findings = [_finding(each) for each in moving] + (list(heard.result.findings) if heard else [])
    kept = tracks.model_dump_json().encode()
    parts = {
        Name.REDACTED: (content, "video/mp4"),
        Name.TRACKS: (kept, "application/json"),
        Name.THUMBNAIL: (_jpeg(pictures[FRAMES // 2]), "image/jpeg"),
    }
    if heard:
        parts |= {name: part for name, part in heard.parts.items() if name != Name.REDACTED}
    told = VideoCopy(
        milliseconds=length,
        frames=FRAMES,
        shots=2,
        tracks=len(moving),
        covered_frames=len({box.frame for box in boxes}),
        beside={"tracks": hashlib.sha256(kept).hexdigest()},
    )
    more = {
        "width": SIZE[0],
        "height": SIZE[1],
        "video": told,
        "sound": heard.result.sound if heard else None,
    }
    return Copy(content, result_of(content, "video/mp4", findings, **more), parts)


def tracks_of(copy: Copy) -> Tracks:
    return Tracks.model_validate(json.loads(copy.parts[Name.TRACKS][0]))


def _finding(moving: Moving) -> Finding:
    boxes = boxes_of(moving)
    hull = Area(
        part=boxes[0].frame,
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )
    when = Interval(start=boxes[0].frame * EACH, end=(boxes[-1].frame + 1) * EACH)
    return Finding(
        kind=moving[1],
        place=Track(id=moving[0], interval=when, hull=hull),
        score=900_000,
        detector="centerface",
    )


def _jpeg(pixels: Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return out.getvalue()
