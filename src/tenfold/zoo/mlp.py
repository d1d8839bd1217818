"""Two networks of one hidden layer with dropout: a plain one, and what was developed from it."""

from __future__ import annotations

from tenfold.nn import Dense, Dropout, Flatten, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam, ExponentialAfter
from tenfold.train import EarlyStopping, Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.protocols import SplitFractions
from tenfold.zoo.published import Published, published_runs
from tenfold.zoo.references import FIFTH_HELD_OUT, MLP_CNN_DOCUMENT, NO_CHOICE, TEN_SEEDS


def mlp_network(hidden: int, weight_init: str = "glorot_uniform") -> Sequential:
    """Return 784 - ``hidden`` ReLU - 10; the initialiser is the hidden layer's."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc1": Dense(784, hidden, weight_init=weight_init),
            "relu1": ReLU(),
            "drop1": Dropout(0.5),
            "fc2": Dense(hidden, 10),
        },
        input_shape=(28, 28, 1),
    )


def mlp_512_recipe() -> Recipe:
    """Return Adam for 5 epochs on minibatches of 32."""
    return Recipe(
        epochs=5,
        batch_size=32,
        optimizer=Adam(1e-3, eps=1e-7),
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
    )


def mlp_800_recipe() -> Recipe:
    """Return Adam at a constant rate for 15 epochs, then a falling one; stopped on validation loss."""
    return Recipe(
        epochs=100,
        batch_size=128,
        optimizer=Adam(5e-4, eps=1e-7),
        rate=ExponentialAfter(1.0, after=15, decay=0.05),
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
        early_stopping=EarlyStopping("validation_loss", patience=10),
    )


MLP_512 = Entry(
    name="mlp-512",
    title="784-512 ReLU-10, dropout; 5 epochs",
    build=lambda entry: NetworkModel(entry.name, mlp_network(512), mlp_512_recipe()),
    published=Published.each(
        0.9794,
        published_runs(
            TEN_SEEDS,
            (0.9807, 0.9790, 0.9793, 0.9794, 0.9811, 0.9784, 0.9785, 0.9803, 0.9798, 0.9774),
            (0.0658, 0.0655, 0.0683, 0.0663, 0.0666, 0.0704, 0.0709, 0.0637, 0.0673, 0.0719),
            epochs=5,
        ),
        MLP_CNN_DOCUMENT,
    ),
    seeds=TEN_SEEDS,
    parameters=407_050,
    recipe=mlp_512_recipe,
    notes=(NO_CHOICE,),
)

MLP_800 = Entry(
    name="mlp-800",
    title="784-800 ReLU-10, dropout, a falling rate, stopped early",
    build=lambda entry: NetworkModel(entry.name, mlp_network(800, "glorot_normal"), mlp_800_recipe()),
    published=Published.each(
        0.9834,
        published_runs(
            TEN_SEEDS,
            (0.9837, 0.9821, 0.9841, 0.9838, 0.9836, 0.9845, 0.9830, 0.9834, 0.9824, 0.9831),
            (0.0566, 0.0590, 0.0571, 0.0566, 0.0567, 0.0566, 0.0554, 0.0589, 0.0573, 0.0571),
        ),
        MLP_CNN_DOCUMENT,
    ),
    seeds=TEN_SEEDS,
    parameters=636_010,
    recipe=mlp_800_recipe,
    selection_set=SplitFractions(0.8, 0.2),
    notes=(
        FIFTH_HELD_OUT,
        "The weights of the hidden layer are not truncated at two standard deviations; in Keras they are.",
    ),
)
