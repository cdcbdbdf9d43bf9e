"""Reads a network from a TensorFlow Lite file: its tensors and its steps, and nothing is run.

The file is a FlatBuffer: a table begins with the distance to its vtable, which says for each field how far
into the table it lies; vectors and strings begin with their length. Field numbers, operators and types are
those of TensorFlow Lite's schema (`schema.fbs`, version 3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MARK = b"TFL3"
OPERATORS = {0: "add", 2: "join", 3: "conv", 4: "depthwise", 6: "widen", 22: "reshape"}
"""`BuiltinOperator`, as far as it is read; widen: float16 to float32."""
_TYPES: dict[int, npt.DTypeLike] = {0: np.float32, 1: np.float16, 2: np.int32}
_RELU6 = 3  # `ActivationFunctionType`


@dataclass(frozen=True)
class Step:
    """One operator. Inputs and output are numbers of tensors."""

    kind: str
    inputs: tuple[int, ...]
    output: int
    stride: int = 1
    same: bool = False  # whether borders are filled so that no place is left out
    relu6: bool = False


@dataclass(frozen=True)
class Network:
    """`constants` are the weights by their tensors' numbers, as they are stored."""

    steps: tuple[Step, ...]
    constants: dict[int, npt.NDArray[Any]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class _Table:
    def __init__(self, content: bytes, at: int) -> None:
        self.content, self.at = content, at
        self.vtable = at - _number(content, "<i", at)

    def place(self, field: int) -> int:
        """Where a field lies; 0 where it is left out."""
        entry = 4 + 2 * field
        if entry >= _number(self.content, "<H", self.vtable):
            return 0
        offset = _number(self.content, "<H", self.vtable + entry)
        return self.at + offset if offset else 0

    def number(self, field: int, form: str, default: int = 0) -> int:
        place = self.place(field)
        return _number(self.content, form, place) if place else default

    def table(self, field: int) -> _Table | None:
        place = self.place(field)
        return _Table(self.content, place + _number(self.content, "<I", place)) if place else None

    def vector(self, field: int) -> tuple[int, int]:
        """Where its first element lies, and how many there are."""
        place = self.place(field)
        if not place:
            return 0, 0
        start = place + _number(self.content, "<I", place)
        return start + 4, _number(self.content, "<I", start)

    def tables(self, field: int) -> list[_Table]:
        start, count = self.vector(field)
        places = range(start, start + 4 * count, 4)
        return [_Table(self.content, place + _number(self.content, "<I", place)) for place in places]

    def numbers(self, field: int) -> tuple[int, ...]:
        start, count = self.vector(field)
        return tuple(np.frombuffer(self.content, "<i4", count, start).tolist()) if count else ()


def _number(content: bytes, form: str, place: int) -> int:
    found: int = struct.unpack_from(form, content, place)[0]
    return found


def read(content: bytes) -> Network:
    """Raises `ValueError` where it is no such file, or has an operator that is not read."""
    if content[4:8] != MARK:
        raise ValueError("the file is no TensorFlow Lite network")
    model = _Table(content, _number(content, "<I", 0))
    (graph,) = model.tables(2)
    buffers = [buffer.vector(0) for buffer in model.tables(4)]
    codes = [max(code.number(0, "<b"), code.number(3, "<i")) for code in model.tables(1)]
    constants = {}
    for number, tensor in enumerate(graph.tables(0)):
        start, length = buffers[tensor.number(2, "<I")]
        if length:
            kind = _TYPES.get(tensor.number(1, "<b"))
            if kind is None:
                raise ValueError(f"tensor {number} is of a type that is not read")
            flat = np.frombuffer(content, np.dtype(kind), length // np.dtype(kind).itemsize, start)
            constants[number] = flat.reshape(tensor.numbers(0))
    steps = []
    for operator in graph.tables(3):
        code = codes[operator.number(0, "<I")]
        if code not in OPERATORS:
            raise ValueError(f"the operator {code} is not read")
        steps.append(_step(OPERATORS[code], operator))
    return Network(tuple(steps), constants, graph.numbers(1), graph.numbers(2))


def _step(kind: str, operator: _Table) -> Step:
    inputs, (output,) = operator.numbers(1), operator.numbers(2)
    options = operator.table(4)
    if options is None or kind not in ("conv", "depthwise", "add"):
        return Step(kind, inputs, output)
    if kind == "add":
        return Step(kind, inputs, output, relu6=options.number(0, "<b") == _RELU6)
    across, down = options.number(1, "<i", 1), options.number(2, "<i", 1)
    dilated = options.number(4 if kind == "conv" else 5, "<i", 1)
    if across != down or dilated != 1:
        raise ValueError("a convolution has strides that differ, or gaps")
    return Step(
        kind,
        inputs,
        output,
        stride=across,
        same=options.number(0, "<b") == 0,
        relu6=options.number(3 if kind == "conv" else 4, "<b") == _RELU6,
    )
