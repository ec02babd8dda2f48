"""Signing in: the token endpoint's four grants, and the sessions that come of them."""

import base64
import hashlib
import hmac
import secrets
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from hrdata_assets.systems.salesforce.fake_errors import ApiError, session_expired
from hrdata_assets.systems.salesforce.fake_ids import record_id
from hrdata_assets.systems.salesforce.fake_switches import Switches

ORGANIZATION_ID = record_id("00D", 0)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
AHEAD = timedelta(minutes=3)
SKEW = timedelta(minutes=1)  # clocks may differ so much

Form = Mapping[str, str]


class GrantError(Exception):
    """A sign-in that is refused; unlike the rest of the API the endpoint answers an object."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


@dataclass
class _Session:
    used: datetime
    calls: int = 0


class Tokens:
    """Gives sessions to who may have one, and ends them."""

    def __init__(self, switches: Switches, now: Callable[[], datetime], user: str) -> None:
        self._switches = switches
        self._now = now
        self._user = user
        self._sessions: dict[str, _Session] = {}
        self._refresh_token: str | None = None

    @property
    def refresh_token(self) -> str:
        """The one that is good now."""
        return self._refresh_token or self._switches.refresh_token

    def grant(self, form: Form, authorization: str, base_url: str) -> dict[str, str]:
        """Answer of the token endpoint; GrantError for who gets none."""
        grants: Mapping[str, Callable[[], dict[str, str]]] = {
            "client_credentials": lambda: self._client_credentials(form, authorization),
            JWT_BEARER: lambda: self._jwt_bearer(form, base_url),
            "password": lambda: self._password(form, authorization),
            "refresh_token": lambda: self._refresh(form, authorization),
        }
        if (grant := grants.get(form.get("grant_type", ""))) is None:
            raise GrantError("unsupported_grant_type", "grant type not supported")
        more = grant()
        return {**self._session(self._switches.instance_url or base_url), **more}

    def _session(self, instance_url: str) -> dict[str, str]:
        token = f"{ORGANIZATION_ID[:15]}!AQ{secrets.token_urlsafe(48)}"
        self._sessions[token] = _Session(self._now())
        issued_at = str(int(self._now().timestamp() * 1000))
        identity = f"{instance_url}/id/{ORGANIZATION_ID}/{self._user}"
        signed = hmac.new(self._switches.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
        return {
            "access_token": token,
            "signature": base64.b64encode(signed.digest()).decode(),
            "scope": "api",
            "instance_url": instance_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def _check_client(self, form: Form, authorization: str) -> None:
        """Id and secret, as HTTP Basic or in the form."""
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.lower().startswith("basic "):
            try:
                client, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
            except (NotBase64, UnicodeDecodeError):
                raise GrantError("invalid_client", "invalid client credentials") from None
        if client != self._switches.client_id:
            raise GrantError("invalid_client_id", "client identifier invalid")
        if secret != self._switches.client_secret:
            raise GrantError("invalid_client", "invalid client credentials")

    def _client_credentials(self, form: Form, authorization: str) -> dict[str, str]:
        if not self._switches.client_credentials_flow:
            raise GrantError("invalid_grant", "request not supported on this domain")
        self._check_client(form, authorization)
        return {}

    def _password(self, form: Form, authorization: str) -> dict[str, str]:
        self._check_client(form, authorization)
        switches = self._switches
        given = (form.get("username"), form.get("password"))
        if not switches.password_flow or given != (switches.username, switches.password + switches.security_token):
            raise GrantError("invalid_grant", "authentication failure")
        return {}

    def _refresh(self, form: Form, authorization: str) -> dict[str, str]:
        self._check_client(form, authorization)
        if form.get("refresh_token") != self.refresh_token:
            raise GrantError("invalid_grant", "expired access/refresh token")
        if not self._switches.rotate_refresh_tokens:
            return {}
        self._refresh_token = f"5Aep861{secrets.token_urlsafe(32)}"
        return {"refresh_token": self._refresh_token}

    def _jwt_bearer(self, form: Form, base_url: str) -> dict[str, str]:
        switches = self._switches
        try:
            # What else it says goes by the fake's own clock, and has answers of its own.
            claims = jwt.decode(
                *(form.get("assertion", ""), switches.public_key or ""),
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            ahead = datetime.fromtimestamp(int(claims["exp"]), self._now().tzinfo) - self._now()
        except (jwt.PyJWTError, KeyError, ValueError):
            raise GrantError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != switches.client_id:
            raise GrantError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in (*AUDIENCES, base_url):
            raise GrantError("invalid_grant", "audience is invalid")
        if ahead <= -SKEW:
            raise GrantError("invalid_grant", "expired authorization code")
        if ahead > AHEAD + SKEW:
            raise GrantError("invalid_grant", "invalid assertion")
        if not switches.approved or claims.get("sub") != switches.username:
            raise GrantError("invalid_grant", "user hasn't approved this consumer")
        return {}

    def check(self, authorization: str) -> None:
        """Count a call of a session; ApiError if it is over or was never there."""
        kind, _, token = authorization.partition(" ")
        if authorization and kind.lower() not in ("bearer", "oauth"):
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        session, switches, now = self._sessions.get(token), self._switches, self._now()
        if session is None:
            raise session_expired()
        spent = switches.session_calls is not None and session.calls >= switches.session_calls
        if spent or now - session.used >= switches.session_life:
            del self._sessions[token]
            raise session_expired()
        session.used = now
        session.calls += 1

    def end_all(self) -> None:
        """Every session is over from now on; refresh tokens stay good."""
        self._sessions.clear()
