"""How this process keeps the memory that networks take and free.

glibc asks the system for each large piece anew and gives it back at once. A network takes some dozens of tens
of megabytes a picture, and the system blanks each page of them every time: a third of CenterFace's time, a
fifth of the text finder's. So what was freed is kept for the next layer, up to a bound.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import NamedTuple

MIB = 1024 * 1024


class Kept(NamedTuple):
    """Bytes from which glibc does something else."""

    piece: int  # asked of the system by itself, and given back at once
    at_end: int  # of freed memory at the heap's end, that goes back
    ahead: int  # that the heap grows by at least


MUCH = Kept(piece=128 * MIB, at_end=1024 * MIB, ahead=64 * MIB)
"""A page's text finder takes a gigabyte: with less kept, a third of it was blanked anew within each pass."""

LITTLE = Kept(piece=32 * MIB, at_end=64 * MIB, ahead=MIB)
"""What glibc comes to by itself. Of a picture of twelve megapixels MUCH keeps half a gigabyte in pieces."""

# Of glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8


def keep(kept: Kept) -> bool:
    """What is freed in this process is kept so far from now on; False where the C library is not glibc.

    One heap for all threads: each other one ends at 64 MiB, and what is larger would be asked for anew there.
    """
    set_option = _of_glibc("mallopt")
    if set_option is None:
        return False
    options = {
        _ARENA_MAX: 1,
        _MMAP_THRESHOLD: kept.piece,
        _TRIM_THRESHOLD: kept.at_end,
        _TOP_PAD: kept.ahead,
    }
    return all([set_option(option, value) for option, value in options.items()])  # noqa: C419 - each is set


def give_back() -> None:
    """Gives all memory that was freed back to the system.

    It is kept in pieces that the next picture, of another size, does not fit into: a third of a gigabyte
    after a few large ones.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


@functools.cache
def _of_glibc(name: str) -> Callable[..., int] | None:
    """One of glibc's functions; other C libraries have neither, and keep less."""
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
    return found
