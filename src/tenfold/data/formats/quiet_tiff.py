"""libtiff prints its remarks on damaged files to the terminal; what callers need is in the exception."""

from __future__ import annotations

import ctypes
import logging
from contextlib import suppress
from ctypes.util import find_library
from functools import cache
from pathlib import Path


@cache
def quiet_tiff() -> None:
    """Switch off the messages of libtiff, and those of Pillow about TIFF files.

    libtiff's handlers belong to the process. Where it is linked into Pillow itself (Windows), they stay.
    """
    logging.getLogger("PIL.TiffImagePlugin").setLevel(logging.CRITICAL)
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(_path_of_libtiff())
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            function = getattr(library, name)
            function.restype, function.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
            function(None)


def _path_of_libtiff() -> str:
    """Return the library that Pillow uses: its own copy, or the system's."""
    import PIL

    package = Path(PIL.__file__).parent
    folders = (package.parent / "pillow.libs", package / ".dylibs")
    own = [path for folder in folders for path in folder.glob("libtiff*")]
    found = str(own[0]) if own else find_library("tiff")
    if found is None:
        raise OSError
    return found
