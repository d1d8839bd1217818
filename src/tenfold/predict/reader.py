"""Read pictures: find the digits of each, and classify all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Lattice, Page, PictureLimits, Sheet, View, find_digits, picture_pages
from tenfold.data.formats.limits import MEGAPIXELS
from tenfold.errors import ConfigError
from tenfold.habits import keywords
from tenfold.predict.costs import as_whole
from tenfold.predict.explained import Explained
from tenfold.predict.explanation import explain, explain_cut, likeliest
from tenfold.predict.part import Judged
from tenfold.predict.reading import Reading, joined
from tenfold.predict.recogniser import Recogniser, shipped
from tenfold.predict.to_reading import reading_of
from tenfold.zoo.model_input import shape_words

if TYPE_CHECKING:
    from tenfold.data.picture_file import Picture

MOST_VIEWS = 9  # ways to see a picture


class Reader:
    """Reads pictures with one recogniser.

    Parameters
    ----------
    recogniser : Recogniser
        For instance `tenfold.predict.shipped`.

    Raises
    ------
    ConfigError
        If its model is not one of the ten digits; `tenfold.predict.classify` takes any.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        if not recogniser.reads_digits:
            model = recogniser.model
            raise ConfigError(
                f"{model.name}: expected a network of the ten digits at 28 x 28, got one of {model.classes} "
                f"classes at {shape_words(model.input_shape)}; classify whole pictures with "
                "tenfold.predict.classify"
            )
        self.recogniser = recogniser

    def read(self, picture: Picture, *, single: bool = False, max_megapixels: float = MEGAPIXELS) -> Reading:
        """Read one picture; see `tenfold.read`."""
        sheets = picture_pages(picture, limits=PictureLimits(max_megapixels))
        return joined([*self.read_sheets(sheets, single=single)])

    def read_sheets(self, sheets: Iterable[Sheet], *, single: bool = False) -> Iterator[Reading]:
        """Read the pages of a file one by one: there may be many."""
        for sheet in sheets:
            [reading] = self.answer([find_digits(sheet.grey, single=single)])
            yield replace(reading, remarks=sheet.remarks)

    def read_many(self, pictures: Sequence[Picture], *, single: bool = False) -> list[Reading]:
        """Read pictures; one call of the recogniser classifies all their digits.

        Parameters
        ----------
        pictures : sequence
            Each as for `tenfold.read`.
        single : bool
            Each picture holds one digit.

        Raises
        ------
        DataError
            If one of them cannot be read; then none is returned.
        """
        found = [
            [(find_digits(sheet.grey, single=single), sheet.remarks) for sheet in picture_pages(picture)]
            for picture in pictures
        ]
        readings = iter(self.answer([page for file in found for page, _ in file]))
        return [joined([replace(next(readings), remarks=remarks) for _, remarks in file]) for file in found]

    def answer(self, pages: Sequence[Page]) -> list[Reading]:
        """Evaluate what was found in pictures.

        The network evaluates the candidates of all pictures in one batch. Pictures in which much stays in
        doubt are seen in another way, again in one batch; the explanation that costs least is the answer.

        Parameters
        ----------
        pages : sequence of Page
            From `tenfold.data.find_digits`.

        Returns
        -------
        list of Reading
            In the order of the pages.
        """
        best: list[Explained | None] = [None] * len(pages)
        asked, first = list(range(len(pages))), dict[int, Explained]()
        for place in range(MOST_VIEWS):
            views = [(i, view) for i in asked if (view := pages[i].view(place)) is not None]
            explained = [*self._explained(place, [(pages[i], view) for i, view in views])]
            self._cut(explained)
            for (i, _), found in zip(views, explained, strict=True):
                found.simplify()
                found.first = first.setdefault(i, found)
                best[i] = found if (before := best[i]) is None else min(before, found, key=_cost)
            asked = [i for i, _ in views if (one := best[i]) is not None and not one.is_clear]
            if not asked:
                break
        return [reading_of(page, one) for page, one in zip(pages, best, strict=True) if one is not None]

    def _explained(self, place: int, views: Sequence[tuple[Page, View]]) -> Iterator[Explained]:
        """Explain views of pictures, with one call of the recogniser."""
        judged = self._judged([lattice for _, view in views for lattice in view.lattices])
        threshold = self.recogniser.threshold
        for page, view in views:
            rows = [next(judged) for _ in view.rows]
            whole = None if view.whole is None else as_whole(next(judged)[0])
            if page.single:
                parts = [[likeliest(row, one, threshold)] for row, one in zip(view.rows, rows, strict=True)]
            else:
                parts = [explain(row, one, threshold) for row, one in zip(view.rows, rows, strict=True)]
            yield Explained(place, view, parts, page.single, whole if self.recogniser.refuses else None)

    def _cut(self, explained: Sequence[Explained]) -> None:
        """Replace marks in doubt by the digits that they can be cut into, if these cost less."""
        asked = [(one, *place) for one in explained for place in one.in_doubt(self.recogniser.refuses)]
        cuts = [one.view.cut(one.rows[row][i].judged.candidate, height) for one, row, i, height in asked]
        proposed = [(place, cut) for place, cut in zip(asked, cuts, strict=True) if cut is not None]
        judged = [*self._judged([cut for _, cut in proposed])]
        for ((one, row, i, _), cut), candidates in zip(proposed[::-1], judged[::-1], strict=True):
            one.accept(row, i, explain_cut(cut, candidates, self.recogniser.threshold))  # from the right

    def _judged(self, lattices: Sequence[Lattice]) -> Iterator[list[Judged]]:
        """Evaluate the candidates of rows, with one call of the recogniser."""
        images = [one.image for lattice in lattices for one in lattice.candidates]
        if not images:
            return
        predictions = self.recogniser.predict(np.stack(images))
        judged = zip(predictions.probabilities, predictions.doubt.tolist(), strict=True)
        for lattice in lattices:
            yield [Judged(one, *_row(next(judged))) for one in lattice.candidates]


