"""The secret of a webhook, and what is signed with it, as Standard Webhooks has it.

A secret follows from the webhook's id and a key of this server's own in the data folder, so that it is written down
nowhere, neither in the log nor in the database.
"""

import hmac
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

PREFIX = "whsec_"
FILE = "webhooks.key"
BYTES = 32


def read_key(folder: Path) -> bytes:
    """The key, made where there is none yet; of several processes that begin together one makes it."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)  # whole, or not at all
        draft.unlink()
    return path.read_bytes()


def derive_secret(key: bytes, webhook: str) -> str:
    """`whsec_` and 32 bytes in Base64."""
    return PREFIX + b64encode(hmac.new(key, f"eva webhook {webhook}".encode(), sha256).digest()).decode()


def digest_secret(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def sign(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over id, seconds since 1970 and body."""
    signed = b".".join((message.encode(), str(timestamp).encode(), body))
    found = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, sha256).digest()
    return f"v1,{b64encode(found).decode()}"
