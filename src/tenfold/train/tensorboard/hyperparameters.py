"""A run's settings for TensorBoard's table of runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tensorboardX.proto.api_pb2 import STATUS_SUCCESS
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata

from tenfold.train.recipe import Recipe

Setting = str | int | float


def settings_of(recipe: Recipe) -> dict[str, Setting]:
    """Return a recipe's settings: numbers, and texts of one line for everything else."""
    config = {key: value for key, value in recipe.config().items() if key != "chunk_images"}
    optimizer = config.pop("optimizer")
    options = {key: value for key, value in optimizer["config"].items() if key != "learning_rate"}
    return {
        "epochs": config.pop("epochs"),
        "learning_rate": recipe.optimizer.learning_rate,
        "optimizer": in_words({"kind": optimizer["kind"], "config": options}),
        **{key: in_words(value) for key, value in config.items()},
    }


def in_words(value: Any) -> str:
    """Return a part of a recipe's configuration in one line.

    Examples
    --------
    >>> in_words({"kind": "doubling", "config": {"start": 32, "every": 4}})
    'doubling(start=32, every=4)'
    """
    if value is None:
        return "none"
    if not isinstance(value, Mapping):
        return str(value)
    if value.keys() == {"kind", "config"}:
        return f"{value['kind']}({in_words(value['config'])})" if value["config"] else str(value["kind"])
    return ", ".join(f"{key}={in_words(part)}" for key, part in value.items())


def started(settings: Mapping[str, Setting]) -> Any:
    """Return the record that opens a run's row; TensorBoard finds columns and figures by itself."""
    session = SessionStartInfo(start_time_secs=time.time())
    for name, value in settings.items():
        if isinstance(value, str):
            session.hparams[name].string_value = value
        else:
            session.hparams[name].number_value = float(value)
    return _value("session_start_info", HParamsPluginData(session_start_info=session))


def ended() -> Any:
    """Return the record of a successful end."""
    session = SessionEndInfo(status=STATUS_SUCCESS, end_time_secs=time.time())
    return _value("session_end_info", HParamsPluginData(session_end_info=session))


def _value(name: str, content: Any) -> Any:
    plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content.SerializeToString())
    return Summary.Value(tag=f"_hparams_/{name}", metadata=SummaryMetadata(plugin_data=plugin))
