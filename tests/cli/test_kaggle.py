"""Kaggle's task from train.csv and test.csv to the answer file, and tables of all predictions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tenfold.data import Dataset, load_corpus, read_digit_csv
from tenfold.evaluate import predictions_csv
from tenfold.zoo import load_model

PIXELS = [f"pixel{i}" for i in range(784)]


def write_csv(path: Path, data: Dataset, *, labelled: bool, header: Sequence[str] | None = None) -> Path:
    """Write images as Kaggle does."""
    rows = np.column_stack([*([data.labels] if labelled else []), data.images.reshape(len(data), -1)])
    names = header or [*(["label"] if labelled else []), *PIXELS]
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows.tolist())]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """A folder as the competition gives it: 140 labelled images, 30 without labels."""
    sample = load_corpus("mnist-5k")
    folder = tmp_path / "digit-recognizer"
    write_csv(folder / "train.csv", sample.train.subset(slice(140)), labelled=True)
    write_csv(folder / "test.csv", sample.test.subset(slice(30)), labelled=False)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


def test_from_the_folder_to_the_answer_file(terminal, kaggle: Path, undrawn: None) -> None:
    code, out, err = terminal("train", "nn1l", "--data", kaggle, "--epochs", 2, "--out", "run")
    assert code == 0, err
    assert "train.csv has labels: 120 images for training, 20 held out for testing; test.csv has none" in err
    assert out.startswith("nn1l on digit-recognizer, 20 images (held-out)\n")
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert "These data have no test set with labels." in page
    assert "evaluated on</span> held-out, 20 images" in page
    assert record(Path("run"))["test"]["split"] == "held-out"
    assert record(Path("run"))["train_images"] == 100  # and 20 to choose the epoch on

    assert terminal("predict", kaggle / "test.csv", "--run", "run", "--csv", "submission.csv")[0] == 0
    answer = Path("submission.csv").read_text().split("\n")
    digits = load_model(Path("run/model")).predict(read_digit_csv(kaggle / "test.csv")[0])
    assert answer == ["ImageId,Label", *(f"{i},{digit}" for i, digit in enumerate(digits, start=1)), ""]

    code, out, _ = terminal("predict", "--data", kaggle, "--run", "run", "--csv", "again.csv")
    assert code == 0
    assert out.endswith("again.csv: 30 answers as Kaggle's Digit Recognizer takes them\n")
    assert Path("again.csv").read_bytes() == Path("submission.csv").read_bytes()

    code, out, _ = terminal("evaluate", "run")
    assert code == 0
    assert out.startswith("nn1l on digit-recognizer, 20 images (held-out)\n")


@pytest.mark.parametrize("name", ["nn1l", "mlp-512", "ridge-linear"])
def test_every_labelled_image_is_learnt_from_and_nothing_is_measured(
    terminal, kaggle: Path, name: str
) -> None:
    epochs = () if name == "ridge-linear" else ("--epochs", 1)
    code, out, err = terminal("train", name, "--data", kaggle, *epochs, "--all-images", "--out", "run")
    assert code == 0, err
    assert "140 training images" in err
    assert out.startswith("accuracy not measured, no report: the run learnt from every labelled image")
    found = record(Path("run"))
    assert (found["train_images"], found["test"], found["choice"]) == (140, None, None)
    assert not Path("run/report.html").exists()
    for command in (("evaluate", "run"), ("report", "run")):
        code, out, err = terminal(*command)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1] == (
            f"error: {name} on digit-recognizer: expected a run that left images out to be measured on, got "
            "one that learnt from all; train it without --all-images to measure it"
        )
    assert terminal("predict", kaggle / "test.csv", "--run", "run", "--csv", "submission.csv")[0] == 0
    assert len(rows(Path("submission.csv"))) == 30


def test_a_run_on_all_images_is_not_resumed_without_them(terminal, kaggle: Path) -> None:
    command = "train", "mlp-512", "--data", kaggle, "--epochs", 1, "--out", "run", "--no-report"
    assert terminal(*command, "--all-images")[0] == 0
    code, _, err = terminal(*command, "--resume")
    assert code == 4
    assert "the run was started with train_on = 'all', got None" in err


def test_a_test_set_is_never_learnt_from(terminal) -> None:
    code, _, err = terminal("train", "nn1l", "--data", "mnist-5k", "--all-images")
    assert (code, err) == (
        2,
        "error: mnist-5k: expected data without their own test set, to train on all images, found "
        "1,000 test images, which must stay unseen; leave the option out\n",
    )


def test_images_with_labels_get_a_table_with_all_probabilities(terminal, run: Path, kaggle: Path) -> None:
    code, out, _ = terminal("predict", kaggle / "train.csv", "--run", run, "--csv", "out/table.csv")
    assert code == 0
    assert out.endswith("table.csv: 140 predictions\n")
    images, labels = read_digit_csv(kaggle / "train.csv")
    probabilities = load_model(run / "model").predict_proba(images)
    assert Path("out/table.csv").read_text() == predictions_csv(
        "nn1l", "train", probabilities, labels=labels, split="labelled"
    )


def test_probabilities_of_images_without_labels(terminal, run: Path, kaggle: Path) -> None:
    given = "predict", kaggle / "test.csv", "--run", run, "--csv", "table.csv"
    assert terminal(*given)[0] == 0
    digits = [row["Label"] for row in rows(Path("table.csv"))]
    assert terminal(*given, "--probabilities")[0] == 0
    found = rows(Path("table.csv"))
    assert [row["predicted"] for row in found] == digits
    assert {row["true"] for row in found} == {""}
    assert all(sum(float(row[f"p{d}"]) for d in range(10)) == pytest.approx(1, abs=1e-4) for row in found)


def test_every_image_of_a_data_set(terminal, run: Path) -> None:
    code, _, err = terminal("predict", "--run", run, "--csv", "all.csv", "--json")
    assert code == 0, err
    found = rows(Path("all.csv"))
    sample = load_corpus("mnist-5k")
    assert [row["split"] for row in found] == ["train"] * 4_000 + ["test"] * 1_000
    labels = [*sample.train.labels.tolist(), *sample.test.labels.tolist()]
    assert [int(row["true"]) for row in found] == labels


def test_digits_of_pictures_are_rows(terminal, run: Path) -> None:
    images = load_corpus("mnist-5k").test.images
    line = np.hstack([np.kron(images[i], np.ones((4, 4), np.uint8)) for i in (3, 1)])
    Image.fromarray(255 - np.pad(line, 20)).save("two.png")
    Image.new("L", (28, 28), 255).save("blank.png")
    Path("text.png").write_text("<html>")
    code, out, _ = terminal(
        *("predict", "two.png", "blank.png", "text.png", "--run", run),
        *("--csv", "t.csv", "--probabilities", "--json"),
    )
    assert code == 3
    found = rows(Path("t.csv"))
    assert [row["file"] for row in found] == ["two.png", "two.png", "blank.png", "text.png"]
    assert [row["reason"] for row in found[2:]] == ["blank", "unreadable"]
    digits = json.loads(out)["files"][0]["digits"]
    for row, digit in zip(found, digits, strict=False):
        assert row["digit"] == ("" if digit["digit"] is None else str(digit["digit"]))
        assert [int(row[side]) for side in ("left", "top", "width", "height")] == digit["box"]
        assert max(float(row[f"p{d}"]) for d in range(10)) == pytest.approx(digit["probability"], rel=1e-4)


def test_one_image_and_json(terminal, run: Path, tmp_path: Path) -> None:
    one = load_corpus("mnist-5k").test.subset(slice(1))
    path = write_csv(tmp_path / "one.csv", one, labelled=False)
    code, out, _ = terminal("predict", path, "--run", run, "--csv", "answer.csv", "--json")
    [entry] = json.loads(out)["files"]
    assert (code, entry["images"], len(entry["predicted"])) == (0, 1, 1)
    assert Path("answer.csv").read_text() == f"ImageId,Label\n1,{entry['predicted'][0]}\n"
    code, out, _ = terminal("predict", path, "--run", run)
    assert out.splitlines()[0] == f"{path}: 1 image (unlabelled)"
    assert out.splitlines()[1].startswith(f"  image  1  {entry['predicted'][0]} (")


BAD = {
    "an empty file": (b"", "expected a header, found an empty first line"),
    "a header alone": (b"@", "expected at least one line of values, found only the header"),
    "another header": (
        b"id,a,b\n1,2,3\n",
        "line 1: expected one column of labels, found 'a', 'b'; name it",
    ),
    "a pixel short": (
        b"label,@",
        "line 1: expected a label and a square number of pixels, such as 784, found 783",
    ),
    "a ragged row": (b"@\n" + b",".join([b"1"] * 783) + b"\n", "line 2: expected 784 columns, found 783"),
    "a value too large": (
        b"@\n" + b",".join([b"256"] + [b"1"] * 783) + b"\n",
        "line 2, column 1 (pixel0): expected a number 0-255, found '256'",
    ),
    "a word": (
        b"@\n" + b",".join([b"x"] + [b"1"] * 783) + b"\n",
        "line 2, column 1 (pixel0): expected a number 0-255, found 'x'",
    ),
}


@pytest.mark.fault("data", "a CSV file to predict is damaged", "one line that names the place, exit 3")
@pytest.mark.parametrize("case", BAD)
def test_a_damaged_file_is_one_line_and_no_table(terminal, run: Path, tmp_path: Path, case: str) -> None:
    content, wanted = BAD[case]
    names = ",".join(PIXELS[:783] if case == "a pixel short" else PIXELS).encode()
    path = tmp_path / "test.csv"
    path.write_bytes(content.replace(b"@", names + (b"\n" if content == b"@" else b"")))
    code, out, err = terminal("predict", path, "--run", run, "--csv", "submission.csv")
    assert (code, out) == (3, "")
    remark, error = err.splitlines()
    assert remark.startswith("read by nn1l")
    assert error.startswith(f"error: {path}: ")
    assert any(part in error for part in wanted.split("|"))
    assert not Path("submission.csv").exists()


@pytest.mark.fault("data", "a table would overwrite the input", "rejected, nothing is changed")
@pytest.mark.parametrize("target", ["train.csv", "test.csv", "link.csv"])
def test_no_input_is_written_over(terminal, run: Path, kaggle: Path, target: str) -> None:
    (kaggle / "link.csv").symlink_to("test.csv")
    before = (kaggle / "test.csv").read_bytes(), (kaggle / "train.csv").read_bytes()
    place = kaggle / target
    for given in ((kaggle / "test.csv",), ("--data", kaggle)):
        code, out, err = terminal("predict", *given, "--run", run, "--csv", place)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1] == (
            f"error: --csv: expected a new file or an older table of predictions, got {place}, which is "
            "something else; name another file"
        )
    assert ((kaggle / "test.csv").read_bytes(), (kaggle / "train.csv").read_bytes()) == before


def test_an_older_table_is_replaced(terminal, run: Path, kaggle: Path) -> None:
    for _ in range(2):
        assert terminal("predict", kaggle / "test.csv", "--run", run, "--csv", "submission.csv")[0] == 0
    assert len(rows(Path("submission.csv"))) == 30


USAGE = {
    "nothing to read": ([], "expected a picture, a CSV file or --test-index, got none of them"),
    "probabilities for nobody": (["test.csv", "--probabilities"], "--probabilities: expected --csv FILE"),
    "a table of one test image": (
        ["--test-index", "1", "--csv", "x.csv"],
        "--csv: expected files or a whole",
    ),
    "steps of a table": (["test.csv", "--show", "steps"], "--show: expected pictures only, got test.csv"),
    "both kinds in one table": (
        ["test.csv", "a.png", "--csv", "x.csv"],
        "--csv: expected pictures or CSV files, got both, such as test.csv",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_options_that_do_not_go_together(terminal, run: Path, case: str) -> None:
    arguments, wanted = USAGE[case]
    code, out, err = terminal("predict", *arguments, "--run", run)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {wanted}")
    assert err.count("\n") == 1


def test_a_folder_without_pictures_is_named_as_data(terminal, run: Path, kaggle: Path) -> None:
    code, out, err = terminal("predict", kaggle, "--run", run, "--csv", "x.csv")
    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == (
        f"error: {kaggle}: expected a folder with pictures, found none in it or below it; "
        f"name a whole data set with --data {kaggle}"
    )
    assert not Path("x.csv").exists()


@pytest.mark.fault("files", "the path of a table is not writable", "one line that names the option, exit 2")
def test_a_place_that_cannot_be_written(terminal, run: Path, kaggle: Path) -> None:
    Path("file").touch()
    for command in (("predict", kaggle / "test.csv", "--run", run), ("evaluate", run)):
        code, out, err = terminal(*command, "--csv", "file/x.csv")
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith(
            "error: --csv: expected a folder that can be written, got file ("
        )


def test_a_folder_as_the_place_of_a_table_is_refused(terminal, run: Path, kaggle: Path) -> None:
    code, _, err = terminal("predict", kaggle / "test.csv", "--run", run, "--csv", kaggle)
    assert code == 2
    assert err.startswith("error: --csv: expected a new file or an older table of predictions, got")
