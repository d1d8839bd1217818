"""Where a worker sorts what it is given: pictures to the reader, tensors to the recogniser."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from PIL import Image

from tenfold.predict.recogniser import Recogniser
from tenfold.serve.messages import Message
from tenfold.serve.picture_handler import PictureHandler
from tenfold.serve.tensor_handler import TensorHandler

BatchHandler: TypeAlias = Callable[[Sequence[Message]], list[Message]]


class Batcher:
    """Answers messages, those of a kind together.

    Parameters
    ----------
    recogniser : Recogniser
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._kinds: Mapping[str, BatchHandler] = {
            "digits": PictureHandler(recogniser).handle,
            "infer": TensorHandler(recogniser).handle,
        }

    def rehearse(self) -> None:
        """Read a picture, so that all that is imported and set up at the first one is there."""
        page = Image.new("L", (200, 100), 255)
        page.paste(0, (90, 20, 98, 80))
        with io.BytesIO() as file:
            page.save(file, "PNG")
            self.handle([({"kind": "digits", "details": True}, file.getvalue())])

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return an answer for each message, in their order."""
        answers: dict[int, Message] = {}
        for kind, together in self._kinds.items():
            places = [i for i, (head, _) in enumerate(messages) if head["kind"] == kind]
            if places:
                found = together([messages[i] for i in places])
                answers.update(zip(places, found, strict=True))
        return [answers[i] for i in range(len(messages))]
