"""Who gets in: tokens of every wrong kind, single sign-on, limits, and what is said about it."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from api.application.errors import Unauthorised
from api.server.auth.oidc import Oidc
from api.settings import Oidc as Settings
from tests.api.conftest import Served, serving
from tests.patience import PATIENT
from tests.warm_start import run_warm


def me(served, authorization):
    headers = {} if authorization is None else {"authorization": authorization}
    return httpx.get(f"{served.base}/me", headers=headers, timeout=PATIENT)


def test_tokens_of_every_wrong_kind_get_401(server: Served) -> None:
    good = server.token("mueller", "case_worker")
    short = server.token("kurz", "case_worker", days=0.00001)
    time.sleep(1)
    assert me(server, f"Bearer {good}").status_code == 200
    body = base64.urlsafe_b64encode(b'{"sub":"x"}').decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    other = good[:40] + ("a" if good[40] != "a" else "b") + good[41:]
    wrong = (None, "", "Bearer", f"Basic {good}", f"Bearer {good}x", f"Bearer {other}", f"Bearer {short}",
             "Bearer eva_" + "0" * 32 + "_" + "a" * 43, f"Bearer {none}.{body}.", b"Bearer \xff",
             "Bearer " + "a" * 20_000)  # fmt: skip
    for one in wrong:
        answer = me(server, one)
        assert answer.status_code == 401, one
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_revoked_token_is_refused_at_once_for_reading_and_for_changing(own_server: Served) -> None:
    """Revoked by another process, the command line; the server has the token in its memory."""
    served = own_server
    who = served.client("mueller", "case_worker")
    record = who.made("/records", {"title": "a", "file_plan_code": "43.21"})["id"]
    assert who.get(f"/records/{record}").status_code == 200
    run_warm("token", "revoke", who.token, "--database", served.url).check_returncode()
    assert who.get(f"/records/{record}").status_code == 401
    assert who.get("/events").status_code == 401
    assert who.post(f"/records/{record}/actions/work").status_code == 401


def test_a_change_after_revocation_is_not_stored_even_if_nobody_reads_first(own_server: Served) -> None:
    served = own_server
    who, other = served.client("mueller", "case_worker"), served.client("andere", "case_worker")
    record = who.made("/records", {"title": "a", "file_plan_code": "43.21"})["id"]
    run_warm("token", "revoke", who.token, "--database", served.url).check_returncode()
    assert who.post(f"/records/{record}/actions/work").status_code == 401
    assert other.get(f"/records/{record}").json()["version"] == 1


def test_the_secret_is_nowhere_on_disk_and_in_no_log(server: Served) -> None:
    token = server.token("geheim", "case_worker")
    assert me(server, f"Bearer {token}").status_code == 200
    me(server, f"Bearer {token}zzz")
    secret = token.split("_", 2)[2].encode()
    for path in server.folder.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path


def test_every_refusal_is_logged_with_who_and_why(server: Served) -> None:
    who = server.client("neugierig", "planner")
    who.post("/records", {"title": "a", "file_plan_code": "43.21"}, **{"x-request-id": "refused-1"})
    lines = [json.loads(line) for line in server.log().splitlines() if "refused-1" in line]
    refused = next(line for line in lines if line["logger"] == "eva.refused")
    assert (refused["status"], refused["user"], refused["path"]) == (403, "neugierig", "/records")
    assert refused["why"]


def test_too_many_requests_are_told_when_to_come_again_and_others_go_on(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/eva.db", tmp_path, EVA_RATE="1", EVA_BURST="5") as served:
        eager, calm = served.client("eager", "case_worker"), served.client("calm", "case_worker")
        answers = [eager.get("/me") for _ in range(8)]
        assert [a.status_code for a in answers[:5]] == [200] * 5
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert calm.get("/me").status_code == 200
        time.sleep(2)
        assert eager.get("/me").status_code == 200


@pytest.fixture(scope="module")
def keys() -> tuple[Any, Any]:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048), rsa.generate_private_key(
        public_exponent=65537, key_size=2048
    )


@pytest.fixture(scope="module")
def signed_on(tmp_path_factory: pytest.TempPathFactory, keys: tuple[Any, Any]) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("oidc")
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(keys[0].public_key()))
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**jwk, "kid": "one", "use": "sig", "alg": "RS256"}]}))
    settings = {"EVA_OIDC_ISSUER": "https://issuer.example", "EVA_OIDC_AUDIENCE": "eva",
                "EVA_OIDC_JWKS": str(folder / "jwks.json")}  # fmt: skip
    with serving(f"sqlite:///{folder}/eva.db", folder, **settings) as served:
        yield served


def claims(**other):
    now = datetime.now(UTC)
    return {
        "iss": "https://issuer.example", "aud": "eva", "sub": "1", "iat": now, "exp": now + timedelta(minutes=5),
        "preferred_username": "schmidt", "roles": ["approver"], "authority": "mwide", **other,
    }  # fmt: skip


def test_a_token_of_the_issuer_is_taken(signed_on: Served, keys: tuple[Any, Any]) -> None:
    token = jwt.encode(claims(), keys[0], algorithm="RS256", headers={"kid": "one"})
    answer = me(signed_on, f"Bearer {token}")
    assert answer.json() == {
        "user": "schmidt", "roles": ["approver"], "authority": "mwide", "clearance": "normal", "on_behalf_of": None,
    }  # fmt: skip


def test_a_token_of_the_issuer_stays_expired_when_the_clock_is_set_back(
    signed_on: Served, keys: tuple[Any, Any]
) -> None:
    """The library looks at the machine's clock; we look at one that does not go back."""
    settings = Settings(issuer="https://issuer.example", audience="eva", jwks=signed_on.settings["EVA_OIDC_JWKS"])
    token = jwt.encode(claims(), keys[0], algorithm="RS256", headers={"kid": "one"})
    assert Oidc(settings).authenticate(token, datetime.now(UTC)).user == "schmidt"
    with pytest.raises(Unauthorised):
        Oidc(settings).authenticate(token, datetime.now(UTC) + timedelta(minutes=10))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"}, {"aud": "other"}, {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"roles": ["system"]}, {"roles": "approver"}, {"preferred_username": 7}, {"preferred_username": "a:b"},
        {"authority": None}, {"clearance": "all"}, {"clearance": ["normal"]}, {"authority": "a/b"},
        {"authority": " aaa"}, {"authority": "x\ny"}, {"authority": ""}, {"authority": "a" * 121}, {"authority": 7},
        {"authority": "e\u0301"}, {"preferred_username": " a"}, {"preferred_username": "a\nb"},
        {"preferred_username": "a" * 121}, {"preferred_username": "\ud800"}, {"roles": [["approver"]]},
    ],
    ids=str,
)  # fmt: skip
def test_other_tokens_of_the_issuer_are_not(signed_on: Served, keys: tuple[Any, Any], wrong: Any) -> None:
    token = jwt.encode(claims(**wrong), keys[0], algorithm="RS256", headers={"kid": "one"})
    assert me(signed_on, f"Bearer {token}").status_code == 401


