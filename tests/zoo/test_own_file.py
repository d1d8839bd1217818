"""A Python file of the user's own: what is taken from it, and each thing that can be wrong with it."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tenfold.errors import ConfigError
from tenfold.nn import Sequential
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel
from tenfold.zoo.own_file import place_of, read_own_file
from tenfold.zoo.own_model import Builder, entry_of

PARTS = """
from __future__ import annotations
from dataclasses import asdict, dataclass, field
from typing import ClassVar
import numpy as np
from tenfold.nn import Dense, Elementwise, Flatten, Layer, ReLU, Sequential, SoftmaxCrossEntropy, Residual
from tenfold.optim import SGD, OptimizerState
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel

class Base(Elementwise):
    "A base of others; its name gives its kind."

class Double(Base):
    kind = "double"
    function = staticmethod(lambda x: 2 * x)
    derivative = staticmethod(lambda x: 2 + 0 * x)

class Halved(SoftmaxCrossEntropy):
    kind = "halved"

@dataclass(frozen=True)
class Signs:
    kind: ClassVar[str] = "signs"
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    def config(self):
        return {"learning_rate": self.learning_rate}
    def init(self, params):
        return OptimizerState()
    def update(self, params, grads, state, rate):
        moved = {name: p - rate * np.sign(grads[name]) for name, p in params.items()}
        return moved, OptimizerState(state.step + 1)

@dataclass(frozen=True)
class Saw:
    kind: ClassVar[str] = "saw"
    every: int = 2
    def config(self):
        return asdict(self)
    def __call__(self, epoch, step=0, steps_per_epoch=1):
        return 1 - epoch % self.every / self.every

def with_first(layer):
    return Sequential({"first": layer, "f": Flatten(), "fc": Dense(784, 10)}, (28, 28, 1))
