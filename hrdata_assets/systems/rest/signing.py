"""How an interface is told who asks, as its declaration says."""

from collections.abc import Mapping
from pathlib import Path

from hrdata_assets.systems.auth import Application, ClientCredentials, OAuth, api_key, basic, bearer
from hrdata_assets.systems.http import Fixed, SignIn
from hrdata_assets.systems.sources.declaration import Auth, BasicAuth, BearerAuth, ClientAuth, KeyAuth
from hrdata_assets.systems.tokens import TokenFile


def sign_in(auth: Auth, said: Mapping[str, str], tokens: Path) -> SignIn:
    """What every call carries; ``said`` holds what the declared variables say, tokens are kept in that file."""
    if isinstance(auth, KeyAuth):
        return api_key(said[auth.key_from], auth.header)
    if isinstance(auth, BearerAuth):
        return bearer(said[auth.token_from])
    if isinstance(auth, BasicAuth):
        return basic(said[auth.user_from], said[auth.password_from])
    if isinstance(auth, ClientAuth):
        application = Application(said[auth.token_url_from], said[auth.client_id_from], said[auth.secret_from])
        return OAuth(application, ClientCredentials(), TokenFile(tokens))
    return Fixed()
