"""Clips with faces on known paths over real ones: which pixels of which frame are a face is known exactly.

A head is a photograph on a cylinder, so that it can turn: what of its front is seen is the face. It moves,
comes near, tilts, goes behind things, gets blurred, is cut away; sizes are those of the shorter side of the
face's box.
"""

from __future__ import annotations

import functools
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from workers.weights import datasets

WIDTH, HEIGHT, RATE = 640, 360, 25
FRONT = 60.0  # degrees to each side of its middle that a face is seen over
TURNED_AWAY = 75.0  # degrees from which it is no face that could be known again
STRETCH = {"tree.avi": 444, "vtest.avi": 620}  # frames of each clip that scenes are laid over
SEEN = 0.25  # of a face's area that has to be in sight, for it to count in a frame
HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Way = Callable[[float], float]  # of the share of the clip that has passed, 0 … 1


@dataclass(frozen=True)
class Head:
    """A photograph's head, and where it goes. `size` is the shorter side of the face's box."""

    photograph: str
    x: Way
    y: Way
    size: Way
    yaw: Way = lambda _: 0.0  # degrees
    tilt: Way = lambda _: 0.0
    blur: Way = lambda _: 0.0  # of its size: the standard deviation
    there: Callable[[float], bool] = lambda _: True


@dataclass(frozen=True)
class Scene:
    name: str
    background: str
    first: int  # frame of the background
    heads: tuple[Head, ...]
    bars: tuple[tuple[Way, float], ...] = ()  # what passes before them: its left edge, and its width
    frames: int = 100
    cuts: int = 0  # frames of a shot; 0: none
    flash: tuple[int, ...] = ()
    mirrored: bool = False


@dataclass
class Made:
    """A clip, and of each frame the masks of its faces, by the head's number, and the heads' boxes."""

    scene: Scene
    content: bytes
    faces: list[dict[int, Mask]] = field(default_factory=list)
    boxes: list[list[tuple[int, int, int, int]]] = field(default_factory=list)


def made(scene: Scene) -> Made:
    grounds = _background(scene)
    out, result = io.BytesIO(), Made(scene, b"")
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(scene.frames):
            passed = number / max(1, scene.frames - 1)
            frame = next(grounds).copy()
            faces: dict[int, Mask] = {}
            whole: dict[int, float] = {}
            boxes = []
            for at, head in enumerate(scene.heads):
                if head.there(passed):
                    face, box = _put(frame, head, passed)
                    for other in faces:
                        faces[other] = faces[other] & ~_disc(frame.shape, box)
                    faces[at], whole[at] = face, _frontal(head.size(passed), head.photograph)
                    boxes.append(box)
            for left, wide in scene.bars:
                start = max(0, round(left(passed)))
                end = max(0, min(WIDTH, round(left(passed) + wide)))
                frame[:, start:end] = (96, 84, 60)
                for at in faces:
                    faces[at][:, start:end] = False
            if number in scene.flash:
                frame = np.asarray(np.clip(frame.astype(np.int16) + 110, 0, 255), np.uint8)
            result.faces.append(
                {
                    at: face
                    for at, face in faces.items()
                    if face.sum() >= SEEN * whole[at]
                    and abs(_turn(scene.heads[at].yaw(passed))) <= TURNED_AWAY
                }
            )
            result.boxes.append(boxes)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    result.content = out.getvalue()
    return result


def _turn(degrees: float) -> float:
    return (degrees + 180) % 360 - 180


def _frontal(size: float, photograph: str) -> float:
    """Pixels of the face as it is seen from the front, wholly in sight."""
    left, top, right, bottom = _face_box(photograph)
    narrow = (right - left) / (bottom - top)
    return math.pi / 4 * size * size * max(narrow, 1 / narrow) * math.sin(math.radians(FRONT))


def _disc(shape: tuple[int, ...], box: tuple[int, int, int, int]) -> Mask:
    canvas = np.zeros(shape[:2], np.uint8)
    middle = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    cv2.ellipse(canvas, (middle, (max(1, box[2] - box[0]), max(1, box[3] - box[1])), 0), 1, -1)
    return canvas > 0


