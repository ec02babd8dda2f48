"""Saying who asks: tokens are asked for once, kept before they are used, and never shown."""

import datetime
import stat
import threading
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import MalformedPageError, SignInError
from hrdata_assets.systems.auth import Application, ClientCredentials, JwtBearer, OAuth, StoredRefresh
from hrdata_assets.systems.http import Client
from hrdata_assets.systems.tokens import TokenFile, Tokens
from hrdata_assets_tests.systems.answering import Asked, Said, Server, answering
from hrdata_assets_tests.systems.test_http import LOCAL, QUICK


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens" / "crm.json")


def signed_in(server: Server, file: TokenFile, grant: object, **application: object) -> Client:
    known = {"client_id": "app", "secret": "s3cret", **application}
    oauth = OAuth(Application(f"{server.url}/token", **known), grant, file)  # type: ignore[arg-type]
    return Client("crm", LOCAL, limits=QUICK, sign_in=oauth)


def token(name: str, **more: object) -> Said:
    return Said(body={"access_token": name, "token_type": "Bearer", **more})


def form(server: Server, place: int) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(server.asked[place].body.decode()).items()}


def test_a_token_is_asked_for_once_and_used_by_the_next_run(file: TokenFile) -> None:
    with answering(token("t1", expires_in=1800), Said()) as server:
        for _ in range(2):
            with signed_in(server, file, ClientCredentials()) as client:
                client.get(f"{server.url}/page")
        assert [a.path for a in server.asked] == ["/token", "/page", "/page"]
        assert form(server, 0) == {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"}
        assert server.asked[2].headers["Authorization"] == "Bearer t1"


def test_id_and_secret_may_go_in_the_header(file: TokenFile) -> None:
    with (
        answering(token("t1"), Said()) as server,
        signed_in(server, file, ClientCredentials(), in_header=True) as client,
    ):
        client.get(f"{server.url}/page")
        assert server.asked[0].headers["Authorization"] == "Basic YXBwOnMzY3JldA=="
        assert form(server, 0) == {"grant_type": "client_credentials"}


def test_a_token_that_is_refused_is_renewed_once(file: TokenFile) -> None:
    file.write(Tokens("old"))
    with answering(Said(401), token("new"), Said(body={"ok": 1})) as server:
        with signed_in(server, file, ClientCredentials()) as client:
            assert client.get(f"{server.url}/page").json() == {"ok": 1}
        assert [a.headers.get("Authorization") for a in server.asked] == ["Bearer old", None, "Bearer new"]
    with (
        answering(Said(401), token("newer"), Said(401)) as server,
        signed_in(server, file, ClientCredentials()) as client,
    ):
        with pytest.raises(SignInError, match="check the credentials"):
            client.get(f"{server.url}/page")
        assert len(server.asked) == 3


def test_a_token_about_to_end_is_renewed_before_it_is_refused(file: TokenFile) -> None:
    file.write(Tokens("old", None, datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)))
    with (
        answering(token("new", expires_in=1800), Said()) as server,
        signed_in(server, file, ClientCredentials()) as client,
    ):
        client.get(f"{server.url}/page")
        assert [a.path for a in server.asked] == ["/token", "/page"]


def test_a_single_use_refresh_token_is_kept_before_its_access_token_is_used(file: TokenFile) -> None:
    grant = StoredRefresh("first")
    with answering(token("t1", refresh_token="second"), Said(503)) as server:
        with signed_in(server, file, grant) as client, pytest.raises(Exception, match="503"):
            client.get(f"{server.url}/page")
        assert form(server, 0)["refresh_token"] == "first"
    assert file.read().refresh == "second"
    file.write(Tokens("", file.read().refresh))
    with answering(token("t2"), Said()) as server, signed_in(server, file, grant) as client:
        client.get(f"{server.url}/page")
        assert form(server, 0)["refresh_token"] == "second"
    assert file.read().refresh == "second", "a refresh token that is not replaced goes on"


def test_a_code_is_exchanged_where_there_is_no_refresh_token(file: TokenFile) -> None:
    grant = StoredRefresh(code="c0de", redirect_uri="https://app.example/back")
    with answering(token("t1", refresh_token="r1"), Said()) as server, signed_in(server, file, grant) as client:
        client.get(f"{server.url}/page")
        asked = form(server, 0)
    assert (asked["grant_type"], asked["code"], asked["redirect_uri"]) == (
        "authorization_code", "c0de", "https://app.example/back",
    )  # fmt: skip


def test_without_token_and_code_a_person_is_asked_for(file: TokenFile) -> None:
    stuck = pytest.raises(SetupError, match="a person must agree anew")
    with answering() as server, signed_in(server, file, StoredRefresh()) as client, stuck:
        client.get(f"{server.url}/page")


def test_many_at_once_renew_once(file: TokenFile) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/token":
            return token("new")
        return Said(200 if asked.headers["Authorization"] == "Bearer new" else 401)

    file.write(Tokens("old"))
    with answering(by=answer) as server, signed_in(server, file, ClientCredentials()) as client:
        threads = [threading.Thread(target=client.get, args=(f"{server.url}/page",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        paths = [a.path for a in server.asked]
        assert paths.count("/token") == 1
        assert sum(a.headers.get("Authorization") == "Bearer new" for a in server.asked) == 4


def test_a_signed_statement_holds_three_minutes(file: TokenFile) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    grant = JwtBearer("app", "user@crm.example", "https://login.crm.example", pem)
    with answering(token("t1"), Said()) as server, signed_in(server, file, grant) as client:
        client.get(f"{server.url}/page")
        asked = form(server, 0)
    said = jwt.decode(asked["assertion"], key.public_key(), algorithms=["RS256"], audience="https://login.crm.example")
    assert (said["iss"], said["sub"]) == ("app", "user@crm.example")
    assert 0 < said["exp"] - datetime.datetime.now(datetime.UTC).timestamp() <= 180
    with pytest.raises(SetupError, match="RSA key in PEM format"):
        JwtBearer("app", "user", "aud", "no key").form(Tokens())


def test_a_token_that_is_not_given_is_told_without_what_was_sent(file: TokenFile) -> None:
    refusal = Said(400, {"error": "invalid_client", "error_description": "s3cret is wrong"})
    grant, refused = ClientCredentials(), pytest.raises(SignInError, match="crm gives no token")
    with answering(refusal) as server, signed_in(server, file, grant) as client, refused as told:
        client.get(f"{server.url}/page")
    assert "s3cret" not in str(told.value)
    empty = pytest.raises(MalformedPageError, match="without one")
    with answering(Said(body={"hello": 1})) as server, signed_in(server, file, grant) as client, empty:
        client.get(f"{server.url}/page")


def test_kept_tokens_are_their_owners_alone_and_shown_to_nobody(file: TokenFile) -> None:
    tokens = Tokens("acc3ss", "r3fresh", None, {"restUrl": "https://x"})
    file.write(tokens)
    assert file.read() == tokens
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert "acc3ss" not in repr(tokens)
    assert "r3fresh" not in repr(tokens)
    assert "s3cret" not in repr(Application("https://x", "app", "s3cret"))
    assert "first" not in repr(StoredRefresh("first"))
    file.path.write_text("{", encoding="utf-8")
    with pytest.raises(SetupError, match="delete it, and sign in anew"):
        file.read()
