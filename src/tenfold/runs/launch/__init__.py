"""Where commands run: on this machine, on a Slurm cluster, on a Ray cluster.

A unit of work is a ``tenfold`` command that writes one file. The file is the truth: it is there completely or
not at all, and a unit whose file is there is not run again. A launcher only runs the commands.
"""

from tenfold.runs.launch.choice import Choice
from tenfold.runs.launch.launcher import Launcher, Listener
from tenfold.runs.launch.local import LocalLauncher
from tenfold.runs.launch.unit import Exit, Unit

__all__ = ["Choice", "Exit", "Launcher", "Listener", "LocalLauncher", "Unit"]
