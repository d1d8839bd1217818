"""Where a worker sorts what it is given: pictures to the reader, tensors to the recogniser."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from PIL import Image

from tenfold.predict.recogniser import Recogniser
from tenfold.serve.pictures import Pictures
from tenfold.serve.tensors import Tensors
from tenfold.serve.wire import Parcel

Together: TypeAlias = Callable[[Sequence[Parcel]], list[Parcel]]


class Desk:
    """Answers parcels, those of a kind together.

    Parameters
    ----------
    recogniser : Recogniser
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._kinds: Mapping[str, Together] = {
            "digits": Pictures(recogniser).answers,
            "infer": Tensors(recogniser).answers,
        }

    def rehearse(self) -> None:
        """Read a picture, so that all that is imported and set up at the first one is there."""
        page = Image.new("L", (200, 100), 255)
        page.paste(0, (90, 20, 98, 80))
        with io.BytesIO() as file:
            page.save(file, "PNG")
            self.answers([({"kind": "digits", "details": True}, file.getvalue())])

    def answers(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Return an answer for each parcel, in their order."""
        answers: dict[int, Parcel] = {}
        for kind, together in self._kinds.items():
            places = [i for i, (head, _) in enumerate(parcels) if head["kind"] == kind]
            if places:
                found = together([parcels[i] for i in places])
                answers.update(zip(places, found, strict=True))
        return [answers[i] for i in range(len(parcels))]
