"""Signing in: OAuth with its codes and tokens, and the REST sessions that an access token opens."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from hrdata_assets.systems.bullhorn.fake_errors import answer, refused, session_missing, session_over
from hrdata_assets.systems.bullhorn.fake_switches import ACCESS_SECONDS, Switches
from hrdata_assets.systems.bullhorn.fake_world import milliseconds

CORPORATION = "e999"
CODE_MINUTES = 10

_PAGE = "<!DOCTYPE html><html><head><title>Bullhorn</title></head><body>{}</body></html>"
_LOGIN = '<form method="post"><input name="username"><input name="password" type="password"></form>'
_CONSENT = '<h1>Terms of Service</h1><form method="post"><button name="action" value="Agree">Agree</button></form>'


@dataclass(frozen=True)
class Grant:
    """What a code, token or session stands for, and until when."""

    user: str
    until: datetime
    redirect_uri: str | None = None


class Sessions:
    """Everybody who is signed in."""

    def __init__(self, switches: Switches, now: Callable[[], datetime]) -> None:
        self.switches = switches
        self.now = now
        self.logins = 0
        """Logins that succeeded, ever."""
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._sessions: dict[str, Grant] = {}

    @property
    def open(self) -> int:
        """Sessions that have neither expired nor been logged out."""
        return len(self._alive())

    def authorize(self, asked: Mapping[str, str], base: str) -> Response:
        """A code, in the query of where the answer redirects to; a page for people if something is wrong."""
        switches = self.switches
        if asked.get("client_id") != switches.client_id:
            return HTMLResponse(_PAGE.format("<h1>Invalid Client Id</h1>"))
        if asked.get("response_type") != "code":
            return HTMLResponse(_PAGE.format("<h1>Unsupported response type</h1>"))
        if asked.get("action") != "Login":
            return HTMLResponse(_PAGE.format(_LOGIN))
        if (asked.get("username"), asked.get("password")) != (switches.username, switches.password):
            return HTMLResponse(_PAGE.format(f'<p class="error">Invalid username or password.</p>{_LOGIN}'))
        if not switches.consent_given:
            return HTMLResponse(_PAGE.format(_CONSENT))
        # A real code has a colon in it, which arrives encoded.
        code, wanted = f"44:{secrets.token_hex(16)}", asked.get("redirect_uri")
        self._codes[code] = Grant(asked["username"], self.now() + timedelta(minutes=CODE_MINUTES), wanted)
        query = {"code": code, "client_id": switches.client_id}
        query |= {"state": asked["state"]} if asked.get("state") else {}
        target = wanted or f"{base}/oauth/default"
        return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(query)}", 302)

    def token(self, asked: Mapping[str, str]) -> Response:
        """Tokens for a code or a refresh token: each of them works once."""
        if (asked.get("client_id"), asked.get("client_secret")) != (
            self.switches.client_id,
            self.switches.client_secret,
        ):
            return _oauth_error("invalid_client", "Invalid client credentials.")
        kind = asked.get("grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            return _oauth_error("unsupported_grant_type", "Unsupported grant type.")
        by_code = kind == "authorization_code"
        grant = (
            self._codes.pop(asked.get("code", ""), None)
            if by_code
            else self._refresh.pop(asked.get("refresh_token", ""), None)
        )
        if grant is None or grant.until < self.now() or (by_code and grant.redirect_uri != asked.get("redirect_uri")):
            return _oauth_error("invalid_grant", "Invalid, expired, or revoked authorization grant.")
        return answer(self._tokens(grant.user))

    def login(self, asked: Mapping[str, str], base: str) -> Response:
        """A session for an access token."""
        grant = self._access.get(asked.get("access_token", ""))
        refusals = self.switches.refused_logins
        if grant is None or grant.until < self.now() or refusals > 0:
            self.switches.refused_logins = max(refusals - 1, 0)
            message = "Invalid or expired OAuth access token."
            raise refused(400, message, "errors.authentication.invalidOAuthToken")
        if not asked.get("version"):
            raise refused(400, "The parameter version is missing", "errors.missingParameter")
        if len(self._alive()) >= self.switches.most_sessions:
            message = "The maximum number of concurrent sessions has been reached."
            raise refused(429, message, "errors.authentication.tooManySessions")
        token, minutes = secrets.token_hex(20), self._minutes(asked.get("ttl"))
        self._sessions[token] = Grant(grant.user, self.now() + timedelta(minutes=minutes))
        self.logins += 1
        return answer({"BhRestToken": token, "restUrl": f"{base}/rest-services/{CORPORATION}/"})

    def session(self, token: str | None) -> Grant:
        """The session of a BhRestToken; Refused if there is none."""
        if not token:
            raise session_missing()
        grant = self._sessions.get(token)
        if grant is None or grant.until < self.now():
            raise session_over()
        return grant

    def ping(self, token: str) -> Response:
        """Until when a session lives."""
        return answer({"sessionExpires": milliseconds(self._sessions[token].until)})

    def logout(self, token: str) -> Response:
        """End a session."""
        del self._sessions[token]
        return answer({"logout": "OK"})

    def expire(self) -> None:
        """End all sessions and make access tokens void; refresh tokens stay good."""
        self._sessions.clear()
        self._access.clear()

    def revoke(self) -> None:
        """Make everything void: only a whole sign-in helps."""
        self.expire()
        self._refresh.clear()
        self._codes.clear()

    def _minutes(self, wish: str | None) -> int:
        minutes = int(wish) if wish and wish.isdecimal() else self.switches.session_minutes
        return min(minutes, self.switches.longest_session)

    def _tokens(self, user: str) -> dict[str, object]:
        access, refresh = f"44:{secrets.token_hex(16)}", f"44:{secrets.token_hex(16)}"
        self._access[access] = Grant(user, self.now() + timedelta(seconds=ACCESS_SECONDS))
        self._refresh[refresh] = Grant(user, datetime.max.replace(tzinfo=self.now().tzinfo))
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_SECONDS),
            "refresh_token": refresh,
        }

    def _alive(self) -> list[str]:
        now = self.now()
        return [token for token, grant in self._sessions.items() if grant.until >= now]


def _oauth_error(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)
