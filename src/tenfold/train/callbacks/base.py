"""The base class of callbacks, and the list that calls them."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.errors import ConfigError, StorageError, TenfoldError
from tenfold.quoting import message
from tenfold.train.progress import Progress


class CallbackError(TenfoldError, RuntimeError):
    """A callback raised an error, which is the cause (``__cause__``)."""


class Callback:
    """Base class of callbacks; its methods do nothing.

    Examples
    --------
    >>> class GoodEnough(Callback):
    ...     def on_epoch_end(self, progress):
    ...         if progress.row.train_accuracy > 0.99:
    ...             progress.stop = "99 % of the training images recognised"
    """

    @property
    def name(self) -> str:
        """Return the name under which the callback's memory is saved; unique in a run."""
        return type(self).__name__

    def on_start(self, progress: Progress) -> None:
        """Called when the run begins or resumes."""

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


class Callbacks:
    """A list of callbacks.

    Raises
    ------
    ConfigError
        If two share a name: their memories would be mixed up.
    """

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        names = [callback.name for callback in callbacks]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"expected each callback once, got {name} twice; rename one")
        self.callbacks = tuple(callbacks)

    def tell(self, moment: str, progress: Progress, *arguments: str) -> None:
        """Call the method ``moment`` of every callback.

        Raises
        ------
        CallbackError
            If one raises; it is named.
        StorageError
            If one finds the disk full or the like: that says enough, and is not the callback's fault.
        """
        for callback in self.callbacks:
            try:
                getattr(callback, moment)(progress, *arguments)
            except (CallbackError, StorageError):
                raise  # the former from a notice that this callback gave and another failed to take
            except Exception as error:
                raise CallbackError(
                    f"callback {callback.name} failed in {moment} after epoch {progress.epoch}, "
                    f"step {progress.step}: {type(error).__name__}: {message(error)}; "
                    "fix it, then resume"
                ) from error

    def close(self) -> None:
        """Close every callback."""
        for callback in self.callbacks:
            callback.close()
