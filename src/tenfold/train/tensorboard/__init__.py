"""A run written down for TensorBoard while it goes on; needs the extra ``tensorboard``.

Only `TensorBoard` and what needs no tensorboardX is imported at once: a run without it stays light.
"""

from __future__ import annotations

from tenfold.train.tensorboard.callback import TensorBoard
from tenfold.train.tensorboard.installed import check_installed, has_events

__all__ = ["TensorBoard", "check_installed", "has_events"]
