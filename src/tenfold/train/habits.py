"""Names and options that users of other libraries type for training, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

MONITOR_OPTIONS = each(
    {
        "restore_best_weights": "write restore_best=True",
        "min_delta": "write min_change=0.001",
        "mode verbose baseline": "leave it out: the monitor knows which way is better",
        "*": "write the options by name: EarlyStopping(patience=3)",
    }
)
"""Options of early stopping."""

UNIT_NAMES = each(
    {
        "ModelCheckpoint": (
            "write fit(..., out=folder): each epoch is saved there, and resume=True resumes the run"
        ),
        "ReduceLROnPlateau": "write Recipe(plateau=ReduceOnPlateau(factor=0.5, patience=3))",
        "LearningRateScheduler": (
            "write Model(network, rate=lambda epoch, step, steps_per_epoch: 0.9 ** epoch)"
        ),
        "LearningRateMonitor": "leave it out: run.rows[0].learning_rate",
        "TensorBoard TensorBoardLogger": "see docs/tensorboard.md",
        "CSVLogger": "leave it out: a run's folder has history.csv; or run.to_csv()",
        "Trainer": "write tenfold.Model(network).fit(images, labels, epochs=3)",
        "LambdaCallback": "write a function: fit(..., callbacks=[lambda progress: print(progress.row)])",
        "ProgressBar": "write fit(..., progress=True)",
        "TerminateOnNaN": "leave it out: training stops at the first NaN, and names the layer",
    }
)
"""Names of the unit `tenfold.train`."""

HISTORY_NAMES = each(
    {
        "loss accuracy epochs epoch": "write run.rows[-1].train_loss, run.rows[-1].train_accuracy",
        "val_loss val_accuracy": "write run.rows[-1].validation_loss, run.rows[-1].validation_accuracy",
        "train_loss train_accuracy validation_accuracy validation_loss": "each epoch has it: run.rows[-1]",
        "best best_epoch best_score": "write run.chosen_epoch, or run.to_frame().max()",
        "params": "write run.model.recipe",
        "network weights": "write run.model.network",
        "to_dict to_pandas df": "write run.to_frame(), or run.to_dicts()",
        "save": "write fit(..., out=folder), or run.model.save(folder)",
        "load": "write tenfold.Run.open(folder)",
        "predict predict_proba score summary": "write run.model, which has it",
        "metrics test_accuracy": "write run.evaluate().accuracy",
    }
)
"""Attributes of a run."""
