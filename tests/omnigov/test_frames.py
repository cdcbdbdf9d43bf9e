"""A sealed stream: any range opens from its offset, and nothing is changed, moved or cut off unseen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnigov import frames
from omnigov.frames import FRAME, HEADER, TAG, FramesDamaged, opened, sealed

KEY = bytes(range(32))
BOUND = b"asset/run/token/redacted"
CONTENT = os.urandom(3 * FRAME + 1000)
SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 17 * FRAME + 5]


def seal(content: bytes, bound: bytes = BOUND) -> bytes:
    return b"".join(sealed([content], key=KEY, bound=bound))


def read_of(file: bytes) -> Callable[[int, int], bytes]:
    return lambda start, length: file[start : start + length]


def whole(file: bytes, size: int, *, bound: bytes = BOUND, key: bytes = KEY) -> bytes:
    return b"".join(opened(read_of(file), key=key, bound=bound, size=size, end=size))


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(size: int) -> None:
    content = os.urandom(size)
    file = seal(content)
    assert len(file) == frames.sealed_size(size)
    assert whole(file, size) == content


@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT) + 10), st.integers(1, 70_000))
@settings(max_examples=60, deadline=None)
def test_any_range_however_it_was_written(start: int, end: int, step: int) -> None:
    pieces = (CONTENT[at : at + step] for at in range(0, len(CONTENT), step))
    file = b"".join(sealed(pieces, key=KEY, bound=BOUND))
    some = opened(read_of(file), key=KEY, bound=BOUND, size=len(CONTENT), start=start, end=end)
    assert b"".join(some) == CONTENT[start:end]


def test_a_range_is_found_without_what_lies_before_it() -> None:
    file, asked = seal(CONTENT), []

    def read(start: int, length: int) -> bytes:
        asked.append((start, length))
        return file[start : start + length]

    at = 2 * FRAME + 10
    part = opened(read, key=KEY, bound=BOUND, size=len(CONTENT), start=at, end=at + 5)
    assert next(part) == CONTENT[at : at + 5]
    assert asked[0] == (0, HEADER)
    assert [start for start, _ in asked[1:]] == [HEADER + 2 * (FRAME + TAG)]


def _cut(count: int) -> Callable[[bytes], bytes]:
    return lambda file: file[: HEADER + count * (FRAME + TAG)]


def _swapped(file: bytes) -> bytes:
    step = FRAME + TAG
    first, second = file[HEADER : HEADER + step], file[HEADER + step : HEADER + 2 * step]
    return file[:HEADER] + second + first + file[HEADER + 2 * step :]


@pytest.mark.parametrize("change", [_cut(1), _cut(3), _swapped, lambda file: file[:-1], lambda file: b""])
def test_what_is_cut_off_or_moved_does_not_open(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FramesDamaged):
        whole(change(seal(CONTENT)), len(CONTENT))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_stream_cut_at_a_frame_does_not_pass_for_a_shorter_one(count: int) -> None:
    with pytest.raises(FramesDamaged):
        whole(_cut(count)(seal(CONTENT)), count * FRAME)


@pytest.mark.parametrize("place", [0, 10, HEADER, HEADER + 5, HEADER + FRAME + TAG, -1])
def test_a_changed_bit_is_found(place: int) -> None:
    file = bytearray(seal(CONTENT))
    file[place] ^= 1
    with pytest.raises(FramesDamaged):
        whole(bytes(file), len(CONTENT))


def test_it_opens_as_what_it_was_sealed_as_and_as_nothing_else() -> None:
    file = seal(CONTENT)
    for wrong in (
        partial(whole, file, len(CONTENT), bound=b"asset/run/token/heat_map"),
        partial(whole, file, len(CONTENT), key=bytes(32)),
        partial(whole, seal(b"", BOUND + b"x"), 0),
    ):
        with pytest.raises(FramesDamaged):
            wrong()


def test_two_files_of_the_same_content_share_nothing() -> None:
    first, second = seal(CONTENT)[HEADER:], seal(CONTENT)[HEADER:]
    assert first[: FRAME + TAG] != second[: FRAME + TAG]


def test_a_stream_is_sealed_as_it_comes() -> None:
    taken = 0

    def large() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield bytes(FRAME)

    file = sealed(large(), key=KEY, bound=BOUND)
    for _ in range(4):
        next(file)
    assert taken <= 5
