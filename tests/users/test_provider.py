"""Which answers of an identity provider are believed: a provider that can lie in every way."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tenfold.errors import ConfigError
from tenfold.users import Attempt, IdentityProvider, ProviderSettings, SignInError

jwk = pytest.importorskip("joserfc.jwk", reason="needs the extra oidc")
jwt = pytest.importorskip("joserfc.jwt")

OURS, ANOTHER = (jwk.RSAKey.generate_key(2048, {"kid": "one"}, private=True) for _ in range(2))


class Liar(ThreadingHTTPServer):
    """A provider whose answers a test can change.

    Attributes
    ----------
    claims, about, token, userinfo : dict
        What is said otherwise; None leaves something out.
    key, header
        What a token is signed with.
    answers : dict
        Status and body of a path, in place of the right one.
    exchanged : list of dict
        The forms that codes were exchanged with.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.key, self.header = OURS, {"alg": "RS256", "kid": "one"}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.exchanged: list[dict[str, list[str]]] = []
        self.nonce = ""

    def document(self, path: str) -> dict[str, Any]:
        now = int(time.time())
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
            right = {name: f"{self.issuer}/{end}" for name, end in names.items()} | {
                "issuer": self.issuer,
                "userinfo_endpoint": f"{self.issuer}/me",
            }
            return _without(right | self.about)
        if path == "/keys":
            return {"keys": [OURS.as_dict(private=False)]}
        if path == "/me":
            return _without({"sub": "42"} | self.userinfo)
        right = {
            "iss": self.issuer,
            "aud": "studio",
            "sub": "42",
            "exp": now + 60,
            "iat": now,
            "nonce": self.nonce,
            "email": "anna@example.org",
            "email_verified": True,
        }
        made = jwt.encode(self.header, _without(right | self.claims), self.key, algorithms=["RS256", "HS256"])
        return _without({"access_token": "a", "token_type": "Bearer", "id_token": made} | self.token)


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


