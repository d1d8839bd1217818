"""Which runs a request sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tenfold.serve.asgi import Scope
from tenfold.users import User

_KEY = "tenfold.view"


@dataclass(frozen=True)
class View:
    """The runs of one person, or all of them.

    Attributes
    ----------
    user : User or None
        None without users: then one person sees everything.
    """

    user: User | None = None

    @property
    def home(self) -> str:
        """The folder of this person's runs, below that of all runs; empty for that folder itself."""
        return "" if self.user is None else self.user.name

    @property
    def below(self) -> str:
        """The folder below which all visible runs are; empty for that of all runs."""
        return "" if self.user is None or self.user.may("admin") else self.user.name

    def sees(self, name: str) -> bool:
        """Return whether a run is visible.

        Examples
        --------
        >>> anna = View(User("anna", "train", "0" * 64))
        >>> anna.sees("anna/lenet5"), anna.sees("bert/lenet5"), anna.sees("annabel/lenet5"), View().sees("x")
        (True, False, False, True)
        """
        return not self.below or name.partition("/")[0] == self.below

    def place(self, folder: Path, name: str = "") -> str:
        """Return where a run is: its folder, or for users, who need not know the machine, its name."""
        return str(folder / name) if self.user is None else name or self.home


def view_of(scope: Scope) -> View:
    """Return what the sender of a request sees."""
    found: View = scope[_KEY]
    return found


def with_view(scope: Scope, view: View) -> Scope:
    """Return the scope of a request whose sender is known."""
    return {**scope, _KEY: view}
