"""What loggers send to a tracker, with modules in place of MLflow and Weights & Biases."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from tenfold.errors import ConfigError
from tenfold.train import DefinitionExecutor, MLflowLogger, Recipe, StopTraining, WandbLogger, fit


@pytest.fixture
def sent(monkeypatch):
    """The calls that either tracker gets; both are modules of the test."""
    calls = []
    mlflow, wandb = ModuleType("mlflow"), ModuleType("wandb")
    mlflow.set_experiment = lambda name: calls.append(("experiment", name))
    mlflow.start_run = lambda run_name: calls.append(("start", run_name))
    mlflow.log_params = lambda about: calls.append(("params", about["epochs"]))
    mlflow.log_metrics = lambda figures, step: calls.append(("log", step, sorted(figures)))
    mlflow.end_run = lambda status: calls.append(("end", status))

    def init(project, name, config):
        calls.append(("start", project, config["epochs"]))
        return SimpleNamespace(
            log=lambda figures, step: calls.append(("log", step, sorted(figures))),
            finish=lambda exit_code: calls.append(("end", exit_code)),
        )

    wandb.init = init
    for module in (mlflow, wandb):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("tenfold.train.callbacks.loggers.require", lambda *_: None)
    return calls


def stop(progress):
    raise StopTraining


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize(
    ("logger", "ends"),
    [(MLflowLogger, ("FINISHED", "KILLED")), (WandbLogger, (0, 1))],
    ids=["mlflow", "wandb"],
)
def test_every_epoch_is_sent_and_the_run_ended_once(logger, ends, stopped, sent, network, digits):
    callbacks = [logger("digits"), *([stop] if stopped else [])]
    try:
        fit(network, Recipe(2), digits, callbacks=callbacks, executor=DefinitionExecutor)
    except StopTraining:
        assert stopped
    logged = [call for call in sent if call[0] == "log"]
    assert [call[1] for call in logged] == ([1] if stopped else [1, 2])
    assert {"train_loss", "train_accuracy", "learning_rate"} <= set(logged[0][2])
    assert [call for call in sent if call[0] == "end"] == [("end", ends[stopped])]
    assert "digits" in sent[0]


@pytest.mark.parametrize(("logger", "extra"), [(MLflowLogger, "mlflow"), (WandbLogger, "wandb")])
def test_without_its_package_a_logger_says_how_to_install_it(logger, extra, monkeypatch):
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=rf"install it: pip install 'tenfold\[{extra}\]'"):
        logger()
