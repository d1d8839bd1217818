"""The page is usable by everybody: by ear, in the dark, in a narrow window, without movement."""

from __future__ import annotations

import pytest

STROKE = [(320, 80 + i) for i in range(0, 320, 20)]
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")


def test_the_policy_is_strict_and_in_force(window) -> None:
    policy = window.page.request.get(window.page.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    window.expect_console("Content Security Policy")
    assert window.page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", () => done(true));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          setTimeout(done, 2000, false);
        })"""
    )


def test_nothing_comes_from_elsewhere(open_window) -> None:
    window = open_window()
    asked = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.reload(wait_until="networkidle")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(window.page.url)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["nothing", "one", "three", "not sure", "trouble"])
def test_no_barriers(open_window, answers, scheme: str, kind: str) -> None:
    window = open_window(color_scheme=scheme, reduced_motion="reduce")
    window.expect_console("status of 422")
    if kind != "nothing":
        window.answer_with(answers.get(kind, 422))
        window.draw(STROKE)
        name = "message" if kind == "trouble" else "sureness"
        window.until(lambda: window.text(name))
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 15


def test_the_answer_is_in_the_accessibility_tree(window, answers) -> None:
    window.answer_with(answers["one"])
    window.draw(STROKE)
    window.wait_for("text", "4")
    tree = window.page.locator("body").aria_snapshot()
    for line in (
        '- application "Sheet to draw on"',
        '- heading "Draw a digit" [level=1]',
        '- region "Answer"',
        '- table "How likely each digit is, and that it is none"',
        '- row "4 97.7 %"',  # of being a digit, and which
        '- button "Undo"',
        '- img "The digit in 28 by 28 pixels"',
    ):
        assert line in tree, tree
    window.wait_for("speech", "Read: 4. 98.7 % certain.")


def test_every_control_is_reached_by_tab_and_shows_it(window) -> None:
    reached = []
    for _ in range(9):
        window.page.keyboard.press("Tab")
        reached.append(
            window.page.evaluate(
                """() => {
                  const one = document.activeElement;
                  return one.id || one.dataset.sample || one.tagName;
                }"""
            )
        )
        shown = window.page.evaluate(
            """() => {
              const one = document.activeElement;
              const seen = one.id === "canvas" ? one.parentElement : one;
              return getComputedStyle(seen).outlineStyle;
            }"""
        )
        assert shown == "solid", reached
    assert reached == ["canvas", "undo", "redo", "clear", "choose", "digit", "number", "photo", "A"]


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1920])
def test_no_window_is_too_narrow(open_window, answers, width: int) -> None:
    window = open_window(viewport={"width": width, "height": 700})
    window.answer_with(answers["three"])
    window.draw(STROKE)
    window.wait_for("text", "42?")
    assert window.page.evaluate("document.documentElement.scrollWidth") == width
    [sheet] = window.rectangles("#sheet")
    assert sheet["width"] >= 280
    assert sheet["width"] / sheet["height"] == pytest.approx(4 / 3, rel=0.01)


def test_every_display_is_used_to_the_full(open_window) -> None:
    window = open_window(device_scale_factor=3, viewport={"width": 390, "height": 844})
    window.ink()
    [canvas] = window.rectangles("#canvas")
    pixels = window.page.locator("#canvas").evaluate("(canvas) => canvas.width")
    assert pixels == pytest.approx(3 * canvas["width"], abs=3)


def test_the_drawing_follows_the_scheme(open_window, answers) -> None:
    window = open_window(color_scheme="light")
    window.answer_with(answers["one"])
    window.draw(STROKE)

    def ink() -> list[int]:
        window.ink()
        at = "Math.round(canvas.width / 2), Math.round(canvas.height / 2), 1, 1"
        return window.page.locator("#canvas").evaluate(
            f"(canvas) => [...canvas.getContext('2d').getImageData({at}).data]"
        )

    assert max(ink()[:3]) < 60
    window.page.emulate_media(color_scheme="dark")
    window.until(lambda: min(ink()[:3]) > 200)
    background = window.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(20, 22, 27)"


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", "0s"), ("no-preference", "0.18s")])
def test_bars_move_only_where_movement_is_wanted(open_window, motion: str, seconds: str) -> None:
    window = open_window(reduced_motion=motion)
    bar = window.page.locator(".bar").first
    assert bar.evaluate("(bar) => getComputedStyle(bar, '::before').transitionDuration") == seconds
