"""Clips made here, a few frames long: what is seen in them, when, and in which container."""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from workers.redaction.core import known_answers

Pixels = npt.NDArray[np.uint8]


def moving(count: int, width: int = 160, height: int = 96) -> list[Pixels]:
    """Frames in which a patch of bright and dark spots goes from left to right over an uneven ground."""
    spots = np.random.default_rng(5).integers(60, 255, (6, 6, 3)).astype(np.uint8)
    patch = np.kron(spots, np.ones((5, 4, 1), np.uint8))
    ground = np.add.outer(np.arange(height) * 2 % 97, np.arange(width) % 61).astype(np.uint8)
    frames = []
    for number in range(count):
        frame = np.repeat((ground + 40)[:, :, None], 3, axis=2)
        left = 10 + number * 2
        frame[30:60, left : left + 24] = patch
        frames.append(frame)
    return frames


def with_face(
    count: int, width: int = 320, height: int = 240, *, seen: Iterable[int] | None = None, start: int = 20
) -> tuple[list[Pixels], list[tuple[int, int, int, int]]]:
    """Frames in which a known face moves to the right, and where it is in each: left, top, right, bottom.

    In the frames that are not `seen` it has been turned away, within some: the same head without a face.
    """
    face = known_answers.face()
    high, wide = face.shape[:2]
    head = np.asarray(np.broadcast_to(face.mean(axis=(0, 1)), face.shape), np.uint8).copy()
    head[::7] -= 20
    head[:, ::9] -= 20
    shown = set(range(count) if seen is None else seen)
    ground = np.random.default_rng(3).integers(90, 150, (height // 8, width // 8, 3)).astype(np.uint8)
    ground = np.kron(ground, np.ones((8, 8, 1), np.uint8))
    frames, places = [], []
    for number in range(count):
        frame = ground.copy()
        left, top = start + number * 3, 60
        # Within some frames it turns.
        away = min((abs(number - other) for other in shown), default=9)
        share = max(0.0, 1 - away / 6)
        frame[top : top + high, left : left + wide] = np.rint(share * face + (1 - share) * head)
        frames.append(frame)
        places.append((left, top, left + wide, top + high))
    return frames, places


def clip(
    frames: Sequence[Pixels],
    *,
    container: str = "mp4",
    codec: str = "libx264",
    rate: int = 25,
    times: Sequence[int] | None = None,
    sound: npt.NDArray[np.float32] | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """The frames as a file. `times` are milliseconds; `sound` is one channel or two of 48,000 a second."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as whole:
        stream = whole.add_stream(codec, rate=rate, options=options or {})
        height, width = frames[0].shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if times is not None:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        heard = None
        if sound is not None:
            heard = whole.add_stream(
                "aac" if container in ("mp4", "mov", "matroska") else "pcm_s16le", rate=48_000
            )
            heard.layout = "stereo" if sound.ndim == 2 else "mono"
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            whole.mux(stream.encode(frame))
        whole.mux(stream.encode(None))
        if heard is not None and sound is not None:
            whole_numbers = np.clip(sound * 32767, -32768, 32767).astype(np.int16)
            piece = av.AudioFrame.from_ndarray(
                whole_numbers.T.reshape(1, -1), format="s16", layout="stereo" if sound.ndim == 2 else "mono"
            )
            piece.sample_rate = 48_000
            whole.mux(heard.encode(piece))
            whole.mux(heard.encode(None))
    return out.getvalue()


def tone(seconds: float) -> npt.NDArray[np.float32]:
    """A tone of 440 Hz, 48,000 samples a second."""
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(48_000 * seconds)) / 48_000)).astype(np.float32)


def turned(content: bytes, degrees: int) -> bytes:
    """The clip as a telephone writes it that was held otherwise: to be shown turned anticlockwise."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.mp4", Path(folder) / "made.mp4"
        given.write_bytes(content)
        tag = f"rotate={degrees}"
        command = ["ffmpeg", "-v", "error", "-i", given, "-c", "copy", "-metadata:s:v:0", tag, made]
        subprocess.run(command, check=True)
        return made.read_bytes()


def laden(content: bytes, said: str, subtitles: int = 10) -> bytes:
    """The clip in Matroska with subtitles, an attachment, a chapter and tags that all say something."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.mp4", Path(folder) / "made.mkv"
        given.write_bytes(content)
        texts, note, chapters = (Path(folder) / name for name in ("texts.srt", "note.txt", "chapters.txt"))
        texts.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{said}\n")
        note.write_text(said)
        chapters.write_text(f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=100\ntitle={said}\n")
        command = ["ffmpeg", "-v", "error", "-i", given, "-i", texts, "-i", chapters, "-map", "0"]
        command += ["-map", "1"] * subtitles + ["-map_chapters", "2", "-metadata", f"title={said}"]
        command += ["-attach", note, "-metadata:s:t", "mimetype=text/plain", "-c", "copy", made]
        subprocess.run(command, check=True)
        return made.read_bytes()
