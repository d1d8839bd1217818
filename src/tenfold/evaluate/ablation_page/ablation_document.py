"""The whole page of an ablation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tenfold.evaluate.ablation import ONE_RUN, AblationResult, Step, effect_rows, heads
from tenfold.evaluate.ablation_page.effects_chart import effects_chart
from tenfold.evaluate.comparison import three_accuracies, verdict, warnings
from tenfold.evaluate.comparison.compare import knows_doubtful
from tenfold.evaluate.comparison.evidence import evidence
from tenfold.evaluate.comparison_page.comparison_document import write_page
from tenfold.evaluate.comparison_page.runs_chart import means_chart
from tenfold.evaluate.wording import count, percent, plural, seconds
from tenfold.pages import render

PAGE = "ablation.html"
_DOUBTFUL = ("10 corrected", "15 left out")  # of MNIST's test set
_MORE = ("Errors removed", "Training, while trials ran", "Parameters")


def ablation_document(result: AblationResult, command: str) -> str:
    """The ablation as HTML, the same text for the same figures; ``command`` makes it again."""
    runs = sorted({len(one.trials) for one in result.models})
    pairs = [step.pair for step in result.steps if step.pair is not None]
    doubtful = knows_doubtful(result.models)
    values = {
        "title": f"{result.ablation.title} – tenfold ablation",
        "result": result,
        "ablation": result.ablation,
        "runs": " to ".join(str(n) for n in dict.fromkeys((runs[0], runs[-1]))),
        "warnings": warnings(result.models),
        "sentence": _sentence(result),
        "effects": effects_chart(result),
        "means": means_chart(result.models),
        "heads": [
            *(name.capitalize() for name in heads(result)[:-2]),
            "p (Holm)",
            "Finding",
        ],
        "rows": effect_rows(result),
        "more_heads": ["Change", *(_DOUBTFUL if doubtful else ()), *_MORE],
        "more": [[step.name, *_more(step, doubtful=doubtful)] for step in result.steps],
        "evidence": [(pair, verdict(pair), evidence(pair, len(pairs))) for pair in pairs],
        "command": command,
        "doubtful": doubtful,
    }
    return render(
        "evaluate/ablation_page/ablation.html.jinja",
        values,
        styles=("evaluate/comparison_page/comparison.css",),
    )


def write_ablation(result: AblationResult, out: Path | str, command: str) -> Path:
    """Write ``ablation.html`` into a folder and return its path.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    return write_page(Path(out) / PAGE, ablation_document(result, command))


def _sentence(result: AblationResult) -> str:
    """The outcome in one or two sentences."""
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


def _more(step: Step, *, doubtful: bool) -> list[str]:
    removed = "-" if step.removed is None else f"{100 * step.removed:+.0f} %"
    one = step.results
    if one is None:
        return ["-"] * (len(_MORE) + doubtful * len(_DOUBTFUL))
    accuracies = three_accuracies(one)
    names = ("corrected", "without_doubtful") if doubtful else ()
    others = [percent(accuracies[name], 3) for name in names]
    return [*others, removed, seconds(one.mean(lambda trial: trial.train_seconds)), count(one.parameters)]
