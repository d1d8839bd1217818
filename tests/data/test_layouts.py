"""Layouts: the same images in every layout that people have, alone and mixed; the content decides."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import Corpus, load_corpus, write_idx
from tenfold.data.idx import idx_header
from tenfold.errors import DataError

STEMS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def arrays(shape: tuple[int, ...] = (28, 28), classes: int = 10, seed: int = 0) -> list[np.ndarray]:
    """Training images and labels, test images and labels."""
    rng = np.random.default_rng(seed)
    return [
        part
        for n in (30, 20)
        for part in (
            rng.integers(0, 256, (n, *shape), dtype=np.uint8),
            np.arange(n, dtype=np.uint8) % classes,
        )
    ]


DATA = arrays()


def quiet(line: str) -> None:
    pytest.fail(f"nothing to say, but: {line}")


def check(corpus: Corpus, data: list[np.ndarray] = DATA) -> None:
    found = [part for one in (corpus.train, corpus.test) for part in (one.images, one.labels)]
    for got, wanted in zip(found, data, strict=True):
        np.testing.assert_array_equal(got, wanted)


def write(folder: Path, rename: Callable[[str], str], data: list[np.ndarray] = DATA) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stem, array in zip(STEMS, data, strict=True):
        write_idx(folder / rename(stem), array)


def in_folders(folder: Path) -> None:
    for stem, array in zip(STEMS, DATA, strict=True):
        (folder / stem).mkdir(parents=True)
        write_idx(folder / stem / stem, array)


def kaggle_archive(folder: Path) -> None:
    in_folders(folder)
    write(folder, lambda stem: stem.replace("-idx", ".idx"))


def emnist(folder: Path, split: str = "digits", data: list[np.ndarray] = DATA) -> None:
    turned = [part.swapaxes(1, 2) if part.ndim == 3 else part for part in data]
    write(folder, lambda stem: f"emnist-{split}-{stem.replace('t10k', 'test')}.gz", turned)


def qmnist(folder: Path) -> None:
    folder.mkdir(parents=True)
    for part, images, labels in (("train", *DATA[:2]), ("test", *DATA[2:])):
        write_idx(folder / f"qmnist-{part}-images-idx3-ubyte.gz", images)
        table = np.random.default_rng(0).integers(0, 9, (len(labels), 8)).astype(">i4")
        table[:, 0] = labels
        content = idx_header(table.shape, 12) + table.tobytes()
        (folder / f"qmnist-{part}-labels-idx2-int.gz").write_bytes(gzip.compress(content))


def plain(folder: Path) -> None:
    write(folder, str)


IDX = {
    "plain": plain,
    "gzipped": lambda folder: write(folder, lambda stem: stem + ".gz"),
    "dotted": lambda folder: write(folder, lambda stem: stem.replace("-idx", ".idx")),
    ".bin": lambda folder: write(folder, lambda stem: stem + ".bin"),
    "upper case": lambda folder: write(folder, str.upper),
    "upper case, gzipped": lambda folder: write(folder, lambda stem: f"{stem}.gz".upper()),
    "Kaggle's folders": in_folders,
    "Kaggle's archive": kaggle_archive,
    "EMNIST": emnist,
    "QMNIST": qmnist,
    "raw": lambda folder: plain(folder / "raw"),
    "torchvision's MNIST": lambda folder: plain(folder / "MNIST" / "raw"),
    "torchvision's FashionMNIST": lambda folder: plain(folder / "FashionMNIST" / "raw"),
    "EMNIST's archive": lambda folder: emnist(folder / "gzip"),
}


@pytest.mark.parametrize("layout", IDX)
def test_idx_files_under_every_name(tmp_path: Path, layout: str) -> None:
    IDX[layout](tmp_path / "own")
    check(load_corpus(tmp_path / "own", notify=quiet))


SPELLINGS = [str, lambda stem: stem + ".gz", lambda stem: stem.replace("-idx", ".idx"), str.upper]


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))][::5])
def test_each_file_may_be_spelt_another_way(tmp_path: Path, order: tuple[int, ...]) -> None:
    for stem, array, which in zip(STEMS, DATA, order, strict=True):
        write_idx(tmp_path / SPELLINGS[which](stem), array)
    check(load_corpus(tmp_path, notify=quiet))


@pytest.mark.parametrize("odd", ["folder", "link"])
def test_something_else_under_a_name_does_not_hide_the_sound_file(tmp_path: Path, odd: str) -> None:
    write(tmp_path, lambda stem: stem + ".gz")
    if odd == "folder":
        (tmp_path / STEMS[2]).mkdir()
    else:
        (tmp_path / STEMS[2]).symlink_to("nowhere")
    check(load_corpus(tmp_path, notify=quiet))


def test_one_of_several_sets_in_a_folder(tmp_path: Path) -> None:
    letters = arrays(seed=1)
    letters[1], letters[3] = letters[1] + 1, letters[3] + 1
    emnist(tmp_path / "raw", "letters", letters)
    emnist(tmp_path / "raw", "byclass")
    with pytest.raises(
        DataError, match="expected one set of IDX files, found emnist-byclass, emnist-letters; "
    ) as caught:
        load_corpus(tmp_path)
    advice = str(caught.value).rpartition(": ")[2]
    check(load_corpus(advice, notify=quiet))
    letters[1], letters[3] = letters[1] - 1, letters[3] - 1
    with pytest.raises(
        DataError, match="the 124,800 and 20,800 images of emnist-letters, found 30 and 20; give"
    ):
        load_corpus(f"{tmp_path}:emnist-letters")
    shutil.rmtree(tmp_path / "raw")
    emnist(tmp_path / "raw", "letters", [letters[0], letters[1] + 1, letters[2], letters[3] + 1])
    found = load_corpus(tmp_path, notify=quiet)
    check(found, letters)
    assert found.train.class_names[:3] == ("A", "B", "C")
    assert found.train.classes == 26


def test_a_second_set_in_a_root_is_said(tmp_path: Path) -> None:
    plain(tmp_path / "MNIST" / "raw")
    write(tmp_path / "KMNIST" / "raw", str, arrays(seed=2))
    said: list[str] = []
    check(load_corpus(tmp_path, notify=said.append))
    assert len(said) == 1
    assert re.search(r"reading the IDX files in .*MNIST/raw, not those in KMNIST/raw$", said[0])


@pytest.mark.parametrize("shape", [(12, 20), (8, 8, 3)])
def test_idx_of_other_sizes_and_colour(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = arrays(shape, classes=5)
    write(tmp_path, lambda stem: stem.replace("idx3", f"idx{1 + len(shape)}"), data)
    corpus = load_corpus(tmp_path, notify=quiet)
    check(corpus, data)
    assert corpus.train.classes == 5


# --- NumPy's files


KERAS = dict(zip(("x_train", "y_train", "x_test", "y_test"), DATA, strict=True))
IMAGES = ("x_train", "x_test")


def changed(change: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    """Keras' arrays with other images."""
    return KERAS | {name: change(KERAS[name]) for name in IMAGES}


