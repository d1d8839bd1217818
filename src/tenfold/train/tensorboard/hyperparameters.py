"""A run's settings and its final figures for TensorBoard's table of runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from tensorboardX.proto.api_pb2 import (
    DATA_TYPE_FLOAT64,
    DATA_TYPE_STRING,
    STATUS_SUCCESS,
    Experiment,
    HParamInfo,
    MetricInfo,
    MetricName,
)
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata

from tenfold.train.recipe import Recipe

Setting = str | int | float


def settings_of(recipe: Recipe) -> dict[str, Setting]:
    """Return a recipe as one line for each setting, the same lines for every recipe.

    TensorBoard takes the columns of its table from one of the runs that it compares.
    """
    config = {key: value for key, value in recipe.config().items() if key != "chunk_images"}
    rate = config["optimizer"]["config"].pop("learning_rate")
    named = {key: value if key == "epochs" else in_words(value) for key, value in config.items()}
    return {"learning_rate": rate, **named}


def in_words(value: Any) -> str:
    """Return a part of a recipe's configuration in one line.

    Examples
    --------
    >>> in_words({"kind": "doubling", "config": {"start": 32, "every": 4}})
    'doubling(start=32, every=4)'
    """
    if isinstance(value, Mapping) and value.keys() == {"kind", "config"}:
        return f"{value['kind']}({_options(value['config'])})" if value["config"] else str(value["kind"])
    return _options(value) if isinstance(value, Mapping) else "none" if value is None else str(value)


def _options(config: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={in_words(value)}" for key, value in config.items())


def start(settings: Mapping[str, Setting], figures: Iterable[str], group: str) -> list[Any]:
    """Return what opens a run's row: its settings, and which figures the table shows.

    Parameters
    ----------
    settings : mapping of str to str or number
    figures : iterable of str
        The tags of the final figures.
    group : str
        The subfolder with their event file.
    """
    experiment = Experiment(
        hparam_infos=[HParamInfo(name=name, type=_type(value)) for name, value in settings.items()],
        metric_infos=[
            MetricInfo(name=MetricName(group=group, tag=tag), display_name=tag.replace("_", " "))
            for tag in figures
        ],
    )
    session = SessionStartInfo(start_time_secs=time.time())
    for name, value in settings.items():
        if isinstance(value, str):
            session.hparams[name].string_value = value
        else:
            session.hparams[name].number_value = float(value)
    return [
        _value("experiment", HParamsPluginData(experiment=experiment)),
        _value("session_start_info", HParamsPluginData(session_start_info=session)),
    ]


def end() -> list[Any]:
    """Return what says that the run has ended well."""
    session = SessionEndInfo(status=STATUS_SUCCESS, end_time_secs=time.time())
    return [_value("session_end_info", HParamsPluginData(session_end_info=session))]


def _type(value: Setting) -> Any:
    return DATA_TYPE_STRING if isinstance(value, str) else DATA_TYPE_FLOAT64


def _value(name: str, content: Any) -> Any:
    plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content.SerializeToString())
    return Summary.Value(tag=f"_hparams_/{name}", metadata=SummaryMetadata(plugin_data=plugin))
