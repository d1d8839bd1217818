"""What a search may choose from, as the command line says it."""

from __future__ import annotations

import pytest

from tenfold.errors import ConfigError
from tenfold.runs.search_space import Option, check_names

OPTIONS = {
    "learning_rate=1e-4..1e-2:log": Option("recipe.learning_rate", 1e-4, 1e-2, log=True),
    "recipe.learning_rate = 0.001..0.1": Option("recipe.learning_rate", 0.001, 0.1),
    "recipe.optimizer.weight_decay=0..0.1": Option("recipe.optimizer.weight_decay", 0, 0.1),
    "epochs=2..8": Option("recipe.epochs", 2, 8),
    "batch_size=16,32": Option("recipe.batch_size", choices=(16, 32)),
    "loss=mean_squared_error,softmax_cross_entropy": Option(
        "recipe.loss", choices=("mean_squared_error", "softmax_cross_entropy")
    ),
    "dropout=0.1..0.5": Option("dropout", 0.1, 0.5),
    "network.fc1.c_out=10..100:log": Option("network.fc1.c_out", 10, 100, log=True),
}


@pytest.mark.parametrize("text", OPTIONS)
def test_options(text):
    option = Option.parse(text)
    assert option == OPTIONS[text]
    assert Option.parse(str(option)) == option  # as the record keeps it


@pytest.mark.parametrize(
    "text",
    "|epochs|epochs=|=1..2|epochs=3|epochs=8..2|rate=0..1:log|rate=a..b|epochs=1,1|rate=1..inf|rate=1..2:lin"
    "|batch_size=,".split("|"),
)
def test_what_is_no_option_is_refused(refused_in_one_line, text):
    with refused_in_one_line(ConfigError, "--s(earch|et): expected NAME=.* got "):
        Option.parse(text)


def test_an_option_is_given_once():
    with pytest.raises(ConfigError, match=r"--search: expected each option once, got recipe.epochs twice"):
        check_names([Option("recipe.epochs", 1, 2), Option("recipe.epochs", 1, 3)])
