"""One step of a stream in a thread of its own, some pieces ahead: decoding and encoding overlap."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

Piece = TypeVar("Piece")
FEW = 8  # pieces that are in memory beside the one that is worked on


def ahead(pieces: Iterable[Piece], few: int = FEW) -> Generator[Piece]:
    """The pieces, made in a thread while others are worked on. What stops their making is raised here."""
    waiting: queue.Queue[tuple[Piece | None, BaseException | None]] = queue.Queue(few)
    stopped = threading.Event()

    def make() -> None:
        said: BaseException | None = None
        try:
            for piece in pieces:
                if not _put(waiting, (piece, None), stopped):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the pieces are taken
            said = error
        _put(waiting, (None, said), stopped)

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            piece, error = waiting.get()
            if error is not None:
                raise error
            if piece is None:
                return
            yield piece
    finally:
        stopped.set()
        thread.join()


def _put(
    waiting: queue.Queue[tuple[Piece | None, BaseException | None]],
    one: tuple[Piece | None, BaseException | None],
    stopped: threading.Event,
) -> bool:
    """Whether it was taken in before the pieces were wanted no more."""
    while not stopped.is_set():
        try:
            waiting.put(one, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
