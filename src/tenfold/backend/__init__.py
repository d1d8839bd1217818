"""Where arithmetic happens.

``portable`` and ``bilinear`` define it on arrays, ``cpu`` computes the same with compiled code, ``drawing``
is compiled code for augmentation, and ``arrays`` says which library an array belongs to.
"""

from __future__ import annotations

import time

IMPORTED = time.time()
"""When this process began to import what is here, in seconds since 1970."""
