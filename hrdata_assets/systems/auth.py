"""Ways of saying who asks: a key, a name with a password, and OAuth 2 tokens that are renewed once, under a lock."""

import base64
import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt
from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import MalformedPageError, RefusedError, SignInError
from hrdata_assets.systems.http import Client, Fixed, Request, SignIn
from hrdata_assets.systems.tokens import TokenFile, Tokens

_EARLY = datetime.timedelta(seconds=30)
"""So long before its end a token is renewed: it must still hold when the call arrives."""

_ASSERTION_LIVES = datetime.timedelta(minutes=3)


def api_key(key: str, header: str = "X-API-Key") -> Fixed:
    """A key in a header of its own."""
    return Fixed({header: key})


def bearer(token: str) -> Fixed:
    """A token that stands in ``Authorization: Bearer``."""
    return Fixed({"Authorization": f"Bearer {token}"})


def basic(user: str, password: str) -> Fixed:
    """A name with a password (RFC 7617)."""
    return Fixed({"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"})


class Grant(Protocol):
    """How tokens are asked for."""

    def form(self, saved: Tokens) -> Mapping[str, str]:
        """What the token endpoint is sent, given what is known from before."""


@dataclass(frozen=True)
class ClientCredentials(Grant):
    """The application itself asks (RFC 6749, 4.4)."""

    @override
    def form(self, saved: Tokens) -> Mapping[str, str]:
        """Nothing but who it is."""
        return {"grant_type": "client_credentials"}


@dataclass(frozen=True)
class StoredRefresh(Grant):
    """A person agreed once (RFC 6749, 4.1 and 6): their refresh token, or the code that it is given for at first."""

    refresh_token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None

    def form(self, saved: Tokens) -> Mapping[str, str]:
        """The newest refresh token; without one the code. SetupError where there is neither."""
        if token := saved.refresh or self.refresh_token:
            return {"grant_type": "refresh_token", "refresh_token": token}
        if self.code is None:
            raise SetupError(
                "neither a refresh token nor an authorization code is configured: a person must agree anew"
            )
        redirect = {"redirect_uri": self.redirect_uri} if self.redirect_uri else {}
        return {"grant_type": "authorization_code", "code": self.code, **redirect}


@dataclass(frozen=True)
class JwtBearer(Grant):
    """A statement signed with the application's own key (RFC 7523)."""

    issuer: str
    subject: str
    audience: str
    key: str = field(repr=False)

    @override
    def form(self, saved: Tokens) -> Mapping[str, str]:
        """A statement that holds for three minutes. SetupError if the key is none."""
        ends = datetime.datetime.now(datetime.UTC) + _ASSERTION_LIVES
        said = {"iss": self.issuer, "sub": self.subject, "aud": self.audience, "exp": int(ends.timestamp())}
        try:
            assertion = jwt.encode(said, self.key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise SetupError("the private key cannot be used: give an RSA key in PEM format") from None
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


@dataclass(frozen=True)
class Application:
    """Who asks the token endpoint; ``in_header`` sends id and secret as Basic instead of in the form."""

    token_url: str
    client_id: str = ""
    secret: str = field(default="", repr=False)
    in_header: bool = False

    def request(self, form: Mapping[str, str]) -> Request:
        """Ask for tokens by such a form."""
        known: dict[str, str] = {}
        headers: Mapping[str, str] = {}
        if self.in_header:
            headers = basic(self.client_id, self.secret).said
        elif self.client_id:
            known = {"client_id": self.client_id} | ({"client_secret": self.secret} if self.secret else {})
        return Request("POST", self.token_url, data={**form, **known}, headers=headers, good=(200,), signed=False)


class OAuth(SignIn):
    """OAuth 2: tokens are kept in a file, and renewed once, whoever of several processes comes first."""

    def __init__(self, application: Application, grant: Grant, file: TokenFile) -> None:
        self._application, self._grant, self._file = application, grant, file
        self._lock = threading.Lock()

    def headers(self, client: Client) -> Mapping[str, str]:
        """The access token, new if there is none that still holds."""
        return {"Authorization": f"Bearer {self.tokens(client).access}"}

    def tokens(self, client: Client) -> Tokens:
        """Tokens that hold, with what else the endpoint told."""
        saved = self._file.read()
        return saved if _holds(saved) else self._renewed(client, stale=saved.access)

    def renew(self, client: Client, refused: Mapping[str, str]) -> bool:
        """Ask for tokens in place of those that were refused."""
        self._renewed(client, stale=refused.get("Authorization", "").removeprefix("Bearer "))
        return True

    def _renewed(self, client: Client, stale: str) -> Tokens:
        with self._lock, self._file.locked():
            saved = self._file.read()
            if saved.access != stale and _holds(saved):
                # Another came first.
                return saved
            tokens = self._asked(client, saved)
            # A refresh token is good for one time only: what it was given for must be safe before it is used.
            self._file.write(tokens)
            return tokens

    def _asked(self, client: Client, saved: Tokens) -> Tokens:
        request = self._application.request(self._grant.form(saved))
        try:
            answer = client.ask(request)
        except RefusedError as error:
            said = f" ({error.code})" if error.code else ""
            raise SignInError(f"{client.name} gives no token{said}: check the credentials", error.status) from None
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise MalformedPageError(f"{client.name} answered a request for a token without one")
        return tokens_of(told, saved.refresh)


def tokens_of(told: Mapping[str, Any], refresh: str | None) -> Tokens:
    """Read a token endpoint's answer; a refresh token that is not replaced goes on."""
    lives = told.get("expires_in")
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=float(lives)) if lives else None
    more = {n: t for n, t in told.items() if isinstance(t, str) and n not in ("access_token", "refresh_token")}
    return Tokens(str(told["access_token"]), told.get("refresh_token") or refresh, ends, more)


def _holds(tokens: Tokens) -> bool:
    if not tokens.access:
        return False
    return tokens.expires_at is None or tokens.expires_at - _EARLY > datetime.datetime.now(datetime.UTC)
