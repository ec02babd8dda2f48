"""How a fake Bullhorn is signed in to: OAuth with single-use codes and refresh tokens, then a REST session."""

import datetime
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

ACCESS_LIVES = datetime.timedelta(minutes=10)
SESSION_HEADER = "BhRestToken"


@dataclass
class SignIns:
    """Who may sign in, and what was given to whom. ``flaky`` logins are refused although the token is good."""

    now: Callable[[], datetime.datetime]
    client_id: str = "fake-client"
    client_secret: str = "fake-secret"  # noqa: S105 - a fake's
    username: str = "fake.user"
    password: str = "fake-password"  # noqa: S105 - a fake's
    agreed: bool = True
    flaky: int = 0
    most_sessions: int = 50
    codes: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    access: dict[str, datetime.datetime] = field(default_factory=dict)
    sessions: dict[str, datetime.datetime] = field(default_factory=dict)

    def end_all(self) -> None:
        """All sessions and access tokens are over; refresh tokens stay good."""
        self.access.clear()
        self.sessions.clear()

    def authorize(self, form: Mapping[str, str]) -> Response:
        """Answer a name and a password with a code, in a redirect."""
        if form.get("client_id") != self.client_id:
            return HTMLResponse("<html><body>Invalid Client Id</body></html>")
        good = (form.get("username"), form.get("password")) == (self.username, self.password)
        if not good or form.get("action") != "Login":
            return HTMLResponse('<html><body><form><p class="error">Invalid credentials</p></form></body></html>')
        if not self.agreed:
            return HTMLResponse("<html><body><form>Do you agree?<button>Agree</button></form></body></html>")
        code = f"{secrets.token_hex(4)}:{secrets.token_hex(8)}"
        self.codes.add(code)
        back = form.get("redirect_uri", "https://www.bullhorn.example/")
        return RedirectResponse(f"{back}?code={quote(code, safe='')}&client_id={self.client_id}", 302)

    def token(self, form: Mapping[str, str]) -> Response:
        """Give tokens for a code or a refresh token; either is good for one time."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed"}, 400)
        given = {"authorization_code": self.codes, "refresh_token": self.refresh}.get(form.get("grant_type", ""))
        shown = form.get("code" if given is self.codes else "refresh_token", "")
        if given is None or shown not in given:
            return JSONResponse({"error": "invalid_grant", "error_description": "Invalid or used grant"}, 400)
        given.discard(shown)
        access, refresh = f"91:{secrets.token_hex(8)}", f"91:{secrets.token_hex(8)}"
        self.access[access] = self.now() + ACCESS_LIVES
        self.refresh.add(refresh)
        told = {"access_token": access, "token_type": "Bearer", "expires_in": 600, "refresh_token": refresh}
        return JSONResponse(told)

    def login(self, access: str, minutes: str, rest_url: str) -> Response:
        """Begin a session."""
        if self.flaky > 0 or self.access.get(access, self.now()) <= self.now():
            self.flaky -= 1
            return JSONResponse(
                {
                    "errorMessage": "Invalid or expired OAuth access token.",
                    "errorMessageKey": "errors.authentication.invalidOAuthToken",
                    "errorCode": 400,
                },
                400,
            )
        self.sessions = {token: ends for token, ends in self.sessions.items() if ends > self.now()}
        if len(self.sessions) >= self.most_sessions:
            return JSONResponse({"errorMessage": "Too many sessions", "errorCode": 429}, 429)
        token = secrets.token_hex(16)
        self.sessions[token] = self.now() + datetime.timedelta(minutes=min(int(minutes or 10), 2880))
        return JSONResponse({SESSION_HEADER: token, "restUrl": rest_url})

    def refusal(self, request: Request) -> Response | None:
        """Why a call is not answered: no session, or one that is over; None for a good one."""
        shown = (
            request.headers.get(SESSION_HEADER)
            or request.query_params.get(SESSION_HEADER)
            or request.cookies.get(SESSION_HEADER)
        )
        if not shown:
            return JSONResponse({"errorMessage": "BhRestToken is missing", "errorCode": 412}, 412)
        if self.sessions.get(shown, self.now()) <= self.now():
            return JSONResponse(
                {
                    "errorMessage": "Bad 'BhRestToken' or timed-out.",
                    "errorMessageKey": "errors.authentication.invalidRestToken",
                    "errorCode": 401,
                },
                401,
            )
        return None
