"""What the answers to habits say to write is Python that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold import data, nn, optim, train, zoo
from tenfold.data import habits as of_data
from tenfold.habits import front
from tenfold.nn import habits as of_layers
from tenfold.optim import habits as of_optimisers
from tenfold.runs import habits as of_runs
from tenfold.train import habits as of_training
from tenfold.zoo import habits as of_models

TABLES = (of_layers, of_optimisers, of_data, of_training, of_models, of_runs, front)
# Prose that begins like code, or needs what is not here: a GPU, a mirror, a user's folder.
ELSEWHERE = (
    "cuda",
    "fashion-mnist",
    "cifar10",
    "folder",
    "my-",
    "...",
    "mine.onnx",
    "'mnist'",
    " or ",
    " and ",
)
END = re.compile(r": (?![^({]*[)}])|, or |, then |, which|, a |, see |; ")


def pieces() -> Iterator[str]:
    """Yield the Python that the advice begins with."""
    for table in TABLES:
        for name, texts in vars(table).items():
            for text in dict.fromkeys(texts.values()) if name.isupper() and isinstance(texts, dict) else ():
                code = END.split(text.removeprefix("write "))[0]
                if text.startswith("write ") and not any(word in code for word in ELSEWHERE):
                    yield code


def is_python(code: str) -> bool:
    try:
        compile(code, "", "exec")
    except SyntaxError:
        return False
    return not re.fullmatch(r"\w+=.*", code)  # an option alone


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What users have at hand, under the names that the advice gives it."""
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
    labels = np.arange(40) % 10
    corpus = tenfold.load_corpus((images, labels, images, labels))
    network = nn.Sequential([nn.Flatten(), nn.Dense(784, 10)], input_shape=(28, 28, 1))
    model = tenfold.Model(network)
    run = model.fit(corpus, epochs=1, batch_size=8, validation=0.2)
    public = {name: getattr(unit, name) for unit in (nn, optim, data, train, zoo) for name in unit.__all__}
    own = {name: getattr(tenfold, name) for name in tenfold.__all__}
    optimizer, layer = optim.Adam(1e-3), nn.Dense(1, 2)
    layer.initialise(np.random.default_rng(0))
    return {
        **public,
        **own,
        **dict(images=images, labels=labels, X=images, y=labels, data=corpus.train, corpus=corpus),
        **dict(network=network, model=model, run=run, layer=layer, x=data.as_float(images[:2])),
        **dict(optimizer=optimizer, params=network.params, state=optimizer.init(network.params), rate=1e-3),
        **dict(grads={name: np.zeros_like(p) for name, p in network.params.items()}, seed=0, index=[0]),
        **dict(dtype=np.float32, np=np, numpy=np, tenfold=tenfold, fit=model.fit),
    }


@pytest.mark.parametrize("code", sorted({code for code in pieces() if is_python(code)}))
def test_it_runs(code: str, names: dict[str, Any]) -> None:
    if "pandas" in code:
        names = names | {"pandas": pytest.importorskip("pandas", reason="pandas is not installed")}
    exec(code, dict(names))
    assert code


def test_most_advice_is_code() -> None:
    assert sum(map(is_python, pieces())) > 60