@keywords(
    {"lang": "leave it out", "path": "write read('picture.png')"}, example="tenfold.read('picture.png')"
)
def read(
    picture: Picture,
    recogniser: Recogniser | None = None,
    *,
    single: bool = False,
    max_megapixels: float = MEGAPIXELS,
) -> Reading:
    """Read the digits in a picture, or on all pages of a file.

    Parameters
    ----------
    picture : path, bytes, open binary file, PIL.Image.Image or array
        A photo, scan, screenshot or drawing, dark ink on light paper or the reverse, with one digit, a line
        or a page of them: PNG, JPEG, WebP, GIF, BMP, TIFF, PGM, AVIF, HEIC (extra ``heic``) or PDF (extra
        ``pdf``), recognised by its content. An array or nested list is (h, w), (h, w, 1), (h, w, 3) or
        (h, w, 4): 0 to 255, 0 to 65,535, floats of 0 to 1, or bool.
    recogniser : Recogniser, optional
        By default the built-in network.
    single : bool
        The picture, or each page, holds one digit: the answer is the likeliest one, whatever else is there.
    max_megapixels : float
        A larger picture is refused; at most 50, each needs at most 16 MB of memory.

    Returns
    -------
    Reading
        ``text`` has the digits and the signs among them; ``reason`` says why there are none; ``remarks`` say
        what of the picture was left out. A TIFF or PDF with several pages has the rows of all of them, and in
        ``pages`` the reading of each.

    Raises
    ------
    DataError
        If it is not such a picture, is damaged, or has more megapixels; see `read_picture`.
    DTypeError, ShapeError, RangeError
        If an array has another form, or ``max_megapixels`` is above 50.

    Examples
    --------
    >>> import numpy as np, tenfold
    >>> paper = np.full((60, 60), 255, np.uint8)
    >>> tenfold.read(paper).reason
    'blank'
    >>> paper[10:50, 28:32] = 0
    >>> tenfold.read(paper).text
    '1'
    """
    reader = Reader(shipped() if recogniser is None else recogniser)
    return reader.read(picture, single=single, max_megapixels=max_megapixels)


def _row(judged: tuple[NDArray[np.float64], float]) -> tuple[tuple[float, ...], float]:
    return tuple(judged[0].tolist()), judged[1]


def _cost(explained: Explained) -> float:
    return explained.cost
