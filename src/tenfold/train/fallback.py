"""What of a network, its loss and its optimiser has no compiled code, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.nn import LAYERS, LOSSES, Elementwise, Layer, Loss, Sequential
from tenfold.nn.elementwise import own_passes
from tenfold.optim import OPTIMIZERS, Optimizer


@dataclass(frozen=True)
class NotCompiled:
    """What runs as written, in NumPy, while the rest of a training step is compiled.

    Attributes
    ----------
    layers : dict of str to str
        The class of each such layer, by the layer's name.
    loss, optimizer : str or None
        The class, if there is no compiled code for it.
    """

    layers: dict[str, str]
    loss: str | None
    optimizer: str | None
    advice: str = ""  # what can be done about it

    @classmethod
    def of(cls, network: Sequential, loss: Loss, optimizer: Optimizer) -> NotCompiled:
        """Return what has no compiled code; a class of a user's own has none, whatever its ``kind``."""
        layers = {
            row.name: type(network.layers[row.name]).__name__ for row in network.rows() if not row.compiled
        }
        known_loss = type(loss) is LOSSES.get(loss.kind)
        known_optimizer = type(optimizer) is OPTIMIZERS.get(optimizer.kind)
        return cls(
            layers,
            None if known_loss else type(loss).__name__,
            None if known_optimizer else type(optimizer).__name__,
            "; ".join(filter(None, (_advice(name, network.layers[name]) for name in layers))),
        )

    @property
    def parts(self) -> str:
        """All of it in words, to be followed by "runs"; empty if everything is compiled."""
        named = [f"layer {name!r} ({kind})" for name, kind in self.layers.items()]
        named += [f"the loss {self.loss}"] if self.loss else []
        named += [f"the optimiser {self.optimizer}"] if self.optimizer else []
        return ", ".join(named)

    @property
    def notice(self) -> str | None:
        """What is slower than it could be, in one line; None if everything is compiled."""
        if not self.parts:
            return None
        several = len(self.layers) + bool(self.loss) + bool(self.optimizer) > 1
        verb = "run" if several else "runs"
        line = f"{self.parts} {verb} as written, in NumPy, which is slower; the rest is compiled"
        return f"{line}; {self.advice}" if self.advice else line


def _advice(name: str, layer: Layer) -> str | None:
    """What a user can do to have a layer of his own compiled, if it may be elementwise."""
    if isinstance(layer, Elementwise) and (own := own_passes(layer)):
        return f"{name}: it has its own {' and '.join(own)}, and only its expressions can be compiled"
    if isinstance(layer, Elementwise):
        return f"{name}: compiled code cannot use one of its expressions; use NumPy's elementwise functions"
    ours = type(layer) in LAYERS.values()
    if ours or layer.param_shapes() or type(layer).output_shape is not Layer.output_shape:
        return None
    return f"if {name} is elementwise, derive it from tenfold.nn.Elementwise and it is compiled too"


def fallback_notice(network: Sequential, loss: Loss, optimizer: Optimizer) -> str | None:
    """Return in one line what has no compiled code and so is slower; None if everything is compiled.

    Examples
    --------
    >>> from tenfold.nn import Flatten, PartialConv2d, SoftmaxCrossEntropy
    >>> from tenfold.optim import SGD
    >>> network = Sequential({"conv": PartialConv2d(1, [[0], [0]], 2), "flatten": Flatten()}, (2, 2, 1))
    >>> fallback_notice(network, SoftmaxCrossEntropy(), SGD(0.1))
    "layer 'conv' (PartialConv2d) runs as written, in NumPy, which is slower; the rest is compiled"
    """
    return NotCompiled.of(network, loss, optimizer).notice
