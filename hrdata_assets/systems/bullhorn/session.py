"""Signing in to Bullhorn: the data centre, OAuth by name and password or by refresh token, then a REST session.

A session is kept in a file and shared by all processes: how many there may be at a time is limited.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, SignInError
from hrdata_assets.systems.http import Client, Request, SignIn
from hrdata_assets.systems.tokens import TokenFile, Tokens

TOKEN_HEADER = "BhRestToken"  # noqa: S105 - a name, not a token
_MINUTES = "60"
_LOGINS = 3
"""A token that was just given is refused now and then; asked again, it is taken."""


@dataclass(frozen=True)
class Account:
    """Whose session it is."""

    client_id: str
    username: str
    client_secret: str = field(repr=False)
    password: str = field(repr=False)
    discovery: str


class BullhornSession(SignIn):
    """The header of a session, begun when there is none and again when it is over."""

    def __init__(self, account: Account, file: TokenFile) -> None:
        self._account, self._file = account, file
        self._lock = threading.Lock()

    @override
    def headers(self, client: Client) -> Mapping[str, str]:
        """The session's token."""
        return {TOKEN_HEADER: self._session(client).access}

    @override
    def renew(self, client: Client, refused: Mapping[str, str]) -> bool:
        """Begin another session in place of the one that was refused."""
        self._begun(client, stale=refused.get(TOKEN_HEADER, ""))
        return True

    def rest_url(self, client: Client) -> str:
        """Where this customer's records are asked for; ends with a slash."""
        return self._session(client).more["rest"]

    def _session(self, client: Client) -> Tokens:
        saved = self._file.read()
        return saved if saved.access else self._begun(client, stale="")

    def _begun(self, client: Client, stale: str) -> Tokens:
        with self._lock, self._file.locked():
            saved = self._file.read()
            if saved.access and saved.access != stale:
                # Another thread or process came first.
                return saved
            centre = self._centre(client)
            granted = self._granted(client, centre["oauth"], saved.refresh)
            # The old refresh token is void now: the new one must be safe before anything can fail.
            self._file.write(Tokens("", granted["refresh_token"], None, centre))
            session = self._logged_in(client, centre["rest"], granted["access_token"])
            tokens = Tokens(
                session[TOKEN_HEADER], granted["refresh_token"], None, {**centre, "rest": session["restUrl"]}
            )
            self._file.write(tokens)
            return tokens

    def _centre(self, client: Client) -> dict[str, str]:
        """Addresses of the data centre that has this customer."""
        url = f"{self._account.discovery.rstrip('/')}/loginInfo"
        told = _object(client.get(url, {"username": self._account.username}, signed=False), "oauthUrl", "restUrl")
        return {"oauth": told["oauthUrl"].rstrip("/"), "rest": told["restUrl"].rstrip("/")}

    def _granted(self, client: Client, oauth: str, refresh: str | None) -> dict[str, str]:
        if refresh:
            try:
                return self._tokens(client, oauth, {"grant_type": "refresh_token", "refresh_token": refresh})
            except SignInError:
                # It was used up or is too old: the password still says who asks.
                pass
        code = self._code(client, oauth)
        return self._tokens(client, oauth, {"grant_type": "authorization_code", "code": code})

    def _tokens(self, client: Client, oauth: str, form: Mapping[str, str]) -> dict[str, str]:
        known = {"client_id": self._account.client_id, "client_secret": self._account.client_secret}
        try:
            answer = client.post(f"{oauth}/token", data={**form, **known}, good=(200,), signed=False)
        except RefusedError as error:
            raise SignInError(f"Bullhorn gives no token ({error.status}): check client id and secret", 401) from None
        return _object(answer, "access_token", "refresh_token")

    def _code(self, client: Client, oauth: str) -> str:
        form = {
            "client_id": self._account.client_id,
            "response_type": "code",
            "action": "Login",
            "username": self._account.username,
            "password": self._account.password,
        }
        request = Request("POST", f"{oauth}/authorize", data=form, follow=False, signed=False, good=(200, 302, 303))
        answer = client.ask(request)
        codes = parse_qs(urlsplit(answer.headers.get("location", "")).query).get("code")
        if codes:
            return codes[0]
        page = answer.content.decode("utf-8", "replace")
        if "Invalid Client Id" in page:
            raise SetupError("Bullhorn does not know BULLHORN_CLIENT_ID: check it")
        if 'class="error"' in page:
            raise SetupError("Bullhorn refuses BULLHORN_USERNAME with BULLHORN_PASSWORD: check both")
        raise SetupError("Bullhorn wants a person to agree first: sign in once as the API user in a browser")

    def _logged_in(self, client: Client, rest: str, access: str) -> dict[str, str]:
        for attempt in range(1, _LOGINS + 1):
            params = {"version": "*", "access_token": access, "ttl": _MINUTES}
            try:
                answer = client.ask(Request("POST", f"{rest}/login", params, signed=False))
            except RefusedError:
                if attempt == _LOGINS:
                    raise
                continue
            return _object(answer, TOKEN_HEADER, "restUrl")
        raise AssertionError("the last attempt raises")


def _object(answer: Answer, *names: str) -> dict[str, str]:
    """The texts of these names in an answer. MalformedPageError if one is not there."""
    told: Any = answer.json()
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in names):
        raise MalformedPageError(f"{answer.path} answered without {', '.join(names)}")
    return {name: told[name] for name in names}
