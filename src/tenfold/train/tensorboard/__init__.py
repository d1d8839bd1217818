"""TensorBoard event files of a run; needs the extra ``tensorboard``.

tensorboardX is imported only by a run that writes event files.
"""

from __future__ import annotations

from tenfold.train.tensorboard.callback import TensorBoard
from tenfold.train.tensorboard.installed import check_installed, has_events

__all__ = ["TensorBoard", "check_installed", "has_events"]
