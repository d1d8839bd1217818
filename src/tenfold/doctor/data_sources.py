"""Checks the data: MNIST, ``$TENFOLD_DATA`` and the sample."""

from __future__ import annotations

from collections.abc import Iterator

from tenfold.data import SourceStatus, status
from tenfold.data.sample import INSTALL, SAMPLE
from tenfold.data.sources import DATA_VARIABLE
from tenfold.doctor.check_result import Check, Notify, State

_AREA = "data"
_DOWNLOAD = "to download it now: tenfold data --download"


def examine(notify: Notify) -> Iterator[Check]:
    """Read each source of images, and compare MNIST with its checksums."""
    places = status()
    has_mnist = any(place.verified and place.source != SAMPLE for place in places)
    for place in places:
        yield _result(place, has_mnist)


def _result(place: SourceStatus, has_mnist: bool) -> Check:
    where = f"{_NAMES.get(place.source, place.source)}: {place.location}"
    if place.present and not place.note:
        count = f"{place.train_images:,} + {place.test_images:,} images"
        if place.verified:
            return Check(_AREA, State.ok, f"{where}: {place.corpus}, {count}, checksums correct")
        return Check(
            _AREA,
            State.note,
            f"{where}: {place.corpus}, {count}, not MNIST",
            "for MNIST give its folder",
        )
    if place.source == DATA_VARIABLE:
        return Check(_AREA, State.fault, f"{where}: {place.note}", f"correct it or unset {DATA_VARIABLE}")
    if place.source == SAMPLE and place.present:
        return Check(_AREA, State.fault, f"{where}: {place.note}", f"install it again: {INSTALL}")
    if place.source == SAMPLE:
        return Check(
            _AREA,
            State.note,
            f"{where}: not installed; it replaces MNIST where MNIST is not available",
            f"to install it: {INSTALL}",
        )
    if place.present:
        return Check(_AREA, State.fault, f"{where}: {place.note}", _DOWNLOAD)
    if has_mnist:
        return Check(_AREA, State.ok, f"{where}: {place.note}, but it is not needed")
    return Check(_AREA, State.note, f"{where}: {place.note}; the first training downloads it", _DOWNLOAD)


_NAMES = {"cache": "downloaded MNIST", SAMPLE: "sample"}
