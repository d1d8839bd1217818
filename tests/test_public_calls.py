"""Calls that do not fit, on the whole public face: the answer is one line of tenfold's own words."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold import data, evaluate, nn, optim, predict, train, zoo  # the units are called below
from tenfold.errors import ConfigError, DTypeError, ShapeError, TenfoldError
from tenfold.habits import keywords
from tenfold.nn import Dense, Flatten, ReLU, Sequential

X = np.random.default_rng(0).integers(0, 256, (12, 8, 8), np.uint8)
Y = np.arange(12) % 3
FLOATS = data.as_float(X)


def network() -> Sequential:
    made = Sequential([Flatten(), Dense(64, 3)], input_shape=(8, 8, 1))
    made.initialise(0)
    return made


# What users build with; the other names of the units are what these give back, or lists of names.
BUILT_WITH: dict[ModuleType, list[str]] = {
    nn: [name for name in nn.__all__ if isinstance(getattr(nn, name), type)],
    optim: [name for name in optim.__all__ if isinstance(getattr(optim, name), type)],
    data: ["Chain", "Corpus", "Dataset", "Negatives", "from_arrays", "load_corpus", "split", "epoch_order"]
    + [name for name in data.__all__ if name.startswith("Random")],
    train: ["EarlyStopping", "WindowStopping", "ReduceOnPlateau", "Recipe", "fit"],
    zoo: ["models", "Ensemble"],
    tenfold: [
        "Model",
        "Run",
        "build",
        "export_onnx",
        "find_learning_rate",
        "gradcheck",
        "load_model",
        "load_trained",
        "read",
        "TenfoldClassifier",
    ],
}
NOT_BUILT = {
    *("Array", "GradientRow", "LayerRow", "OnnxGraph", "Optimizer", "OptimizerState", "Schedule"),
    *("Layer", "Elementwise", "Loss"),  # bases
}


def public() -> Iterator[Any]:
    for unit, names in BUILT_WITH.items():
        for name in names:
            if name not in NOT_BUILT:
                yield pytest.param(getattr(unit, name), id=f"{unit.__name__}.{name}")


@pytest.mark.parametrize("made", [*public()])
def test_an_option_that_there_is_not_is_answered_in_one_line(made: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match="no_such_option") as caught:
        made(no_such_option=1)
    assert "\n" not in str(caught.value)
    assert made.__name__ in str(caught.value)


@pytest.mark.parametrize("made", [*public()])
def test_too_many_arguments_are_answered_in_one_line(made: Callable[..., Any]) -> None:
    if any(one.kind is one.VAR_POSITIONAL for one in inspect.signature(made).parameters.values()):
        return
    with pytest.raises(TenfoldError, match=r"positional argument|one by one") as caught:
        made(*range(30))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("made", [*public()])
def test_no_arguments_at_all_build_it_or_say_what_to_write(made: Callable[..., Any]) -> None:
    try:
        made()
        return
    except ConfigError as error:
        said = str(error)
    assert "; write " in said
    assert made.__name__ in said


@pytest.mark.parametrize("unit", [nn, optim, data, train, zoo, tenfold], ids=lambda unit: unit.__name__)
def test_a_name_in_other_letters_leads_to_the_nearest(unit: ModuleType) -> None:
    name = next(one for one in unit.__all__ if isinstance(getattr(unit, one), type) and len(one) > 5)
    with pytest.raises(AttributeError, match=f"did you mean '{name}'"):
        getattr(unit, name.swapcase())
    assert not hasattr(unit, "__no_such_protocol__")


def test_importing_a_unit_from_the_package_loads_no_other() -> None:
    code = "import sys; from tenfold import quoting; print(sorted(m for m in sys.modules if 'tenfold.' in m))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "tenfold.quoting" in loaded
    assert not {f"tenfold.{unit}" for unit in ("nn", "data", "train", "zoo")} & {*eval(loaded)}


def test_errors_from_inside_are_not_put_into_other_words() -> None:
    @keywords({"lr": "write learning_rate"})
    def adds(a: Any, b: Any = 1) -> Any:
        return a + b

    with pytest.raises(TypeError, match="concatenate str") as caught:
        adds("x", b=object())  # Python's own words: the call fits
    assert not isinstance(caught.value, TenfoldError)
    assert adds(2) == 3


def test_a_method_named_twice_or_without_options() -> None:
    with pytest.raises(ConfigError, match="images once, got it by position and by name"):
        tenfold.Dataset(X, Y, images=X)  # type: ignore[misc]
    with pytest.raises(ConfigError, match=r"Flatten: expected no options, got 'order'; write Flatten\(\)"):
        Flatten(order="F")  # type: ignore[call-arg]


# --- what works


def test_a_network_and_its_layers_are_called_as_at_prediction() -> None:
    net = network()
    np.testing.assert_array_equal(net(FLOATS), net.infer(FLOATS))
    by_hand = FLOATS
    for layer in net:
        by_hand = layer(by_hand)
    np.testing.assert_array_equal(by_hand, net(FLOATS))


def test_layers_are_had_by_name_and_by_place() -> None:
    net = network()
    assert len(net) == len(net.layers) == 2
    assert net[0] is net["flatten_1"] is net.layers[0] is next(iter(net))
    assert net[-1] is net.layers["dense_1"]
    assert net.layers.get("conv_1") is None
    assert "conv_1" not in net.layers
    with pytest.raises(ConfigError, match="unknown layer 'dense_2'; did you mean 'dense_1'"):
        net["dense_2"]
    with pytest.raises(TenfoldError, match="expected a place from 0 to 1, got 2"):
        net.layers[2]


def test_data_sets_are_sliced_and_joined_to_a_corpus() -> None:
    whole = tenfold.Dataset(X, Y, classes=3)
    assert whole[2:5].labels.tolist() == whole[[2, 3, 4]].labels.tolist() == Y[2:5].tolist()
    corpus = tenfold.load_corpus((whole[:8], whole[8:]))
    assert (len(corpus.train), len(corpus.test)) == (8, 4)
    assert tenfold.load_corpus(corpus) is corpus
    assert bool(corpus)
    assert sum(map(len, (lambda c: (c.train, c.test))(tenfold.load_corpus(whole)))) == 12


def test_columns_of_a_history_have_the_names_of_keras_too() -> None:
    run = tenfold.Model(network()).fit(X, Y, epochs=2, batch_size=4, callbacks=None)
    assert run["loss"] == run["train_loss"] == [row.train_loss for row in run.rows]
    assert run["val_accuracy"] == [None, None]
    assert run[-1] is run.rows[1]
    with pytest.raises(ConfigError, match="unknown column 'mae'"):
        run["mae"]


def test_a_chain_is_called_if_no_step_needs_labels() -> None:
    rng = np.random.default_rng(0)
    chain = data.Chain([data.RandomFlip(chance=1.0), data.RandomFlip(chance=1.0)])
    np.testing.assert_array_equal(chain(X, rng), FLOATS)
    with pytest.raises(ConfigError, match=r"got RandomStyles; write chain.examples\(images, labels, rng\)"):
        data.Chain([data.RandomStyles()])(X, rng)


def test_labels_of_a_loss_may_be_a_list() -> None:
    logits, loss = network()(FLOATS), nn.SoftmaxCrossEntropy()
    assert loss.forward(logits, Y.tolist())[0] == loss.forward(logits, Y)[0]


# --- what is answered

anything: Any = None  # a type checker refuses these calls too
model: Any = tenfold.Model(network())
net: Any = network()
whole: Any = tenfold.Dataset(X, Y, classes=3)
corpus: Any = tenfold.load_corpus((whole, whole))
rng: Any = np.random.default_rng(0)
affine: Any = data.RandomAffine(rotation=10)

ANSWERED: dict[str, tuple[Callable[[], object], str]] = {
    "model(x)": (lambda: model(X), r"write model\.predict\(images\)"),
    "loss(logits, labels)": (
        lambda: anything_of(nn.SoftmaxCrossEntropy())(FLOATS, Y),
        "write loss, backward =",
    ),
    "load_corpus(X, y)": (lambda: anything_of(tenfold.load_corpus)(X, Y), r"load_corpus\(\(X, y\)\)"),
    "train_test_split": (
        lambda: tenfold.load_corpus((X, X, Y, Y)),
        r"write load_corpus\(\(X, y, X_test, y_te",
    ),
    "augment(images)": (lambda: affine(X), r"write augment\(images, numpy\.random\.default_rng\(0\)\)"),
    "augment(images, 0)": (lambda: affine(X, 0), "expected a random generator, got 0; write"),
    "augment(images, seed)": (lambda: affine(X, seed=0), r"write rng=numpy"),
    "augment(list)": (
        lambda: affine(X.tolist(), rng),
        "expected a NumPy array, got list; write numpy.asarray",
    ),
    "augment(data)": (lambda: affine(whole, rng), "got Dataset; write data.images"),
    "augment(image)": (lambda: affine(X[0], rng), r"for one image write images\[None\]"),
    "as_float(list)": (lambda: data.as_float(anything_of(X.tolist())), "expected a NumPy array, got list"),
    "network(list)": (
        lambda: net(FLOATS.tolist()),
        "expected input as an array, got list; write numpy.asarray",
    ),
    "layer(wrong shape)": (lambda: Dense(3, 2)(FLOATS), "expected"),
    "layer without parameters": (
        lambda: Dense(64, 2)(FLOATS.reshape(12, 64)),
        "expected parameters, got none",
    ),
    "loss of lists": (
        lambda: nn.SoftmaxCrossEntropy().forward([[0.1, 0.2]], [1]),
        "expected arrays of one library, got list; write numpy.asarray",
    ),
    "list of names": (lambda: Sequential(anything_of(["relu"]), (8, 8, 1)), "write the layer itself"),
    "list of pairs": (
        lambda: Sequential(anything_of([("a", ReLU())]), (8, 8, 1)),
        r"write Sequential\(dict\(",
    ),
    "a network inside": (lambda: Sequential(anything_of([network()]), (8, 8, 1)), r"\[\*network, \.\.\.\]"),
    "padding valid": (lambda: nn.Conv2d(1, 8, 3, padding=anything_of("valid")), "write padding=0"),
    "padding SAME": (lambda: nn.Conv2d(1, 8, 3, padding=anything_of("SAME")), "write padding='same'"),
    "Dense(64, 10, relu)": (lambda: anything_of(Dense)(64, 10, "relu"), "a layer after it"),
    "Adam(params)": (lambda: optim.Adam(anything_of(net.params)), "the model gives the parameters"),
    "Model(model)": (lambda: tenfold.Model(model), r"write tenfold\.Model\(model\.network\)"),
    "Model(name)": (lambda: tenfold.Model(anything_of("nn1l")), r"tenfold\.build\('nn1l'\)\.network"),
    "Model(class)": (
        lambda: tenfold.Model(net, augmentation=anything_of(data.RandomFlip)),
        r"RandomFlip\(...\)",
    ),
    "Model(list)": (
        lambda: tenfold.Model(net, augmentation=anything_of([affine])),
        r"write Chain\(\[...\]\)",
    ),
    "fit(frame)": (lambda: model.fit(Frame()), r"write frame\.drop\(columns='label'\), frame\['label'\]"),
    "fit(pairs)": (
        lambda: model.fit(zip(X, Y, strict=True)),
        "all images in one array, all labels in another",
    ),
    "fit(attached)": (
        lambda: model.fit(Attached(), Y),
        r"got Attached \(Can't call numpy.*write x\.detach\(\)\.cpu\(\)\.numpy\(\)",
    ),
    "fit(none)": (lambda: model.fit(X[:0], Y[:0]), "expected at least one training image, got none"),
    "fit(out=3)": (lambda: model.fit(X, Y, out=3), "out: expected a folder, got 3; write out='runs/mine'"),
    "predict(path)": (lambda: model.predict("a.png"), "expected an array, got 'a.png'; write"),
    "predict(verbose)": (lambda: model.predict(X, verbose=0), "'verbose'; leave it out"),
    "evaluate(X)": (lambda: model.evaluate(X), "write both, X and y"),
    "tenfold.fit(X, y)": (
        lambda: anything_of(tenfold.fit)(net, X, Y),
        r"recipe: expected a Recipe, got ndarray",
    ),
    "load_model(3)": (lambda: tenfold.load_model(anything_of(3)), "folder: expected a folder, got 3"),
    "load_model(name)": (lambda: tenfold.load_model("nn1l"), r"write tenfold\.build\('nn1l'\), and train it"),
    "load_model(zoo:)": (
        lambda: tenfold.load_model("zoo:lenet5"),
        r"write tenfold\.load_trained\('lenet5'\)",
    ),
    "export(network)": (
        lambda: tenfold.export_onnx(net, "x.onnx"),
        "expected a model, got Sequential; write",
    ),
    "find(network)": (lambda: tenfold.find_learning_rate(net, whole), r"tenfold\.Model\(network\)"),
    "compare(model)": (lambda: tenfold.compare(model), "the run of a model is model.run"),
    "gradcheck(0)": (
        lambda: tenfold.gradcheck(Dense(3, 2), (3,), anything_of(0)),
        "expected a random generator",
    ),
    "gradcheck(3)": (lambda: tenfold.gradcheck(Dense(3, 2), anything_of(3), rng), r"write \(3,\)"),
    "gradcheck(class)": (
        lambda: tenfold.gradcheck(anything_of(Dense), (3,), rng),
        "expected a layer, a network",
    ),
    "Ensemble(list)": (lambda: tenfold.Ensemble("two", anything_of([model])), "expected members by name"),
    "split(X)": (lambda: tenfold.split(anything_of(X), (8, 4), 0), r"write split\(from_arrays\(X, y\)"),
    "split(0.2)": (lambda: tenfold.split(whole, anything_of(0.2), 0), r"got 0.2; write \(0.8, 0.2\)"),
    "Dataset(floats)": (
        lambda: tenfold.Dataset(X / 255, Y),
        r"write tenfold\.data\.from_arrays\(images, labels\)",
    ),
    "Dataset(names)": (lambda: tenfold.Dataset(X, ["a"] * 12), r"write tenfold\.data\.from_arrays"),  # type: ignore[arg-type]
    "data[0]": (lambda: whole[0], r"write data\.images\[0\] and data\.labels\[0\]"),
    "for x, y in data": (lambda: [*whole], r"zip\(data\.images, data\.labels\)"),
    "X, y = corpus": (lambda: [*corpus], r"write corpus\.train\.images"),
    "len(corpus)": (lambda: len(corpus), r"write len\(corpus\.train\)"),
    "tenfold.train(...)": (lambda: anything_of(tenfold.train)(model), r"write model\.fit\(images, labels"),
    "tenfold.predict(X)": (lambda: anything_of(predict)(X), r"write model\.predict\(images\)"),
    "tenfold.evaluate(X)": (lambda: anything_of(evaluate)(X), r"write model\.evaluate\(images, labels\)"),
}


def anything_of(given: Any) -> Any:
    """Return it, so that a type checker lets a wrong call pass."""
    return given


class Attached:
    """A tensor that waits for its gradient, as PyTorch's."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        )


