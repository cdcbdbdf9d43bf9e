"""The vision tower EfficientNet-Lite0: a picture becomes a grid of feature vectors.

Architecture: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (ICML
2019), in the *Lite* form of the TensorFlow TPU repository (no squeeze-and-excite, ReLU6 for swish, stem and
head not scaled). The weight file names its tensors as the lukemelas port does; `load_efficientnet` maps
those names onto ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

BATCH_NORM_EPSILON = 1e-3  # the TensorFlow models' value; torch's own default is 1e-5


@dataclass(frozen=True)
class StageShape:
    """One stage of inverted-bottleneck blocks, as in table 1 of the paper."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    width: int


LITE0_STAGES = (
    StageShape(1, 3, 1, 1, 16),
    StageShape(2, 3, 2, 6, 24),
    StageShape(2, 5, 2, 6, 40),
    StageShape(3, 3, 2, 6, 80),
    StageShape(3, 5, 1, 6, 112),
    StageShape(4, 5, 2, 6, 192),
    StageShape(1, 3, 1, 6, 320),
)

LEVELS = (4, 10, 14)
"""Blocks whose features are kept for who asks for levels: the last at strides of 8 and 16, and one at 32."""


class SamePadConvolution(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME": when the padding is odd, right and bottom get the more.

    The weights were trained with it; torch's symmetric padding shifts every feature by half a pixel.
    """

    def forward(self, inputs: Tensor) -> Tensor:  # [batch, channels, height, width]
        kernel, stride = self.kernel_size[0], self.stride[0]
        height, width = inputs.shape[-2:]
        down = max((-(-height // stride) - 1) * stride + kernel - height, 0)
        across = max((-(-width // stride) - 1) * stride + kernel - width, 0)
        if down % 2 == 0 and across % 2 == 0:
            return functional.conv2d(
                inputs,
                self.weight,
                self.bias,
                self.stride,
                (down // 2, across // 2),
                self.dilation,
                self.groups,
            )
        padded = functional.pad(inputs, (across // 2, across - across // 2, down // 2, down - down // 2))
        return functional.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def convolution(
    inside: int, outside: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Convolution and batch norm, named `0` and `1`."""
    return nn.Sequential(
        SamePadConvolution(inside, outside, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outside, eps=BATCH_NORM_EPSILON),
    )


class InvertedBottleneck(nn.Module):
    """Widen, filter each channel by itself, narrow; with a way around where the shape stays."""

    def __init__(self, inside: int, shape: StageShape, stride: int) -> None:
        super().__init__()
        wide = inside * shape.expand
        self.expand = convolution(inside, wide) if shape.expand > 1 else None
        self.depthwise = convolution(wide, wide, shape.kernel, stride, groups=wide)
        self.project = convolution(wide, shape.width)
        self.residual = stride == 1 and inside == shape.width

    def forward(
        self, inputs: Tensor
    ) -> Tensor:  # [batch, inside, h, w] -> [batch, width, h/stride, w/stride]
        hidden = inputs if self.expand is None else functional.relu6(self.expand(inputs))
        hidden = functional.relu6(self.depthwise(hidden))
        hidden = self.project(hidden)
        result: Tensor = inputs + hidden if self.residual else hidden
        return result


class EfficientNetLite(nn.Module):
    """Pixels in −1 … 1 to one feature vector a patch; the classifier is left out."""

    def __init__(
        self, stages: tuple[StageShape, ...] = LITE0_STAGES, stem: int = 32, head: int = 1280
    ) -> None:
        super().__init__()
        self.stem = convolution(3, stem, kernel=3, stride=2)
        blocks, inside = [], stem
        for shape in stages:
            for repeat in range(shape.repeats):
                blocks.append(InvertedBottleneck(inside, shape, shape.stride if repeat == 0 else 1))
                inside = shape.width
        self.blocks = nn.ModuleList(blocks)
        self.head = convolution(inside, head)
        self.width = head

    def forward(self, pixels: Tensor) -> Tensor:
        """[batch, 3, side, side] -> [batch, (side / 32)², width], patches row by row."""
        return self._levels(pixels)[-1].flatten(2).transpose(1, 2)

    def levels(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """[batch, 3, side, side] -> at strides of 8, 16 and 32, and the last: [batch, places, width]."""
        return tuple(level.flatten(2).transpose(1, 2) for level in self._levels(pixels))

    def _levels(self, pixels: Tensor) -> list[Tensor]:
        hidden = functional.relu6(self.stem(pixels))  # [batch, stem, side/2, side/2]
        found = []
        for number, block in enumerate(self.blocks):
            hidden = block(hidden)
            if number in LEVELS:
                found.append(hidden)
        found.append(functional.relu6(self.head(hidden)))  # [batch, width, side/32, side/32]
        return found

    def fold_batch_norms(self) -> EfficientNetLite:
        """Put each batch norm into the convolution before it: the same function, about a third faster.

        Needs `eval()`. Afterwards the tower cannot be trained, which it never is here.
        """
        for module in [self, *self.blocks]:
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Sequential):
                    weights, norm = cast(nn.Conv2d, child[0]), cast(nn.BatchNorm2d, child[1])
                    setattr(module, name, fuse_conv_bn_eval(weights, norm))
        return self


_NAMES = (
    (r"^_conv_stem\.", "stem.0."),
    (r"^_bn0\.", "stem.1."),
    (r"^_conv_head\.", "head.0."),
    (r"^_bn1\.", "head.1."),
    (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.0."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.1."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.0."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.1."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.0."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.1."),
)


def load_efficientnet(file: Path) -> EfficientNetLite:
    """EfficientNet-Lite0 with the ImageNet weights of `efficientnet-lite0-57934424.pth`, ready to infer.

    Raises RuntimeError when a tensor of the file is missing or has another shape.
    """
    stored: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    ours = {}
    for theirs, tensor in stored.items():
        if theirs.startswith("_fc."):
            continue  # The ImageNet classifier: the language model takes its place.
        name = theirs
        for pattern, replacement in _NAMES:
            name = re.sub(pattern, replacement, name)
        ours[name] = tensor
    tower = EfficientNetLite()
    tower.load_state_dict(ours)
    return tower.eval().requires_grad_(False).fold_batch_norms()
