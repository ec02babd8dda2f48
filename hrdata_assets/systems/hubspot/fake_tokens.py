"""Who may call: the private app's token, tokens of OAuth, and the scopes that were given."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from starlette.responses import Response

from hrdata_assets.systems.hubspot.fake_errors import answer, expired, missing_scopes, nobody
from hrdata_assets.systems.hubspot.fake_switches import Switches


class Tokens:
    """Gives tokens to who may have one, and knows those that are good."""

    def __init__(self, switches: Switches, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._now = now
        self._ends: dict[str, datetime] = {}
        self._codes: set[str] = set()
        self._revoked: set[str] = set()

    def code(self) -> str:
        """What a user who agrees to the app comes back with: good once."""
        code = secrets.token_urlsafe(16)
        self._codes.add(code)
        return code

    def expire(self) -> None:
        """Tokens of OAuth are over, and the private app's is revoked until there is another one."""
        now = self._now()
        self._ends = {token: min(end, now) for token, end in self._ends.items()}
        self._revoked.add(self._switches.access_token)

    def check(self, authorization: str) -> bool:
        """Refused for who may not call; else whether it is the private app, and not OAuth."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise nobody()
        if token in self._ends:
            over = (self._now() - self._ends[token]).total_seconds()
            if over >= 0:
                raise expired(over)
            return False
        if token != self._switches.access_token or token in self._revoked:
            raise nobody()
        return True

    def allow(self, *scopes: str) -> None:
        """Refused if the app has none of these scopes."""
        if all(scope in self._switches.missing_scopes for scope in scopes):
            raise missing_scopes(scopes)

    def grant(self, form: Mapping[str, str]) -> Response:
        """Answer of the token endpoint."""
        switches = self._switches
        checks = (
            (form.get("client_id") == switches.client_id, "BAD_CLIENT_ID", "missing or invalid client id"),
            (
                form.get("client_secret") == switches.client_secret,
                "BAD_CLIENT_SECRET",
                "missing or invalid client secret",
            ),
            *self._of_grant(form),
        )
        for good, status, message in checks:
            if not good:
                return answer({"status": status, "message": message, "correlationId": str(uuid4())}, 400)
        self._codes.discard(form.get("code", ""))
        token = f"CF{secrets.token_urlsafe(48)}"
        self._ends[token] = self._now() + timedelta(seconds=switches.token_seconds)
        body = {
            "token_type": "bearer",
            "refresh_token": switches.refresh_token,
            "access_token": token,
            "expires_in": switches.token_seconds,
        }
        return answer(body)

    def _of_grant(self, form: Mapping[str, str]) -> list[tuple[bool, str, str]]:
        switches = self._switches
        match form.get("grant_type"):
            case "refresh_token":
                good = form.get("refresh_token") == switches.refresh_token
                return [(good, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")]
            case "authorization_code":
                uri = form.get("redirect_uri")
                return [
                    (form.get("code") in self._codes, "BAD_AUTH_CODE", "missing or unknown auth code"),
                    (uri == (switches.redirect_uri or uri), "BAD_REDIRECT_URI", "missing or invalid redirect uri"),
                ]
        return [(False, "BAD_GRANT_TYPE", "missing or unknown grant type")]
