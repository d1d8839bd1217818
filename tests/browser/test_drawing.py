"""Digits drawn by mouse, finger, pen and keys are read by the server; what is drawn can be taken back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
LINE = [(320, 80 + i) for i in range(0, 320, 20)]


def test_a_three_is_read_as_it_is_drawn(window, three) -> None:
    window.wait_for("text", "Nothing drawn yet")
    upper, lower = three
    window.draw(upper)
    window.until(lambda: window.state() != "empty")
    window.draw(lower)
    window.wait_for("text", "3")
    window.until(lambda: window.text("speech") == f"Read: 3. {window.text('sureness')}.")
    assert window.text("sureness").endswith("% certain")
    row = window.page.locator("#bars tr.read")
    assert row.locator("th").text_content() == "3"
    names = window.page.locator("#bars th").all_text_contents()
    assert names == [*"0123456789", "no digit"]


def test_a_three_by_touch_on_a_phone(open_window, three) -> None:
    phone = open_window(**PHONE)
    for stroke in three:
        phone.touch(stroke)
    phone.wait_for("text", "3")
    assert phone.page.evaluate("scrollY") == 0


def test_the_page_scrolls_by_touch_beside_the_sheet_only(open_window, answers) -> None:
    phone = open_window(**PHONE)
    phone.answer_with(answers["one"])
    phone.touch([(320, 400 - 20 * i) for i in range(20)])
    assert phone.page.evaluate("scrollY") == 0
    drawn = phone.ink()
    assert drawn > 0
    phone.touch([(320, 900 - 20 * i) for i in range(20)])
    phone.until(lambda: phone.page.evaluate("scrollY") > 100)
    assert phone.ink() == drawn


def test_a_second_finger_draws_nothing(open_window, answers) -> None:
    phone = open_window(**PHONE)
    phone.answer_with(answers["one"])
    finger = phone.page.context.new_cdp_session(phone.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{**dict(zip("xy", phone.place(*at), strict=True)), "id": i} for i, at in enumerate(places)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (100, 100))
    alone = phone.ink()
    touch("touchStart", (100, 100), (400, 400))
    touch("touchMove", (100, 100), (500, 200))
    assert phone.ink() == alone > 0
    touch("touchEnd")


@pytest.mark.parametrize(("force", "kind"), [(0.1, "thinner"), (0.9, "thicker")])
def test_a_pen_draws_as_it_is_pressed(window, answers, force: float, kind: str) -> None:
    window.answer_with(answers["one"])
    window.draw(LINE)
    by_mouse = window.ink()
    window.page.locator("#clear").click()
    pen = window.page.context.new_cdp_session(window.page)
    for event, (x, y) in [("mousePressed", LINE[0]), *(("mouseMoved", at) for at in LINE[1:])]:
        place = dict(zip("xy", window.place(x, y), strict=True))
        how = {"button": "left", "buttons": 1, "pointerType": "pen", "force": force}
        pen.send("Input.dispatchMouseEvent", {"type": event, **place, **how})
    by_pen = window.ink()
    assert by_pen > 0
    assert (by_pen < 0.85 * by_mouse) if kind == "thinner" else (by_pen > 1.15 * by_mouse)


def test_undo_redo_and_clear(window, answers, three) -> None:
    asked = window.answer_with(answers["one"])
    amounts = [window.ink()]
    for stroke in three:
        window.draw(stroke)
        amounts.append(window.ink())
    assert amounts[0] == 0 < amounts[1] < amounts[2]
    undo, redo, clear = (window.page.locator(f"#{name}") for name in ("undo", "redo", "clear"))
    undo.click()
    assert window.ink() == amounts[1]
    redo.click()
    assert window.ink() == amounts[2]
    clear.click()
    assert window.ink() == 0
    window.wait_for("text", "Nothing drawn yet")
    assert clear.get_attribute("aria-disabled") == "true"
    window.page.keyboard.press("Control+z")  # takes the clearing back
    assert window.ink() == amounts[2]
    window.wait_for("text", "4")
    window.page.keyboard.press("Control+z")
    window.page.keyboard.press("Control+z")
    assert window.ink() == 0
    assert undo.get_attribute("aria-disabled") == "true"
    window.page.keyboard.press("Control+Shift+z")
    window.page.keyboard.press("Control+y")
    assert window.ink() == amounts[2]
    assert len(asked) >= 2


def test_the_keyboard_alone_is_enough(window) -> None:
    keys = window.page.keyboard
    keys.press("Tab")
    assert window.page.evaluate("document.activeElement.id") == "canvas"
    assert window.page.locator("#pen").is_visible()
    keys.press("Space")
    assert window.text("speech").startswith("Pen down, 50 per cent from the left, 25 from the top")
    for _ in range(20):
        keys.press("ArrowDown")
    keys.press("Space")
    assert window.text("speech").startswith("Pen up, 50 per cent from the left, 75 from the top")
    drawn = window.ink()
    keys.press("ArrowLeft")
    assert window.ink() == drawn
    window.wait_for("text", "1")
    window.until(lambda: window.text("speech").startswith("Read: 1."))
    keys.press("Delete")
    assert window.ink() == 0


def test_two_arrows_go_diagonally_and_shift_in_small_steps(window, answers) -> None:
    window.answer_with(answers["one"])
    pen = window.page.locator("#pen")
    keys = window.page.keyboard
    window.page.locator("#canvas").focus()
    keys.press("Tab")
    keys.press("Shift+Tab")

    def at() -> tuple[float, float]:
        style = pen.evaluate("(pen) => [pen.style.left, pen.style.top].map(parseFloat)")
        return style[0] * 6.4, style[1] * 4.8

    assert at() == pytest.approx((320, 120))
    keys.down("ArrowRight")
    keys.down("ArrowDown")
    keys.up("ArrowRight")
    keys.up("ArrowDown")
    assert at() == pytest.approx((344, 132))
    keys.press("Shift+ArrowLeft")
    assert at() == pytest.approx((341, 132))
    keys.press("Space")
    keys.press("Escape")
    keys.press("ArrowDown")
    dot = window.ink()
    keys.press("ArrowDown")
    assert window.ink() == dot > 0


def test_what_is_sent_is_black_on_white(open_window, answers) -> None:
    window = open_window(color_scheme="dark")
    asked = window.answer_with(answers["one"])
    window.draw(LINE)
    window.wait_for("text", "4")
    sent = np.asarray(Image.open(io.BytesIO(asked[-1].post_data_buffer)).convert("L"))
    assert sent.shape == (480, 640)
    assert sent[0, 0] == 255
    assert sent[200, 320] == 0
    assert asked[-1].headers["content-type"] == "image/png"