"""
NETWORK = 'Sequential({"flatten": Flatten(), "act": Double(), "fc": Dense(784, 10)}, (28, 28, 1))'


def write(folder: Path, body: str, name: str = "net.py", parts: str = PARTS) -> str:
    path = folder / name
    path.write_text(parts + body)
    return str(path)


def entry(named: str, *data: Any) -> Any:
    return entry_of(Builder.of_file(read_own_file(named)), *data)


def test_the_classes_that_a_configuration_can_name_are_collected(tmp_path: Path) -> None:
    named = write(tmp_path, "")
    file = read_own_file(named)
    assert [cls.__name__ for cls in file.classes] == ["Base", "Double", "Halved", "Signs", "Saw"]
    assert file.sha256 == sha256(Path(named).read_bytes()).hexdigest()


def test_classes_of_another_file_in_the_same_folder_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    write(tmp_path, "", "my_parts_of_a_network.py")
    named = write(tmp_path, "from my_parts_of_a_network import Double, Saw", parts="")
    assert [cls.kind for cls in read_own_file(named).classes] == ["double", "saw"]
    del sys.modules["my_parts_of_a_network"]


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    first, second = (
        read_own_file(write(tmp_path, f"size = {n}", parts="")).module.size for n in (1, 2)
    )  # of equal length, in the same second: Python's own cache would keep the first
    assert (first, second) == (1, 2)


def test_what_a_file_prints_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read_own_file(write(tmp_path, "print('loaded')", parts=""))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "loaded\n")


@pytest.mark.parametrize(
    ("body", "name", "recipe"),
    [
        (f"def build():\n    return {NETWORK}", "net", "softmax_cross_entropy"),
        (f"def build(**data):\n    return {NETWORK}", "net", "softmax_cross_entropy"),
        (
            "def build():\n    'Mine.'\n    recipe = Recipe(3, 8, Signs(), rate=Saw(), loss=Halved())\n"
            f"    return NetworkModel('mine', {NETWORK}, recipe)",
            "mine",
            "halved",
        ),
    ],
    ids=["a network", "any arguments", "a model with its recipe"],
)
def test_a_function_builds_a_network(tmp_path: Path, body: str, name: str, recipe: str) -> None:
    found = entry(write(tmp_path, body))
    first, second = found.build(found), found.build(found)
    assert (found.name, found.parameters) == (name, 7850)
    assert isinstance(first, NetworkModel)
    assert first.network is not second.network
    assert first.recipe.loss.kind == recipe
    assert found.title == ("Mine." if name == "mine" else f"your own network, {tmp_path / 'net.py'}")
    own = found.own
    assert Sequential.from_config(first.network.config(), own).config() == first.network.config()
    assert Recipe.from_config(first.recipe.config(), own=own) == first.recipe


def test_another_function_has_a_name_of_its_own(tmp_path: Path) -> None:
    named = write(tmp_path, f"def wide():\n    return {NETWORK}")
    assert entry(f"{named}:wide").name == "net-wide"
    with pytest.raises(
        ConfigError, match=r"expected a function build .*; name another: --network .*net.py:wide"
    ):
        entry(named)


def test_the_data_give_the_arguments(tmp_path: Path) -> None:
    body = (
        "def build(classes, input_shape):\n"
        "    n = int(np.prod(input_shape))\n"
        "    return Sequential({'flatten': Flatten(), 'fc': Dense(n, classes)}, input_shape)"
    )
    named = write(tmp_path, body)
    assert entry(named, 26, (8, 9, 3)).parameters == 26 * (8 * 9 * 3 + 1)
    assert entry(named).for_data(5, (2, 2, 1)).parameters == 5 * 5


WRONG = {
    "a syntax error": ("def build(:\n", r"net\.py, line 1: SyntaxError: "),
    "an error": ("x = 1\ny = 1 / 0\n", r"net\.py, line 2: ZeroDivisionError: division by zero; correct it"),
    "an error without words": ("raise ValueError\n", r"net\.py, line 1: ValueError; correct it"),
    "an end": ("raise SystemExit(3)\n", r"net\.py, line 1: SystemExit: 3; correct it"),
    "no module": ("import no_such_module_anywhere\n", "line 1: ModuleNotFoundError: .*no_such_module"),
    "no function": ("x = 1\n", r"expected a function build that returns a network, found none; write one"),
    "no function of that name": ("build = 3\n", "expected a function build that returns a network"),
    "an error in the function": (
        "def build():\n    return {}['fc']\n",
        r"net\.py, line 2: KeyError: no 'fc'; correct it",
    ),
    "an error of tenfold's": (
        "from tenfold.nn import Dense, Sequential\n\ndef build():\n"
        "    return Sequential({'fc': Dense(3, 10)}, (4,))\n",
        r"net\.py, line 4: .*fc",
    ),
    "another result": (
        "def build():\n    return 3\n",
        r"net\.py: expected a function that returns a Sequential, or a model with its recipe, got int; ",
    ),
    "no result": ("def build():\n    pass\n", "got NoneType; return the network"),
    "an argument": (
        "def build(width, classes):\n    pass\n",
        "whose only arguments without a default are classes and input_shape, got one that needs width; give",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_file_is_said_in_one_line(tmp_path: Path, case: str) -> None:
    body, text = WRONG[case]
    with pytest.raises(ConfigError, match=text) as refused:
        entry(write(tmp_path, body, parts=""))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ("missing.py", "missing.py: expected a file, found nothing"),
        ("net.txt", "--network: expected FILE.py or FILE.py:FUNCTION, got net.txt; correct it"),
        ("net.py:", "--network: expected FILE.py or FILE.py:FUNCTION, got net.py:; correct it"),
        ("", "--network: expected FILE.py"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "")
    with pytest.raises(ConfigError, match=text):
        read_own_file(named)


UNFIT = {
    "a layer with a kind of ours": (
        "class Mine(ReLU):\n    kind = 'relu'\ndef build():\n    return with_first(Mine())",
        "Mine: expected a class with a kind that no other layer has, .*'relu' of tenfold's own",
    ),
    "a layer without a kind": (
        "class Mine(Double):\n    kind = ''\ndef build():\n    return with_first(Mine())",
        "Mine: expected a class with a kind .*, got one with the kind ''; choose another kind",
    ),
    "a layer inside another": (
        "def build():\n    class Mine(Double):\n        kind = 'inner'\n"
        "    inner = Residual(Sequential({'a': Mine()}, (28, 28, 1)))\n"
        "    return with_first(inner)",
        "Mine: .*got one with the kind 'inner'; import the class in the file",
    ),
    "two layers of a kind": (
        "class Mine(Double):\n    kind = 'double'\ndef build():\n    return with_first(Double())",
        "Double: expected a class with a kind that no other layer has",
    ),
    "a name of a file": (
        f"def build():\n    return NetworkModel('a/b', {NETWORK})",
        "expected a model's name of letters, digits, .*, got 'a/b'; rename the file",
    ),
    "a name with an ending of ours": (
        f"def build():\n    return NetworkModel('net-honest', {NETWORK})",
        "does not end in -honest, got 'net-honest'",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_could_not_be_loaded_again_is_refused_before_training(tmp_path: Path, case: str) -> None:
    body, text = UNFIT[case]
    with pytest.raises(ConfigError, match=text):
        entry(write(tmp_path, body))


def test_the_line_of_an_error_in_a_layer_is_found(tmp_path: Path) -> None:
    file = read_own_file(write(tmp_path, "def broken(x):\n    return x.none\n", parts=""))
    with pytest.raises(AttributeError) as raised:
        file.module.broken(1)
    assert place_of(raised.value) == f"{tmp_path / 'net.py'}, line 2"
    assert place_of(ValueError("of tenfold")) is None
