"""The command line, killed with -9 at the end of the second epoch of a training."""

KILLED = """
import os, sys
from tenfold.cli import main, progress
from tenfold.train import Callback

class Kill(Callback):
    def on_epoch_end(self, progress):
        if progress.epoch == 2:
            os.kill(os.getpid(), 9)

progress.training_watchers = lambda quiet: [Kill()]
sys.exit(main(sys.argv[1:]))
"""
