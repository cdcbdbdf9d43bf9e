"""A small network as an ONNX graph, layer by layer from its weights: redaction runs it without torch.

onnxruntime runs it in the same way as the networks that come as ONNX files. torch would be loaded for it by
each process that redacts: seconds, and a fifth of a gigabyte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR = 9  # the version of the file's form that goes with it

Weights = Mapping[str, npt.NDArray[Any]]  # by the names that torch gives them: `conv1.weight`


class Graph:
    """A graph that grows: each layer takes the name of what enters it, and gives that of what leaves it."""

    entering = "entering"

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def layer(self, kind: str, *entering: str, **how: Any) -> str:
        """A layer of any kind that ONNX knows (its operators' reference says which, and what says how)."""
        leaving = f"leaving_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(entering), [leaving], **how))
        return leaving

    def weight(self, name: str, shape: Sequence[int] | None = None) -> str:
        """A weight as a layer takes it. Raises `KeyError` where there is none."""
        values = np.asarray(self._weights[name], np.float32)
        return self.constant(name, values if shape is None else values.reshape(shape))

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self._constants[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def convolution(self, entering: str, name: str, *, stride: int = 1, padding: Sequence[int] = ()) -> str:
        """`padding` at each side of each axis: the beginnings first, then the ends."""
        how: dict[str, Any] = {"pads": list(padding)} if padding else {}
        if stride > 1:
            how["strides"] = [stride] * (self._weights[f"{name}.weight"].ndim - 2)
        biases = [self.weight(f"{name}.bias")] if f"{name}.bias" in self._weights else []
        return self.layer("Conv", entering, self.weight(f"{name}.weight"), *biases, **how)

    def dense(self, entering: str, name: str) -> str:
        """[n, in] to [n, out]."""
        return self.layer(
            "Gemm", entering, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), transB=1
        )

    def normal(self, entering: str, name: str) -> str:
        """Batch normalisation with the mean and variance that were learned."""
        parts = (self.weight(f"{name}.{part}") for part in ("weight", "bias", "running_mean", "running_var"))
        return self.layer("BatchNormalization", entering, *parts, epsilon=1e-5)

    def bytes(self, shape: Sequence[int | str], *leaving: str) -> bytes:
        """The graph as a file; `shape` of what enters, where a name stands for any length."""
        model = helper.make_model(
            helper.make_graph(
                self._nodes,
                "network",
                [helper.make_tensor_value_info(self.entering, TensorProto.FLOAT, list(shape))],
                [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in leaving],
                list(self._constants.values()),
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        model.ir_version = IR
        return bytes(model.SerializeToString())