class Frame:
    """Has columns, as a data frame."""

    columns = ("label",)


@pytest.mark.parametrize("typed", ANSWERED)
def test_what_is_typed_by_habit_is_answered_in_one_line(typed: str) -> None:
    call, text = ANSWERED[typed]
    with pytest.raises(TenfoldError, match=text) as caught:
        call()
    assert "\n" not in str(caught.value)


NAMES: dict[str, tuple[Any, str]] = {
    "Linear": (nn, r"write Dense\(784, 10\)"),
    "CrossEntropyLoss": (nn, r"write SoftmaxCrossEntropy\(\)"),
    "AdamW": (optim, "weight_decay=0.01"),
    "StepLR": (optim, "StepHalving"),
    "DataLoader": (data, r"model\.fit\(data, batch_size=32\)"),
    "ModelCheckpoint": (train, "out=folder"),
    "LeNet5": (zoo, r"tenfold\.build\('lenet5'\)"),
    "Dense": (tenfold, r"write tenfold\.nn\.Dense"),
    "manual_seed": (tenfold, "seed=0"),
    "parameters": (net, r"write network\.params"),
    "dense_1": (net, r"write network\.layers\['dense_1'\]"),
    "step": (optim.Adam(1e-3), r"optimizer\.update"),
    "weight": (net[1], r"write layer\.params\['weight'\]"),
    "targets": (whole, r"write data\.labels"),
    "X_train": (corpus, r"write corpus\.train\.images"),
    "cuda": (model, r"write model\.network\.to\('cuda'\)"),
    "lables": (whole, "did you mean 'labels'"),
    "val_loss": (train.History(), r"run\.rows\[-1\]\.validation_loss"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_other_libraries_are_answered(name: str) -> None:
    owner, text = NAMES[name]
    with pytest.raises(AttributeError, match=text):
        getattr(owner, name)


def test_an_own_layer_that_forgot_its_base_is_told_so() -> None:
    class Forgetful(nn.ReLU):
        def __init__(self) -> None:
            pass

    with pytest.raises(AttributeError, match=r"has no attribute 'params'; call super\(\).__init__\(\) first"):
        _ = Forgetful().params


def test_shapes_and_dtypes_are_still_the_built_in_errors() -> None:
    with pytest.raises(TypeError):
        net(FLOATS.tolist())
    assert issubclass(DTypeError, TypeError)
    assert issubclass(ShapeError, ValueError)
