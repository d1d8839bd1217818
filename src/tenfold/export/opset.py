"""Versions of ONNX's operators: older programs need an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.quoting import message, quoted

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 17
"""Of 2022: ONNX Runtime reads it since 1.12."""
OPSETS = range(11, OPSET + 1)


def check_opset(opset: int) -> None:
    """Refuse a version that is not among those that are tested.

    Raises
    ------
    ConfigError
    """
    if isinstance(opset, bool) or opset not in OPSETS:
        raise ConfigError(
            f"opset: expected {OPSETS[0]} to {OPSETS[-1]}, got {quoted(opset)}; {OPSET} suits most programs"
        )


def checked(model: ModelProto, opset: int) -> ModelProto:
    """Return a model, if this version has all its operators in the form in which they are used.

    Raises
    ------
    ConfigError
        With the operator that it does not have.
    """
    if opset == OPSET:
        return model
    from onnx import checker

    try:
        checker.check_model(model)
    except checker.ValidationError as error:
        why = message(error, 80)
        raise ConfigError(
            f"opset: expected a version that has the network's operators, got {opset} ({why}); "
            f"try 13, or {OPSET}"
        ) from error
    return model
