"""What is computed: layers, losses, initialisers and their composition, forward and backward."""

from typing import TYPE_CHECKING

from tenfold.backend.arrays import Array
from tenfold.habits import module_names
from tenfold.nn.activations import ELU, GELU, LeakyReLU, ReLU, ScaledTanh, Sigmoid, SiLU, Softplus, Tanh
from tenfold.nn.batch_norm import BatchNorm
from tenfold.nn.checks import check_images
from tenfold.nn.conv import Conv2d
from tenfold.nn.dense import Dense
from tenfold.nn.dropout import Dropout
from tenfold.nn.elementwise import Elementwise
from tenfold.nn.flatten import Flatten
from tenfold.nn.gradcheck import GradientRow, gradcheck, gradient_table
from tenfold.nn.habits import UNIT_NAMES
from tenfold.nn.layer import Backward, Gradients, Layer
from tenfold.nn.layer_norm import LayerNorm
from tenfold.nn.layer_row import LayerRow
from tenfold.nn.loss_by_name import LossLike, as_loss
from tenfold.nn.losses import (
    Loss,
    MeanSquaredError,
    OpenSetCrossEntropy,
    SoftmaxCrossEntropy,
    log_softmax,
    softmax,
)
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.nn.partial_conv import PartialConv2d
from tenfold.nn.pool import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from tenfold.nn.registry import LAYERS, LOSSES, layer_from_config, loss_from_config
from tenfold.nn.residual import Residual
from tenfold.nn.scale import Scale
from tenfold.nn.sequential import Sequential

__all__ = [
    "ELU",
    "GELU",
    "LAYERS",
    "LOSSES",
    "Array",
    "AvgPool2d",
    "Backward",
    "BatchNorm",
    "Conv2d",
    "Dense",
    "Dropout",
    "Elementwise",
    "Flatten",
    "GlobalAvgPool2d",
    "GradientRow",
    "Gradients",
    "Layer",
    "LayerNorm",
    "LayerRow",
    "LeakyReLU",
    "Loss",
    "LossLike",
    "MaxPool2d",
    "MeanSquaredError",
    "OnnxGraph",
    "OpenSetCrossEntropy",
    "PartialConv2d",
    "ReLU",
    "Residual",
    "Scale",
    "ScaledTanh",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Softplus",
    "Tanh",
    "as_loss",
    "check_images",
    "gradcheck",
    "gradient_table",
    "layer_from_config",
    "log_softmax",
    "loss_from_config",
    "softmax",
]

_classes = [one for one in map(globals().get, __all__) if isinstance(one, type)]
LAYERS.update({cls.kind: cls for cls in _classes if issubclass(cls, Layer) and cls.kind})
LOSSES.update({cls.kind: cls for cls in _classes if issubclass(cls, Loss) and cls.kind})

if not TYPE_CHECKING:  # a type checker knows what there is
    __getattr__ = module_names(__name__, __all__, UNIT_NAMES)
