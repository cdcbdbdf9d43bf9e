"""A network out of a FlatBuffer that is written here by hand, and the refusals of what is not read."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from safetensors import safe_open

from workers.weights import convert, tflite

WEIGHT = np.arange(2 * 3 * 3 * 3, dtype=np.float16).reshape(2, 3, 3, 3)  # out, height, width, in
BIAS = np.array([0.5, -0.5], np.float16)


def network(*, code: int = 3, dilation: int = 1) -> bytes:
    """A picture of 3 channels, its weights widened, one convolution with stride 2."""
    build = flatbuffers.Builder(1024)

    def numbers(values: tuple[int, ...]) -> int:
        return build.CreateNumpyVector(np.array(values, np.int32))

    def tables(offsets: list[int]) -> int:
        build.StartVector(4, len(offsets), 4)
        for each in reversed(offsets):
            build.PrependUOffsetTRelative(each)
        return build.EndVector()

    def table(fields: int, *set_: tuple[int, str, int]) -> int:
        build.StartObject(fields)
        for number, kind, value in set_:
            getattr(build, f"Prepend{kind}Slot")(number, value, 0)
        return build.EndObject()

    def tensor(shape: tuple[int, ...], kind: int, buffer: int) -> int:
        where = numbers(shape)
        return table(4, (0, "UOffsetTRelative", where), (1, "Int8", kind), (2, "Uint32", buffer))

    def operator(code: int, inputs: tuple[int, ...], output: int, options: int = 0) -> int:
        given, made = numbers(inputs), numbers((output,))
        return table(
            5,
            (0, "Uint32", code),
            (1, "UOffsetTRelative", given),
            (2, "UOffsetTRelative", made),
            (4, "UOffsetTRelative", options),
        )

    data = [build.CreateNumpyVector(np.frombuffer(each.tobytes(), np.uint8)) for each in (WEIGHT, BIAS)]
    buffers = tables([table(1), *(table(1, (0, "UOffsetTRelative", each)) for each in data)])
    shapes = [((1, 5, 5, 3), 0, 0), (WEIGHT.shape, 1, 1), (BIAS.shape, 1, 2)]
    shapes += [(WEIGHT.shape, 0, 0), (BIAS.shape, 0, 0), ((1, 3, 3, 2), 0, 0)]
    tensors = tables([tensor(*each) for each in shapes])
    options = table(
        6, (1, "Int32", 2), (2, "Int32", 2), (3, "Int8", 3), (4, "Int32", dilation), (5, "Int32", dilation)
    )
    steps = [operator(0, (1,), 3), operator(0, (2,), 4), operator(1, (0, 3, 4), 5, options)]
    made = tables(steps)
    graph = table(
        4,
        (0, "UOffsetTRelative", tensors),
        (1, "UOffsetTRelative", numbers((0,))),
        (2, "UOffsetTRelative", numbers((5,))),
        (3, "UOffsetTRelative", made),
    )
    graphs = tables([graph])
    codes = tables([table(4, (0, "Int8", 6)), table(4, (0, "Int8", code), (3, "Int32", code))])
    model = table(
        5,
        (0, "Uint32", 3),
        (1, "UOffsetTRelative", codes),
        (2, "UOffsetTRelative", graphs),
        (4, "UOffsetTRelative", buffers),
    )
    build.Finish(model, file_identifier=tflite.MARK)
    return bytes(build.Output())


def test_steps_and_weights_are_read() -> None:
    found = tflite.read(network())
    assert [step.kind for step in found.steps] == ["widen", "widen", "conv"]
    conv = found.steps[2]
    assert (conv.inputs, conv.output, conv.stride, conv.same, conv.relu6) == ((0, 3, 4), 5, 2, True, True)
    assert np.array_equal(found.constants[1], WEIGHT)
    assert np.array_equal(found.constants[2], BIAS)
    assert (found.inputs, found.outputs) == ((0,), (5,))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\0\0\0\0GGUF" + bytes(20), "no TensorFlow Lite network"),
        (network(code=99), "the operator 99 is not read"),
        (network(dilation=2), "strides that differ, or gaps"),
    ],
)
def test_what_is_not_read_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        tflite.read(content)


def test_packed_assets_become_weights_in_torchs_order(tmp_path: Path) -> None:
    packed = tmp_path / "packed.data"
    packed.write_bytes(b"???\nBicycle\nPerson\n" + network())
    convert.objects(packed, tmp_path)
    with safe_open(tmp_path / "objects.safetensors", framework="numpy") as stored:
        told = stored.metadata()
        assert np.array_equal(stored.get_tensor("5.weight"), WEIGHT.transpose(0, 3, 1, 2))
        assert np.array_equal(stored.get_tensor("5.bias"), BIAS)
    assert list(told) == ["network"]  # of several the order in the file is another each time
    network_told = json.loads(told["network"])
    assert network_told["classes"] == ["???", "Bicycle", "Person"]
    (step,) = network_told["steps"]
    assert step == {"kind": "conv", "inputs": [0], "output": 5, "stride": 2, "same": True, "relu6": True}
    packed.write_bytes(struct.pack("<I", 5))
    with pytest.raises(ValueError, match="holds no detector of objects"):
        convert.objects(packed, tmp_path)
