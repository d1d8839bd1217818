"""How wrong the outputs are: one number for a minibatch, and its derivative."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from tenfold.backend.arrays import Array, asarray_like, namespace
from tenfold.errors import DTypeError, RangeError, ShapeError
from tenfold.habits import keywords, refusing
from tenfold.nn.arguments import fraction
from tenfold.registry import snake_case

LossBackward: TypeAlias = Callable[[], Array]

_known: ContextVar[tuple[Array, int, int] | None] = ContextVar("labels of a known range", default=None)


_OPTIONS = {
    "weight": "a factor for each image is Dataset(images, labels, weights=...)",
    "reduction": "leave it out: the loss is the mean over the images",
    "from_logits": "leave it out: it always takes logits",
    "ignore_index": "leave those images out of the data",
}


class Loss(ABC):
    """Base of every loss.

    Attributes
    ----------
    kind : str
        The name of the loss in configurations; a class without one gets its own name, as a layer does.
    extra_labels : int
        How many labels there are besides the network's outputs.
    """

    kind: ClassVar[str] = ""
    extra_labels: ClassVar[int] = 0

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Give a class without a ``kind`` of its own one: that of its base names another class."""
        super().__init_subclass__(**keywords)
        if "kind" not in cls.__dict__:
            cls.kind = snake_case(cls.__name__)

    @classmethod
    def examples(cls) -> dict[str, Loss]:
        """Return losses of this kind by a label, for the gradient table and the tests."""
        return {"": cls()}

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {}

    @abstractmethod
    def forward(
        self, logits: Array, labels: Array, weights: Array | None = None
    ) -> tuple[Array, LossBackward]:
        """Return the mean loss of a minibatch and the function that gives its gradient.

        Parameters
        ----------
        logits : array, shape (n, k)
            The network's outputs.
        labels : array of int, shape (n,)
            The true classes, 0 to k - 1, or ``extra_labels`` more; may be a NumPy array with logits of
            any namespace.
        weights : array of float, shape (n,), optional
            A factor for the loss of each image; the mean is over the n images, whatever the weights are. A
            loss of your own that is never trained with weights may leave the argument out.

        Returns
        -------
        loss : array, shape ()
        backward : callable
            ``backward() -> dlogits`` of shape (n, k).

        Raises
        ------
        ShapeError, DTypeError, RangeError
            If the labels do not fit the logits.
        """

    if not TYPE_CHECKING:  # a type checker knows that a loss is not called
        __call__ = refusing(
            "expected a call of its method forward, got one of the loss itself; write "
            "loss, backward = SoftmaxCrossEntropy().forward(logits, labels), then dlogits = backward()"
        )

    @keywords(_OPTIONS)
    def __init__(self) -> None:
        super().__init__()

    def answers(self, logits: Array) -> Array:
        """Return the label that each row of outputs speaks for, shape (n,)."""
        return namespace(logits).argmax(logits, axis=1)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({arguments})"


class SoftmaxCrossEntropy(Loss):
    """Softmax, then the cross-entropy with the true class, in nats.

    ``p = softmax(logits)``; ``loss = -mean over images of sum over classes of t log p``, where the target t
    is 1 for the true class and 0 for the others; or, smoothed, ``(1 - e) t + e / k``.

    Derived in tutorial 2, "Softmax and cross-entropy".

    Parameters
    ----------
    label_smoothing : float
        e above, in [0, 1).

    References
    ----------
    C. Szegedy et al., "Rethinking the Inception Architecture" (arXiv:1512.00567), section 7.

    Examples
    --------
    >>> import numpy as np
    >>> loss, backward = SoftmaxCrossEntropy().forward(np.zeros((4, 10)), np.array([0, 1, 2, 3]))
    >>> round(float(loss), 4), backward().shape
    (2.3026, (4, 10))
    """

    kind: ClassVar[str] = "softmax_cross_entropy"

    @classmethod
    def examples(cls) -> dict[str, Loss]:
        return {"": cls(), "smoothed": cls(label_smoothing=0.1)}

    @keywords(_OPTIONS)
    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = fraction("label_smoothing", label_smoothing)

    def config(self) -> dict[str, Any]:
        return {"label_smoothing": self.label_smoothing}

    def forward(
        self, logits: Array, labels: Array, weights: Array | None = None
    ) -> tuple[Array, LossBackward]:
        xp, (n, k), e = namespace(logits), _size(logits), self.label_smoothing
        target = (1 - e) * one_hot(logits, labels) + e / k  # (n, k)
        log_p = log_softmax(logits)  # (n, k)
        loss = -xp.sum(scaled(target * log_p, weights)) / n

        def backward() -> Array:
            # d log p_j / d logit_i = [i = j] - p_i and sum_j t_j = 1, so d loss / d logit_i = (p_i - t_i) / n
            return scaled((xp.exp(log_p) - target) / n, weights)

        return loss, backward


