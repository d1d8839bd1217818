"""The table of a run's epochs, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenfold.pages.cells import cell, table, words

_MOST = 30  # rows; of a longer run the first and the last


def history_cell(rows: Sequence[Mapping[str, Any]], held_out: str, said: Sequence[str]) -> str:
    """Return the epochs as a small table, with what the run said below.

    Parameters
    ----------
    rows : sequence of mapping
        From `History.to_dicts`.
    held_out : str
        The name of the held-out images.
    said : sequence of str
    """
    heads = {"epoch": "epoch", "train_loss": "loss", "train_accuracy": "accuracy"}
    if any(row["validation_accuracy"] is not None for row in rows):
        heads |= {f"validation_{figure}": f"{held_out} {figure}" for figure in ("loss", "accuracy")}
    heads["train_seconds"] = "seconds"
    texts = [[_text(name, row[name]) for name in heads] for row in rows]
    if len(rows) > _MOST:
        texts = [*texts[: _MOST // 2], ["..."] * len(heads), *texts[-_MOST // 2 :]]
    return cell("", table([*heads.values()], texts), *map(words, said))


def _text(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name.endswith("accuracy"):
        return f"{value:.2%}"
    return str(value) if name == "epoch" else f"{value:.4f}" if name.endswith("loss") else f"{value:.1f}"
