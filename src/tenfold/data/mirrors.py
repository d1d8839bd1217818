"""Where MNIST can be downloaded from.

References
----------
Each holds the four files gzipped under their usual names:
the PyTorch project's bucket, that of the Common Visual Data Foundation
(https://github.com/cvdfoundation/mnist), Apache SystemDS, and
https://github.com/fgnt/mnist of Paderborn University.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from tenfold.errors import ConfigError

MIRRORS_VARIABLE = "TENFOLD_MIRRORS"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://systemds.apache.org/assets/datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)


def mirrors() -> tuple[str, ...]:
    """The mirrors in the order to try: ``$TENFOLD_MIRRORS`` (URLs separated by commas), or the built-in ones.

    Raises
    ------
    ConfigError
        If one of them is not an http or https URL.
    """
    chosen = [url.strip() for url in os.environ.get(MIRRORS_VARIABLE, "").split(",") if url.strip()]
    for url in chosen:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{MIRRORS_VARIABLE}: expected http or https URLs separated by commas, found {url!r}; "
                "correct or unset it"
            )
    return tuple(url.rstrip("/") + "/" for url in chosen) or MIRRORS
