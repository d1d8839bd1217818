"""The display of a run: plain lines for a pipe or a log, a live bar for a terminal."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from tenfold.train.callbacks import Callback
from tenfold.train.progress import Progress


class PlainLines(Callback):
    """Writes one line an epoch.

    Parameters
    ----------
    stream : text stream
        By default stderr. If its reader closes it, or its disk is full, the run continues without output.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream: TextIO | None = sys.stderr if stream is None else stream

    def on_start(self, progress: Progress) -> None:
        """Write where the run resumes."""
        if progress.step:
            self._write(f"resuming after epoch {progress.epoch}, step {progress.step}")

    def on_epoch_end(self, progress: Progress) -> None:
        """Write the epoch's figures."""
        left = time_left(progress)
        speed = images_per_second(progress.images_per_epoch, progress.row.train_seconds)
        self._write(f"{epoch_line(progress)}  {speed}" + (f"  {left} left" if left else ""))

    def on_notice(self, progress: Progress, text: str) -> None:
        """Write the notice."""
        self._write(f"note: {text}")

    def on_end(self, progress: Progress) -> None:
        """Write why the run stopped before its last epoch."""
        if progress.stop:
            self._write(f"stopped after epoch {progress.epoch}: {progress.stop}")

    def _write(self, line: str) -> None:
        if self.stream is None:
            return
        try:
            self.stream.write(line + "\n")
            self.stream.flush()
        except BrokenPipeError:
            self.stream = None
        except OSError:
            return  # the disk may have room for the next line


class RichBar(Callback):
    """Shows a bar for the current epoch, and prints one line for each finished one.

    Parameters
    ----------
    console : rich.console.Console, optional
        The default is one on stderr.
    """

    def __init__(self, console: Any = None) -> None:
        self.console = console
        self._bar: Any = None
        self._task: Any = None

    def on_start(self, progress: Progress) -> None:
        """Show the bar."""
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}"))
        self._bar = Bar(*columns, TimeRemainingColumn(), console=self._console(), transient=True)
        self._task = self._bar.add_task("starting", total=None, figures="")
        self._bar.start()
        if progress.step:
            self._say(f"resuming after epoch {progress.epoch}, step {progress.step}")

    def on_chunk(self, progress: Progress) -> None:
        """Update the bar."""
        tally = progress.tally
        self._bar.update(
            self._task,
            description=f"epoch {progress.epoch + 1}/{progress.epochs}",
            total=progress.images_per_epoch,
            completed=tally.images,
            figures=f"loss {tally.mean_loss:.4f}  accuracy {tally.accuracy:.2%}  "
            + images_per_second(tally.images, tally.seconds),
        )

    def on_epoch_end(self, progress: Progress) -> None:
        """Print the epoch's line, and the time that the run still takes."""
        left = time_left(progress)
        self._say(epoch_line(progress) + (f"  {left} left" if left else ""))

    def on_notice(self, progress: Progress, text: str) -> None:
        """Print the notice."""
        self._say(f"note: {text}")

    def on_end(self, progress: Progress) -> None:
        """Remove the bar, and print why the run stopped before its last epoch."""
        if progress.stop:
            self._say(f"stopped after epoch {progress.epoch}: {progress.stop}")
        self.close()

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, line: str) -> None:
        self._console().print(line, markup=False, highlight=False, soft_wrap=True)

    def _console(self) -> Any:
        if self.console is None:
            from rich.console import Console

            self.console = Console(stderr=True)
        return self.console


def epoch_line(progress: Progress) -> str:
    """Return the latest epoch's figures in one line, shorter than 80 characters if nothing is watched."""
    row = progress.row
    parts = [
        f"epoch {row.epoch}/{progress.epochs}",
        f"rate {row.learning_rate:.3g}",
        _figures("loss", row.train_loss, row.train_accuracy),
    ]
    if row.validation_accuracy is not None:
        parts.append(_figures(progress.history.held_out, row.validation_loss, row.validation_accuracy))
    parts += [_figures(f"watched {name}", one.loss, one.accuracy) for name, one in row.watched.items()]
    return "  ".join([*parts, duration(row.train_seconds)])


def _figures(name: str, loss: float | None, accuracy: float) -> str:
    return f"{name} {'-' if loss is None else f'{loss:.4f}'}, {accuracy:.2%}"


def images_per_second(images: int, seconds: float) -> str:
    """Return the training speed in words."""
    return f"{images / seconds:,.0f} images/s" if seconds > 0 else "- images/s"


def time_left(progress: Progress) -> str:
    """Return the time of the remaining epochs if they are like the latest; empty at the end."""
    epochs = 0 if progress.stop else progress.epochs - progress.epoch
    return duration(epochs * progress.row.train_seconds) if epochs else ""


def duration(seconds: float) -> str:
    """Return a duration in words.

    Examples
    --------
    >>> duration(4.06), duration(75), duration(7384)
    ('4.1 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
