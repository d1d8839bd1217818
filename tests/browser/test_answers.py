"""Every answer of the server, and every trouble with it, is shown in words; questions never pile up."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

STROKE = [(100, 100), (100, 300)]
DOT = [(100, 100)]  # one change, so one question


@pytest.mark.parametrize(
    ("kind", "text", "sureness"),
    [
        ("one", "4", "98.7 % certain"),
        ("two", "42", "2 digits, lowest probability 91.2 %"),
        ("three", "42?", "3 digits, 1 not sure, lowest probability 91.2 %"),
        ("lines", "4\n2", "2 digits, lowest probability 91.2 %"),
        ("not sure", "Not sure", "If it is a digit: an 8 (41.0 %) or a 0 (6.6 %)"),
        ("blank", "Nothing to read", "The network found no ink."),
        ("marks", "Too many marks to be digits", ""),
    ],
)
def test_answers_in_words(window, answers, kind: str, text: str, sureness: str) -> None:
    window.answer_with(answers[kind])
    window.draw(STROKE)
    window.wait_for("sureness", sureness)
    window.until(lambda: window.state() != "empty")
    assert window.page.locator("#text").inner_text() == text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("three", "Read: 4 2 unknown. 3 digits, 1 not sure, lowest probability 91.2 %."),
        ("lines", "Read: 4, next line 2. 2 digits, lowest probability 91.2 %."),
        ("not sure", "Not sure. If it is a digit: an 8 (41.0 %) or a 0 (6.6 %)."),
        ("blank", "Nothing to read."),
    ],
)
def test_answers_for_the_ear(window, answers, kind: str, words: str) -> None:
    window.answer_with(answers[kind])
    window.draw(STROKE)
    window.wait_for("speech", words)


def test_bars_pixels_and_maps(window, answers) -> None:
    window.answer_with(answers["one"])
    window.draw(STROKE)
    window.wait_for("text", "4")
    shares = window.page.locator("#bars .share").all_text_contents()
    assert shares == ["0.1 %"] * 4 + ["97.7 %"] + ["0.1 %"] * 5 + ["1.0 %"]
    lengths = window.page.eval_on_selector_all(
        "#bars .bar", "(bars) => bars.map((bar) => Number(bar.style.getPropertyValue('--p')))"
    )
    digit = answers["one"]["digits"][0]
    assert lengths == pytest.approx([p * (1 - 0.01) for p in digit["probabilities"]] + [0.01])
    alpha = window.page.evaluate(
        """() => {
          const { data } = document.getElementById("seen").getContext("2d").getImageData(0, 0, 28, 28);
          return Array.from({ length: 784 }, (_, i) => data[4 * i + 3]);
        }"""
    )
    assert np.array_equal(np.reshape(alpha, (28, 28)), answers["one"]["digits"][0]["image"])
    layers = window.page.locator(".layer")
    assert [layers.nth(i).locator(".maps canvas").count() for i in range(2)] == [8, 6]
    assert layers.nth(0).locator(".size").text_content() == "conv1: the 8 most active of 20 maps of 24 × 24"
    assert layers.nth(1).locator(".size").text_content() == "conv2: 6 maps of 24 × 24"


PIXELS = """(id) => {
  const canvas = typeof id === "string" ? document.querySelector(id) : id;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, data: [...data] };
}"""


def colours(window, selector: str) -> np.ndarray:
    """A canvas as 1 where it is blue, -1 where it is orange, 0 where it is empty."""
    found = window.page.evaluate(PIXELS, selector)
    red, _, blue, alpha = np.reshape(found["data"], (-1, found["width"], 4)).transpose(2, 0, 1)
    return np.where(alpha == 0, 0, np.sign(blue.astype(int) - red))


def test_ink_that_speaks_for_the_answer_is_blue(window, answers) -> None:
    window.answer_with(answers["one"])
    window.draw(STROKE)
    window.wait_for("text", "4")
    assert np.array_equal(colours(window, "#evidence"), np.sign(answers["one"]["digits"][0]["evidence"]))
    window.page.get_by_role("button", name="Clear").click()
    assert not colours(window, "#evidence").any()


@pytest.mark.parametrize("way", ["pointer", "keyboard"])
def test_a_map_that_is_looked_at_has_a_number_and_its_filter(window, answers, way: str) -> None:
    window.answer_with(answers["one"])
    window.draw(STROKE)
    window.wait_for("text", "4")
    first, second = (window.page.locator(".layer").nth(i) for i in range(2))
    for figure, name, about in (
        (first, "Map 5 of 20", "conv1, map 5 of 20; its filter of 3 × 3 weights, blue above 0, orange below"),
        (second, "Map 3 of 6", "conv2, map 3 of 6"),
    ):
        button = figure.get_by_role("button", name=name, exact=True)
        button.hover() if way == "pointer" else button.focus()
        assert figure.locator(".about").inner_text() == about
        assert not figure.locator(".size").is_visible()
        assert figure.locator(".filter").is_visible() == (figure is first)
    assert np.array_equal(colours(window, ".layer .filter").ravel(), [-1] * 4 + [0] + [1] * 4)
    window.page.locator("h1").hover() if way == "pointer" else window.page.locator("#canvas").focus()
    assert second.locator(".size").is_visible()
    assert not second.locator(".one").is_visible()


def test_the_least_certain_digit_is_chosen_first(window, answers) -> None:
    window.answer_with(answers["two"])
    window.draw(STROKE)
    window.wait_for("text", "42")
    assert window.page.locator(".box.chosen").text_content() == "2"
    swapped = answers["two"] | {"text": "24", "digits": answers["two"]["digits"][::-1]}
    window.answer_with(swapped)
    window.draw(STROKE)
    window.wait_for("text", "24")
    assert window.page.locator(".digits [aria-pressed=true]").text_content() == "2"


def test_boxes_lie_where_the_digits_are(window, answers) -> None:
    window.answer_with(answers["three"])
    window.draw(STROKE)
    window.wait_for("text", "42?")
    boxes = window.page.locator(".box")
    assert boxes.all_text_contents() == ["4", "2", "?"]
    for i, one in enumerate(answers["three"]["digits"]):
        left, top, width, height = one["box"]
        found = window.rectangles(".box")[i]
        assert (found["x"], found["y"]) == pytest.approx(window.place(left, top), abs=1)
        right, bottom = window.place(left + width, top + height)
        assert (found["x"] + found["width"], found["y"] + found["height"]) == pytest.approx(
            (right, bottom), abs=1
        )


def test_one_of_several_digits_is_looked_at(window, answers) -> None:
    window.answer_with(answers["two"])
    window.draw(STROKE)
    window.wait_for("text", "42")
    assert window.page.locator("#bars tr.read th").text_content() == "2"
    window.page.get_by_role("button", name="Digit 1: 4, 98.7 % certain").click()
    assert window.page.locator("#bars tr.read th").text_content() == "4"
    assert window.page.locator(".box.chosen").text_content() == "4"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (413, "This picture is too large for the server; choose a smaller one."),
        (422, "The server cannot read this picture: expected something else"),
        (500, "Internal error in the server. Trying again …"),
        (503, "The server is busy. Trying again …"),
    ],
)
def test_troubles_in_one_line(window, answers, status: int, message: str) -> None:
    window.expect_console(f"status of {status}")
    asked = window.answer_with(status)
    window.draw(DOT)
    window.wait_for("message", message)
    again = message.endswith("…")
    if again:
        window.until(lambda: len(asked) > 1)
    else:
        window.page.wait_for_timeout(1500)
        assert len(asked) == 1
    window.answer_with(answers["one"])
    if not again:
        window.draw(DOT)
    window.wait_for("text", "4")
    window.wait_for("message", "")


def test_drawing_on_does_not_hurry_a_busy_server(window, answers) -> None:
    window.expect_console("status of 503")
    asked = window.answer_with(503, {"Retry-After": "60"})
    window.draw(DOT)
    window.wait_for("message", "The server is busy. Trying again …")
    for x in range(200, 500, 50):
        window.draw([(x, 100), (x, 300)])
        window.page.wait_for_timeout(150)
    assert len(asked) == 1
    window.answer_with(answers["one"])
    window.page.evaluate("dispatchEvent(new Event('online'))")  # which is a reason to try at once
    window.wait_for("text", "4")


def test_offline_and_back(window, answers) -> None:
    window.expect_console("ERR_INTERNET_DISCONNECTED")
    window.page.context.set_offline(True)
    window.draw(STROKE)
    window.wait_for("message", "The server does not answer. Trying again …")
    assert window.text("text") == "No answer yet"
    window.answer_with(answers["one"])
    window.page.context.set_offline(False)
    window.wait_for("text", "4")


def test_an_older_answer_is_called_that(window, answers) -> None:
    window.answer_with(answers["one"])
    window.draw(STROKE)
    window.wait_for("sureness", "98.7 % certain")
    window.expect_console("status of 503")
    window.answer_with(503)
    window.draw(STROKE)
    window.wait_for("sureness", "answer to an earlier drawing")
    assert window.text("text") == "4"
    window.answer_with(answers["two"])
    window.wait_for("text", "42")


def test_a_token_is_asked_for_once_and_sent(window, answers) -> None:
    window.expect_console("status of 401")
    refused = window.answer_with(401)
    window.draw(STROKE)
    window.wait_for("message", "This server requires a token.")
    window.draw([(300, 100), (300, 200)])
    window.page.wait_for_timeout(400)
    assert len(refused) == 1
    assert "authorization" not in refused[0].headers
    window.page.get_by_label("Token").fill("wrong")
    window.page.keyboard.press("Enter")
    window.wait_for("message", "The server does not accept this token.")
    asked = window.answer_with(answers["one"])
    window.page.get_by_label("Token").fill("right")
    window.page.get_by_role("button", name="Use token").click()
    window.wait_for("text", "4")
    assert asked[-1].headers["authorization"] == "Bearer right"
    assert not window.page.locator("#token").is_visible()
    window.page.reload()
    window.draw(STROKE)
    window.wait_for("text", "4")
    assert asked[-1].headers["authorization"] == "Bearer right"


def test_a_refusal_that_was_cleared_away_is_said_again(window, answers) -> None:
    window.expect_console("status of 401")
    refused = window.answer_with(401)
    window.draw(STROKE)
    window.wait_for("message", "This server requires a token.")
    window.page.locator("#clear").click()
    window.wait_for("message", "")
    window.draw(STROKE)
    window.wait_for("message", "This server requires a token.")
    assert len(refused) == 1
    window.answer_with(answers["one"])
    window.page.get_by_label("Token").fill("right")
    window.page.keyboard.press("Enter")
    window.wait_for("text", "4")
    window.wait_for("message", "")


@pytest.fixture
def held(window) -> list[Any]:
    """The questions that are asked; they wait to be answered."""
    routes: list[Any] = []
    window.page.route("**/v1/digits?details=true", lambda route: routes.append(route))
    return routes


def test_one_question_at_a_time_and_the_last_drawing_wins(window, answers, held) -> None:
    for x in range(100, 600, 100):
        window.draw([(x, 100), (x, 300)])
        window.page.wait_for_timeout(200)
    window.until(lambda: held)
    assert len(held) == 1
    held[0].fulfill(json=answers["two"])
    window.until(lambda: len(held) > 1)
    sent = np.asarray(Image.open(io.BytesIO(held[1].request.post_data_buffer)).convert("L"))
    assert (sent[200, 100:600:100] == 0).all()
    held[1].fulfill(json=answers["one"])
    window.wait_for("text", "4")
    window.page.wait_for_timeout(300)
    assert len(held) == 2


def test_an_answer_that_comes_after_clearing_is_not_shown(window, answers, held) -> None:
    window.draw(STROKE)
    window.until(lambda: held)
    window.page.locator("#clear").click()
    held[0].fulfill(json=answers["one"])
    window.page.wait_for_timeout(300)
    assert window.text("text") == "Nothing drawn yet"
