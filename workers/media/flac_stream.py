"""FLAC of one channel, as a stream: a piece of it is in memory at a time, and none of it on a disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av
import numpy as np

from workers.media.sound import RATE, Samples

_TOTAL = slice(18, 26)
"""In the first bytes: rate, channels and bits a sample, in the low 36 bits all samples (RFC 9639, 8.2)."""


def flac(blocks: Iterable[Samples], samples: int) -> Iterator[bytes]:
    """16 bits a sample, without tags. `samples` says how many come in all: players seek by that.

    A stream can't be gone back in, as FFmpeg does to write their number once it knows it.
    """
    pieces = _Pieces()
    with av.open(pieces, "w", format="flac", options={"fflags": "bitexact"}) as file:
        stream = file.add_stream("flac", rate=RATE, layout="mono", format="s16")
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for block in blocks:
            whole = np.clip(np.rint(block * 32767), -32768, 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(whole[np.newaxis, :], format="s16", layout="mono")
            frame.sample_rate = RATE
            file.mux(stream.encode(frame))
            if len(pieces):
                yield pieces.taken(samples)
        file.mux(stream.encode(None))
    yield pieces.taken(samples)


class _Pieces:
    """A stream that is written on and taken from. The first piece is told how many samples there are."""

    def __init__(self) -> None:
        self._written, self._begun = bytearray(), False

    def __len__(self) -> int:
        return len(self._written)

    def write(self, content: bytes) -> int:
        self._written += content
        return len(content)

    def taken(self, samples: int) -> bytes:
        if not self._begun:
            fields = int.from_bytes(self._written[_TOTAL], "big") >> 36 << 36 | samples
            self._written[_TOTAL] = fields.to_bytes(8, "big")
            self._begun = True
        piece, self._written = bytes(self._written), bytearray()
        return piece