class Answers(BaseHTTPRequestHandler):
    server: Liar

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        status, body = self.server.answers.get(path) or (200, json.dumps(self.server.document(path)).encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.exchanged.append(parse_qs(form))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[Liar]:
    with Liar() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings_of(liar: Liar, **more: Any) -> ProviderSettings:
    return ProviderSettings(liar.issuer, "studio", "http://localhost:8100", **more)


def asked(liar: Liar, answer: dict[str, str] | None = None, **more: Any) -> str:
    """Sign in: the provider sends the browser back with a code, unless an answer is given."""
    provider, attempt = IdentityProvider(settings_of(liar, **more)), Attempt.new()
    query = parse_qs(urlsplit(provider.address(attempt)).query)
    assert query["code_challenge_method"] == ["S256"]
    liar.nonce = query["nonce"][0]
    found = {"code": "c", "state": query["state"][0]} if answer is None else answer
    return provider.identity(attempt, found)


def refusal(liar: Liar, answer: dict[str, str] | None = None, **more: Any) -> SignInError:
    """Return why a sign-in is refused, in one line."""
    with pytest.raises(SignInError) as refused:
        asked(liar, answer, **more)
    assert "\n" not in str(refused.value)
    return refused.value


def test_an_honest_provider_is_believed(liar: Liar) -> None:
    assert asked(liar) == "anna@example.org"
    assert asked(liar, claim="sub") == "42"
    [first, _] = liar.exchanged
    assert first["code"] == ["c"]
    assert len(first["code_verifier"][0]) == 43
    assert first["redirect_uri"] == ["http://localhost:8100/api/callback"]


def test_claims_may_come_with_the_user_information(liar: Liar) -> None:
    liar.claims = {"email": None, "email_verified": None}
    liar.userinfo = {"email": "anna@example.org", "email_verified": True}
    assert asked(liar) == "anna@example.org"
    liar.userinfo["email_verified"] = None
    liar.claims["email_verified"] = True  # of another address, perhaps
    with pytest.raises(SignInError, match="an e-mail address that the provider has checked"):
        asked(liar)
    liar.userinfo["sub"] = "43"
    with pytest.raises(SignInError, match="expected more on the same person"):
        asked(liar)


CLAIMS = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "two audiences, made for the other": {"aud": ["studio", "other"], "azp": "other"},
    "no audience": {"aud": None},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "from the future": {"iat": 1 << 33},
    "the e-mail address is no text": {"email": ["anna@example.org"]},
    "an e-mail address with a line break": {"email": "anna@example.org\nx"},
    "an endless e-mail address": {"email": "a" * 1000},
    "an e-mail address that nobody has checked": {"email_verified": False},
    "an e-mail address of which nothing is said": {"email_verified": None},
    "an e-mail address checked in words": {"email_verified": "true"},
    "no e-mail address": {"email": None},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("case", CLAIMS)
def test_claims_that_are_refused(liar: Liar, case: str) -> None:
    liar.claims = CLAIMS[case]
    checked = case.startswith("an e-mail address") and "email_verified" in CLAIMS[case]
    assert refusal(liar).reason == ("unverified" if checked else "failed")


def test_signatures_that_are_refused(liar: Liar) -> None:
    liar.key = ANOTHER
    with pytest.raises(SignInError, match="BadSignature"):
        asked(liar)
    liar.key, liar.header = OURS, {"alg": "RS256", "kid": "two"}
    with pytest.raises(SignInError, match="InvalidKeyId"):
        asked(liar)


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_signatures_that_anybody_can_make(liar: Liar, algorithm: str) -> None:
    """With the public key as a shared secret, or without any."""
    claims = jwt.decode(liar.document("/token")["id_token"], OURS).claims
    head = {"alg": algorithm, "kid": "one"}
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    made = hmac.new(OURS.as_pem(private=False), signed, "sha256").digest() if algorithm == "HS256" else b""
    liar.token = {"id_token": (signed + b"." + _encoded(made)).decode()}
    with pytest.raises(SignInError, match="UnsupportedAlgorithm"):
        asked(liar)


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


ODD = {
    "ways to show the secret that are none": (
        {"about": {"token_endpoint_auth_methods_supported": None}},
        True,
    ),
    "ways to show the secret in a number": ({"about": {"token_endpoint_auth_methods_supported": 3}}, True),
    "an endpoint with a query": ({"query": "?tenant=1"}, True),
    "endless seconds": ({"answers": {"/token": (200, b'{"access_token": "a", "expires_in": 1e400}')}}, False),
    "a list": ({"answers": {"/token": (200, b"[1]")}}, False),
    "200,000 lists": ({"answers": {"/token": (200, b"[" * 200_000 + b"]" * 200_000)}}, False),
    "a large token": ({"answers": {"/token": (200, b'{"a": "' + b"x" * (1 << 21) + b'"}')}}, False),
    "a type of token in a number": (
        {"token": {"token_type": 3}, "claims": {"email": None}, "userinfo": {"email": "a@b.example"}},
        False,
    ),
    "a key of another kind": ({"answers": {"/keys": (200, b'{"keys": [{"kty": "XYZ"}, 3]}')}}, False),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_answers_are_no_accident(liar: Liar, case: str) -> None:
    said, believed = ODD[case]
    for name, value in said.items():
        if name == "query":
            liar.about = {"authorization_endpoint": f"{liar.issuer}/auth{value}"}
        else:
            setattr(liar, name, value)
    for _ in range(2):  # the second time the provider is known
        if believed:
            assert asked(liar, client_secret="secret") == "anna@example.org"
        else:
            assert refusal(liar, client_secret="secret").reason in ("failed", "unverified")


def test_an_issuer_that_can_be_no_host(liar: Liar) -> None:
    provider = IdentityProvider(replace(settings_of(liar), issuer="https://a..b/"))
    with pytest.raises(SignInError) as refused:
        provider.address(Attempt.new())
    assert refused.value.reason == "unreachable"


def test_moved_endpoints_are_found_after_an_hour(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = IdentityProvider(settings_of(liar))
    provider.address(Attempt.new())
    liar.about = {"authorization_endpoint": f"{liar.issuer}/elsewhere"}
    assert "/auth?" in provider.address(Attempt.new())
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3700)
    assert "/elsewhere?" in provider.address(Attempt.new())


TOKENS = {
    "no token": {"id_token": None},
    "a number": {"id_token": 3},
    "a text": {"id_token": "abc"},
    "an error": {"error": "invalid_grant"},
}


@pytest.mark.parametrize("case", TOKENS)
def test_answers_without_a_token(liar: Liar, case: str) -> None:
    liar.token = TOKENS[case]
    assert refusal(liar).reason == "failed"


ABOUT = {
    "calls itself otherwise": {"issuer": "https://evil.example"},
    "sends codes over an open line": {"token_endpoint": "http://evil.example/token"},
    "has its keys on an open line": {"jwks_uri": "http://evil.example/keys"},
    "lets people in elsewhere": {"authorization_endpoint": "javascript:alert(1)"},
    "knows no tokens": {"token_endpoint": None},
    "says numbers": {"jwks_uri": 3},
}


@pytest.mark.parametrize("case", ABOUT)
def test_providers_that_are_refused(liar: Liar, case: str) -> None:
    liar.about = ABOUT[case]
    assert refusal(liar).reason == "failed"
    assert liar.exchanged == [] or case == "says numbers"


PATHS = ("/.well-known/openid-configuration", "/keys", "/token")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"a": NaN}', b'{"a": "' + b"x" * (1 << 20) + b'"}'])
def test_damaged_answers(liar: Liar, path: str, body: bytes) -> None:
    liar.answers[path] = 200, body
    assert refusal(liar).reason == "failed"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [302, 404, 500])
