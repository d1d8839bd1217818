"""A callback that says which model is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenfold.train import Callback

if TYPE_CHECKING:
    from tenfold.runs.face import NetworkFace
    from tenfold.train import Progress


class KnowsModel(Callback):
    """Tells the other callbacks, by their progress, which model is trained, and the model its classes.

    It does so when nothing speaks against the training any more: names belong to weights, and a model keeps
    both if `fit` refuses the data.
    """

    def __init__(self, model: NetworkFace, class_names: tuple[str, ...]) -> None:
        self._model, self._class_names = model, class_names

    def on_start(self, progress: Progress) -> None:
        progress.model = self._model
        self._model.class_names = self._class_names