NPZ = {
    "Keras": KERAS,
    "MedMNIST": {
        **dict(zip(("train_images", "test_images"), DATA[::2], strict=True)),
        **dict(zip(("train_labels", "test_labels"), (DATA[1][:, None], DATA[3][:, None]), strict=True)),
        "val_images": DATA[0][:3],
        "val_labels": DATA[1][:3, None],
    },
    "X and y": dict(zip(("X_train", "Y_train", "X_test", "Y_test"), DATA, strict=True)),
    "rows of pixels": changed(lambda part: part.reshape(-1, 784)),
    "one channel first": changed(lambda part: part[:, None]),
    "floats of 0 to 1": changed(lambda part: part.astype(np.float32) / 255),
    "int64": {name: part.astype(np.int64) for name, part in KERAS.items()},
    "column order": {name: np.asfortranarray(part) for name, part in KERAS.items()},
}


@pytest.mark.parametrize("form", NPZ)
def test_npz_with_the_usual_names(tmp_path: Path, form: str) -> None:
    np.savez_compressed(tmp_path / "own.npz", **NPZ[form])
    corpus = load_corpus(tmp_path / "own.npz", notify=quiet)
    check(corpus)
    assert corpus.name == "own"
    assert corpus.split == "test"


def test_npz_with_own_names(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, pictures=DATA[0], kinds=DATA[1], more=np.zeros(3))
    with pytest.raises(
        DataError, match=r"found pictures \(30, 28, 28\), kinds \(30,\), more \(3,\); name"
    ) as caught:
        load_corpus(path)
    corpus = load_corpus(str(caught.value).rpartition(" ")[2])  # the advice, followed literally
    assert (len(corpus.train), len(corpus.test), corpus.split) == (26, 4, "held-out")
    assert load_corpus(corpus.origin).sha256 == corpus.sha256


