"""The whole page of an ablation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tenfold.evaluate.ablation import ONE_RUN, AblationResult, Step, effect_rows, heads
from tenfold.evaluate.ablation_page.worth_chart import worth_chart
from tenfold.evaluate.comparison import three_accuracies, verdict
from tenfold.evaluate.comparison_page.evidence import evidence
from tenfold.evaluate.comparison_page.masthead import notes
from tenfold.evaluate.comparison_page.models import figure
from tenfold.evaluate.comparison_page.seeds_chart import means_chart
from tenfold.evaluate.comparison_page.tables import wide_table
from tenfold.evaluate.comparison_page.terms import terms
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.report_data import Section
from tenfold.evaluate.page.shell import asset, shell
from tenfold.evaluate.wording import count, percent, plural, seconds
from tenfold.files import storage, write_atomically

PAGE = "ablation.html"


def ablation_document(result: AblationResult, command: str) -> str:
    """The ablation as HTML, the same text for the same figures; ``command`` makes it again."""
    sections = [
        _picture(result),
        _table(result),
        _evidence(result),
        Section("origin", "How it was made", _command(command)),
        terms(),
    ]
    return shell(
        f"{result.ablation.title} – tenfold ablation",
        _masthead(result),
        None,
        sections,
        style=asset("tenfold.evaluate.comparison_page", "comparison.css"),
    )


def write_ablation(result: AblationResult, out: Path | str, command: str) -> Path:
    """Write ``ablation.html`` into a folder and return its path.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    folder = Path(out)
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
    path = folder / PAGE
    write_atomically(path, ablation_document(result, command).encode("utf-8", errors="xmlcharrefreplace"))
    return path


def _masthead(result: AblationResult) -> Html:
    first, base = result.models[0], result.ablation.variants[0].name
    runs = sorted({len(one.trials) for one in result.models})
    chips = [
        ("base", base),
        ("changes", str(len(result.steps) - 1)),
        ("measured against", "the one before" if result.ablation.chain else "the base"),
        ("runs of each", " to ".join(str(n) for n in {runs[0], runs[-1]})),
        ("data", first.dataset),
    ]
    return el(
        "header",
        el("p", "tenfold ablation", class_="eyebrow"),
        el("h1", result.ablation.title),
        el("ul", *(el("li", el("span", name), " ", value) for name, value in chips), class_="chips"),
        *notes(result.models),
        el("p", _said(result), class_="said"),
        *(el("p", note, class_="note") for note in result.notes),
    )


def _said(result: AblationResult) -> str:
    """What came out, in one sentence."""
    found = Counter(step.finding for step in result.steps[1:])
    told = f"Of {plural(found.total(), 'change')}, {found['better']} made it better, {found['worse']} worse; "
    left = {
        "there is no evidence": "no evidence",
        "there is one run only": ONE_RUN,
        "training failed": "failed",
    }
    undecided = [f"for {found[name]} {what}" for what, name in left.items() if found[name]]
    told += ", ".join(undecided) or "none is left undecided"
    told += "."
    if result.ablation.chain:
        ends = [1 - float(one.accuracies.mean()) for one in (result.models[0], result.models[-1])]
        told += f" From the first to the last, errors went from {percent(ends[0])} to {percent(ends[1])}."
    return told


def _picture(result: AblationResult) -> Section:
    lead = el(
        "p",
        "The upper band is the 95 % interval over other test images, the lower over other seeds. Filled in ",
        el("span", class_="key right"),
        "better, ",
        el("span", class_="key wrong"),
        "worse; grey: no evidence, as at least one kind of chance may have done it, or one run only.",
        class_="lead",
    )
    panels = el(
        "div",
        figure("What each change was worth", worth_chart(result)),
        figure("Accuracy: runs, mean and its 95 % interval", means_chart(result.models)),
        class_="two",
    )
    return Section("worth", "What each change was worth", join([lead, panels]))


def _table(result: AblationResult) -> Section:
    names = [*(name.capitalize() for name in heads(result)[:-2]), "p (Holm)", "Finding"]
    names += ["10 corrected", "15 left out", "Errors removed", "Training, while trials ran", "Parameters"]
    rows = []
    for step, cells in zip(result.steps, effect_rows(result), strict=True):
        name, *rest = [*cells, *_more(step)]
        rows.append([el("th", name, scope="row"), *(el("td", cell) for cell in rest)])
    caption = (
        "Accuracies are means over the runs, with the test labels as given, with ten corrected and with "
        "fifteen left out; worth and its 95 % intervals are in points of the first."
    )
    if not result.equal_images:
        caption += (
            " Not all were trained on as many images: what chooses on images of its own holds them out."
        )
    if result.ablation.is_published:
        caption += f" Published: {result.ablation.source or 'the accuracy that authors report'}."
    return Section("numbers", "In numbers", wide_table(caption, names, rows, "numbers tight"))


def _more(step: Step) -> list[str]:
    removed = "-" if step.removed is None else f"{100 * step.removed:+.0f} %"
    one = step.results
    if one is None:
        return ["-"] * 5
    accuracies = three_accuracies(one)
    others = [percent(accuracies[name], 3) for name in ("corrected", "without_doubtful")]
    return [*others, removed, seconds(one.mean(lambda trial: trial.train_seconds)), count(one.parameters)]


def _evidence(result: AblationResult) -> Section:
    """Every change's tests, to be opened."""
    pairs = [step.pair for step in result.steps if step.pair is not None]
    folded = [
        el(
            "details",
            el("summary", f"{pair.a} against {pair.b}", el("span", f": {verdict(pair)}")),
            evidence(pair, len(pairs)),
            class_="pair",
        )
        for pair in pairs
    ]
    return Section("evidence", "The evidence", join(folded))


def _command(command: str) -> Html:
    return el("pre", el("code", command), tabindex="0", aria_label="Command that makes this page")
