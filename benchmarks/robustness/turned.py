"""Pages that lie on their side or upside down, as scanners and cameras without a compass leave them."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from kind import Kind
from layout import Layout
from numpy.random import Generator
from PIL import Image, ImageOps
from scene import Scene
from written import PAGES, PHONE, Several

TURNS = {"a quarter to the left": 90, "a quarter to the right": 270, "upside down": 180}


@dataclass(frozen=True)
class Turned:
    """Takes a scene and turns the picture by degrees, anticlockwise."""

    degrees: int

    def __call__(self, scene: Scene, layout: Layout, height: float, rng: Generator) -> bytes:
        with Image.open(io.BytesIO(scene.picture(layout, height, rng))) as picture:
            upright = ImageOps.exif_transpose(picture)
        with io.BytesIO() as file:
            upright.convert("RGB").rotate(self.degrees, expand=True).save(file, "PNG")
            return file.getvalue()


def turned() -> list[Kind]:
    """Return pages of three rows or more, scanned and photographed."""
    photo = replace(PHONE, height=(60, 130))
    found = []
    for name, degrees in TURNS.items():
        for scene, what in ((Scene(height=(40, 100)), "page"), (photo, "page, phone photo")):
            draw = Several(scene, rows=(3, 5), length=(3, 8), take=Turned(degrees))
            found.append(Kind("turned", f"{what}, {name}", draw, PAGES))
    return found
