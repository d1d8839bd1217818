"""A command as it is typed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def command(*words: str, options: Mapping[str, object]) -> str:
    """Return a command with those options that have a value, quoted for a shell.

    >>> command("tenfold", "train", "lenet5", options={"--data": "my digits", "--epochs": None, "--seed": 0})
    "tenfold train lenet5 --data 'my digits' --seed 0"
    """
    given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    return shlex.join([*words, *given])
