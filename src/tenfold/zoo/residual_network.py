"""A small residual network: the form of He et al. for CIFAR-10 with one block in each of three stages."""

from __future__ import annotations

from tenfold.nn import BatchNorm, Conv2d, Dense, GlobalAvgPool2d, ReLU, Residual, Sequential
from tenfold.nn.layer import Layer

WIDTHS = (16, 32, 64)  # channels of the three stages, each half as high and wide as the one before


def residual_network(classes: int, input_shape: tuple[int, int, int]) -> Sequential:
    """Return the network: 6n + 2 layers with n = 1, as in section 4.2 of the paper.

    Each stage has one block of two 3 x 3 convolutions. The second and the third stage begin with stride 2,
    and their shortcut is a 1 x 1 convolution (option B of the paper; on CIFAR-10 the authors pad instead).

    References
    ----------
    K. He et al., "Deep Residual Learning for Image Recognition" (arXiv:1512.03385), section 4.2.
    """
    h, w, c = input_shape
    layers: dict[str, Layer] = {
        "conv1": Conv2d(c, WIDTHS[0], 3, padding=1, weight_init="he_normal"),  # (n, h, w, 16)
        "norm1": BatchNorm(WIDTHS[0]),
        "relu1": ReLU(),
    }
    shape: tuple[int, ...] = (h, w, WIDTHS[0])
    for i, width in enumerate(WIDTHS, start=1):
        block = residual_block(shape, width, stride=1 if i == 1 else 2)
        layers |= {f"stage{i}": block, f"relu{i + 1}": ReLU()}
        shape = block.output_shape(shape)
    layers |= {"pool": GlobalAvgPool2d(), "fc": Dense(WIDTHS[-1], classes)}
    return Sequential(layers, input_shape)


def residual_block(shape: tuple[int, ...], width: int, stride: int) -> Residual:
    """Return two 3 x 3 convolutions and their shortcut; the ReLU of the sum comes behind it."""
    c = shape[2]
    block: dict[str, Layer] = {
        "conv1": Conv2d(c, width, 3, stride=stride, padding=1, weight_init="he_normal"),
        "norm1": BatchNorm(width),
        "relu": ReLU(),
        "conv2": Conv2d(width, width, 3, padding=1, weight_init="he_normal"),
        "norm2": BatchNorm(width),
    }
    if stride == 1 and c == width:
        return Residual(Sequential(block, shape))
    shortcut: dict[str, Layer] = {
        "conv": Conv2d(c, width, 1, stride=stride, weight_init="he_normal"),
        "norm": BatchNorm(width),
    }
    return Residual(Sequential(block, shape), Sequential(shortcut, shape))
