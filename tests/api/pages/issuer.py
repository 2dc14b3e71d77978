"""An issuer of OpenID Connect on this machine: a page that leads back with a code, and tokens for codes, once each."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "eva-pages", "geheim & mehr"
ISSUER = "https://issuer.example"


class Issuer:
    """`claims` are said of whoever signs on, over those that are right; `status` is how the token endpoint answers."""

    def __init__(self, folder: Path) -> None:
        self.key, self.stranger = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        self.keys = folder / "jwks.json"
        self.keys.write_text(json.dumps({"keys": [{**jwk, "kid": "one", "use": "sig", "alg": "RS256"}]}))
        self.forget()

    def forget(self) -> None:
        self.claims: dict[str, Any] = {}
        self.status, self.signs_with = 200, self.key
        self.codes: dict[str, dict[str, str]] = {}

    def give_code(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def give_token(self, authorization: str, told: dict[str, str]) -> tuple[int, dict[str, str]]:
        known = base64.b64encode(f"{CLIENT}:geheim%20%26%20mehr".encode()).decode()
        asked = self.codes.pop(told["code"], None)
        digest = hashlib.sha256(told["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.status != 200:
            return self.status, {"error": "server_error"}
        if authorization != f"Basic {known}":
            return 401, {"error": "invalid_client"}
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, told["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.sign(asked["nonce"]), "token_type": "Bearer", "access_token": "x"}

    def sign(self, nonce: str) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + timedelta(minutes=5), "nonce": nonce,
            "preferred_username": "schmidt", "roles": ["approver"], "authority": "mwide", **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(said, self.signs_with, algorithm="RS256", headers={"kid": "one"})


@contextmanager
def issuing(folder: Path) -> Iterator[tuple[Issuer, str]]:
    """An issuer and the address of its machine, under another name than that of the pages: another site."""
    issuer = Issuer(folder)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            if "client_id" not in asked:
                self._send(404, "text/plain", b"")
                return
            back = issuer.give_code(asked).replace("&", "&amp;")
            page = f'<!doctype html><link rel="icon" href="data:,"><a href="{back}">Ich bin schmidt</a>'
            self._send(200, "text/html", page.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            told = {name: values[0] for name, values in parse_qs(body).items()}
            status, answer = issuer.give_token(self.headers.get("authorization", ""), told)
            self._send(status, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, media: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", media)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer, f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
