"""Files of many images, read a part at a time: every form gives the same images, wherever it is cut."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tenfold.data import write_idx
from tenfold.data.parts import Part, Taken, check_unchanged, find_parts, take
from tenfold.errors import DataError

N = 300
PIXELS = np.random.default_rng(0).integers(0, 256, (N, 6, 5)).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def parquet(path: Path, images: list, rows: int = 7) -> None:
    pq.write_table(pa.table({"image": images, "label": [0] * len(images)}), path, row_group_size=rows)


FORMS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "idx": ("a-images.idx", lambda path: write_idx(path, PIXELS)),
    "gzipped idx": ("a.gz", lambda path: write_idx(path, PIXELS)),
    "npy": ("a.npy", lambda path: np.save(path, PIXELS)),
    "npy of fractions": ("a.npy", lambda path: np.save(path, PIXELS / np.float32(255))),
    "npy of whole numbers": ("a.npy", lambda path: np.save(path, PIXELS.astype(np.int64))),
    "npz": ("a.npz", lambda path: np.savez(path, x=PIXELS, y=np.zeros(N))),
    "compressed npz": ("a.npz", lambda path: np.savez_compressed(path, x=PIXELS, y=np.zeros(N))),
    "parquet of pictures": ("a.parquet", lambda path: parquet(path, [{"bytes": png(one)} for one in PIXELS])),
    "parquet of rows": ("a.parquet", lambda path: parquet(path, PIXELS.tolist())),
    "parquet in one group": ("a.parquet", lambda path: parquet(path, PIXELS.tolist(), N)),
}


def part_of(form: str, folder: Path) -> Part:
    name, write = FORMS[form]
    write(folder / name)
    [part] = find_parts([str(folder / name)]) or []
    return part


def joined(found: list[Taken]) -> np.ndarray:
    """Return the pixels, after checking that the places follow one another."""
    arrays = []
    for place, pixels in found:
        assert not isinstance(pixels, DataError)
        assert place == found[0][0] + sum(map(len, arrays))
        arrays.append(pixels)
    return np.concatenate(arrays)


@pytest.mark.parametrize("form", FORMS)
def test_any_range_of_any_form_gives_its_images(form: str, tmp_path: Path) -> None:
    part = part_of(form, tmp_path)
    assert part.images == N
    for start, stop in ((0, N), (0, 1), (N - 1, N), (6, 15), (99, 257)):
        found = list(take(part, start, stop))
        assert found[0][0] == start
        assert np.array_equal(joined(found), PIXELS[start:stop])


def test_images_of_several_files_are_found_in_order(tmp_path: Path) -> None:
    for number in (10, 9):
        parquet(tmp_path / f"part-{number}.parquet", PIXELS[:number].tolist())
    (tmp_path / "_SUCCESS").write_text("")
    found = find_parts([str(tmp_path)]) or []
    assert [part.images for part in found] == [9, 10]


def test_an_image_counts_by_itself(tmp_path: Path) -> None:
    """Images of zeros and ones stay what they are: a part of a file knows nothing of the others."""
    pixels = np.zeros((3, 4, 4), np.int64)
    pixels[0, 0, 0], pixels[1, 0, 0] = 1, 255
    np.save(tmp_path / "a.npy", pixels)
    [part] = find_parts([str(tmp_path / "a.npy")]) or []
    whole = joined(list(take(part, 0, 3)))
    alone = np.concatenate([joined(list(take(part, i, i + 1))) for i in range(3)])
    assert np.array_equal(whole, pixels)
    assert np.array_equal(alone, whole)


@pytest.mark.parametrize("bad", [-1.0, 1.5, float("nan")])
@pytest.mark.fault("many images", "an image has values that are no pixels", "its row says so")
def test_odd_values_concern_their_image_alone(bad: float, tmp_path: Path) -> None:
    pixels = np.full((5, 4, 4), 0.5, np.float32)
    pixels[3, 1, 2] = bad
    np.save(tmp_path / "a.npy", pixels)
    [part] = find_parts([str(tmp_path / "a.npy")]) or []
    found = dict(take(part, 0, 5))
    assert [place for place, one in found.items() if isinstance(one, DataError)] == [3]
    assert "expected pixels as fractions of 0 to 1 in image 3, found" in str(found[3])


@pytest.mark.fault("many images", "a picture in a Parquet file is damaged or missing", "its row says so")
def test_damaged_pictures_concern_their_row_alone(tmp_path: Path) -> None:
    values = [{"bytes": png(one)} for one in PIXELS[:20]]
    values[4], values[9] = {"bytes": b"\x89PNG"}, {"bytes": None}
    parquet(tmp_path / "a.parquet", values)
    lists = PIXELS[:20].tolist()
    lists[4], lists[9] = [[1, 2], [3]], None
    parquet(tmp_path / "b.parquet", lists)
    for name in "ab":
        [part] = find_parts([str(tmp_path / f"{name}.parquet")]) or []
        found = dict(take(part, 0, 20))
        assert len(found) >= 3
        assert [place for place, one in found.items() if isinstance(one, DataError)] == [4, 9]


@pytest.mark.parametrize("form", ["gzipped idx", "compressed npz"])
@pytest.mark.fault("many images", "a compressed file is damaged in the middle", "images before it are read")
def test_damage_ends_the_images(form: str, tmp_path: Path) -> None:
    part = part_of(form, tmp_path)
    content = bytearray(Path(part.file).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    Path(part.file).write_bytes(content)
    with pytest.raises(DataError, match=r"expected .*; (save it|download it) again"):
        list(take(part, 0, N))


@pytest.mark.fault("many images", "the source changes while it is read", "the command stops, names the file")
@pytest.mark.parametrize("how", ["removed", "longer", "touched"])
def test_a_changed_file_is_refused(how: str, tmp_path: Path) -> None:
    part = part_of("npy", tmp_path)
    check_unchanged(part)
    path = Path(part.file)
    if how == "removed":
        path.unlink()
    elif how == "longer":
        path.write_bytes(path.read_bytes() + b"?")
    else:
        os.utime(path, ns=(0, 0))
    with pytest.raises(DataError, match="expected the file as it was when the prediction was begun, found"):
        check_unchanged(part)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "labels.npy": (lambda path: np.save(path, np.zeros(9)), "expected images of the shape"),
    "text.npy": (lambda path: np.save(path, np.full((9, 4, 4), "a")), "found an array of <U1"),
    "columns.npy": (lambda path: np.save(path, np.asfortranarray(PIXELS)), "np.ascontiguousarray"),
    "objects.npy": (
        lambda path: np.save(path, np.full((2, 2), None), allow_pickle=True),
        "found Python objects",
    ),
    "none.npy": (lambda path: np.save(path, np.zeros((0, 4, 4))), "expected images, found an array"),
    "short.npy": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "found a damaged"),
    "short.idx": (lambda path: path.write_bytes(b"\0\0\x08\x03" + bytes(12)), "expected at least one image"),
    "two.npz": (lambda path: np.savez(path, x=PIXELS, z=PIXELS), "expected one array of images, found x, z"),
    "no.npz": (lambda path: np.savez(path, y=np.zeros(9)), "expected one array of images, found none"),
    "no.parquet": (
        lambda path: pq.write_table(pa.table({"a": [1]}), path),
        "expected a column image, found a; name the column of images",
    ),
    "cut.parquet": (lambda path: path.write_bytes(b"PAR1" + bytes(40)), "expected a Parquet file, found"),
}


@pytest.mark.fault("many images", "a file holds no images, or is cut short", "refused, exit 3")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(
    name: str, tmp_path: Path, refused_in_one_line: Callable[[type[Exception], str], object]
) -> None:
    write, words = REFUSED[name]
    write(tmp_path / name)
    with refused_in_one_line(DataError, words):  # type: ignore[attr-defined]
        find_parts([str(tmp_path / name)])


def test_names_choose_an_array_or_a_column(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=PIXELS, z=PIXELS[:2])
    lists = PIXELS[:3].tolist()
    pq.write_table(pa.table({"scan": lists, "image": lists}), tmp_path / "a.parquet")
    found = find_parts([f"{tmp_path}/a.npz:z", f"{tmp_path}/a.parquet:scan"]) or []
    assert [(part.member, part.images) for part in found] == [("z", 2), ("scan", 3)]


def test_pictures_and_texts_are_no_files_of_images(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(PIXELS[0]))
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"hello"))
    assert find_parts([str(tmp_path / "a.png"), str(tmp_path / "b.gz")]) is None
    np.save(tmp_path / "c.npy", PIXELS)
    with pytest.raises(DataError, match=r"expected a file of images like .*c\.npy, found something else"):
        find_parts([str(tmp_path / "a.png"), str(tmp_path / "c.npy")])


@pytest.mark.parametrize("form", ["npy", "npz", "compressed npz", "gzipped idx", "parquet"])
def test_a_part_of_a_large_file_takes_little_memory(form: str, tmp_path: Path) -> None:
    """32 MB are read 64 kB at a time, whatever holds them."""
    large = np.zeros((40_000, 28, 28), np.uint8)
    path = {"npy": "a.npy", "gzipped idx": "a.gz", "parquet": "a.parquet"}.get(form, "a.npz")
    if form == "parquet":
        column = pa.FixedSizeListArray.from_arrays(pa.array(large.reshape(-1)), 784)
        pq.write_table(pa.table({"image": column}), tmp_path / path, row_group_size=1_000)
    elif form == "gzipped idx":
        write_idx(tmp_path / path, large)
    elif form == "npy":
        np.save(tmp_path / path, large)
    else:
        (np.savez if form == "npz" else np.savez_compressed)(tmp_path / path, x=large)
    [part] = find_parts([str(tmp_path / path)]) or []
    tracemalloc.start()
    try:
        count = sum(len(pixels) for _, pixels in take(part, 39_000, 40_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 1_000
    assert peak < (20 << 20 if form == "gzipped idx" else 8 << 20)