def test_names_of_classes_in_npz(tmp_path: Path) -> None:
    words = np.array(["cat", "dog", "bird"])[DATA[1] % 3]
    np.savez(tmp_path / "pets.npz", images=DATA[0][..., np.newaxis].repeat(3, axis=3), labels=words)
    corpus = load_corpus(tmp_path / "pets.npz", notify=quiet)
    assert corpus.train.class_names == ("bird", "cat", "dog")
    assert corpus.train.image_shape == (28, 28, 3)


@pytest.mark.parametrize("kind", ["npy", "npz"])
@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("k-train-imgs", "k-train-labels", "k-test-imgs", "k-test-labels"),
    ],
)
def test_a_folder_of_single_arrays(tmp_path: Path, kind: str, names: tuple[str, ...]) -> None:
    for name, array in zip(names, DATA, strict=True):
        if kind == "npy":
            np.save(tmp_path / f"{name}.npy", array)
        else:
            np.savez(tmp_path / f"{name}.npz", array)
    check(load_corpus(tmp_path, notify=quiet))


def test_one_npy_file_with_labels_beside_it(tmp_path: Path, refused) -> None:
    np.save(tmp_path / "images.npy", DATA[0])
    with refused(
        str(tmp_path / "images.npy"), "expected a file of labels next to it, found none; name the two"
    ):
        load_corpus(tmp_path / "images.npy")
    np.save(tmp_path / "labels.npy", DATA[1])
    assert len(load_corpus(tmp_path / "images.npy").train) == 26


