"""Train candidates on 50,000 images, and record their accuracy on 10,000 others.

python tools/experiments.py speedrun                  # what is not in results/experiments/speedrun.json yet
python tools/experiments.py speedrun "99: one epoch"  # by the beginning of its name
python tools/experiments.py record --seeds 0-4        # more seeds; results/experiments/record.json

One thread, so that the seconds of the processor can be compared while other programs run. The test images
are not read. Every experiment stays in the record, also those that failed: the lists of candidates only grow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parent))
import record_candidates
import speedrun_candidates
from speedrun_candidates import Experiment

from tenfold.checkpoint import dump_json, read_json
from tenfold.data import Dataset, load_corpus, split
from tenfold.evaluate.environment import environment
from tenfold.evaluate.wording import percent
from tenfold.files import write_atomically
from tenfold.machine import commit
from tenfold.runs.trial_plan import parse_seeds
from tenfold.train import executor_for
from tenfold.zoo.ensembles import kernels_of_7, warped
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.speedruns import digest, one_cycle

FOLDER = Path(__file__).parent.parent / "results" / "experiments"
TRAINED, VALIDATED, SPLIT_SEED = 50_000, 10_000, 0


@dataclass(frozen=True)
class Experiments:
    """A list of candidates, and the file with what came of them.

    Attributes
    ----------
    path : Path
    candidates : sequence of Experiment
        In the order of the file.
    """

    path: Path
    candidates: Sequence[Experiment]

    def records(self) -> list[dict[str, Any]]:
        """Return what has been recorded."""
        return list(read_json(self.path, max_bytes=2**24)["experiments"]) if self.path.is_file() else []

    def find(self, one: Experiment) -> dict[str, Any]:
        """Return an experiment's record; a new one without seeds if there is none."""
        wanted = digest(one.build(), one.recipe)
        for record in self.records():
            if record["name"] == one.name:
                if record["digest"] != wanted:
                    sys.exit(f"{one.name}: was recorded with another network or recipe; give it another name")
                return record
        network = NetworkModel(one.name, one.build())
        return {
            "name": one.name,
            "target": one.target,
            "what": one.what,
            "digest": wanted,
            "parameters": network.n_parameters,
            "flops": sum(row.flops for row in network.rows()),
            "recipe": one.recipe.config(),
            "seeds": [],
        }

    def put(self, one: Experiment, done: dict[str, Any]) -> None:
        """Add a seed to the record."""
        mine, others = self.find(one), self.records()
        mine["seeds"] = sorted([*mine["seeds"], done], key=lambda seed: seed["seed"])
        names = [record["name"] for record in others]
        if one.name in names:
            others[names.index(one.name)] = mine
        else:
            others.append(mine)
        order = [experiment.name for experiment in self.candidates]
        others.sort(key=lambda record: order.index(record["name"]) if record["name"] in order else -1)
        self.path.parent.mkdir(exist_ok=True)
        content = {
            "trained": TRAINED,
            "validated": VALIDATED,
            "split_seed": SPLIT_SEED,
            "machine": environment().machine,
            "threads": 1,
            "experiments": others,
        }
        write_atomically(self.path, dump_json(content))

    def carry_out(self, one: Experiment, seeds: Sequence[int], train: Dataset, validation: Dataset) -> None:
        """Train the seeds that are missing, and record each as soon as it is done."""
        for seed in seeds:
            if any(done["seed"] == seed for done in self.find(one)["seeds"]):
                continue
            model = NetworkModel(one.name, one.build(), one.recipe)
            began = time.process_time()
            model.fit(train, seed=seed, executor=partial(executor_for, threads=1))
            cpu = time.process_time() - began
            right = model.predict_proba(validation.images).argmax(axis=1) == validation.labels
            self.put(
                one, {"seed": seed, "accuracy": float(np.mean(right)), "cpu_seconds": cpu, "commit": commit()}
            )
        seeds_done = self.find(one)["seeds"]
        if seeds_done:
            accuracy = sum(done["accuracy"] for done in seeds_done) / len(seeds_done)
            cpu = sum(done["cpu_seconds"] for done in seeds_done) / len(seeds_done)
            print(f"{one.name:70} {percent(accuracy, 3)}  {cpu:7.2f} s  {len(seeds_done)} seeds", flush=True)


LISTS = {
    name: Experiments(FOLDER / f"{name}.json", candidates)
    for name, candidates in {
        "speedrun": speedrun_candidates.EXPERIMENTS,
        "record": record_candidates.EXPERIMENTS,
    }.items()
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, record, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list", choices=LISTS)
    parser.add_argument("names", nargs="*", help="beginnings of names; by default all")
    parser.add_argument("--seeds", default="0,1")
    options = parser.parse_args(arguments)
    train, validation = split(load_corpus("mnist").train, (TRAINED, VALIDATED), seed=SPLIT_SEED)
    NetworkModel("warm-up", kernels_of_7(), one_cycle(1, 64, 0.001, augmentation=warped(1.0))).fit(
        train.subset(range(64)), executor=partial(executor_for, threads=1)
    )  # compiled code is fetched before anything is timed
    chosen = LISTS[options.list]
    for one in chosen.candidates:
        if not options.names or any(one.name.startswith(name) for name in options.names):
            chosen.carry_out(one, parse_seeds(options.seeds), train, validation)


if __name__ == "__main__":
    main()
