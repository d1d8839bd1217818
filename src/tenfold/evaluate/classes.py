"""The names of the classes, and the words for them: of digits one speaks otherwise than of any classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tenfold.errors import ShapeError
from tenfold.pages.axes import letters, shortened

_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Classes:
    """The classes of a data set.

    Attributes
    ----------
    names : tuple of str
        The name of each class.
    digits : bool
        Whether they are the ten digits.

    Examples
    --------
    >>> Classes.named(10).noun, Classes.named(2, ["cat", "dog"]).noun
    ('digit', 'class')
    """

    names: tuple[str, ...]
    digits: bool

    @classmethod
    def named(cls, number: int, names: Sequence[str] | None = None, *, grey: bool = True) -> Self:
        """Return classes with these names, or with their numbers where there are none.

        Parameters
        ----------
        number : int
            How many classes the model tells apart.
        names : sequence of str, optional
        grey : bool
            Whether the images are grey: ten classes without names of colour images are not called digits.

        Raises
        ------
        ShapeError
            If there are fewer or more names than classes.
        """
        numbers = tuple(map(str, range(number)))
        given = tuple(names or ())
        if given == tuple(map(str, range(len(given)))):  # numbers: a model may know fewer classes or more
            given = numbers
        if len(given) != number:
            raise ShapeError(
                f"probabilities: expected a column for each of the {len(given)} named classes, got {number}; "
                "evaluate a model of as many classes"
            )
        return cls(given, digits=grey and given == _DIGITS)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> str:
        return self.names[index]

    def short(self, index: int, most: int) -> str:
        """Return a name that is at most so many letters wide."""
        return shortened(self.names[index], most)

    @property
    def longest(self) -> int:
        """How many letters wide the longest name is."""
        return max(map(letters, self.names))

    @property
    def noun(self) -> str:
        """One of them."""
        return "digit" if self.digits else "class"

    @property
    def nouns(self) -> str:
        """Several of them."""
        return "digits" if self.digits else "classes"

    @property
    def actual(self) -> str:
        """The class that an image belongs to."""
        return "digit written" if self.digits else "true class"

    @property
    def read(self) -> str:
        """The class that the model gave."""
        return "digit read" if self.digits else "predicted class"

    @property
    def verb(self) -> str:
        """What the model did with an image."""
        return "read" if self.digits else "predicted"

    @property
    def misread(self) -> str:
        """What the model did with an image when it was wrong."""
        return "misread" if self.digits else "misclassified"
