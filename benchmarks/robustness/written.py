"""Kinds of digits written by hand: pens, papers, lights, cameras, files, styles, lines and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from case import Case
from kind import Kind
from layout import alone, lines
from numpy.random import Generator
from scene import Scene, Take, one
from writing import a_writer

SINGLES, LINES, PAGES, PHOTOS = 500, 150, 40, 200  # pictures a kind
DIGITS = "0123456789"
PHONE = Scene(
    papers=("white", "grey", "recycled", "yellow", "ruled", "squared"),
    inks=("usual", "usual", "colours"),
    lights=("even", "gradient", "shadow", "vignette", "flash"),
    cameras=("oblique", "turned", "on_a_table", "grainy", "blurred"),
    files=("jpeg", "sideways_jpeg"),
    height=(90, 260),
)


@dataclass(frozen=True)
class Single:
    """One digit."""

    scene: Scene
    take: Take = Scene.picture
    styles: Mapping[str, str] | None = None  # only these digits, in these styles

    def __call__(self, rng: Generator) -> Case:
        digit = one(sorted(self.styles or DIGITS), rng)
        height = self.scene.a_height(rng)
        [character] = a_writer(rng, self.styles).digits(digit, rng)
        return Case(self.take(self.scene, alone(character, height, rng), height, rng), digit)


@dataclass(frozen=True)
class Several:
    """One line of digits, or a page of them."""

    scene: Scene
    rows: tuple[int, int] = (1, 1)  # fewest, most
    length: tuple[int, int] = (2, 8)
    take: Take = Scene.picture

    def __call__(self, rng: Generator) -> Case:
        writer, height = a_writer(rng), self.scene.a_height(rng)
        texts = [
            "".join(one(DIGITS, rng) for _ in range(rng.integers(*self.length, endpoint=True)))
            for _ in range(rng.integers(*self.rows, endpoint=True))
        ]
        layout = lines([writer.digits(text, rng) for text in texts], height, rng)
        return Case(self.take(self.scene, layout, height, rng), "\n".join(texts))


def _pens() -> list[Kind]:
    photo = [("ballpoint", ""), ("felt tip", ""), ("fountain", " pen"), ("pencil", ""), ("marker", "")]
    found = [Kind("pens", f"{pen}{more}", Single(Scene(pens=(pen,))), SINGLES) for pen, more in photo]
    canvas = Scene(papers=("screen",), inks=("black",), files=("png",), height=(60, 240))
    for pen, name in (("mouse", "drawn with a mouse"), ("finger", "finger on a tablet")):
        found.append(Kind("pens", name, Single(replace(canvas, pens=(pen,))), SINGLES))
    return found


def _papers() -> list[Kind]:
    found = [
        Kind("papers", paper, Single(Scene(papers=(paper,))), SINGLES)
        for paper in ("grey", "recycled", "yellow", "ruled", "squared")
    ]
    board = Scene(pens=("chalk",), papers=("blackboard",), height=(60, 200))
    return [*found, Kind("papers", "chalk on a blackboard", Single(board), SINGLES)]


def _lights() -> list[Kind]:
    words = {
        "gradient": "from one side",
        "shadow": "edge of a shadow",
        "vignette": "dark corners",
        "flash": "flash",
    }
    papers = ("white", "white", "ruled", "yellow")
    return [
        Kind("light", name, Single(Scene(papers=papers, lights=(light,))), SINGLES)
        for light, name in words.items()
    ]


def _cameras() -> list[Kind]:
    words = {
        "turned": "turned by 5 to 15 degrees",
        "oblique": "from one side",
        "on_a_table": "a dark table around",
        "blurred": "out of focus",
        "grainy": "noise of a dark room",
    }
    papers = ("white", "grey", "squared")
    found = [
        Kind("camera", name, Single(Scene(papers=papers, cameras=(camera,))), SINGLES)
        for camera, name in words.items()
    ]
    fax = Scene(pens=("ballpoint", "felt tip", "marker"), cameras=("scanned",), files=("png",))
    large = replace(PHONE, files=("large_jpeg",))
    tiny = Scene(pens=("felt tip", "marker", "fountain"), height=(18, 32), files=("png", "jpeg"))
    return [
        *found,
        Kind("camera", "scanned, one bit a pixel", Single(fax), SINGLES),
        Kind("camera", "18 to 32 pixels high", Single(tiny), SINGLES),
        Kind("camera", "phone photo", Single(PHONE), PHOTOS, "any paper, light and angle together"),
        Kind(
            "camera",
            "phone photo of 12 megapixels",
            Single(large),
            PAGES,
            "any paper, light and angle together",
        ),
    ]


def _files() -> list[Kind]:
    screen = Scene(pens=("felt tip", "finger", "mouse", "ballpoint"), papers=("screen",), files=("png",))
    coloured = Scene(pens=("felt tip", "marker", "ballpoint"), inks=("colours",), papers=("white", "yellow"))
    clear = Scene(pens=screen.pens, inks=("black", "colours", "usual"))
    light = Scene(pens=screen.pens, inks=("white",))
    return [
        Kind("files", "JPEG of quality 20 to 50", Single(Scene(files=("squeezed_jpeg",))), SINGLES),
        Kind("files", "turned, as EXIF says", Single(Scene(files=("sideways_jpeg",))), SINGLES),
        Kind("files", "16 colours, or grey", Single(Scene(files=("palette_png", "grey_png"))), SINGLES),
        Kind("files", "light ink on dark", Single(screen, Scene.negative), SINGLES),
        Kind("files", "transparent, dark ink", Single(clear, Scene.drawing), SINGLES),
        Kind("files", "transparent, light ink", Single(light, Scene.drawing), SINGLES),
        Kind("files", "ink in colours", Single(coloured), SINGLES),
    ]


def _styles() -> list[Kind]:
    words = {
        "0, slashed": {"0": "slashed"},
        "0, narrow": {"0": "narrow"},
        "1 with a long upstroke": {"1": "upstroke"},
        "1 with a base": {"1": "serif"},
        "2, looped": {"2": "looped"},
        "4, open": {"4": "open"},
        "4 like a cup": {"4": "cup"},
        "4, closed": {"4": "closed"},
        "7, crossed": {"7": "crossed"},
        "8 of two circles": {"8": "circles"},
        "9, curly": {"9": "curly"},
    }
    scene = Scene(papers=("white", "squared", "screen"))
    return [
        Kind("styles", name, Single(scene, styles=styles), SINGLES // 2) for name, styles in words.items()
    ]


def _lines() -> list[Kind]:
    plain = Scene(height=(40, 100))
    lined = replace(plain, papers=("ruled", "squared"))
    screen = Scene(pens=("felt tip", "finger", "mouse"), papers=("screen",), files=("png",), height=(40, 100))
    photo = replace(PHONE, height=(60, 130))
    return [
        Kind("several digits", "line on white paper", Several(plain), LINES),
        Kind("several digits", "line on ruled or squared paper", Several(lined), LINES),
        Kind("several digits", "line, light on dark", Several(screen, take=Scene.negative), LINES),
        Kind("several digits", "line, phone photo", Several(photo), LINES),
        Kind("several digits", "page of 2 to 5 lines", Several(plain, rows=(2, 5)), PAGES),
        Kind("several digits", "page, phone photo", Several(photo, rows=(2, 5)), PAGES),
    ]


WRITTEN: list[Kind] = [*_pens(), *_papers(), *_lights(), *_cameras(), *_files(), *_styles(), *_lines()]
