"""A network of the user's own with how it is trained, each part by name, class or object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.habits import keywords
from tenfold.nn import LossLike, Sequential
from tenfold.optim import EMA, OptimizerLike, RateFunction, Schedule, as_optimizer
from tenfold.quoting import quoted
from tenfold.runs.run import NetworkModel
from tenfold.train import Recipe
from tenfold.train.recipe import EPOCHS
from tenfold.zoo.own_model import model_name

if TYPE_CHECKING:
    from tenfold.train.augmentation import Augmentation


class Model(NetworkModel):
    """A network of your own, with how it is trained: a name, a class or an object for each part.

    Parameters
    ----------
    network : Sequential
        Takes images (h, w, c), gives a number for each class.
    optimizer : str, class or Optimizer
        ``"adam"``, ``"rmsprop"``, ``"sgd"``; see `tenfold.optim.as_optimizer`.
    loss : str, class or Loss
        ``"cross_entropy"``, ``"mse"``; see `tenfold.nn.as_loss`.
    learning_rate : float, optional
        Of an optimiser that is given by name or class: 0.001 without it, 0.01 for ``"sgd"``.
    epochs, batch_size : int
        What `fit` uses unless it is told otherwise.
    rate : schedule or function, optional
        A factor on the learning rate, for each epoch or step.
    augmentation : callable, optional
        ``augment(images, rng) -> images``, such as `tenfold.data.RandomAffine`.
    average : EMA, optional
        A moving average of the weights, which is evaluated and kept; see `tenfold.optim.EMA`.
    name : str
        For reports and files.
    recipe : Recipe, optional
        The whole recipe as data, in place of all that.

    Examples
    --------
    >>> from tenfold.nn import Dense, Flatten, Sequential
    >>> network = Sequential([Flatten(), Dense(64, 10)], input_shape=(8, 8, 1))
    >>> Model(network, optimizer="sgd", learning_rate=0.1).recipe.optimizer
    SGD(learning_rate=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)
    """

    @keywords(
        {
            "lr": "write learning_rate=1e-3",
            "metrics": "leave it out: accuracy and loss are always there",
            "input_shape": "give it to the network: Model(Sequential([...], input_shape=(28, 28, 1)))",
            **dict.fromkeys(
                ("inputs", "outputs", "layers"), "write Model(Sequential([...], input_shape=(28, 28, 1)))"
            ),
            **dict.fromkeys(
                ("scheduler", "schedule", "lr_scheduler"), "write rate=CosineDecay(1.0, epochs=20)"
            ),
            **dict.fromkeys(("callbacks", "validation", "seed", "device", "out"), "give it to fit"),
        },
        example="tenfold.Model(network, optimizer='adam', learning_rate=1e-3)",
    )
    def __init__(
        self,
        network: Sequential,
        *,
        optimizer: OptimizerLike = "adam",
        loss: LossLike = "cross_entropy",
        learning_rate: float | None = None,
        epochs: int = EPOCHS,
        batch_size: int | Schedule = 32,
        rate: Schedule | RateFunction | None = None,
        augmentation: Augmentation | None = None,
        average: EMA | None = None,
        name: str = "model",
        recipe: Recipe | None = None,
    ) -> None:
        given: Any = network
        if not isinstance(given, Sequential):
            advice = "tenfold.Sequential([...], input_shape=(28, 28, 1))"
            if isinstance(given, NetworkModel):
                advice = "model.network"
            elif isinstance(given, str):
                advice = f"tenfold.build({given!r}).network"
            raise ConfigError(
                f"Model: expected a network, got {type(given).__name__}; write tenfold.Model({advice})"
            )
        own = {
            "optimizer": optimizer == "adam",
            "loss": loss == "cross_entropy",
            "learning_rate": learning_rate is None,
            "rate": rate is None,
            "augmentation": augmentation is None,
            "average": average is None,
        }
        if recipe is not None and (given := [name for name, usual in own.items() if not usual]):
            raise ConfigError(
                f"Model: expected {', '.join(given)} in the recipe, got both; leave one of the two out"
            )
        if recipe is not None and not isinstance(recipe, Recipe):
            raise ConfigError(
                f"recipe: expected a Recipe, got {quoted(recipe)}; write recipe=tenfold.Recipe(...)"
            )
        super().__init__(
            model_name(name),
            network,
            recipe
            or Recipe(
                epochs,
                batch_size,
                as_optimizer(optimizer, learning_rate),
                rate=rate,
                loss=loss,  # type: ignore[arg-type]  # a recipe makes an object of it
                augmentation=augmentation,
                average=average,
            ),
        )
