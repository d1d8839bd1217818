"""The sections about where it comes from: the data, the network, the recipe, how to repeat it."""

from __future__ import annotations

import numpy as np

from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.figures.filters import filter_images
from tenfold.evaluate.page.markup import Child, Html, el, join
from tenfold.evaluate.page.pictures import ink_picture, ink_row, signed_picture
from tenfold.evaluate.page.recipe import recipe_rows
from tenfold.evaluate.page.report_data import ReportData, Section
from tenfold.evaluate.page.tables import facts, layers_table
from tenfold.evaluate.wording import count, plural, seconds

SAMPLES = 12
FILTERS = 32


def samples(data: ReportData) -> Section:
    """The first images of every digit."""
    rows = []
    for digit in range(data.probabilities.shape[1]):
        index = np.flatnonzero(data.labels == digit)[:SAMPLES]
        picture: Html = el("span", "none in this data", class_="soft")
        if len(index):
            picture = ink_row(
                data.images[index], f"{plural(len(index), 'handwritten image')} of the digit {digit}"
            )
        rows.append(el("li", el("b", digit), picture))
    lead = el(
        "p",
        f"The first images of each digit, of {count(len(data.labels))} {data.evaluation.split} images.",
        class_="lead",
    )
    return Section("samples", "The data", join([lead, el("ul", *rows, class_="samples")]))


def means(data: ReportData) -> Section | None:
    """What naive Bayes holds of each digit."""
    if data.means is None:
        return None
    pictures = [
        el(
            "figure",
            ink_picture(np.rint(255 * np.clip(mean, 0, 1)).astype(np.uint8), f"Mean image of {digit}"),
            el("figcaption", str(digit)),
        )
        for digit, mean in enumerate(data.means)
    ]
    lead = el(
        "p",
        "The mean training image of each digit, which is what the model compares an image with.",
        class_="lead",
    )
    return Section("means", "Class means", join([lead, el("div", *pictures, class_="gallery")]))


def filters(data: ReportData) -> Section | None:
    """What the first layer looks for."""
    if data.weight is None:
        return None
    pictures = filter_images(data.weight)
    shown = pictures[:FILTERS]
    cells = [
        el("figure", signed_picture(picture, f"Filter {place}"), el("figcaption", str(place)))
        for place, picture in enumerate(shown)
    ]
    some = f", the first {len(shown)} of {len(pictures)}" if len(shown) < len(pictures) else ""
    lead = el(
        "p",
        f"Weights of the first layer{some}: ",
        el("span", class_="key right"),
        "ink counts for, ",
        el("span", class_="key wrong"),
        "ink counts against.",
        class_="lead",
    )
    return Section("filters", "First-layer filters", join([lead, el("div", *cells, class_="gallery")]))


def network(data: ReportData) -> Section | None:
    """The network's layers, where it has any."""
    if not data.layers:
        return None
    return Section("network", "Network", layers_table(data.layers))


def origin(data: ReportData) -> Section:
    """Recipe, run and machine, and the command that repeats it."""
    tables = [facts("Run", _run_facts(data.evaluation))]
    if data.recipe:
        tables.append(facts("Recipe", {**recipe_rows(data.recipe)}))
    repeat = el("pre", el("code", data.command), tabindex="0", aria_label="Command that repeats this run")
    body = join([el("p", "To repeat it:", class_="lead"), repeat, el("div", *tables, class_="two")])
    return Section("origin", "How it was made", body)


def _run_facts(evaluation: Evaluation) -> dict[str, Child]:
    run, where = evaluation.run, evaluation.environment
    which = "" if run.train_first is None else "the first "
    told: dict[str, Child] = {
        "model": run.model,
        "data": evaluation.dataset,
        "measured on": evaluation.split,
        "protocol": run.protocol,
        "seed": None if run.seed is None else str(run.seed),
        "training images": None if run.train_images is None else f"{which}{count(run.train_images)}",
        "epochs": None if run.epochs is None else count(run.epochs),
        "epoch kept": None if run.chosen_epoch is None else str(run.chosen_epoch),
        "training": None if run.train_seconds is None else seconds(run.train_seconds),
        "prediction": None if evaluation.predict_seconds is None else seconds(evaluation.predict_seconds),
        "processor": f"{where.machine}, {plural(where.cores, 'core')}",
        "system": where.system,
        "versions": ", ".join(f"{name} {version}" for name, version in where.versions),
        "commit": run.commit,
    }
    return {name: value for name, value in told.items() if value is not None}
