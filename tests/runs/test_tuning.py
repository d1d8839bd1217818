"""A search: its trials are trainings on the same images, and a break changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tenfold.checkpoint import RunLock
from tenfold.cli import main
from tenfold.data import Corpus, Dataset, load_corpus
from tenfold.errors import CheckpointError, ConfigError, DivergedError, TenfoldError
from tenfold.evaluate.tuning_page import tuning_document
from tenfold.runs import tuning
from tenfold.runs.search import Search, TrialResult, best
from tenfold.runs.search_space import Option
from tenfold.runs.study import JOURNAL
from tenfold.runs.tuning import record, tune
from tenfold.zoo import entry

SPACE = (Option("recipe.learning_rate", 1e-4, 0.1, log=True), Option("recipe.batch_size", choices=(16, 64)))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    sample = load_corpus("mnist-5k")
    poisoned = Dataset(sample.test.images, (sample.test.labels + 1) % 10, sample.name)
    return Corpus("few", sample.train.subset(range(600)), poisoned, origin="the sample")


def search(corpus: Corpus, **options) -> Search:
    return Search(**({"entry": entry("nn1l"), "corpus": corpus, "space": SPACE, "epochs": 3} | options))


def run(what: Search, trials: int, folder: Path) -> list[TrialResult]:
    folder.mkdir(exist_ok=True)
    return tune(what, trials, folder, lambda done, top: None)


def told(results):
    """Everything but the time."""
    return [(one.number, one.values, one.state, one.accuracy, one.epochs) for one in results]


def test_trials_are_reproducible_and_within_the_space(corpus, tmp_path):
    first = run(search(corpus), 4, tmp_path / "a")
    assert told(first) == told(run(search(corpus), 4, tmp_path / "b"))
    for one in first:
        assert 1e-4 <= one.values["recipe.learning_rate"] <= 0.1
        assert one.values["recipe.batch_size"] in (16, 64)
    assert first[0].values["recipe.learning_rate"] == 0.001  # the recipe's own comes first
    assert len({one.values["recipe.learning_rate"] for one in first}) == 4


def test_a_trial_is_the_training_with_its_values(corpus, tmp_path):
    what = search(corpus)
    for one in run(what, 2, tmp_path):
        given = what.prepared(one.values)
        history = given.model.fit(given.splits.train, validation=given.splits.held_out, seed=0)
        assert one.accuracy == history.rows[(history.chosen_epoch or 0) - 1].validation_accuracy


def test_a_search_goes_on_where_it_was(corpus, tmp_path):
    whole = run(search(corpus), 5, tmp_path / "whole")
    run(search(corpus), 2, tmp_path / "broken")
    assert told(run(search(corpus), 5, tmp_path / "broken")) == told(whole)
    assert told(run(search(corpus), 3, tmp_path / "broken")) == told(whole)  # no trial is lost


def test_a_trial_that_was_interrupted_is_run_again(corpus, tmp_path, monkeypatch):
    whole = run(search(corpus), 3, tmp_path / "whole")
    fits = []

    def interrupted(*given, **options):
        fits.append(1)
        if len(fits) == 2:
            raise KeyboardInterrupt
        return fit(*given, **options)

    fit = tuning.NetworkModel.fit
    monkeypatch.setattr(tuning.NetworkModel, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(search(corpus), 3, tmp_path / "broken")
    again = run(search(corpus), 3, tmp_path / "broken")
    assert [told([one])[0][1:] for one in again] == [told([one])[0][1:] for one in whole]


def test_a_diverging_trial_does_not_end_the_search(corpus, tmp_path, monkeypatch):
    def diverges(*given, **options):
        raise DivergedError("the loss became nan in epoch 1, step 1")

    monkeypatch.setattr(tuning.NetworkModel, "fit", diverges)
    results = run(search(corpus), 2, tmp_path)
    assert [(one.state, one.accuracy) for one in results] == [("diverged", None)] * 2
    assert best(results) is None
    assert "No trial was completed." in tuning_document(record(search(corpus), results, tmp_path))


def test_poor_trials_are_stopped_early(corpus, tmp_path):
    hopeless = (Option("recipe.learning_rate", choices=(0.01, 1e-9)),)
    results = run(search(corpus, space=hopeless, epochs=4), 16, tmp_path)
    stopped = [one for one in results if one.state == "stopped early"]
    assert stopped
    assert all(one.epochs < 4 for one in stopped)
    assert best(results).values == {"recipe.learning_rate": 0.01}


# what is given -> the error
REFUSED = {
    "an unknown option": ((Option("recipe.lr", 1, 2),), "unknown option of recipe: 'lr'"),
    "a value out of range": (
        (Option("recipe.epochs", 0, 2),),
        "epochs: expected a whole number of at least 1",
    ),
    "no such layer": ((Option("network.fc1.c_out", 5, 9),), "unknown layer"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_searched_is_refused_before_the_first_trial(
    refused_in_one_line, corpus, tmp_path, fault
):
    space, words = REFUSED[fault]
    with refused_in_one_line(TenfoldError, words):
        run(search(corpus, space=space), 1, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_width_is_searched(corpus, tmp_path):
    results = run(
        search(corpus, entry=entry("nn2l"), space=(Option("network.fc1.c_out", 5, 9),)), 2, tmp_path
    )
    assert all(5 <= one.values["network.fc1.c_out"] <= 9 for one in results)


def test_another_version_of_an_own_network_is_another_search(corpus, tmp_path):
    versions = [search(corpus, entry=replace(entry("nn1l"), origin={"sha256": code})) for code in "ab"]
    run(versions[0], 1, tmp_path)
    with pytest.raises(ConfigError, match=r"found another .*code\); choose another folder"):
        run(versions[1], 2, tmp_path)


@pytest.mark.fault(
    "search", "killed between the figures of a trial and its end", "the trial is run again, and counts once"
)
def test_a_trial_that_was_not_told_counts_once(corpus, tmp_path, monkeypatch):
    import optuna

    whole = run(search(corpus), 3, tmp_path / "whole")
    with monkeypatch.context() as patched:
        patched.setattr(optuna.Study, "tell", _killed)
        with pytest.raises(ZeroDivisionError):
            run(search(corpus), 3, tmp_path / "broken")
    again = run(search(corpus), 3, tmp_path / "broken")
    assert [told([one])[0][1:] for one in again] == [told([one])[0][1:] for one in whole]


def _killed(*given, **options):
    raise ZeroDivisionError


@pytest.mark.parametrize("other", [{"seed": 1}, {"epochs": 2}, {"space": SPACE[:1]}], ids=str)
def test_another_search_is_not_mixed_in(corpus, tmp_path, other):
    run(search(corpus), 1, tmp_path)
    with pytest.raises(
        ConfigError, match=r"expected no search, or this one, found another .*choose another folder"
    ):
        run(search(corpus, **other), 2, tmp_path)


@pytest.mark.fault("search", "the journal is damaged", "one line names it")
@pytest.mark.parametrize("content", [b"\x00\xff\xfe" * 20, b'{"op_code": 0, "worker', b'{"op_code": 99}\n'])
def test_a_damaged_journal_is_named(refused_in_one_line, corpus, tmp_path, content):
    (tmp_path / "journal.log").write_bytes(content + b"\n")
    with refused_in_one_line(CheckpointError, "journal.log: expected the journal of a search"):
        run(search(corpus), 1, tmp_path)


@pytest.mark.fault("search", "killed while the journal is written", "the search continues to the same trials")
def test_half_a_line_at_the_end_of_the_journal(corpus, tmp_path):
    whole = run(search(corpus), 3, tmp_path / "whole")
    run(search(corpus), 2, tmp_path / "broken")
    with (tmp_path / "broken" / "journal.log").open("ab") as file:
        file.write(b'{"op_code": 4, "worker')
    assert told(run(search(corpus), 3, tmp_path / "broken")) == told(whole)


@pytest.mark.timeout(60)  # with the lock it waited for ever
@pytest.mark.fault("search", "killed while it holds the journal's lock", "the same command continues it")
def test_a_lock_that_a_killed_process_left_is_not_waited_for(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("search")  # the link that Optuna makes for a relative path points nowhere
    first = run(search(corpus), 1, folder)
    (folder / f"{JOURNAL}.lock").symlink_to(folder / JOURNAL)
    assert told(run(search(corpus), 2, folder))[:1] == told(first)


@pytest.mark.fault("search", "another process searches in the folder", "refused, exit code 6")
def test_two_searches_in_one_folder(tmp_path, capsys):
    with RunLock(tmp_path):
        assert main(["tune", "nn1l", "--data", "mnist-5k", "--out", str(tmp_path), "--quiet"]) == 6
    assert len(capsys.readouterr().err.splitlines()) == 1


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_command(undrawn, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = ["tune", "nn1l", "--data", "mnist-5k", "--epochs", "2", "--search", "batch_size=32,64"]
    assert main([*command, "--trials", "3"]) == 0
    out, err = capsys.readouterr()
    assert err.count("of the held-out images") == 3
    assert "best of 3:" in out
    train = next(line for line in out.splitlines() if line.startswith("train with it: "))
    folder = Path("tuning/nn1l-mnist-5k")
    values = tomllib.loads((folder / "best.toml").read_text())
    assert main([*train.removeprefix("train with it: tenfold ").split(), "--json", "--no-report"]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"]["batch_size"] == values["recipe"]["batch_size"]
    assert main([*command, "--trials", "3", "--json"]) == 0  # nothing is left to do
    told = json.loads(capsys.readouterr().out)
    assert json.loads((folder / "tuning.json").read_text()) == {
        key: told[key] for key in told if key != "page"
    }
    page = _Tags(Path(told["page"]).read_text()).text
    assert all(text in page for text in ("recipe.batch_size", "Trial", told["train"]))


@pytest.mark.parametrize("name", ["knn", "committee"])
def test_only_networks_are_searched(capsys, name):
    assert main(["tune", name, "--data", "mnist-5k"]) == 2
    assert f"{name}: expected a network with a recipe, got a model without one" in capsys.readouterr().err


def states(journal: Path) -> list[str]:
    """Return the state of each trial in a journal."""
    import optuna

    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    [study] = storage.get_all_studies()
    return [trial.state.name for trial in storage.get_all_trials(study._study_id)]


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.fault(
    "search", "killed while a trial runs", "the same command continues it, with the same trials"
)
def test_a_killed_search_goes_on(tmp_path):
    def start(folder: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tenfold", "tune", "nn1l", "--data", "mnist-5k", "--epochs", "40"]
        command += ["--search", "learning_rate=1e-4..1e-2:log", "--trials", "3", "--out", folder, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True, env=os.environ)

    killed = start("killed")
    assert killed.stderr is not None
    assert killed.stderr.readline().startswith("trial 1 of 3")
    journal = tmp_path / "killed" / JOURNAL
    while killed.poll() is None and states(journal) != ["COMPLETE", "RUNNING"]:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert states(journal) == ["COMPLETE", "RUNNING"]
    trials = []
    for folder in ("killed", "whole"):
        out, err = start(folder).communicate()
        assert out, err
        trials.append(json.loads(out)["trials"])
    for one, other in zip(*trials, strict=True):
        assert (one["values"], one["accuracy"]) == (other["values"], other["accuracy"])


def test_epochs_are_searched_or_given_not_both(corpus):
    with pytest.raises(ConfigError, match=r"^--epochs: expected it only where .* got 3 and --search epochs"):
        search(corpus, space=(Option.parse("epochs=1,2"),)).check()
    search(corpus, space=(Option.parse("epochs=1,2"),), epochs=None).check()


@pytest.mark.parametrize("name", ["run.json", "unfinished.json", "checkpoints"])
def test_a_search_is_not_made_in_the_folder_of_a_run(name, tmp_path, capsys):
    (tmp_path / name).mkdir()
    assert main(["tune", "nn1l", "--data", "mnist-5k", "--trials", "1", "--out", str(tmp_path)]) == 2
    assert f"found a run ({name}); choose another with --out" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == [name]
