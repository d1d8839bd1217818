"""The base class of callbacks, and the list that calls them."""

from __future__ import annotations

import builtins
import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tenfold.errors import ConfigError, StorageError, TenfoldError
from tenfold.quoting import message, quoted
from tenfold.train.progress import Progress

HOOKS = ("on_start", "on_part", "on_chunk", "on_epoch_end", "on_notice", "on_end")
"""The methods of a callback that are called during a run."""

_HABITS = {
    "on_train_begin": "on_start",
    "on_fit_start": "on_start",
    "on_train_start": "on_start",
    "on_train_batch_end": "on_chunk",
    "on_batch_end": "on_chunk",
    "on_train_epoch_end": "on_epoch_end",
    "on_validation_end": "on_epoch_end",
    "on_train_end": "on_end",
    "on_fit_end": "on_end",
}  # hooks of other libraries, for the text of the error


class CallbackError(TenfoldError, RuntimeError):
    """A callback raised an error, which is the cause (``__cause__``)."""


class StopTraining(Exception):
    """Raised in a callback, it ends the run, which is saved first, and comes out of ``fit``.

    To end a run without an exception, set ``progress.stop = "reason"``.
    """


class Callback:
    """Base class of callbacks; its methods do nothing.

    A callback reads and may change the `Progress` that it is given: ``progress.network`` is the network,
    ``progress.row`` the latest epoch, ``progress.stop = "reason"`` ends the run.

    An exception ends the run too; the run is saved first. An error becomes a `CallbackError` that names the
    callback. An exception that is made for stopping comes out of ``fit`` as it is: `StopTraining`, and by the
    convention of PEP 8 every exception that is neither built in nor called "...Error" or "...Warning", such
    as ``optuna.TrialPruned``.

    Examples
    --------
    >>> class GoodEnough(Callback):
    ...     def on_epoch_end(self, progress):
    ...         if progress.row.train_accuracy > 0.99:
    ...             progress.stop = "99 % of the training images recognised"
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Refuse a method with the name of a hook that does not exist: it would never be called."""
        super().__init_subclass__(**keywords)
        for name, method in vars(cls).items():
            if name.startswith("on_") and name not in HOOKS and callable(method):
                raise ConfigError(f"{cls.__name__}.{name}: this hook does not exist; {_advice(name)}")

    @property
    def name(self) -> str:
        """Return the name under which the callback's memory is saved."""
        return type(self).__name__

    def on_start(self, progress: Progress) -> None:
        """Called when the run begins or resumes."""

    def on_part(self, progress: Progress) -> None:
        """Called between the steps of a chunk, about every ``progress.part_seconds``.

        The clock decides when, so what a callback does here must not change the result of the run.
        """

    def on_chunk(self, progress: Progress) -> None:
        """Called after a chunk of steps; chunks are short, the last of an epoch comes before its end."""

    def on_epoch_end(self, progress: Progress) -> None:
        """Called after an epoch; its figures are ``progress.row``, and the network has its weights."""

    def on_notice(self, progress: Progress, text: str) -> None:
        """Called with each notice of the run."""

    def on_end(self, progress: Progress) -> None:
        """Called at the end of the run: after its last epoch, or after ``progress.stop`` was set."""

    def close(self) -> None:
        """Release resources, such as the terminal; called however the run ends."""


CallbackLike: TypeAlias = Callback | Callable[[Progress], object]
"""A callback, or a function that is called with the `Progress` after each epoch."""


class AfterEpoch(Callback):
    """Calls a function after each epoch.

    Parameters
    ----------
    function : callable
        ``function(progress)``.
    """

    def __init__(self, function: Callable[[Progress], object]) -> None:
        self._function = function

    @property
    def name(self) -> str:
        """Return the function's name."""
        return str(getattr(self._function, "__qualname__", type(self._function).__name__))

    def on_epoch_end(self, progress: Progress) -> None:
        """Call the function."""
        self._function(progress)


class Callbacks:
    """A list of callbacks.

    Attributes
    ----------
    keys : dict of int to str
        The name under which each callback's memory is saved, by the callback's ``id``. Of several callbacks
        with one name, the second is called "NAME 2", and so on.

    Raises
    ------
    ConfigError
        If something is not a callback, or one is in the list twice.
    """

    def __init__(self, callbacks: Sequence[CallbackLike]) -> None:
        self.callbacks = tuple(map(as_callback, callbacks))
        self.keys: dict[int, str] = {}
        seen: Counter[str] = Counter()
        for callback in self.callbacks:
            if id(callback) in self.keys:
                raise ConfigError(f"callbacks: expected each once, got {callback.name} twice; remove one")
            seen[callback.name] += 1
            again = f" {seen[callback.name]}" if seen[callback.name] > 1 else ""
            self.keys[id(callback)] = callback.name + again

    @property
    def follow_parts(self) -> bool:
        """Return whether any callback has a method ``on_part`` of its own."""
        return any(type(one).on_part is not Callback.on_part for one in self.callbacks)

    def tell(self, moment: str, progress: Progress, *arguments: str) -> None:
        """Call the method ``moment`` of every callback.

        Raises
        ------
        CallbackError
            If one raises an error; it is named.
        StorageError
            If one finds the disk full or the like: that says enough, and is not the callback's fault.
        Exception
            If one raises an exception made for stopping, see `Callback`.
        """
        for callback in self.callbacks:
            try:
                getattr(callback, moment)(progress, *arguments)
            except (CallbackError, StorageError):
                raise  # the former from a notice that this callback gave and another failed to take
            except Exception as error:
                if made_for_stopping(error):
                    raise
                raise CallbackError(
                    f"callback {callback.name} failed in {moment} after epoch {progress.epoch}, "
                    f"step {progress.step}: {type(error).__name__}: {message(error)}; "
                    "fix it, then resume"
                ) from error

    def close(self) -> None:
        """Close every callback."""
        for callback in self.callbacks:
            callback.close()


def as_callback(given: object) -> Callback:
    """Return a callback as it is, and a function as a callback.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    if isinstance(given, Callback):
        return given
    if isinstance(given, type):
        raise ConfigError(
            f"callbacks: expected an object, got the class {given.__name__}; write {given.__name__}()"
        )
    if callable(given) and not any(hasattr(given, hook) for hook in HOOKS):
        return AfterEpoch(given)
    raise ConfigError(
        f"callbacks: expected a Callback or a function of the progress, got {quoted(given)}; "
        f"derive its class: class {type(given).__name__}(tenfold.train.Callback)"
    )


def made_for_stopping(error: Exception) -> bool:
    """Return whether an exception is not an error but made for stopping; see `Callback`.

    Examples
    --------
    >>> class TrialPruned(Exception): ...
    >>> made_for_stopping(TrialPruned()), made_for_stopping(ValueError()), made_for_stopping(Exception())
    (True, False, False)
    """
    kind = type(error)
    built_in = getattr(builtins, kind.__name__, None) is kind
    return not built_in and not kind.__name__.endswith(("Error", "Warning", "Exception"))


def _advice(name: str) -> str:
    """Return what to write instead of a hook that does not exist."""
    near = _HABITS.get(name) or next(iter(difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.8)), None)
    return f"choose from {', '.join(HOOKS)}" + ("" if near is None else f"; here {near}")
