"""A model on PyTorch's tensors, from the face of Python and from the command line."""

import json

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

import tenfold
from tenfold.cli import main
from tenfold.data import Corpus, Dataset, write_idx
from tenfold.errors import DivergedError, DTypeError
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.optim import SGD, Adam, PerLayer, RMSprop
from tenfold.train import DefinitionExecutor, Recipe, fit

N, CLASSES = 96, 10


def images(seed=0, n=N, side=12):
    rng = np.random.default_rng(seed)
    return Dataset(rng.integers(0, 256, (n, side, side), np.uint8), np.arange(n) % CLASSES, "noise")


def small(side=12):
    layers = {
        "conv1": Conv2d(1, 4, 3, padding="same"),
        "bn": BatchNorm(4),
        "relu": ReLU(),
        "pool": MaxPool2d(2),
        "conv2": Conv2d(4, 6, 3, stride=2),
        "drop": Dropout(0.2),
        "flatten": Flatten(),
        "fc": Dense(6 * ((side // 2 - 3) // 2 + 1) ** 2, CLASSES),
    }
    return Sequential(layers, (side, side, 1))


def is_torch(network):
    return all(isinstance(array, torch.Tensor) for array in (network.params | network.state).values())


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(0.01, weight_decay=0.1),
        SGD(0.05, 0.9, True),
        RMSprop(0.01),
        PerLayer(Adam(0.01), {"fc": SGD(0.1)}),
    ],
    ids=lambda one: one.kind,
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_are_those_of_numpy(optimizer, dtype):
    data, got = images(), {}
    for where in ("cpu", "torch"):
        network = small()
        network.initialise(0, dtype)
        network.to(where)
        runner = DefinitionExecutor(network, SoftmaxCrossEntropy(), optimizer)
        order = np.random.default_rng(0).permutation(N)
        for part in (order[:48], order[48:]):  # the last minibatch is larger
            done = runner.train(
                data.images, data.labels, part, 15, np.full(3, 0.01), np.random.default_rng(1)
            )
        got[where] = done, runner.export()
        assert where == "cpu" or is_torch(network)
    (done, ours), (steps, theirs) = got["cpu"], got["torch"]
    tolerance = 1e-9 if dtype == np.float64 else 2e-3
    np.testing.assert_allclose(steps.losses, done.losses, rtol=tolerance)
    np.testing.assert_array_equal(steps.correct, done.correct)
    for name, array in ours.params.items():
        # before batch normalisation a bias has no gradient but rounding, which Adam makes steps of
        if name != "conv1.bias":
            np.testing.assert_allclose(
                theirs.params[name], array, rtol=tolerance, atol=tolerance, err_msg=name
            )
    assert theirs.optimizer.step == ours.optimizer.step == 6
    for slot, arrays in ours.optimizer.slots.items():
        assert arrays.keys() == theirs.optimizer.slots[slot].keys()


def test_a_loss_that_is_not_finite_ends_the_steps_where_it_does_on_numpy():
    data, got = images(), {}
    for where in ("cpu", "torch"):
        network = small()
        network.initialise(0, np.float64)
        network.to(where)
        runner = DefinitionExecutor(network, SoftmaxCrossEntropy(), SGD(1.0))
        rates = np.array([0.01, 1e200, 0.01, 0.01])
        rng = np.random.default_rng(1)
        done = runner.train(data.images, data.labels, np.arange(60), 15, rates, rng)
        got[where] = done, runner.export(), rng.integers(2**60)
    (done, ours, drawn), (steps, theirs, drawn_there) = got["cpu"], got["torch"]
    assert len(steps.losses) == len(done.losses) < 4
    assert not np.isfinite(steps.losses[-1])
    assert np.isfinite(steps.losses[:-1]).all()
    assert drawn == drawn_there
    assert theirs.optimizer.step == ours.optimizer.step
    np.testing.assert_allclose(theirs.params["fc.weight"], ours.params["fc.weight"], rtol=1e-9)


def test_a_run_that_diverges_names_the_place():
    network = small().to("torch")
    with pytest.raises(DivergedError, match=r"the loss became|weights or"):
        fit(network, Recipe(2, 16, SGD(1e30)), images())


def step_profile(network, steps):
    runner = DefinitionExecutor(network, SoftmaxCrossEntropy(), Adam(0.01))
    data = images()

    def go(n):
        runner.train(
            data.images, data.labels, np.arange(8 * n), 8, np.full(n, 0.01), np.random.default_rng(0)
        )

    go(1)
    counts = []
    for n in (1, 1 + steps):
        with profile(activities=[ProfilerActivity.CPU]) as found:
            go(n)
        counts.append({one.key: one.count for one in found.key_averages()})
    few, many = counts
    return {name: (many[name] - few.get(name, 0)) / steps for name in many}, few


def test_nothing_is_read_from_the_device_between_steps():
    layers = {"conv": Conv2d(1, 4, 3), "relu": ReLU(), "pool": MaxPool2d(2), "flatten": Flatten()}
    network = Sequential({**layers, "fc": Dense(100, CLASSES)}, (12, 12, 1)).to("torch")
    network.initialise(0)
    each, _ = step_profile(network, 5)
    assert each.get("aten::item", 0) == each.get("aten::_local_scalar_dense", 0) == 0
    assert each.get("aten::sqrt", 0) == 1  # Adam takes one step for all parameters


def test_a_model_stays_where_it_is_is_saved_and_read_again(tmp_path):
    model = tenfold.NetworkModel("mine", small(28), Recipe(2, 16, Adam(0.01)))
    data, test = images(side=28), images(1, 30, side=28)
    run = model.fit(
        Corpus("noise", data, test, origin="made", sha256="0"), out=tmp_path / "run", device="torch"
    )
    assert is_torch(model.network)
    assert run.record.device == f"cpu, PyTorch {torch.__version__}"
    assert json.loads((tmp_path / "run/run.json").read_text())["device"] == run.record.device
    model.save(tmp_path / "saved")
    for device, kind in ((None, np.ndarray), ("torch", torch.Tensor), (torch.zeros(1), torch.Tensor)):
        again = tenfold.load_model(tmp_path / "saved", device=device)
        for name, array in model.network.params.items():
            assert isinstance(again.network.params[name], kind)
            np.testing.assert_array_equal(np.asarray(again.network.params[name]), array.numpy())


def test_fit_draws_new_parameters_where_the_old_ones_are():
    drawn = {}
    for device in ("cpu", "torch"):
        network = small().to(device)
        network.initialise(5)
        fit(network, Recipe(1, 16, SGD(0.0)), images(), seed=3)
        drawn[device] = network.params
    assert all(isinstance(array, torch.Tensor) for array in drawn["torch"].values())
    for name, array in drawn["cpu"].items():
        np.testing.assert_array_equal(drawn["torch"][name].numpy(), array)


def test_a_run_on_torch_is_resumed_on_numpy(tmp_path):
    network, other = small().to("torch"), small()
    data = images()
    fit(network, Recipe(1, 16, Adam(0.01)), data, out=tmp_path, initialise=True)
    history = fit(
        other, Recipe(2, 16, Adam(0.01)), data, out=tmp_path, resume=True, executor=DefinitionExecutor
    )
    assert len(history.rows) == 2
    assert "it resumes on the definition on numpy arrays" in " ".join(history.notices)


def test_bfloat16_is_refused_in_one_line():
    network = small()
    network.initialise(0)
    network.assign(
        *(
            {name: torch.tensor(array).bfloat16() for name, array in arrays.items()}
            for arrays in (network.params, network.state)
        )
    )
    with pytest.raises(
        DTypeError, match=r"expected parameters of float32 or float64, got bfloat16; convert them"
    ):
        fit(network, Recipe(1, 16, Adam(0.01)), images(), initialise=False)
    with pytest.raises(DTypeError, match="got bfloat16; convert the parameters to float32"):
        tenfold.NetworkModel("mine", network).save("nowhere")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    for part, n in (("train", 120), ("t10k", 40)):
        data = images(n=n, side=28)
        write_idx(tmp_path / f"data/{part}-images-idx3-ubyte", data.images)
        write_idx(tmp_path / f"data/{part}-labels-idx1-ubyte", data.labels.astype(np.uint8))
    return tmp_path / "data"


def test_the_command_trains_there_and_its_report_says_so(tmp_path, folder, capsys, undrawn):
    options = ["--data", folder, "--epochs", 1, "--device", "torch", "--out", tmp_path / "run"]
    assert main(["train", "nn1l", *map(str, options)]) == 0
    out, err = capsys.readouterr()
    where = f"cpu, PyTorch {torch.__version__}"
    assert f"device: {where}" in err
    assert f"trained on {where}" in " ".join(out.split())
    assert json.loads((tmp_path / "run/run.json").read_text())["device"] == where
    assert where in (tmp_path / "run/report.html").read_text()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_the_command_says_plainly_that_there_is_no_gpu(folder, capsys):
    assert main(["train", "nn1l", "--data", str(folder), "--device", "cuda"]) == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert "device: expected a GPU, but PyTorch" in line
    assert "there is: cpu" in line