def npz_faults(path: Path, fault: str) -> None:
    np.savez(path, **KERAS)
    data = path.read_bytes()
    if fault == "objects":
        np.savez(path, x=DATA[0], y=np.array([str, int] * 15, object))
    elif fault == "cut off":
        path.write_bytes(data[: len(data) // 2])
    elif fault == "a changed byte":
        path.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    elif fault == "no archive":
        path.write_bytes(b"hello")
    elif fault == "a label short":
        np.savez(path, x=DATA[0], y=DATA[1][1:])
    elif fault == "levels above 255":
        np.savez(path, x=DATA[0].astype(int) * 2, y=DATA[1])
    elif fault == "fractions of 0 to 255":
        np.savez(path, x=DATA[0] + 0.5, y=DATA[1])
    elif fault == "sizes differ":
        np.savez(path, x_train=DATA[0], y_train=DATA[1], x_test=DATA[2][:, 2:], y_test=DATA[3])


NPZ_FAULTS = {
    "objects": r"found Python objects, which could run any program .*; save the labels with .astype\(int\)",
    "cut off": "expected an .npz file, found a damaged or another one; save it again",
    "a changed byte": "found a damaged",
    "no archive": "expected an .npz file, found a damaged or another one",
    "a label short": r"expected one label for each of 30 images, found labels of the shape \(29,\)",
    "levels above 255": "expected pixels of 0 to 255 or of 0 to 1, found 0 to 510; rescale",
    "fractions of 0 to 255": r"found fractions up to 255\.5|expected pixels of 0 to 255",
    "sizes differ": r"images of one size, found \(28, 28\) and \(26, 28\)",
}


@pytest.mark.fault(
    "data", "an .npz file is damaged or holds pickled objects", "one line that names the file, exit 3"
)
@pytest.mark.parametrize("fault", NPZ_FAULTS)
def test_npz_that_cannot_be_used(tmp_path: Path, refused, fault: str) -> None:
    npz_faults(tmp_path / "own.npz", fault)
    with refused(str(tmp_path / "own.npz"), NPZ_FAULTS[fault]):
        load_corpus(tmp_path / "own.npz")


@pytest.mark.fault(
    "data",
    "a header promises half a gigabyte, the file holds little",
    "rejected, and no memory is allocated for it",
)
def test_npy_that_promises_more_than_it_holds(tmp_path: Path, refused) -> None:
    np.save(tmp_path / "images.npy", DATA[0])
    np.save(tmp_path / "labels.npy", DATA[1])
    content = (tmp_path / "images.npy").read_bytes().replace(b"(30, 28, 28)", b"(9999999,28)")
    (tmp_path / "images.npy").write_bytes(content)
    with refused(str(tmp_path / "images.npy"), "expected an array, found a damaged"):
        load_corpus(tmp_path / "images.npy")


# --- Parquet


def parquet(path: Path, images: np.ndarray, labels: list[object], names: list[str] | None = None) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import io

    import pyarrow.parquet as pq

    def png(image: np.ndarray) -> bytes:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "PNG")
        return stream.getvalue()

    table = pyarrow.table({"image": [{"bytes": png(one), "path": None} for one in images], "label": labels})
    if names is not None:
        features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


@pytest.mark.parametrize("below", ["", "data"])
def test_a_folder_of_the_hugging_face_hub(tmp_path: Path, below: str) -> None:
    half = tmp_path / below
    parquet(half / "train-00000-of-00002.parquet", DATA[0][:10], DATA[1][:10].tolist())
    parquet(half / "train-00001-of-00002.parquet", DATA[0][10:], DATA[1][10:].tolist())
    parquet(half / "test-00000-of-00001.parquet", DATA[2], DATA[3].tolist())
    check(load_corpus(tmp_path, notify=quiet))


def test_one_parquet_file_with_names_of_classes(tmp_path: Path, refused) -> None:
    colour = arrays((8, 8, 3), classes=3)
    parquet(tmp_path / "own.parquet", colour[0], colour[1].tolist(), ["cat", "dog", "bird"])
    corpus = load_corpus(tmp_path / "own.parquet", notify=quiet)
    assert corpus.train.class_names == ("cat", "dog", "bird")
    assert corpus.train.image_shape == (8, 8, 3)
    (tmp_path / "own.parquet").write_bytes((tmp_path / "own.parquet").read_bytes()[:-20])
    with refused(str(tmp_path / "own.parquet"), "expected a Parquet file, found a damaged one"):
        load_corpus(tmp_path / "own.parquet")


def of_lists(path: Path, images: list[object], kind: object) -> Path:
    """Write lists of pixels, or of rows and so on, in several groups of rows."""
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    image = pyarrow.array(images, kind)
    pq.write_table(pyarrow.table({"image": image, "label": [i % 10 for i in range(len(images))]}), path, 7)
    return path


@pytest.mark.parametrize("kind", ["uint8", "int64", "float64"])
@pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 3)], ids=str)
@pytest.mark.parametrize("fixed", [False, True], ids=["lists", "lists of one length"])
def test_lists_of_pixels(tmp_path: Path, kind: str, shape: tuple[int, ...], fixed: bool) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    images = np.random.default_rng(0).integers(0, 256, (20, *shape), dtype=np.uint8)
    images[:7] %= 2  # nothing but 0 and 1 in the first group of rows
    given = pyarrow.type_for_alias(kind)
    for length in reversed(shape):
        given = pyarrow.list_(given, length if fixed else -1)
    path = of_lists(tmp_path / "own.parquet", images.tolist(), given)
    corpus = load_corpus(path, notify=lambda line: None)
    whole = np.concatenate([corpus.train.images, corpus.test.images])
    assert sorted(map(bytes, whole)) == sorted(map(bytes, images))


def test_lists_of_pixels_need_no_python_objects(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2000, 784), dtype=np.uint8)
    path = of_lists(tmp_path / "own.parquet", images.tolist(), None)
    load_corpus(path, notify=lambda line: None)  # imports
    tracemalloc.start()
    try:
        load_corpus(path, notify=lambda line: None)
        assert tracemalloc.get_traced_memory()[1] < 6 * images.nbytes  # a list of them alone is more than 8
    finally:
        tracemalloc.stop()


