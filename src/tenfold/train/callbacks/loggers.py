"""Figures of a run sent to an experiment tracker: MLflow, Weights & Biases, or another."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from tenfold.extras import require
from tenfold.train.callbacks.base import Callback
from tenfold.train.progress import Progress


class MetricLogger(Callback):
    """Base of callbacks that send an epoch's figures somewhere: give ``log``, and what else is needed.

    Examples
    --------
    >>> class Printer(MetricLogger):
    ...     def log(self, figures, epoch):
    ...         print(epoch, figures["train_loss"])
    """

    def begin(self, about: dict[str, Any]) -> None:
        """Begin a run; ``about`` says which model is trained and for how many epochs."""

    @abstractmethod
    def log(self, figures: dict[str, float], epoch: int) -> None:
        """Send the figures of an epoch, by the names of `EpochRow`."""

    def finish(self, *, complete: bool) -> None:
        """End the run; ``complete`` says whether it came to its end."""

    def on_start(self, progress: Progress) -> None:
        """Begin, with the model's name and the number of epochs."""
        name = "network" if progress.model is None else progress.model.name
        parameters = 0 if progress.network is None else progress.network.n_parameters
        self._open = True
        self.begin({"model": name, "epochs": progress.epochs, "parameters": parameters})

    def on_epoch_end(self, progress: Progress) -> None:
        """Send the latest epoch's figures."""
        row, shown = progress.row, progress.history.shown
        figures = {
            shown(name): float(value)
            for name, value in row.to_dict().items()
            if isinstance(value, (int, float)) and name != "epoch"
        }
        watched = {f"watched_{name}_accuracy": one.accuracy for name, one in row.watched.items()}
        self.log(figures | watched, row.epoch)

    def on_end(self, progress: Progress) -> None:
        """Finish."""
        self._end(complete=True)

    def close(self) -> None:
        """Finish a run that was interrupted or failed."""
        self._end(complete=False)

    _open = False

    def _end(self, *, complete: bool) -> None:
        if self._open:
            self._open = False
            self.finish(complete=complete)


class MLflowLogger(MetricLogger):
    """Sends the figures to MLflow, to the tracking server that MLflow is set to.

    Parameters
    ----------
    experiment, run_name : str, optional
        As MLflow calls them.
    """

    def __init__(self, experiment: str | None = None, run_name: str | None = None) -> None:
        require("MLflowLogger", "mlflow", "mlflow")
        self._experiment, self._run_name = experiment, run_name

    def begin(self, about: dict[str, Any]) -> None:
        """Start an MLflow run with its parameters."""
        import mlflow

        if self._experiment is not None:
            mlflow.set_experiment(self._experiment)
        mlflow.start_run(run_name=self._run_name or about["model"])
        mlflow.log_params(about)

    def log(self, figures: dict[str, float], epoch: int) -> None:
        """Log the metrics."""
        import mlflow

        mlflow.log_metrics(figures, step=epoch)

    def finish(self, *, complete: bool) -> None:
        """End the MLflow run."""
        import mlflow

        mlflow.end_run("FINISHED" if complete else "KILLED")


class WandbLogger(MetricLogger):
    """Sends the figures to Weights & Biases.

    Parameters
    ----------
    project, run_name : str, optional
        As Weights & Biases calls them.
    """

    def __init__(self, project: str | None = None, run_name: str | None = None) -> None:
        require("WandbLogger", "wandb", "wandb")
        self._project, self._run_name = project, run_name
        self._run: Any = None

    def begin(self, about: dict[str, Any]) -> None:
        """Start a run with its configuration."""
        import wandb

        self._run = wandb.init(project=self._project, name=self._run_name, config=about)

    def log(self, figures: dict[str, float], epoch: int) -> None:
        """Log the metrics."""
        self._run.log(figures, step=epoch)

    def finish(self, *, complete: bool) -> None:
        """End the run."""
        self._run.finish(exit_code=0 if complete else 1)
