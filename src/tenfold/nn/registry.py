"""The layers and losses that a configuration can name; `tenfold.nn` enters its own here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenfold.nn.elementwise import Elementwise, own_passes
from tenfold.nn.layer import Layer
from tenfold.nn.losses import Loss
from tenfold.registry import construct, extended, lookup

LAYERS: dict[str, type[Layer]] = {}
LOSSES: dict[str, type[Loss]] = {}


def has_fast_path(layer: Layer) -> bool:
    """Return whether compiled code can compute a layer: one of ours, or one given as NumPy expressions.

    Examples
    --------
    >>> from tenfold.nn import PartialConv2d, ReLU
    >>> has_fast_path(ReLU()), has_fast_path(PartialConv2d(1, [[0]], 3))
    (True, False)
    """
    if type(layer) is LAYERS.get(layer.kind):
        inner = [one for part in getattr(layer, "parts", {}).values() for one in part.layers.values()]
        return bool(layer.engine) and all(map(has_fast_path, inner))
    if not isinstance(layer, Elementwise) or own_passes(layer):
        return False
    from tenfold.backend.cpu.pointwise import why_not  # here, for Numba takes its time to import

    return why_not(layer) is None


def layer_from_config(kind: str, config: Mapping[str, Any], own: Iterable[type[Layer]] = ()) -> Layer:
    """Build a layer from its kind and what its ``config()`` returned.

    Parameters
    ----------
    kind : str
    config : mapping
    own : classes
        Your own layers that a configuration may name too; other classes among them do no harm.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.

    Examples
    --------
    >>> layer_from_config("dropout", {"rate": 0.5})
    Dropout(rate=0.5)
    """
    own = tuple(own)
    return lookup("layer", kind, extended(LAYERS, kind, own, is_layer)).from_config(config, own)


def is_layer(cls: object) -> bool:
    """Return whether something is a class of layers."""
    return isinstance(cls, type) and issubclass(cls, Layer)


def is_loss(cls: object) -> bool:
    """Return whether something is a class of losses."""
    return isinstance(cls, type) and issubclass(cls, Loss)


def loss_from_config(kind: str, config: Mapping[str, Any], own: Iterable[Any] = ()) -> Loss:
    """Build a loss from its kind and what its ``config()`` returned; ``own`` are classes of your own.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.
    """
    return construct("loss", kind, config, extended(LOSSES, kind, own, is_loss))