def _put(frame: Pixels, head: Head, passed: float) -> tuple[Mask, tuple[int, int, int, int]]:
    """Draws a head into a frame, in place: where its face is, and the box about the face's outline."""
    texture, high, wide = _texture(head.photograph)
    size = head.size(passed)
    scale = size / min(high, wide)
    yaw, tilt = math.radians(_turn(head.yaw(passed))), math.radians(head.tilt(passed))
    x, y = head.x(passed), head.y(passed)
    half_x, half_y = scale * wide * 0.62, scale * high * 0.62
    reach = math.hypot(half_x, half_y) + 2
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    right, bottom = min(WIDTH, int(x + reach) + 1), min(HEIGHT, int(y + reach) + 1)
    mask = np.zeros(frame.shape[:2], np.bool_)
    box = (
        int(x - size / 2 * wide / min(high, wide)),
        int(y - size / 2 * high / min(high, wide)),
        int(x + size / 2 * wide / min(high, wide)) + 1,
        int(y + size / 2 * high / min(high, wide)) + 1,
    )
    if right <= left or bottom <= top:
        return mask, box
    columns, rows = np.meshgrid(np.arange(left, right) - x, np.arange(top, bottom) - y)
    across = (columns * math.cos(tilt) + rows * math.sin(tilt)) / half_x
    down = (rows * math.cos(tilt) - columns * math.sin(tilt)) / half_y
    inside = across**2 + down**2 <= 1
    edge = np.sqrt(np.clip(1 - down**2, 0.05, 1))  # the head's half width at this height
    angle = np.arcsin(np.clip(across / edge, -1, 1)) + yaw  # of the head's surface, from its front
    angle = (angle + math.pi) % (2 * math.pi) - math.pi
    front = np.abs(angle) < math.pi / 2
    texture_x = (np.sin(angle) * edge * 0.5 + 0.5) * (texture.shape[1] - 1)
    texture_y = (down * 0.5 + 0.5) * (texture.shape[0] - 1)
    shrunk = min(1.0, 2 * half_x / texture.shape[1])
    source = texture
    if shrunk < 0.7:
        small = cv2.resize(texture, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        source, texture_x, texture_y = (
            small,
            texture_x * small.shape[1] / texture.shape[1],
            texture_y * small.shape[0] / texture.shape[0],
        )
    drawn = cv2.remap(
        source,
        texture_x.astype(np.float32),
        texture_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    hair = texture[: max(1, texture.shape[0] // 12)].reshape(-1, 3).mean(axis=0)
    drawn = np.where(front[:, :, None], drawn, hair[None, None]).astype(np.float32)
    alpha = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), max(0.6, 0.02 * size))
    blurred = head.blur(passed) * size
    if blurred > 0.3:
        drawn = cv2.GaussianBlur(drawn, (0, 0), blurred)
        alpha = cv2.GaussianBlur(alpha, (0, 0), blurred)
    part = frame[top:bottom, left:right]
    part[:] = np.clip(part * (1 - alpha[:, :, None]) + drawn * alpha[:, :, None], 0, 255).astype(np.uint8)
    face = (across * 0.62 * 2) ** 2 + (down * 0.62 * 2) ** 2 <= 1
    mask[top:bottom, left:right] = face & (np.abs(angle) <= math.radians(FRONT))
    return mask, box


@functools.cache
def _said() -> dict[str, Any]:
    said: dict[str, Any] = json.loads((HERE / "faces.json").read_text(encoding="utf-8"))
    return said


def _where(photograph: str) -> tuple[Path, list[int]]:
    for split in ("held-out", "development"):
        if photograph in _said()[split]["photographs"]:
            data = _said()[split]["data"]
            folder = SAMPLES if data == "samples" else datasets.path(data)
            return folder / photograph, _said()[split]["photographs"][photograph]["face"]
    raise KeyError(photograph)


def _face_box(photograph: str) -> list[int]:
    return _where(photograph)[1]


@functools.cache
def _texture(photograph: str) -> tuple[Pixels, int, int]:
    """The photograph's head, 1.24 times the face's box to each side; the face's height and width in it."""
    file, (left, top, right, bottom) = _where(photograph)
    pixels = np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGB"))
    wide, high = right - left, bottom - top
    pad = max(wide, high)
    padded = cv2.copyMakeBorder(pixels, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    x, y = (left + right) / 2 + pad, (top + bottom) / 2 + pad
    cut = padded[int(y - 0.62 * high) : int(y + 0.62 * high), int(x - 0.62 * wide) : int(x + 0.62 * wide)]
    return np.ascontiguousarray(cut), high, wide


def _background(scene: Scene) -> Iterator[Pixels]:
    """The background's frames, forwards and then backwards for as long as wanted; others after each cut."""
    frames = _clip(scene.background)
    for number in range(scene.frames):
        shot = number // scene.cuts if scene.cuts else 0
        at = (scene.first + number + shot * 61) % (2 * len(frames) - 2)
        frame = frames[at if at < len(frames) else 2 * len(frames) - 2 - at]
        if scene.cuts and shot % 2:
            frame = np.ascontiguousarray(255 - frame[::-1])
        yield np.ascontiguousarray(frame[:, ::-1]) if scene.mirrored else frame


@functools.cache
def _clip(name: str) -> list[Pixels]:
    """As many frames of a real clip as the scenes want, at the bench's size."""
    if name == "grey":
        return [np.full((HEIGHT, WIDTH, 3), 120, np.uint8)] * 2
    frames = []
    with av.open(str(datasets.path("opencv-doc") / "data" / name)) as container:
        for frame in container.decode(video=0):
            pixels = frame.to_ndarray(format="rgb24")
            height = round(pixels.shape[1] * HEIGHT / WIDTH)
            top = (pixels.shape[0] - height) // 2
            frames.append(
                np.asarray(
                    cv2.resize(pixels[top : top + height], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA),
                    np.uint8,
                )
            )
            if len(frames) == STRETCH[name]:
                break
    return frames


def _wave(middle: float, reach: float, times: float, shift: float = 0.0) -> Way:
    return lambda passed: middle + reach * math.sin(2 * math.pi * (times * passed + shift))


def _line(start: float, end: float) -> Way:
    return lambda passed: start + (end - start) * passed


def _jump(middle: float, reach: float, turn: float, drift: float, cuts: int, frames: int = 100) -> Way:
    """Somewhere else in each shot, and on from there by `drift` pixels a frame."""

    def way(passed: float) -> float:
        frame = passed * (frames - 1)
        shot = int(frame + 1e-6) // cuts
        return middle + reach * math.sin(turn * shot + 1.0) + drift * (frame - shot * cuts)

    return way


def _still(value: float) -> Way:
    return lambda _: value


def scenes(split: str) -> list[Scene]:
    """The scenes of a split. Held out are other paths over other stretches of clips, with the same faces.

    There are no others that may be given away.
    """
    return {"development": _development, "looked-at": _looked_at, "held-out": _held_out}[split]()


def _development() -> list[Scene]:
    a, h = "astronaut.jpg", "hopper.jpg"
    tree = "tree.avi"
    small = [
        Scene(f"walks, {size} px", tree, 0, (Head(face, _line(60, 560), _wave(180, 60, 1.5), _still(size)),))
        for size, face in ((12, a), (16, h), (24, a), (48, h), (96, a), (200, h))
    ]
    return [
        *small,
        Scene("comes near", tree, 20, (Head(a, _wave(320, 150, 1), _wave(180, 30, 2), _line(14, 190)),)),
        Scene(
            "turns away and back",
            tree,
            40,
            (Head(h, _line(150, 480), _still(170), _still(90), yaw=_line(0, 360)),),
        ),
        Scene(
            "looks about",
            tree,
            60,
            (
                Head(
                    a, _wave(320, 100, 1), _still(180), _still(60), yaw=_wave(0, 70, 2), tilt=_wave(0, 25, 3)
                ),
            ),
        ),
        Scene(
            "goes behind",
            tree,
            80,
            (Head(h, _line(80, 560), _still(190), _still(64)),),
            bars=((_still(260), 90.0),),
        ),
        Scene(
            "blurred",
            tree,
            100,
            (Head(a, _wave(320, 180, 2), _wave(180, 50, 1), _still(70), blur=_wave(0.05, 0.05, 2)),),
        ),
        Scene(
            "cuts",
            tree,
            0,
            (Head(h, _jump(320, 220, 2.4, 3.0, 8), _jump(180, 60, 1.7, -1.0, 8), _still(60)),),
            cuts=8,
        ),
        Scene(
            "several",
            tree,
            30,
            tuple(
                Head(f, _line(s, e), _wave(y, 30, 1), _still(z))
                for f, s, e, y, z in ((a, 60, 500, 90, 40), (h, 580, 80, 180, 56), (a, 300, 340, 280, 30))
            ),
        ),
        Scene("comes in and goes", tree, 50, (Head(a, _line(-60, 720), _still(170), _still(80)),)),
        Scene(
            "flashes", tree, 70, (Head(h, _line(150, 450), _still(180), _still(60)),), flash=(30, 31, 60, 75)
        ),
    ]


def _looked_at() -> list[Scene]:
    b, o, p, s = "biden.jpg", "obama.jpg", "obama3.jpg", "32bit.png"
    tree, street = "tree.avi", "vtest.avi"
    small = [
        Scene(
            f"walks, {size} px",
            street,
            100,
            (Head(face, _line(600, 40), _wave(90 + number * 20, 40, 2.3, 0.2), _still(size)),),
            mirrored=True,
        )
        for number, (size, face) in enumerate(
            ((12, p), (14, b), (20, o), (36, s), (70, b), (150, p), (200, o))
        )
    ]
    return [
        *small,
        Scene(
            "comes near",
            tree,
            150,
            (Head(b, _wave(300, 180, 1.4, 0.3), _wave(170, 50, 1.1), _line(190, 12)),),
            mirrored=True,
        ),
        Scene(
            "turns away and back",
            tree,
            170,
            (Head(p, _line(520, 120), _wave(180, 20, 1), _still(75), yaw=_line(0, -360)),),
            mirrored=True,
        ),
        Scene(
            "turns quickly",
            street,
            150,
            (Head(o, _wave(300, 60, 1), _still(120), _still(50), yaw=_wave(0, 110, 3)),),
        ),
        Scene(
            "looks about",
            tree,
            190,
            (
                Head(
                    s,
                    _wave(340, 120, 0.7),
                    _wave(190, 30, 1.3),
                    _still(54),
                    yaw=_wave(10, 65, 2.4),
                    tilt=_wave(0, 30, 1.7),
                ),
            ),
            mirrored=True,
        ),
        Scene(
            "goes behind",
            street,
            170,
            (Head(b, _line(40, 600), _wave(200, 20, 1), _still(58)),),
            bars=((_still(180), 70.0), (_still(420), 110.0)),
        ),
        Scene(
            "is passed by",
            tree,
            210,
            (Head(o, _wave(320, 30, 1), _still(180), _still(84)),),
            bars=((_line(-200, 800), 130.0),),
            mirrored=True,
        ),
        Scene(
            "blurred",
            tree,
            230,
            (Head(p, _wave(320, 220, 2.5), _wave(180, 70, 1.5), _still(62), blur=_wave(0.06, 0.06, 3)),),
            mirrored=True,
        ),
        Scene(
            "cuts",
            tree,
            150,
            (Head(b, _wave(300, 220, 9), _wave(180, 80, 8), _still(52)),),
            cuts=7,
            mirrored=True,
        ),
        Scene(
            "several",
            street,
            190,
            tuple(
                Head(f, _line(x, e), _wave(y, 35, 1.2, k), _still(z))
                for f, x, e, y, z, k in (
                    (b, 590, 90, 80, 34, 0.1),
                    (o, 40, 560, 150, 46, 0.5),
                    (p, 420, 280, 240, 60, 0.3),
                    (s, 250, 330, 300, 26, 0.8),
                )
            ),
        ),
        Scene(
            "comes in and goes",
            tree,
            250,
            (Head(s, _line(700, -70), _wave(170, 40, 1), _still(90)),),
            mirrored=True,
        ),
        Scene(
            "flashes",
            tree,
            160,
            (Head(o, _line(480, 160), _still(170), _still(48)),),
            flash=(20, 44, 45, 46, 80),
            mirrored=True,
        ),
    ]


def _held_out() -> list[Scene]:
    b, o, p, s = "biden.jpg", "obama.jpg", "obama3.jpg", "32bit.png"
    tree, street = "tree.avi", "vtest.avi"
    small = [
        Scene(
            f"walks, {size} px",
            tree,
            330,
            (Head(face, _wave(310, 240, 0.6, 0.1 * number), _wave(170, 50, 1.9, 0.4), _still(size)),),
        )
        for number, (size, face) in enumerate(
            ((12, s), (15, o), (22, b), (40, p), (80, s), (140, b), (200, p))
        )
    ]

    def one(name: str, ground: str, first: int, *heads: Head, **more: Any) -> Scene:
        return Scene(name, ground, first, heads, **more)

    return [
        *small,
        one("goes away", street, 420, Head(o, _line(120, 520), _wave(190, 30, 0.8), _line(180, 13))),
        one(
            "turns away and back",
            street,
            450,
            Head(b, _line(200, 420), _still(160), _still(66), yaw=_wave(0, 170, 1.0)),
        ),
        one(
            "turns quickly",
            tree,
            340,
            Head(s, _wave(300, 120, 1.2), _still(190), _still(58), yaw=_wave(20, 120, 2.6)),
        ),
        one(
            "looks about",
            street,
            480,
            Head(
                o,
                _wave(320, 160, 0.9, 0.6),
                _wave(170, 40, 1.5),
                _still(46),
                yaw=_wave(-15, 60, 2.1),
                tilt=_wave(5, 28, 2.7),
            ),
        ),
        one(
            "goes behind",
            tree,
            344,
            Head(p, _line(590, 60), _wave(170, 25, 1.3), _still(52)),
            bars=((_still(330), 80.0), (_still(120), 60.0)),
        ),
        one(
            "is passed by",
            street,
            500,
            Head(s, _wave(300, 50, 1.1), _still(170), _still(72)),
            bars=((_line(700, -220), 120.0),),
        ),
        one(
            "blurred",
            street,
            430,
            Head(b, _wave(310, 200, 2.2, 0.2), _wave(180, 60, 1.8), _still(54), blur=_wave(0.07, 0.07, 2)),
        ),
        one(
            "cuts",
            street,
            400,
            Head(p, _jump(320, 210, 2.1, 4.0, 9), _jump(170, 70, 2.6, -2.0, 9), _still(56)),
            cuts=9,
        ),
        one(
            "shakes",
            tree,
            335,
            Head(o, _wave(320, 60, 11, 0.3), _wave(180, 40, 13), _still(60)),
        ),
        one(
            "several",
            tree,
            338,
            *(
                Head(face, _line(x, e), _wave(y, 28, 1.6, k), _still(z))
                for face, x, e, y, z, k in (
                    (p, 60, 560, 90, 38, 0.2),
                    (s, 600, 120, 170, 30, 0.6),
                    (b, 200, 420, 250, 50, 0.1),
                    (o, 380, 300, 310, 24, 0.9),
                )
            ),
        ),
        one(
            "comes in and goes",
            street,
            440,
            Head(b, _wave(320, 460, 0.5, -0.25), _wave(180, 30, 1), _still(76)),
        ),
        one(
            "flashes", street, 470, Head(p, _line(140, 500), _still(175), _still(44)), flash=(15, 37, 38, 66)
        ),
    ]
