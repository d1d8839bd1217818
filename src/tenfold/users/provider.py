"""Signing in at an identity provider: OpenID Connect, the authorisation code flow with PKCE.

Authlib and joserfc carry out the steps of the protocol. This file says what a provider is asked, and which of
its answers are accepted.

References
----------
OpenID Connect Core 1.0; OAuth 2.0 Security Best Current Practice (RFC 9700); PKCE (RFC 7636); the issuer in
the answer (RFC 9207).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

from tenfold.checkpoint import parse_json
from tenfold.errors import ConfigError, TenfoldError
from tenfold.quoting import message, quoted
from tenfold.users.provider_settings import ProviderSettings, check_address

_MOST_ANSWER = 1 << 20  # of a provider
_LONGEST = 200  # characters of an identity
_SECONDS = 10  # for an answer of the provider
_KNOWN = 3600  # seconds for which the addresses of the provider are kept
_LEEWAY = 60  # seconds by which two clocks may differ
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that only the provider can make: none of those with a shared secret, and not "none"."""

Reason: TypeAlias = Literal["cancelled", "failed", "unreachable", "unverified", "unknown", "busy"]


class SignInError(TenfoldError):
    """A provider did not say who somebody is.

    Attributes
    ----------
    reason : str
        ``"cancelled"``, ``"failed"``, ``"unreachable"``, ``"busy"``; ``"unverified"``: the provider has not
        checked the e-mail address; ``"unknown"``: this studio has no such user.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Attempt:
    """The secrets of one attempt to sign in, which the browser keeps meanwhile.

    Attributes
    ----------
    state : str
        Comes back with the answer: the attempt was begun by the same browser.
    nonce : str
        Comes back in the token: it was made for this attempt.
    verifier : str
        Proves to the provider that whoever began the attempt ends it.
    """

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Begin an attempt."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Return the attempt that a text holds; None if it holds none."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and all(len(part) == 43 for part in parts) else None

    def is_answered_by(self, answer: Mapping[str, str]) -> bool:
        """Return whether an answer is one to this attempt."""
        return secrets.compare_digest(answer.get("state", "").encode(), self.state.encode())

    def __str__(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"


class IdentityProvider:
    """Asks a provider who somebody is.

    Parameters
    ----------
    settings : ProviderSettings
    """

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._about: dict[str, Any] = {}
        self._until = 0.0  # when the provider is asked again for its addresses

    @property
    def is_known(self) -> bool:
        """Whether the addresses of the provider are known, so that it need not be asked for them."""
        return time.monotonic() <= self._until

    def address(self, attempt: Attempt) -> str:
        """Return where somebody signs in.

        Raises
        ------
        SignInError
            If the provider does not say where.
        """
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(address)

    def identity(self, attempt: Attempt, answer: Mapping[str, str]) -> str:
        """Return who has signed in, by the claim of the settings.

        Parameters
        ----------
        attempt : Attempt
        answer : mapping of str to str
            What the provider has added to the address that it sent the browser back to.

        Raises
        ------
        SignInError
            If the answer is not one to this attempt, the provider cannot be asked, or what it says is not
            signed by it, is meant for somebody else, or has expired.
        """
        if not attempt.is_answered_by(answer):
            raise SignInError("failed", "expected the state of this browser's attempt, got another")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise SignInError("failed", "expected an answer of the provider, got one of another issuer")
        if "error" in answer:
            denied = answer["error"] == "access_denied"
            raise SignInError(
                "cancelled" if denied else "failed", f"the provider answered {quoted(answer['error'])}"
            )
        if not answer.get("code"):
            raise SignInError("failed", "expected a code of the provider, got none")
        claims = self._claims(attempt, answer["code"])
        found = claims.get(self.settings.claim)
        if not isinstance(found, str) or not 0 < len(found) <= _LONGEST or not found.isprintable():
            raise SignInError(
                "failed", f"expected the claim {self.settings.claim}, got none or another value"
            )
        if self.settings.claim == "email" and claims.get("email_verified") is not True:
            raise SignInError("unverified", "expected an e-mail address that the provider has checked")
        return found

    def _claims(self, attempt: Attempt, code: str) -> dict[str, Any]:
        """Exchange the code for the token, check it, and return what it says."""
        from requests import RequestException

        endpoint, keys = self._endpoint("token_endpoint"), self._endpoint("jwks_uri")
        try:
            with self._session() as session:
                session.register_compliance_hook("access_token_response", _bounded)
                token = session.fetch_token(
                    endpoint,
                    code=code,
                    code_verifier=attempt.verifier,
                    grant_type="authorization_code",
                    allow_redirects=False,
                    stream=True,
                )
                claims = self._checked(token, self._fetch(keys), attempt)
                if self.settings.claim in claims or "userinfo_endpoint" not in self._about:
                    return claims
                place = self._endpoint("userinfo_endpoint")
                more = _object(session.get(place, allow_redirects=False, stream=True))
        except SignInError:
            raise
        except RequestException as error:
            raise SignInError("unreachable", f"{self.settings.host}: {type(error).__name__}") from error
        except Exception as error:  # of libraries, which were given what the provider says
            raise SignInError(
                "failed", f"{self.settings.host}: {type(error).__name__}: {message(error)}"
            ) from error
        if more.get("sub") != claims["sub"]:
            raise SignInError("failed", "expected more on the same person, got another")
        return more  # all of one document: it says itself whether it has checked an address

    def _checked(self, token: Mapping[str, Any], keys: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        """Return the claims of an ID token that the provider has signed for this attempt."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self._about["issuer"]},
                "aud": {"essential": True, "value": self.settings.client_id},
                "exp": {"essential": True},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": attempt.nonce},
            },
            {
                "nonce": attempt.nonce,
                "client_id": self.settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=_LEEWAY)
        return dict(claims)

    def _endpoint(self, name: str) -> str:
        """Return an address of the provider, which is asked for them once an hour."""
        if not self.is_known:
            about = self._fetch(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self.settings.issuer:
                raise SignInError(
                    "failed",
                    f"issuer: expected {self.settings.issuer}, the provider calls itself "
                    f"{quoted(about.get('issuer'))}",
                )
            self._about, self._until = about, time.monotonic() + _KNOWN
        found = self._about.get(name)
        try:
            check_address(name, found if isinstance(found, str) else "", query=True)
            if self.settings.issuer.startswith("https:") and not str(found).startswith("https:"):
                raise ConfigError(
                    f"{name}: expected an address with https, as the issuer has, got {quoted(found)}"
                )
        except ConfigError as error:
            self._until = 0.0
            raise SignInError("failed", f"{self.settings.host}: {error}") from error
        return str(found)

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        secret = self.settings.client_secret
        methods = self._about.get("token_endpoint_auth_methods_supported")
        posted = isinstance(methods, list) and methods and "client_secret_basic" not in methods
        way = "client_secret_post" if posted else "client_secret_basic"
        scope = "openid" if self.settings.claim == "sub" else "openid email profile"
        return OAuth2Session(
            self.settings.client_id,
            secret,
            token_endpoint_auth_method="none" if secret is None else way,
            scope=scope,
            redirect_uri=self.settings.callback,
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )

    def _fetch(self, address: str) -> dict[str, Any]:
        import requests

        try:
            return _object(requests.get(address, timeout=_SECONDS, allow_redirects=False, stream=True))
        except (requests.RequestException, ValueError) as error:  # a ValueError: no such host can be
            raise SignInError("unreachable", f"{self.settings.host}: {type(error).__name__}") from error


def _object(response: Any) -> dict[str, Any]:
    """Return the JSON object of a response, which may have so many bytes and no more."""
    if response.status_code != 200:
        response.close()
        raise SignInError("failed", f"expected status 200, got {response.status_code} from the provider")
    content = _bounded(response).content
    try:
        found = parse_json(content, where="provider", max_bytes=_MOST_ANSWER)
    except TenfoldError as error:
        raise SignInError("failed", f"the provider did not answer with JSON: {error}") from error
    if not isinstance(found, dict):
        raise SignInError("failed", "expected a JSON object from the provider, got another value")
    return found


def _bounded(response: Any) -> Any:
    """Return a response whose body has been read, up to a limit."""
    content = b""
    with response:
        for piece in response.iter_content(1 << 14):
            content += piece
            if len(content) > _MOST_ANSWER:
                raise SignInError("failed", "the answer of the provider is too large")
    response._content = content  # where requests keeps what it has read
    return response
