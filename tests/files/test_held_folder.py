"""A folder is recognised by what it is, not by its name."""

import os
import shutil
import sys

import pytest

from tenfold.files import HeldFolder, MovedError

pytestmark = pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="asks the system for a name")


@pytest.fixture
def held(tmp_path):
    (tmp_path / "run").mkdir()
    folder = HeldFolder(tmp_path / "run")
    yield folder
    folder.close()


def test_as_long_as_it_is_there_all_is_well(held, tmp_path):
    held.check()
    (tmp_path / "run").rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / "run")
    held.check()


def test_a_link_to_where_it_went_is_as_good(held, tmp_path):
    (tmp_path / "run").rename(tmp_path / "moved")
    (tmp_path / "run").symlink_to("moved")
    held.check()


@pytest.mark.parametrize("instead", ["nothing", "another one"])
def test_moved_it_says_where_to(held, tmp_path, instead):
    (tmp_path / "run").rename(tmp_path / "moved")
    if instead == "another one":
        (tmp_path / "run").mkdir()
    with pytest.raises(MovedError) as refused:
        held.check()
    there = tmp_path / "moved"
    assert str(refused.value) == (
        f"{tmp_path}/run: expected the folder that was there at the start, found {instead}: "
        f"it was moved to {there}; continue there"
    )
    assert refused.value.there == there


def test_a_parent_was_moved(tmp_path):
    (tmp_path / "a" / "run").mkdir(parents=True)
    held = HeldFolder(tmp_path / "a" / "run")
    (tmp_path / "a").rename(tmp_path / "b")
    with pytest.raises(MovedError, match=f"found nothing: it was moved to {tmp_path}/b/run; continue there"):
        held.check()
    held.close()


def test_removed_it_says_so_even_if_a_new_one_has_its_name(held, tmp_path):
    for _ in range(20):  # the number of a folder that is gone may be given to the next
        shutil.rmtree(tmp_path / "run")
        os.mkdir(tmp_path / "run")
    with pytest.raises(MovedError, match="found another one: it was removed; start again") as refused:
        held.check()
    assert refused.value.there is None


def test_where_it_is_cannot_be_known_nobody_is_sent_there(held, tmp_path, monkeypatch):
    def unknown(path):
        raise OSError("not here")

    monkeypatch.setattr(os, "readlink", unknown)
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "run").rename(tmp_path / "moved")
    with pytest.raises(MovedError, match="it was moved or removed; put it back"):
        held.check()
