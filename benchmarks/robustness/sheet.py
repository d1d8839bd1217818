"""Sheets of example pictures of each kind, and of the mistakes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from case import Case
from found import Mistake
from kind import Kind
from PIL import Image, ImageDraw, ImageFont, ImageOps

WIDTH, LABEL = 1000, 16  # pixels
ACROSS, EACH = 12, 3  # mistakes side by side, and of one kind
_BEHIND = (150, 185, 150)  # what a transparent picture is shown on


def examples(kinds: Sequence[Kind], seed: int) -> Image.Image:
    """Return a sheet with a row of pictures for each kind."""
    return _stacked([part for kind in kinds for part in (_label(kind.name), _row(kind, seed))])


def mistakes(kinds: Sequence[Kind], seed: int, found: Sequence[Mistake], most: int = 84) -> Image.Image:
    """Return a sheet of mistakes, the first of each kind, with the written and the read text."""
    by_name = {(kind.group, kind.name): kind for kind in kinds}
    few = [one for kind in kinds for one in [m for m in found if _of(kind, m)][:EACH]]
    count = min(most, len(few))
    chosen = [few[i * len(few) // count] for i in range(count)]
    cells = [_captioned(one, by_name[one.group, one.name].case(seed, one.index)) for one in chosen]
    return _stacked([_beside(cells[i : i + ACROSS], 0) for i in range(0, count, ACROSS)])


def _of(kind: Kind, one: Mistake) -> bool:
    return (kind.group, kind.name) == (one.group, one.name)


def save(sheet: Image.Image, path: Path) -> None:
    """Write a sheet as a small file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, quality=80, optimize=True)


def _captioned(one: Mistake, case: Case) -> Image.Image:
    """A picture above what is written and read there; red where the mistake is a confident one."""
    side = WIDTH // ACROSS
    cell = Image.new("RGB", (side, side + 2 * LABEL), "white")
    cell.paste(_thumb(case, (side - 6, side - 6)), (3, 3))
    words = f"{one.text or 'none'} > {one.read or '-'}".replace("\n", "/")
    draw = ImageDraw.Draw(cell)
    draw.text((3, side), words[:15], fill="firebrick" if one.confident else "black", font=_font())
    draw.text((3, side + LABEL - 3), one.name[:16], fill="grey", font=_font(9))
    return cell


def _row(kind: Kind, seed: int) -> Image.Image:
    """Pictures of one kind, as many as there is room for."""
    wide = kind.group == "several digits"
    size, count = ((195, 120), 5) if wide else ((80, 72), 12)
    return _beside([_thumb(kind.case(seed, index), size) for index in range(count)], 3)


def _thumb(case: Case, size: tuple[int, int]) -> Image.Image:
    """A picture as a person sees it, made smaller where it is larger than ``size``."""
    source = case.picture
    image = Image.open(io.BytesIO(source)) if isinstance(source, bytes) else Image.fromarray(source)
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "RGBA":
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, _BEHIND), upright)
    shown = upright.convert("RGB")
    if max(shown.size) <= 28:
        shown = shown.resize((2 * shown.width, 2 * shown.height), Image.Resampling.NEAREST)
    shown.thumbnail((size[0] - 2, size[1] - 2))
    return ImageOps.expand(shown, border=1, fill="lightgrey")


def _beside(images: Sequence[Image.Image], gap: int) -> Image.Image:
    sheet = Image.new("RGB", (WIDTH, max(image.height for image in images) + gap), "white")
    x = 0
    for image in images:
        sheet.paste(image, (x, 0))
        x += image.width + gap
    return sheet


def _stacked(images: Sequence[Image.Image]) -> Image.Image:
    sheet = Image.new("RGB", (WIDTH, sum(image.height for image in images)), "white")
    y = 0
    for image in images:
        sheet.paste(image, (0, y))
        y += image.height
    return sheet


def _label(words: str) -> Image.Image:
    label = Image.new("RGB", (WIDTH, LABEL), "white")
    ImageDraw.Draw(label).text((2, 2), words, fill="black", font=_font())
    return label


def _font(size: int = 11) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
