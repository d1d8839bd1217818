"""A training on two workers in a process of its own, to be killed: it says which process its worker is."""

import sys

from tests.train.conftest import make_digits, make_network

from tenfold.optim import SGD
from tenfold.train import Recipe, fit
from tenfold.train.parallel.executor import ParallelExecutor
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.team import Team


def main():
    workers = LocalWorkers(2)
    with Team(2, workers, print) as team:

        def say(progress):
            sys.stdout.write(f"{workers.processes[0].pid}\n")
            sys.stdout.flush()

        def executor(*parts):
            return ParallelExecutor(*parts, team=team)

        recipe = Recipe(100_000, 16, SGD(0.01))
        fit(make_network(), recipe, make_digits(200), callbacks=[say], executor=executor)


if __name__ == "__main__":
    main()
