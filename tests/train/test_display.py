"""What a person sees of a run, without a terminal."""

import io

import pytest
from rich.console import Console

from tenfold.train import DefinitionExecutor, EarlyStopping, PlainLines, Recipe, RichBar, fit
from tenfold.train.display import duration, images_per_second


class Gone(io.StringIO):
    """A pipe whose reader has gone away."""

    calls = 0

    def write(self, text):
        self.calls += 1
        raise BrokenPipeError


def watched(network, digits, held_out, display, **options):
    recipe = Recipe(4, batch_size=20, early_stopping=EarlyStopping("train_loss", patience=1, min_change=0.99))
    return fit(network, recipe, digits, held_out, progress=display, executor=DefinitionExecutor, **options)


def test_plain_lines_say_each_epoch_the_end_and_what_was_remarked_on(network, digits, held_out):
    stream = io.StringIO()
    watched(network, digits, held_out, PlainLines(stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("epoch 1/4  rate 0.001  loss ")
    assert "validation" in lines[0]
    assert lines[0].endswith(" left")
    assert not lines[1].endswith(" left")
    assert lines[2] == "note: best weights restored: those of epoch 2 by train_loss"
    assert lines[3] == "stopped after epoch 2: train_loss has not improved since epoch 1 (patience 1)"


def test_a_resumed_run_says_where_it_goes_on(network, digits, held_out, tmp_path):
    watched(network, digits, held_out, None, out=tmp_path)
    stream = io.StringIO()
    watched(network, digits, held_out, PlainLines(stream), out=tmp_path, resume=True)
    assert stream.getvalue().splitlines()[0] == "resuming after epoch 2, step 20"


@pytest.mark.fault("command line", "the reader of the output goes away", "no traceback, the work is done")
def test_a_closed_pipe_does_not_end_the_run(network, digits, held_out):
    gone = Gone()
    assert len(watched(network, digits, held_out, PlainLines(gone))) == 2
    assert gone.calls == 1


@pytest.mark.parametrize("width", [20, 80])
def test_the_bar_leaves_a_line_for_each_epoch(network, digits, held_out, width):
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None)
    watched(network, digits, held_out, RichBar(console))
    text = stream.getvalue()
    [first] = [line for line in text.splitlines() if "epoch 1/4  rate 0.001  loss " in line]
    assert first.rstrip().endswith(" left")  # the time that the whole run still takes
    assert "stopped after epoch 2" in text
    assert text.endswith("\x1b[?25h") or "\x1b[?25h" in text  # the cursor is given back


def test_the_bar_gives_the_terminal_back_when_a_run_fails(network, digits):
    stream = io.StringIO()
    bar = RichBar(Console(file=stream, force_terminal=True))

    def broken(images, rng):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fit(network, Recipe(1, augmentation=broken), digits, progress=bar, executor=DefinitionExecutor)
    assert stream.getvalue().count("\x1b[?25h") == stream.getvalue().count("\x1b[?25l") == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (71_280, "19 h 48 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_no_time_is_no_speed():
    assert images_per_second(10, 0.0) == "- images/s"
    assert images_per_second(60_000, 4.0) == "15,000 images/s"
