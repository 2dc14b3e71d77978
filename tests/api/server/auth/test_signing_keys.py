"""Keys of an issuer: fetched by one at a time and not at a stranger's will, kept while it is away, given up in time."""

import json
import threading
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.server.auth.signing_keys import LIFE, PAUSE, SigningKeys
from tests.patience import PATIENT
from workflow.errors import StoreUnavailable

URL = "https://issuer.example/keys"


class Issuer:
    """An issuer whose keys may change, and that may be away; the clock is moved by hand."""

    def __init__(self, *keys: str) -> None:
        self.keys = dict.fromkeys(keys, "key")
        self.asked, self.now, self.away = 0, 1000.0, False

    def fetch(self, _url: str) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise jwt.PyJWKClientConnectionError("away")
        return dict(self.keys)

    def served(self) -> SigningKeys:
        return SigningKeys(URL, self.fetch, lambda: self.now)


def test_strangers_with_keys_of_their_own_make_nobody_ask_again() -> None:
    issuer = Issuer("one")
    keys = issuer.served()
    assert keys.get("one") == "key"
    assert [keys.get(f"invented-{n}") for n in range(500)] == [None] * 500
    assert issuer.asked == 1


def test_a_new_key_is_found_after_a_pause_and_one_given_up_is_forgotten() -> None:
    issuer = Issuer("one")
    keys = issuer.served()
    keys.get("one")
    issuer.keys = {"two": "new"}
    assert keys.get("two") is None
    issuer.now += PAUSE
    assert (keys.get("two"), keys.get("one")) == ("new", None)
    issuer.keys = {}
    issuer.now += LIFE
    assert keys.get("two") is None


def test_an_issuer_that_is_away_takes_no_known_key_along() -> None:
    issuer = Issuer("one")
    keys = issuer.served()
    keys.get("one")
    issuer.away = True
    issuer.now += LIFE
    assert keys.get("one") == "key"


def test_before_its_keys_are_known_nobody_is_called_a_stranger() -> None:
    issuer = Issuer("one")
    issuer.away = True
    keys = issuer.served()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            keys.get("one")
    assert issuer.asked == 1
    issuer.away, issuer.now = False, issuer.now + PAUSE
    assert keys.get("one") == "key"


def test_while_one_thread_waits_for_the_issuer_the_others_go_on() -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow(_url: str) -> dict[str, Any]:
        asked.set()
        answer.wait(PATIENT)
        return {"one": "key"}

    keys = SigningKeys(URL, slow)
    first = threading.Thread(target=keys.get, args=("one",))
    first.start()
    asked.wait(PATIENT)
    with pytest.raises(StoreUnavailable):
        keys.get("one")
    answer.set()
    first.join()
    assert keys.get("one") == "key"


def test_keys_of_a_file_are_read_once(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [{**jwk, "kid": "one"}, jwk]}))
    keys = SigningKeys(str(file))
    file.unlink()
    assert keys.get("one").public_numbers() == private.public_key().public_numbers()
    assert keys.get("two") is None