def test_confused_and_forged_tokens_are_not(signed_on: Served, keys: tuple[Any, Any]) -> None:
    public = keys[0].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one", "typ": "JWT"}).encode()).rstrip(b"=")
    told = {**claims(), "iat": int(time.time()), "exp": int(time.time()) + 300}
    body = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=")
    import hashlib
    import hmac

    mac = base64.urlsafe_b64encode(hmac.new(public, head + b"." + body, hashlib.sha256).digest()).rstrip(b"=")
    endless = {k: v for k, v in claims().items() if k != "exp"}
    tokens = [
        b".".join((head, body, mac)).decode(),
        jwt.encode(claims(), None, algorithm="none", headers={"kid": "one"}),
        jwt.encode(claims(), keys[1], algorithm="RS256", headers={"kid": "one"}),
        jwt.encode(claims(), keys[0], algorithm="RS256", headers={"kid": "../../etc/passwd"}),
        jwt.encode(claims(), keys[0], algorithm="RS256"),
        jwt.encode(endless, keys[0], algorithm="RS256", headers={"kid": "one"}),
    ]
    assert [me(signed_on, f"Bearer {token}").status_code for token in tokens] == [401] * len(tokens)


def test_settings_of_sign_on_refuse_shared_secrets() -> None:
    from api.settings import from_environment
    from workflow.errors import InvalidCommand

    environment = {"EVA_OIDC_ISSUER": "i", "EVA_OIDC_AUDIENCE": "a", "EVA_OIDC_JWKS": "f"}
    for algorithm in ("HS256", "none", "RS256,HS512"):
        with pytest.raises(InvalidCommand, match="is not one of"):
            from_environment({**environment, "EVA_OIDC_ALGORITHMS": algorithm})
