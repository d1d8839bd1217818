"""Signing in to a studio at an identity provider, which runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.identity_provider import identity_provider
from tests.ports import free_port

from tenfold.cli import main
from tenfold.users import Attempt, UserFile

pytestmark = pytest.mark.skipif(find_spec("oidc_provider_mock") is None, reason="needs the development tools")

PEOPLE = {
    "anna": {"email": "Anna@Example.org", "email_verified": True},
    "bert": {"email": "bert@example.org", "email_verified": False},
    "carl": {"email": "carl@example.org", "email_verified": True},
}


@pytest.fixture(scope="module")
def shared(new_studio: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A studio that knows anna and bert, and a provider that knows carl too."""
    folder = tmp_path_factory.mktemp("shared")
    file, port = UserFile(folder / "users.json"), free_port()
    for name in ("anna", "bert"):
        file.add(name, identity=f"{name}@example.org")
    with ExitStack() as stack:
        issuer = stack.enter_context(identity_provider(PEOPLE))
        (folder / "oidc.toml").write_text(
            f'issuer = "{issuer}"\nclient_id = "studio"\n'
            f'client_secret = "secret"\naddress = "http://localhost:{port}"\n'
        )
        options = ("--users", str(file.path), "--oidc", str(folder / "oidc.toml"), "--port", str(port))
        studio = stack.enter_context(new_studio(folder / "runs", *options))
        yield studio, file


class Browser(requests.Session):
    """Keeps cookies, and shows what it was sent at each step."""

    def __init__(self, studio: Any) -> None:
        super().__init__()
        self.studio = f"http://localhost:{studio.port}"

    def begin(self) -> requests.Response:
        return self.get(f"{self.studio}/api/provider", allow_redirects=False)

    def sign_in(self, who: str) -> requests.Response:
        """Return the answer of the studio to what the provider has sent along."""
        page = self.begin().headers["location"]
        back = self.post(page, data={"sub": who}, allow_redirects=False)
        assert back.status_code == 302, back.text
        return self.get(back.headers["location"], allow_redirects=False)

    def user(self) -> Any:
        found = self.get(f"{self.studio}/api/session")
        return found.json()["user"] if found.status_code == 200 else found.status_code


def test_who_is_known_to_both_signs_in(shared: Any) -> None:
    studio, _ = shared
    browser = Browser(studio)
    assert browser.user() == 401
    answer = browser.sign_in("anna")
    assert (answer.status_code, answer.headers["location"]) == (303, "../sign-in.html?done")
    assert browser.user() == "anna"
    log = (studio.folder / ".studio" / "audit.jsonl").read_text()
    assert '"sign in"' in log
    assert browser.post(f"{browser.studio}/api/sign-out", json={}).status_code == 200
    assert browser.user() == 401


@pytest.mark.parametrize(
    ("who", "reason"),
    [("bert", "unverified"), ("carl", "unknown")],
)
def test_who_is_not_let_in(shared: Any, who: str, reason: str) -> None:
    browser = Browser(shared[0])
    answer = browser.sign_in(who)
    assert answer.headers["location"] == f"../sign-in.html?refused={reason}"
    assert browser.user() == 401


def test_cookies_that_no_script_reads(shared: Any) -> None:
    browser = Browser(shared[0])
    begun = browser.begin().headers["set-cookie"]
    assert begun.startswith("tenfold-sign-in=")
    assert "HttpOnly; SameSite=Lax" in begun
    cookies = browser.sign_in("anna").headers["set-cookie"]
    assert "tenfold-sign-in=; Max-Age=0" in cookies
    assert "Max-Age=43200; HttpOnly; SameSite=Strict" in cookies


def test_an_answer_to_another_browser(shared: Any) -> None:
    """Somebody else's code does not sign in whoever is led to it."""
    thief, victim = Browser(shared[0]), Browser(shared[0])
    page = thief.begin().headers["location"]
    code = thief.post(page, data={"sub": "anna"}, allow_redirects=False).headers["location"]
    for one in (victim, Browser(shared[0])):
        assert one.get(code, allow_redirects=False).headers["location"].endswith("refused=failed")
        assert one.user() == 401
        one.begin()  # an attempt of its own has another state
        assert one.get(code, allow_redirects=False).headers["location"].endswith("refused=failed")


def test_two_windows_of_one_browser(shared: Any) -> None:
    """The newer attempt counts, and the older one does not end it."""
    browser = Browser(shared[0])
    pages = [browser.begin().headers["location"] for _ in range(2)]
    first, second = (
        browser.post(page, data={"sub": "anna"}, allow_redirects=False).headers["location"] for page in pages
    )
    assert browser.get(first, allow_redirects=False).headers["location"].endswith("refused=failed")
    browser.get(f"{browser.studio}/api/callback?state=x", allow_redirects=False)
    assert browser.head(second, allow_redirects=False).status_code == 405
    assert browser.get(second, allow_redirects=False).headers["location"].endswith("?done")
    assert browser.user() == "anna"


def test_a_code_counts_once(shared: Any) -> None:
    browser = Browser(shared[0])
    page = browser.begin().headers["location"]
    back = browser.post(page, data={"sub": "anna"}, allow_redirects=False).headers["location"]
    kept = dict(browser.cookies)
    assert browser.get(back, allow_redirects=False).headers["location"].endswith("?done")
    again = requests.get(back, cookies=kept, allow_redirects=False, timeout=60)
    assert again.headers["location"].endswith("refused=failed")


def test_cookies_made_up(shared: Any) -> None:
    studio, _ = shared
    attempt = Attempt.new()
    for cookie in ("", "x", "." * 200, "a.b.c", str(attempt)):
        found = studio.ask(
            "GET",
            f"/api/callback?state={attempt.state}&code=made-up",
            Cookie=f"tenfold-sign-in={cookie}",
        )
        assert (found.status, found.headers["location"]) == (303, "../sign-in.html?refused=failed")
        assert "tenfold-session" not in str(found.headers)


def test_a_session_ends_with_the_identity_or_the_token(shared: Any) -> None:
    studio, file = shared
    changes = [
        lambda: file.change("anna", identity=""),
        lambda: file.change("anna", identity="anna.new@example.org"),
        lambda: file.renew("anna"),
    ]
    for change in changes:
        browser = Browser(studio)
        browser.sign_in("anna")
        assert browser.user() == "anna"
        change()
        assert browser.user() == 401
        file.change("anna", identity="anna@example.org")


def test_the_page_is_told_how_one_signs_in(shared: Any) -> None:
    studio, _ = shared
    assert studio.ask("GET", "/api/sign-in").json["provider"].startswith("127.0.0.1:")
    assert studio.ask("HEAD", "/api/provider").status == 303
    assert studio.ask("POST", "/api/provider", {}).status in (401, 405)


def test_a_studio_without_a_provider(studio: Any) -> None:
    assert studio.get("/api/sign-in") == {"provider": None}
    assert studio.ask("GET", "/api/provider").status == 404


def test_a_provider_needs_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "oidc.toml"
    file.write_text('issuer = "https://a.example"\nclient_id = "s"\naddress = "https://d.example"\n')
    assert main(["studio", "--oidc", str(file), "--runs", str(tmp_path / "runs")]) == 2
    assert "error: --oidc: expected --users FILE" in capsys.readouterr().err
    assert main(["studio", "--oidc", str(tmp_path / "none.toml"), "--users", "u.json"]) == 2
    assert "none.toml" in capsys.readouterr().err
