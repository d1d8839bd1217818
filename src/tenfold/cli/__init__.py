"""The command ``tenfold``: one file per command, and the only unit that prints."""

from __future__ import annotations

from tenfold.cli.app import main

__all__ = ["main"]
