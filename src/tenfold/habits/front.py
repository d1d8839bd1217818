"""Names that users of other libraries look for in the package itself, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import FrameType

from tenfold.habits.names import advice, each, missing_name

_UNITS = ("nn", "optim", "data", "train", "zoo")

NAMES = each(
    {
        "load": "write tenfold.load_model(folder), or tenfold.Run.open(folder)",
        "save": "write model.save(folder)",
        "predict": "write model.predict(images), or tenfold.read('picture.png')",
        "evaluate": "write model.evaluate(images, labels)",
        "layers keras functional activations": "write tenfold.nn, such as tenfold.nn.Dense(784, 10)",
        "optimizers": "write tenfold.optim, such as tenfold.optim.Adam(1e-3)",
        "losses": "write tenfold.nn.SoftmaxCrossEntropy(), or Model(network, loss='cross_entropy')",
        "callbacks": "write tenfold.train, such as tenfold.train.EarlyStopping(patience=3)",
        "datasets load_data fetch_openml load_dataset": "write tenfold.load_corpus('mnist')",
        "tensor array from_numpy Tensor": "leave it out: NumPy arrays are taken as they are",
        "no_grad inference_mode": "leave it out: nothing is kept for a gradient unless training=True",
        "manual_seed set_seed set_random_seed random": "write fit(..., seed=0)",
        "cuda device is_available": "write fit(..., device='auto'), or network.to('cuda')",
        "list_models": "write tenfold.models()",
        "create_model get_model": "write tenfold.build('lenet5')",
        "from_pretrained": "write tenfold.load_trained('lenet5')",
        "version": "write tenfold.__version__",
        "train_test_split": "write train, test = tenfold.split(data, (0.8, 0.2), seed=0)",
        "Classifier": "write tenfold.TenfoldClassifier()",
    }
)


def no_name(name: str, known: Iterable[str], asked: FrameType) -> AttributeError | ImportError:
    """Return the error for a name that the package does not have: the unit that has it, or what to write."""
    if name not in NAMES and find_spec(f"tenfold.{name}") is not None:
        # ``from tenfold import locks`` asks for the name before it imports the unit
        return AttributeError(f"module 'tenfold' has no attribute {name!r} yet; import tenfold.{name}")
    found: Mapping[str, str] = NAMES
    if not name.startswith("_") and name not in NAMES:
        told = list(filter(None, (_of_unit(name, unit) for unit in _UNITS)))
        found = {name: told[0]} if told else {}
    said = advice(name, found, known) or f"; it has {', '.join(known)}"
    return missing_name("tenfold", name, said, asked)


def _of_unit(name: str, unit: str) -> str:
    """Return what to write instead of a name that a unit has, or has an answer for; empty otherwise."""
    if name in import_module(f"tenfold.{unit}").__all__:
        return f"write tenfold.{unit}.{name}"
    habits: Mapping[str, str] = import_module(f"tenfold.{unit}.habits").UNIT_NAMES
    return f"in tenfold.{unit}, {habits[name]}" if name in habits else ""
