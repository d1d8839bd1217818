"""Pictures come in by paste, drop and choice, and go out as the server takes them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

# A file in the page, in what a browser hands over when something is pasted or dropped.
TRANSFER = """([data, name, type]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}"""


@pytest.fixture
def drop(window, as_base64):
    def drop_one(data: bytes, name: str = "digit.png", kind: str = "image/png") -> None:
        transfer = window.page.evaluate_handle(TRANSFER, [as_base64(data), name, kind])
        window.page.dispatch_event("#sheet", "dragover", {"dataTransfer": transfer})
        window.page.dispatch_event("#sheet", "drop", {"dataTransfer": transfer})

    return drop_one


def choose(window, data: bytes, name: str = "digit.png", kind: str = "image/png") -> None:
    with window.page.expect_file_chooser() as chooser:
        window.page.locator("#choose").click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": data})


def test_a_dropped_seven_is_read(window, drop, seven) -> None:
    drop(seven)
    window.wait_for("text", "7")
    assert not window.page.locator("#sheet.dropping").count()


def test_a_chosen_seven_is_read(window, seven) -> None:
    choose(window, seven)
    window.wait_for("text", "7")


def test_a_seven_pasted_with_control_v_is_read(window, server, seven, as_base64) -> None:
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
    window.page.evaluate(
        """async (data) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const blob = new Blob([bytes], { type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        as_base64(seven),
    )
    window.page.keyboard.press("Control+v")
    window.wait_for("text", "7")


def test_a_small_picture_is_sent_as_it_is(window, drop, seven, answers) -> None:
    asked = window.answer_with(answers["one"])
    drop(seven)
    window.wait_for("text", "4")
    assert asked[-1].post_data_buffer == seven


def test_a_large_picture_is_made_smaller(window, drop, snow, answers) -> None:
    assert len(snow) > 1 << 20
    asked = window.answer_with(answers["one"])
    drop(snow)
    window.wait_for("text", "4")
    sent = asked[-1].post_data_buffer
    assert 50_000 < len(sent) <= 1 << 20
    assert asked[-1].headers["content-type"] == "image/jpeg"
    width, height = Image.open(io.BytesIO(sent)).size
    assert width / height == pytest.approx(4 / 3, abs=0.01)


def test_a_picture_is_turned_upright(window, drop, answers) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    Image.new("RGB", (300, 100), "white").save(file, "JPEG", exif=exif)
    asked = window.answer_with(answers["one"])
    drop(file.getvalue(), "photo.jpg", "image/jpeg")
    window.wait_for("text", "4")
    window.draw([(320, 100), (320, 300)])  # so that it cannot be sent as it is
    window.until(lambda: len(asked) > 1)
    assert Image.open(io.BytesIO(asked[-1].post_data_buffer)).size == (100, 300)


def test_a_picture_covers_the_drawing_until_it_is_undone(window, drop, seven, answers) -> None:
    window.answer_with(answers["one"])
    window.draw([(100, 100), (100, 300)])
    stroke = window.ink()
    drop(seven)
    window.wait_for("text", "4")
    window.until(lambda: window.ink() > 10 * stroke)
    window.page.locator("#undo").click()
    assert window.ink() == stroke


@pytest.mark.parametrize(
    ("data", "name", "kind", "message"),
    [
        (b"hello", "notes.txt", "text/plain", "This is not a picture file; drop a PNG or JPEG."),
        (
            b"\x89PNG not so",
            "digit.png",
            "image/png",
            "The browser cannot read this file; choose a PNG or JPEG.",
        ),
    ],
)
def test_what_is_no_picture_is_refused(window, drop, data: bytes, name: str, kind: str, message: str) -> None:
    drop(data, name, kind)
    window.wait_for("message", message)
    assert window.ink() == 0


def test_the_camera_button_asks_for_the_camera(window) -> None:
    camera = window.page.locator("#photograph-file")
    assert camera.get_attribute("capture") == "environment"
    assert camera.get_attribute("accept") == "image/png,image/jpeg"
