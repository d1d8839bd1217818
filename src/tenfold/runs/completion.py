"""What the Tab key offers: names of models, of image sets and of runs.

An error here would be printed into the prompt, so a folder that cannot be read offers nothing.
"""

from __future__ import annotations


def models(incomplete: str) -> list[str]:
    """Return the models whose names begin like this."""
    from tenfold import zoo

    return _beginning(incomplete, zoo.models())


def trainable(incomplete: str) -> list[str]:
    """Return the models and the built-in network."""
    from tenfold.predict.reader_recipe import NAME

    return _beginning(incomplete, sorted([*models(""), NAME]))


def image_sets(incomplete: str) -> list[str]:
    """Return the image sets that have a name."""
    from tenfold.data import PUBLISHED

    return _beginning(incomplete, sorted({"mnist", "mnist-5k", *PUBLISHED}))


def targets(incomplete: str) -> list[str]:
    """Return the accuracies for which there is a speed run."""
    from tenfold.zoo.speedruns import SPEEDRUNS

    return _beginning(incomplete, list(SPEEDRUNS))


def runs(incomplete: str) -> list[str]:
    """Return folders of runs, folders on the way to them, and the networks that are already trained."""
    from tenfold.zoo.trained import RUNS, folders_of_runs, trained

    parent = incomplete[: incomplete.rfind("/") + 1]
    parents = [parent] if parent else [f"{RUNS}/", ""]  # those below runs/ at once
    folders = [folder for one in parents for folder in folders_of_runs(one)]
    ready = ["shipped", *(f"zoo:{name}" for name in trained())]
    return _beginning(incomplete, list(dict.fromkeys([*folders, *ready])))


def models_and_runs(incomplete: str) -> list[str]:
    """Return what has a model: names and runs."""
    return [*models(incomplete), *runs(incomplete)]


def _beginning(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
