"""A studio for several people in a real browser: signing in, one's own runs, signing out."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from tests.identity_provider import identity_provider
from tests.ports import free_port

from tenfold.users import UserFile

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")


@pytest.fixture(scope="module")
def shared(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The address of a studio with two users, and their tokens."""
    folder = tmp_path_factory.mktemp("shared")
    file = UserFile(folder / "users.json")
    tokens = {name: file.add(name) for name in ("anna", "bert")}
    options = ("--users", str(file.path), "--trainings", "1")
    with run_server("studio", "--runs", str(folder / "runs"), *options) as address:
        yield address, tokens


@pytest.fixture
def sign_in(open_page, shared):
    """Open a page, be sent to sign in, and do so with the keyboard alone."""

    def go(name: str, page: str = "", **kind: Any) -> Any:
        address, tokens = shared
        window = open_page(f"{address}/{page}", **kind)
        window.expect_console("401")
        window.page.wait_for_url("**/sign-in.html?*")
        window.page.wait_for_selector("body[data-ready]")
        assert window.page.evaluate("document.activeElement.id") == "token"
        window.page.keyboard.type(tokens[name])
        window.page.keyboard.press("Enter")
        window.page.wait_for_url(f"**/{page or 'index.html'}")
        window.page.wait_for_selector("body[data-ready]")
        window.page.wait_for_selector(".who")
        return window

    return go


def test_one_signs_in_and_comes_back_to_the_page(sign_in) -> None:
    window = sign_in("anna", "runs.html")
    assert window.page.locator(".who span").text_content() == "anna"
    assert "tenfold-session" not in window.page.evaluate("document.cookie")  # no script can read it
    window.page.get_by_role("button", name="Sign out").click()
    window.page.wait_for_url("**/sign-in.html")
    window.page.goto(window.page.url.replace("sign-in.html", "runs.html"))
    window.page.wait_for_url("**/sign-in.html?then=runs.html")


def test_a_wrong_token_is_said(open_page, shared) -> None:
    window = open_page(f"{shared[0]}/sign-in.html")
    window.expect_console("401")
    window.page.get_by_label("Token").fill("wrong")
    window.page.get_by_role("button", name="Sign in").click()
    window.wait_for(
        "message",
        "expected the token of a user, got something else; ask the person who runs this studio for one",
    )
    assert window.page.url.endswith("/sign-in.html")


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(open_page, shared, then) -> None:
    address, tokens = shared
    window = open_page(f"{address}/sign-in.html?then={then}")
    window.page.get_by_label("Token").fill(tokens["anna"])
    window.page.get_by_role("button", name="Sign in").click()
    window.page.wait_for_selector(".who")
    assert window.page.url == f"{address}/"


def test_a_training_is_seen_by_its_user_alone(sign_in) -> None:
    anna = sign_in("anna")
    anna.page.locator("#epochs").fill("1")
    anna.page.get_by_role("button", name="Start training").click()
    anna.page.wait_for_selector("#state[data-state='over']", timeout=90_000)
    bert = sign_in("bert", "runs.html")
    assert bert.page.locator("#rows tr").count() == 0
    anna.page.goto(bert.page.url)
    anna.page.wait_for_selector("#rows tr")
    assert anna.page.locator("#rows th").first.text_content() == "anna/nn2l-mnist-5k"


def test_a_training_that_waits_says_so_and_is_cancelled(sign_in) -> None:
    anna, bert = sign_in("anna"), sign_in("bert")
    for window in (anna, bert):
        window.page.locator("#epochs").fill("10000")
        window.page.get_by_role("button", name="Start training").click()
        window.page.wait_for_selector("#state:not([data-state='none'])")
    bert.wait_for("state", "Waiting, 0 before it")
    bert.page.get_by_role("link", name="Runs", exact=True).click()
    bert.page.wait_for_selector("#rows tr")
    row = bert.page.get_by_role("row").filter(has_text="waiting, 0 before it")
    assert row.count() == 1
    bert.page.get_by_role("link", name="Watch").last.click()
    bert.page.get_by_role("button", name="Cancel").click()
    bert.wait_for("state", "Ended")
    anna.page.wait_for_selector("#figures:not([hidden])", timeout=90_000)
    anna.page.wait_for_selector("#state[data-state='running']", timeout=90_000)
    anna.page.get_by_role("button", name="Stop").click()
    anna.page.wait_for_selector("#state[data-state='over']", timeout=90_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_to_sign_in_is_accessible_and_fits(open_page, shared, scheme, width) -> None:
    size = {"width": width, "height": 800}
    window = open_page(f"{shared[0]}/sign-in.html", color_scheme=scheme, viewport=size)
    window.page.wait_for_selector("body[data-ready]")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def with_provider(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The address of a studio that knows anna, and has an identity provider that knows bert too."""
    if find_spec("oidc_provider_mock") is None:
        pytest.skip("needs the development tools")
    folder, port = tmp_path_factory.mktemp("provider"), free_port()
    file = UserFile(folder / "users.json")
    file.add("anna", identity="anna@example.org")
    people = {name: {"email": f"{name}@example.org", "email_verified": True} for name in ("anna", "bert")}
    with identity_provider(people) as issuer:
        (folder / "oidc.toml").write_text(
            f'issuer = "{issuer}"\nclient_id = "studio"\nclient_secret = "s"\naddress = "http://127.0.0.1:{port}"\n'
        )
        options = ("--users", str(file.path), "--oidc", str(folder / "oidc.toml"), "--port", str(port))
        with run_server("studio", "--runs", str(folder / "runs"), *options) as address:
            yield address


@pytest.fixture
def at_provider(open_page, with_provider):
    """Open a page, be sent to sign in, and sign in at the provider."""

    def go(name: str, **kind: Any) -> Any:
        window = open_page(f"{with_provider}/runs.html", **kind)
        window.expect_console("401", "ERR_NAME_NOT_RESOLVED", "Not Found")  # also the provider's own page
        window.page.wait_for_url("**/sign-in.html?*")
        window.page.wait_for_selector("body[data-ready]")
        window.page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        window.page.wait_for_url("**/oauth2/authorize?*")
        window.page.locator("input[name=sub]").fill(name)
        window.page.keyboard.press("Enter")
        return window

    return go


def test_one_signs_in_at_the_provider_and_comes_back_to_the_page(at_provider) -> None:
    window = at_provider("anna")
    window.page.wait_for_url("**/runs.html")
    window.page.wait_for_selector(".who")
    assert window.page.locator(".who span").text_content() == "anna"


def test_the_page_says_that_the_studio_does_not_know_somebody(at_provider) -> None:
    window = at_provider("bert", color_scheme="dark")
    window.page.wait_for_url("**/sign-in.html?refused=unknown")
    window.page.wait_for_selector("body[data-ready]")
    assert "ask the person who runs it to add you" in window.page.get_by_role("alert").text_content()
    assert axe.Axe().run(window.page).violations_count == 0
