"""Names and options that users of other libraries type for layers and networks, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

LAYER_OPTIONS = each(
    {
        "inplace": "leave it out: no layer changes its input",
        "dim axis start_dim": "leave it out: the axis of the images comes first",
        "input_shape": "give it to the network: Sequential([...], input_shape=(28, 28, 1))",
        "name": (
            "name it in the network: Sequential({'hidden': Dense(784, 64), ...}, input_shape=(28, 28, 1))"
        ),
        "affine": "leave it out: there always are a weight and a bias for each channel",
    }
)
"""Options of layers."""

LAYER_NAMES = each(
    {
        "params": "call super().__init__() first in the __init__ of the layer's class",
        "state": "call super().__init__() first in the __init__ of the layer's class",
        "weights get_weights parameters state_dict": "write layer.params: the arrays by name",
        "weight": "write layer.params['weight']",
        "bias": "write layer.params['bias']",
        "backward": "write y, backward = layer.forward(x), then dx, grads = backward(dy)",
        "name": "the network names its layers: network.layers",
    }
)
"""Attributes of layers."""

_TRAINED = "a model trains it: model = tenfold.Model(network); model.fit(images, labels)"
_PARAMS = "write network.params: the arrays by name"
_ONE_LIST = "give all layers in one list: Sequential([...], input_shape=(28, 28, 1))"
_LAYERS = "write network.layers: the layers by name"

NETWORK_NAMES = each(
    {
        "fit train compile predict predict_proba evaluate score partial_fit": _TRAINED,
        "save": "write tenfold.Model(network).save(folder)",
        "summary": "write tenfold.Model(network).summary()",
        "parameters named_parameters state_dict weights get_weights trainable_weights": _PARAMS,
        "load_state_dict set_weights load_weights": "write network.load(params)",
        "add append add_module insert extend pop": _ONE_LIST,
        "children modules named_modules named_children get_layer": _LAYERS,
        "eval": "leave it out: network.infer(x) computes as at prediction",
        "zero_grad": "leave it out: gradients are returned, not kept: dx, grads = backward(dy)",
        "grad": "gradients are returned, not kept: dx, grads = backward(dy)",
        "backward": "write y, backward = network.forward(x, training=True), then dx, grads = backward(dy)",
        "cuda": "write network.to('cuda')",
        "cpu": "write network.to('cpu')",
        "device": "write next(iter(network.params.values())).device",
        "half": "leave it out: networks are trained in float32",
        "float double": "write network.initialise(seed, dtype)",
        "num_params count_params numel num_parameters": "write network.n_parameters",
        "requires_grad_ trainable": "leave it out: all parameters are trained",
        "apply init_weights build initialize": "write network.initialise(seed)",
    }
)
"""Attributes of networks."""

_LOSS = "write SoftmaxCrossEntropy(), or loss='cross_entropy': it takes logits, and labels as whole numbers"
_NO_SOFTMAX = "leave it out: the loss SoftmaxCrossEntropy takes logits, and predict_proba gives probabilities"
_POOL = "write GlobalAvgPool2d()"
_NORM = "write BatchNorm(8): channels of vectors or of images"

UNIT_NAMES = each(
    {
        "Linear": "write Dense(784, 10): numbers in, numbers out",
        "Conv2D Convolution2D": "write Conv2d(1, 8, 3): channels in, channels out, kernel",
        "LazyConv2d": "write Conv2d(1, 8, 3): channels in, channels out, kernel",
        "LazyLinear": "write Dense(784, 10): numbers in, numbers out",
        "MaxPooling2D MaxPool2D": "write MaxPool2d(2)",
        "AveragePooling2D AvgPool2D": "write AvgPool2d(2)",
        "AdaptiveAvgPool2d GlobalAveragePooling2D GlobalAvgPool2D": _POOL,
        "BatchNorm1d BatchNorm2d BatchNormalization LazyBatchNorm2d": _NORM,
        "LayerNormalization": "write LayerNorm(8)",
        "Dropout2d SpatialDropout2D AlphaDropout": "write Dropout(0.5)",
        "Activation": "write the layer itself, such as ReLU() or Tanh()",
        "PReLU": "write LeakyReLU(0.1)",
        "Softmax LogSoftmax": _NO_SOFTMAX,
        "CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss SparseCategoricalCrossentropy": _LOSS,
        "CategoricalCrossentropy": _LOSS,
        "MSELoss": "write MeanSquaredError(), or loss='mse'",
        "Module": (
            "derive a layer of your own from tenfold.nn.Layer; a network is Sequential([...], "
            "input_shape=...)"
        ),
        "ModuleList Model": "write Sequential([...], input_shape=(28, 28, 1))",
        "functional F": "write a layer, such as ReLU(), and call it: ReLU()(x)",
        "init": "name the initialiser: Dense(784, 10, weight_init='he_normal')",
        "Parameter": "write a class with param_shapes() and initialise(); see docs/adding-a-layer.md",
        "Identity": "leave it out",
        "Input InputLayer": "write Sequential([...], input_shape=(28, 28, 1))",
        "Add Concatenate": "write Residual(Sequential([...], input_shape=...)), which adds",
    }
)
"""Names of the unit `tenfold.nn`."""