# lists of pixels -> the error
UNEVEN: dict[str, tuple[list[object], str]] = {
    "several lengths": ([[1] * 4, [1] * 9], "expected images of one size, found several"),
    "rows of several lengths": ([[[1, 2], [3]]] * 2, "expected images of one size, found several"),
    "a row without": ([[1] * 4, None], "expected pixels in each row, found an empty row"),
    "a pixel without": ([[1, 2, None, 3]] * 2, "expected a number for each pixel, found none"),
    "texts": ([["a", "b", "c", "d"]] * 2, "expected numbers, found string"),
    "too large": ([[1, 2, 3, 256]] * 2, "expected pixels of 0 to 255"),
}


@pytest.mark.parametrize("fault", UNEVEN)
def test_lists_that_are_no_pixels_are_refused(tmp_path: Path, refused, fault: str) -> None:
    lists, words = UNEVEN[fault]
    path = of_lists(tmp_path / "own.parquet", lists, None)
    with refused(str(path), words):
        load_corpus(path)


# --- CIFAR-10


def cifar(folder: Path) -> list[np.ndarray]:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(3)
    records = [rng.integers(0, 256, (4, 3073), dtype=np.uint8) for _ in range(6)]
    for name, one in zip((*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"), records, strict=True):
        one[:, 0] %= 10
        (folder / f"{name}.bin").write_bytes(one.tobytes())
    planes = [one[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for one in records]
    labels = [one[:, 0] for one in records]
    return [np.concatenate(planes[:5]), np.concatenate(labels[:5]), planes[5], labels[5]]


@pytest.mark.parametrize("below", ["", "cifar-10-batches-bin"])
def test_cifar_in_its_binary_version(tmp_path: Path, below: str, refused) -> None:
    data = cifar(tmp_path / "root" / below)
    corpus = load_corpus(tmp_path / "root", notify=quiet)
    check(corpus, data)
    assert corpus.train.class_names[3] == "cat"
    path = tmp_path / "root" / below / "data_batch_3.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with refused(str(path), "expected records of 3073 bytes, found 12291 bytes"):
        load_corpus(tmp_path / "root")


# --- what is refused, and mixtures


REFUSED = {
    "mnist.pkl.gz": (b"\x1f\x8b", "found a pickle: loading it could run any program.* numpy.savez"),
    "own.mat": (b"MATLAB", "found another container; .* numpy.savez"),
    "own.tar.gz": (b"\x1f\x8b", "found an archive; unpack it and give its folder"),
    "pictures.zip": (b"PK\x03\x04", "found an archive; unpack it and give its folder"),
}


@pytest.mark.fault("data", "a pickle or another container is given", "never loaded, one line says what to do")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_never_loaded_and_what_to_do_instead(tmp_path: Path, refused, name: str) -> None:
    content, words = REFUSED[name]
    (tmp_path / name).write_bytes(content + bytes(100))
    with refused(str(tmp_path / name), words):
        load_corpus(tmp_path / name)


def test_the_version_of_cifar_for_python_is_refused(tmp_path: Path, refused) -> None:
    (tmp_path / "cifar-10-batches-py").mkdir()
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(b"\x80\x04")
    with refused(str(tmp_path), "which is a pickle: .* download cifar-10-binary.tar.gz"):
        load_corpus(tmp_path)


def test_of_two_whole_layouts_one_is_read_and_the_other_said(tmp_path: Path) -> None:
    plain(tmp_path)
    np.save(tmp_path / "x.npy", DATA[0])
    np.save(tmp_path / "y.npy", DATA[1])
    said: list[str] = []
    check(load_corpus(tmp_path, notify=said.append))
    assert said == [
        f"{tmp_path}: reading four IDX files (train-images-idx3-ubyte, ...); the folder also has "
        "x_train.npy and y_train.npy"
    ]


def test_a_whole_layout_goes_before_a_part_of_another(tmp_path: Path) -> None:
    write_idx(tmp_path / STEMS[0], DATA[0])
    for name, array in KERAS.items():
        np.save(tmp_path / f"{name}.npy", array)
    check(load_corpus(tmp_path, notify=quiet))
