"""Names and options that users of other libraries type for models, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

_BUILD = "write tenfold.build('lenet5'); tenfold.models() lists the names"

UNIT_NAMES = each(
    {
        "LeNet5 LeNet list_models create_model get_model": _BUILD,
        "resnet18 resnet34 resnet50 ResNet ResNet18 vgg16": _BUILD,
        "load": "write tenfold.load_model(folder)",
    }
)
"""Names of the unit `tenfold.zoo`."""

BUILD_OPTIONS = each(
    {
        "num_classes n_classes nb_classes": "write classes=26",
        "in_channels in_chans channels": "write input_shape=(28, 28, 3)",
        "image_size input_size shape": "write input_shape=(32, 32, 3)",
        "pretrained weights": "write tenfold.load_trained('lenet5')",
        "epochs batch_size": "give it to fit: model.fit(data, epochs=3)",
        "learning_rate lr optimizer loss recipe": (
            "write tenfold.Model(tenfold.build('lenet5').network, learning_rate=1e-3)"
        ),
        "*": "the others are given by name: build('lenet5', classes=26, input_shape=(32, 32, 3))",
    }
)
"""Options of `build`."""
