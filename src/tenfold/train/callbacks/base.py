"""The moments at which a run can be watched, and the list that passes them on."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.errors import ConfigError, StorageError, TenfoldError
from tenfold.quoting import message
from tenfold.train.progress import Progress


class CallbackError(TenfoldError, RuntimeError):
    """A callback that raised; its error is the cause (``__cause__``)."""


class Callback:
    """Base of every callback: does nothing at every moment.

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
        """Watch the run begin, or go on."""

    def on_chunk(self, progress: Progress) -> None:
        """Watch a chunk of steps end; chunks are short, the last of an epoch comes before its end."""

    def on_epoch_end(self, progress: Progress) -> None:
        """Watch an epoch end; its figures are ``progress.row``, and the network has its weights."""

    def on_notice(self, progress: Progress, text: str) -> None:
        """Watch the run remark on something."""

    def on_end(self, progress: Progress) -> None:
        """Watch the run end: after its last epoch or because ``progress.stop`` was set."""

    def close(self) -> None:
        """Give back what is held, such as the terminal; called however the run ends."""


class Callbacks:
    """Several callbacks in their order.

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
                    "mend it, then resume"
                ) from error

    def close(self) -> None:
        """Close every callback."""
        for callback in self.callbacks:
            callback.close()
