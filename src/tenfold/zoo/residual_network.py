"""A small residual network: the form of He et al. for CIFAR-10 with one block in each of three stages."""

from __future__ import annotations

from collections.abc import Callable

from tenfold.data import Chain, RandomAffine, RandomFlip
from tenfold.nn import BatchNorm, Conv2d, Dense, GlobalAvgPool2d, Layer, ReLU, Residual, Sequential
from tenfold.optim import SGD, CosineDecay
from tenfold.train import Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.references import THREE_SEEDS

WIDTHS = (16, 32, 64)  # channels of the three stages, each half as high and wide as the one before
HE = "he_normal"


def residual_network(classes: int, input_shape: tuple[int, ...]) -> Sequential:
    """Return the network: 6n + 2 layers with n = 1, as in section 4.2 of the paper.

    Each stage has one block of two 3 x 3 convolutions. The second and the third stage begin with stride 2,
    and their shortcut is a 1 x 1 convolution (option B of the paper; on CIFAR-10 the authors pad instead).

    References
    ----------
    K. He et al., "Deep Residual Learning for Image Recognition" (arXiv:1512.03385), section 4.2.
    """
    h, w, c = input_shape
    layers: dict[str, Layer] = {
        "conv1": Conv2d(c, WIDTHS[0], 3, padding=1, weight_init=HE),  # (n, h, w, 16)
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
        "conv1": Conv2d(c, width, 3, stride=stride, padding=1, weight_init=HE),
        "norm1": BatchNorm(width),
        "relu": ReLU(),
        "conv2": Conv2d(width, width, 3, padding=1, weight_init=HE),
        "norm2": BatchNorm(width),
    }
    if stride == 1 and c == width:
        return Residual(Sequential(block, shape))
    shortcut: dict[str, Layer] = {
        "conv": Conv2d(c, width, 1, stride=stride, weight_init=HE),
        "norm": BatchNorm(width),
    }
    return Residual(Sequential(block, shape), Sequential(shortcut, shape))


def residual_recipe(augmentation: RandomAffine | Chain, epochs: int) -> Recipe:
    """Return the paper's SGD with momentum 0.9 and minibatches of 128, but with cosine decay.

    The paper's weight decay of 0.0001 is added to the gradient; ours is decoupled, times the learning rate,
    which is the same for plain SGD.
    """
    return Recipe(
        epochs=epochs,
        batch_size=128,
        optimizer=SGD(0.1, momentum=0.9, weight_decay=1e-4),
        rate=CosineDecay(1.0, epochs, end=0.01),
        short_batch="drop",
        augmentation=augmentation,
    )


def fashion_recipe() -> Recipe:
    """Return 30 epochs with shifts by up to 2 pixels and mirrored images."""
    return residual_recipe(Chain([RandomAffine(shift=0.08, whole_pixels=True), RandomFlip()]), epochs=30)


def letters_recipe() -> Recipe:
    """Return 15 epochs with shifts and small rotations; a mirrored letter is another one, or none."""
    return residual_recipe(RandomAffine(shift=0.08, rotation=10, zoom=0.1), epochs=15)


def cifar_recipe() -> Recipe:
    """Return 60 epochs with the paper's shifts by up to 4 pixels and mirrored images."""
    return residual_recipe(Chain([RandomAffine(shift=0.13, whole_pixels=True), RandomFlip()]), epochs=60)


FORM = (
    "A network of the form of section 4.2 of K. He et al. (arXiv:1512.03385) with n = 1: 8 layers. The "
    "paper's smallest network has 20 layers and a published error of 8.75 % on CIFAR-10."
)
SHORTCUT = (
    "Shortcuts into a stage of more channels are 1 x 1 convolutions (option B); the paper pads with zeros."
)
NO_DATA = "Nothing is measured yet: `tenfold trials {name}` does it where the images are available."


def _entry(
    name: str,
    title: str,
    dataset: str,
    aim: float,
    recipe: Callable[[], Recipe],
    parameters: int,
    *notes: str,
) -> Entry:
    return Entry(
        name=name,
        title=title,
        build=lambda entry: NetworkModel(entry.name, residual_network(*entry.kind), recipe()),
        published=None,
        seeds=THREE_SEEDS,
        aim=aim,
        parameters=parameters,
        recipe=recipe,
        dataset=dataset,
        notes=(FORM, SHORTCUT, *notes, NO_DATA.format(name=name)),
    )


RESNET_FASHION = _entry(
    "resnet-fashion",
    "A residual network of eight layers for Fashion-MNIST",
    "fashion-mnist",
    0.925,
    fashion_recipe,
    78_090,
)
RESNET_LETTERS = _entry(
    "resnet-letters",
    "A residual network of eight layers for the letters of EMNIST",
    "emnist-letters",
    0.94,
    letters_recipe,
    79_130,
)
RESNET_CIFAR10 = _entry(
    "resnet-cifar10",
    "A residual network of eight layers for CIFAR-10",
    "cifar10",
    0.85,
    cifar_recipe,
    78_378,
    "The aim is the quality target of MLPerf Tiny for image classification, on a network of this size.",
)
