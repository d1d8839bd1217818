"""The compiled code on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from tenfold.backend.cpu import cache_folder
from tenfold.doctor.check_result import Check, Notify, State
from tenfold.doctor.units import megabytes, number
from tenfold.errors import DataError
from tenfold.files import os_error_text, shown

_AREA = "compile cache"


def examine(notify: Notify) -> Iterator[Check]:
    """Compare each file with its checksum; those that are damaged are removed."""
    try:
        folder = cache_folder.prepared()
    except DataError as fault:
        found, _, advice = str(fault).rpartition("; ")
        yield Check(_AREA, State.fault, found, advice)
        return
    content = cache_folder.inspect(folder)
    if content.files:
        held = f"{number(content.files, 'file')} as saved, {megabytes(content.size)}"
        yield Check(_AREA, State.ok, f"{shown(folder)}: {held}")
    else:
        yield Check(_AREA, State.note, f"{shown(folder)}: nothing compiled yet", "the first start does that")
    if content.removed:
        found = f"{number(len(content.removed), 'damaged file')} removed, the first: {content.removed[0]}"
        yield Check(_AREA, State.note, found, "compiled again at the next start; check the disk")
    if content.stuck:
        found = f"{number(len(content.stuck), 'damaged file')} in it, the first: {content.stuck[0]}"
        yield Check(_AREA, State.fault, found, "remove it by hand")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        found = f"{shown(folder)}: nothing can be saved ({os_error_text(error)})"
        yield Check(_AREA, State.fault, found, "make room or make it writable")
    former = cache_folder.former(folder)
    if former:
        size = sum(cache_folder.size(one) for one in former)
        found = f"{number(len(former), 'folder')} of other versions next to it, {megabytes(size)}"
        yield Check(_AREA, State.note, found, "a new version removes those older than a month")
