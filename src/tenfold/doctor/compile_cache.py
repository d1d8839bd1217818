"""Checks the cache of compiled code."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from tenfold.backend.cpu import cache_folder
from tenfold.doctor.check_result import Check, Notify, State, megabytes, number
from tenfold.errors import DataError
from tenfold.files import os_error_text, shown

_AREA = "compile cache"


def examine(notify: Notify) -> Iterator[Check]:
    """Compare each file with its checksum, and remove damaged files."""
    try:
        folder = cache_folder.prepared()
    except DataError as error:
        found, _, advice = str(error).rpartition("; ")
        yield Check(_AREA, State.fault, found, advice)
        return
    content = cache_folder.inspect(folder)
    if content.files:
        held = f"{number(content.files, 'file')} unchanged, {megabytes(content.size)}"
        yield Check(_AREA, State.ok, f"{shown(folder)}: {held}")
    else:
        yield Check(_AREA, State.note, f"{shown(folder)}: nothing compiled yet", "the first start does it")
    for files, what, state, advice in (
        (content.removed, "removed", State.note, "compiled again at the next start; check the disk"),
        (content.stuck, "cannot be removed", State.fault, "remove it by hand"),
    ):
        if files:
            found = f"{number(len(files), 'damaged file')} {what}, the first: {files[0]}"
            yield Check(_AREA, state, found, advice)
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        found = f"{shown(folder)}: not writable ({os_error_text(error)})"
        yield Check(_AREA, State.fault, found, "free some space or make it writable")
    former = cache_folder.former(folder)
    if former:
        size = sum(cache_folder.size(one) for one in former)
        found = f"{number(len(former), 'folder')} of other versions next to it, {megabytes(size)}"
        yield Check(_AREA, State.note, found, "a new version removes folders older than a month")
