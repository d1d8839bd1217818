"""Models and layers of installed packages: entry points, without a line on the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tenfold import zoo
from tenfold.data import Dataset
from tenfold.errors import CheckpointError, ConfigError
from tenfold.estimator.zoo_network import model_for
from tenfold.nn import Sequential
from tenfold.registry import UnknownNameError

CODE = """
import numpy as np
from tenfold.nn import Dense, Elementwise, Flatten, Sequential

class Triple(Elementwise):
    kind = "triple"
    function = staticmethod(lambda x: 3 * x)
    derivative = staticmethod(lambda x: 3 + 0 * x)

def build(classes=10, input_shape=(28, 28, 1)):
    "A package's network."
    n = int(np.prod(input_shape))
    if len(input_shape) == 3 and input_shape[2] == 3:  # another network for colour
        return Sequential({"f": Flatten(), "fc0": Dense(n, 7), "fc": Dense(7, classes)}, input_shape)
    return Sequential({"f": Flatten(), "act": Triple(), "fc": Dense(n, classes)}, input_shape)

NOT_A_FUNCTION = 3
"""
POINTS = """
[tenfold.models]
tripled = tripling_for_tests:build
no-network = tripling_for_tests:NOT_A_FUNCTION
lost = no_such_module_anywhere:build

[tenfold.layers]
triple = tripling_for_tests:Triple
not-a-layer = tripling_for_tests:build
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "tripling_for_tests.py").write_text(CODE, encoding="utf-8")
    info = tmp_path / "tripling-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tripling\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("tripling_for_tests", None)


@pytest.mark.usefixtures("package")
def test_a_model_of_a_package_has_a_name_like_ours() -> None:
    assert "tripled" in zoo.models()
    found = zoo.entry("tripled")
    assert (found.title, found.parameters) == ("A package's network.", 7850)
    assert found.origin == {"package": "tripling 1.2", "entry_point": "tenfold.models:tripled"}
    assert found.for_data(3, (4, 4, 1)).parameters == 17 * 3
    with pytest.raises(ConfigError, match="unknown model 'triple'; did you mean 'tripled'"):
        zoo.entry("triple")


@pytest.mark.usefixtures("package")
def test_its_own_function_builds_it_for_other_images() -> None:
    colour = Dataset(np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1]), "colour", classes=3)
    models = [
        zoo.build("tripled", data=colour),
        zoo.build("tripled", classes=3, input_shape=(4, 4, 3)),
        model_for("tripled", 3, (4, 4, 3)),
    ]
    assert [list(model.network.layers) for model in models] == [["f", "fc0", "fc"]] * 3


@pytest.mark.usefixtures("package")
def test_its_layer_is_loaded_without_being_given(tmp_path: Path) -> None:
    model = zoo.build("tripled")
    model.network.initialise(0)
    again = zoo.load_model(model.save(tmp_path / "model"))
    assert again.network.config() == model.network.config()


def test_without_the_package_its_layer_is_not_known(tmp_path: Path) -> None:
    layers = [{"name": "act", "kind": "triple", "config": {}}]
    with pytest.raises(UnknownNameError, match="unknown layer 'triple'") as unknown:
        Sequential.from_config({"input_shape": [3], "layers": layers})
    assert (unknown.value.what, unknown.value.name) == ("layer", "triple")


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "no-network",
            "expected an entry point to a function that returns a network, got int; repair",
        ),
        (
            "lost",
            "expected no_such_module_anywhere:build to be importable, got ModuleNotFoundError",
        ),
    ],
)
def test_what_a_package_offers_wrongly_is_said(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        zoo.entry(name)


@pytest.mark.usefixtures("package")
def test_what_is_no_layer_is_not_taken_for_one() -> None:
    layers = [{"name": "act", "kind": "not-a-layer", "config": {}}]
    with pytest.raises(ConfigError, match="unknown layer 'not-a-layer'"):
        Sequential.from_config({"input_shape": [3], "layers": layers})


def test_an_unknown_layer_in_a_saved_model_says_what_to_pass(
    package: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = zoo.build("tripled")
    model.network.initialise(0)
    model.save(tmp_path / "model")
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one != str(tmp_path)])
    with pytest.raises(CheckpointError, match=r"unknown layer 'triple'.*pass its class: layers=\[\.\.\.\]"):
        zoo.load_model(tmp_path / "model")
