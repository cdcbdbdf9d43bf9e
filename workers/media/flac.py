"""Sound as FLAC: one channel of 16 bits, sample for sample, and nothing beside the samples.

FFmpeg's encoder writes who made a file and leaves room for tags. Of what it writes, the header that says how
the samples are laid out and the samples themselves are kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import IO, BinaryIO

import av
import numpy as np
import numpy.typing as npt

from workers.media.sound import RATE

MEDIA_TYPE = "audio/flac"
PIECE = 1 << 20
_LAYOUT, _LAST = 0, 0x80  # a block's type, and the mark of the last one (RFC 9639, section 8)


def write(blocks: Iterable[npt.NDArray[np.int16]], out: BinaryIO) -> None:
    """Writes samples, [samples] a block, to `out`. The same samples give the same bytes."""
    with tempfile.TemporaryFile() as whole:
        _encode(blocks, whole)
        whole.seek(0)
        _strip(whole, out)


def _encode(blocks: Iterable[npt.NDArray[np.int16]], whole: IO[bytes]) -> None:
    with av.open(whole, "w", format="flac", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.layout = "mono"
        stream.format = "s16"
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(block[np.newaxis, :], format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _strip(whole: IO[bytes], out: BinaryIO) -> None:
    out.write(whole.read(4))
    last = False
    while not last:
        head = whole.read(4)
        content = whole.read(int.from_bytes(head[1:], "big"))
        last = bool(head[0] & _LAST)
        if head[0] & ~_LAST == _LAYOUT:
            out.write(bytes([_LAYOUT | _LAST]) + head[1:] + content)
    while piece := whole.read(PIECE):
        out.write(piece)