def test_other_statuses(liar: Liar, path: str, status: int) -> None:
    liar.answers[path] = status, b"{}"
    assert refusal(liar).reason in ("failed", "unreachable")


def test_a_provider_that_is_not_there(liar: Liar) -> None:
    provider = IdentityProvider(replace(settings_of(liar), issuer="http://127.0.0.1:9"))
    with pytest.raises(SignInError) as refused:
        provider.address(Attempt.new())
    assert refused.value.reason == "unreachable"


ANSWERS = {
    "nothing": {},
    "another state": {"code": "c", "state": "x" * 43},
    "a state that is not ASCII": {"code": "c", "state": "é"},
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answers_to_another_attempt(liar: Liar, case: str) -> None:
    assert refusal(liar, ANSWERS[case]).reason == "failed"
    assert liar.exchanged == []


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"iss": "https://evil.example", "code": "c"}, "failed"),
        ({"error": "access_denied"}, "cancelled"),
        ({"error": "server_error"}, "failed"),
        ({"code": ""}, "failed"),
    ],
)
def test_answers_that_are_no_code(liar: Liar, more: dict[str, str], reason: str) -> None:
    provider, attempt = IdentityProvider(settings_of(liar)), Attempt.new()
    provider.address(attempt)
    with pytest.raises(SignInError) as refused:
        provider.identity(attempt, {"state": attempt.state} | more)
    assert refused.value.reason == reason
    assert liar.exchanged == []


def test_an_attempt_is_kept_as_a_text() -> None:
    attempt = Attempt.new()
    assert Attempt.of(str(attempt)) == attempt
    assert [Attempt.of(text) for text in ("", "a.b.c", str(attempt) + ".x", str(attempt)[1:])] == [None] * 4


# --- settings

GOOD = (
    'issuer = "https://accounts.example"\nclient_id = "studio"\naddress = "https://digits.example/tenfold/"\n'
)
REFUSED = {
    "no issuer": (
        'client_id = "s"\naddress = "https://d.example"\n',
        "expected the setting issuer, found none",
    ),
    "an open line": (
        GOOD.replace("https://acc", "http://acc"),
        "issuer: expected an address such as https://",
    ),
    "a query": (GOOD.replace("/tenfold/", "/?a=1"), "address: expected an address"),
    "a password": (GOOD.replace("https://acc", "https://me:secret@acc"), "issuer: expected an address"),
    "no address": (GOOD.replace("https://digits.example/tenfold/", "digits"), "address: expected an address"),
    "a number": (GOOD + "claim = 3\n", "claim: expected a text, got 3"),
    "another setting": (GOOD + 'secret = "x"\n', "unknown setting 'secret'"),
    "not TOML": ("issuer = \n", "expected TOML"),
    "a secret that is a number": (
        GOOD + "client_secret = 1234\n",
        "client_secret: expected a text, got another",
    ),
}


def test_settings_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "oidc.toml"
    file.write_text(GOOD + 'client_secret = "hidden"\n')
    found = ProviderSettings.read(file)
    assert found.callback == "https://digits.example/tenfold/api/callback"
    assert (found.host, found.is_secure, found.claim) == ("accounts.example", True, "email")
    assert "hidden" not in repr(found)


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_are_refused(tmp_path: Path, case: str) -> None:
    content, words = REFUSED[case]
    file = tmp_path / "oidc.toml"
    file.write_text(content)
    with pytest.raises(ConfigError) as refused:
        ProviderSettings.read(file)
    assert words in str(refused.value)
    assert str(refused.value).count("\n") == 0
    assert "1234" not in str(refused.value)
    assert "secret@" not in str(refused.value) or case == "a password"


def test_which_identities_are_one(liar: Liar) -> None:
    by_email, by_sub = settings_of(liar), settings_of(liar, claim="sub")
    assert by_email.same("Anna@Example.org", "anna@example.org")
    assert not by_email.same("mar\u212a@example.org", "mark@example.org")  # the sign of kelvin
    assert not by_email.same("\u0130@example.org", "i\u0307@example.org")
    assert not by_sub.same("Ab1", "aB1")
