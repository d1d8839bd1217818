"""The images that are watched during training: evaluated after each epoch, without a choice by them.

By default, the published protocol watches the test images of those models whose authors did so. The honest
protocol uses the test images once, after the training, so it never watches them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

from tenfold.data import Dataset
from tenfold.errors import ConfigError
from tenfold.registry import lookup
from tenfold.zoo.protocols import Splits, hold_out

if TYPE_CHECKING:
    from tenfold.train.recipe import Protocol
    from tenfold.zoo.entry import Trainable

Watch: TypeAlias = Literal["validation", "test", "none"]


class Watched(NamedTuple):
    """The images of a run, and its watched images by name."""

    parts: Splits
    watch: dict[str, Dataset]


def watch_rule(entry: Trainable, protocol: Protocol, wish: str | None = None) -> Watch:
    """Return the images that a run watches besides the held-out ones, which are always evaluated.

    Parameters
    ----------
    entry : Trainable
    protocol : {"honest", "published"}
    wish : {"validation", "test", "none"}, optional
        The user's wish; by default the protocol decides.

    Returns
    -------
    {"validation", "test", "none"}
        ``"validation"`` only if images must be held out for it, so that training has fewer.

    Raises
    ------
    ConfigError
        If the protocol does not allow it, or there is no such wish.
    """
    if wish is not None:
        lookup("images to watch:", wish, dict.fromkeys(get_args(Watch), wish))
    if wish == "test" and protocol == "honest":
        raise ConfigError(
            "watch: expected validation or none, got test: the honest protocol uses the test images once, "
            "after the training; watch validation images, or use the published protocol"
        )
    if wish == "validation" and protocol == "published" and entry.selection_set in (None, "test"):
        raise ConfigError(
            f"watch: expected test or none, got validation: the authors of {entry.name} held out no "
            "validation images; watch the test images, or use the honest protocol"
        )
    if wish == "validation" and entry.selection_set is None:
        return "validation"
    watch_test = entry.watched and protocol == "published" if wish is None else wish == "test"
    return "test" if watch_test and entry.selection_set != "test" else "none"


def watched(parts: Splits, what: Watch, test: Dataset, seed: int) -> Watched:
    """Return the images of a run, and its watched images.

    Parameters
    ----------
    parts : Splits
        From `split_for_protocol`.
    what : {"validation", "test", "none"}
        From `watch_rule`. For ``"validation"`` a sixth of the training images is held out.
    test : Dataset
    seed : int
        The same seed holds out the same images.
    """
    if what == "validation":
        train, held = hold_out(parts.train, seed)
        return Watched(parts._replace(train=train), {"validation": held})
    return Watched(parts, {"test": test} if what == "test" else {})