class OpenSetCrossEntropy(Loss):
    """Cross-entropy with one class more than there are outputs: none of them. Its logit is always 0.

    With ``z = (logits, 0)``, ``p = softmax(z)``, the loss is ``-mean over images of log p`` of the true
    class; the label k says that an image shows nothing that the network is to know. So an output says by
    how much its class is likelier than none: all negative, and there is none.

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    W. Scheirer et al., "Toward Open Set Recognition" (2013), section 2, for the problem.

    Examples
    --------
    >>> import numpy as np
    >>> loss, backward = OpenSetCrossEntropy().forward(np.zeros((3, 10)), np.array([0, 9, 10]))
    >>> round(float(loss), 4), backward().shape
    (2.3979, (3, 10))
    """

    kind: ClassVar[str] = "open_set_cross_entropy"
    extra_labels: ClassVar[int] = 1

    def forward(
        self, logits: Array, labels: Array, weights: Array | None = None
    ) -> tuple[Array, LossBackward]:
        xp, (n, k) = namespace(logits), _size(logits)
        z = _with_none(logits)  # (n, k + 1)
        target, log_p = one_hot(z, labels), log_softmax(z)  # (n, k + 1)
        loss = -xp.sum(scaled(target * log_p, weights)) / n

        def backward() -> Array:
            # as in SoftmaxCrossEntropy; the last logit is 0, whatever the network says
            return scaled((xp.exp(log_p) - target)[:, :k] / n, weights)

        return loss, backward

    def answers(self, logits: Array) -> Array:
        return namespace(logits).argmax(_with_none(logits), axis=1)


class MeanSquaredError(Loss):
    """``mean over images and classes of (output - t) ** 2``; t is 1 for the true class, 0 for the others.

    Derived in tutorial 5, "The other layers and losses".

    Examples
    --------
    >>> import numpy as np
    >>> loss, backward = MeanSquaredError().forward(np.zeros((4, 10)), np.array([0, 1, 2, 3]))
    >>> round(float(loss), 4), backward().shape
    (0.1, (4, 10))
    """

    kind: ClassVar[str] = "mean_squared_error"

    def forward(
        self, logits: Array, labels: Array, weights: Array | None = None
    ) -> tuple[Array, LossBackward]:
        xp, (n, k) = namespace(logits), _size(logits)
        difference = logits - one_hot(logits, labels)  # (n, k)
        loss = xp.sum(scaled(difference * difference, weights)) / (n * k)

        def backward() -> Array:
            # d loss / d output = 2 (output - t) / (n k)
            return scaled(difference * (2 / (n * k)), weights)

        return loss, backward


def scaled(rows: Array, weights: Array | None) -> Array:
    """Multiply each row, (n, k), by the weight of its image, (n,); without weights return the rows."""
    return rows if weights is None else rows * asarray_like(weights, rows, dtype=rows.dtype)[:, None]


def _with_none(logits: Array) -> Array:
    """The outputs, and 0 for none of them: (n, k + 1)."""
    xp, (n, _) = namespace(logits), _size(logits)
    return xp.concat([logits, xp.zeros((n, 1), dtype=logits.dtype, device=logits.device)], axis=1)


def log_softmax(logits: Array) -> Array:
    """Return ``log(exp(logits) / sum over classes of exp(logits))``, shape (n, k).

    The largest logit is subtracted first: that changes nothing in the result, and no exponential overflows.
    """
    xp = namespace(logits)
    shifted = logits - xp.max(logits, axis=1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=1, keepdims=True))


def softmax(logits: Array) -> Array:
    """Return the probabilities ``exp(logits) / sum over classes of exp(logits)``, shape (n, k)."""
    return namespace(logits).exp(log_softmax(logits))


@contextmanager
def labels_within(labels: Array, low: int, high: int) -> Iterator[None]:
    """Let losses take it as known that ``labels`` are from ``low`` to ``high``.

    To find out takes a GPU as long as a step: nothing else can be asked of it before it has answered.
    """
    token = _known.set((labels, low, high))
    try:
        yield
    finally:
        _known.reset(token)


def _range(labels: Array) -> tuple[int, int]:
    known, xp = _known.get(), namespace(labels)
    if known is not None and known[0] is labels:
        return known[1:]
    return int(xp.min(labels)), int(xp.max(labels))


def one_hot(logits: Array, labels: Array) -> Array:
    """Return 1 for the true class and 0 for the others, like ``logits`` in shape, dtype and place.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the labels do not fit the logits.
    """
    xp, (n, k) = namespace(logits), _size(logits)
    given = labels if hasattr(labels, "dtype") else np.asarray(labels)
    labels = asarray_like(given, logits)
    if n == 0 or tuple(labels.shape) != (n,):
        expected = f"one label for each of {n} images" if n else "at least one image"
        raise ShapeError(f"expected {expected}, got labels of shape {tuple(labels.shape)}; give shape (n,)")
    if not xp.isdtype(labels.dtype, "integral"):
        raise DTypeError(f"expected labels as integers, got {labels.dtype}; try labels.astype(numpy.int64)")
    low, high = _range(given)
    if low < 0 or high >= k:
        raise RangeError(f"expected labels from 0 to {k - 1}, got {low} to {high}; correct them or raise k")
    classes = xp.arange(k, dtype=labels.dtype, device=labels.device)
    return xp.astype(classes[None, :] == labels[:, None], logits.dtype)


def _size(logits: Array) -> tuple[int, int]:
    if logits.ndim != 2:
        raise ShapeError(f"expected outputs of shape (n, k), got {tuple(logits.shape)}; end with a Dense")
    n, k = logits.shape
    return n, k
