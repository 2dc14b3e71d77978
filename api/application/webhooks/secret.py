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

from workflow.engine.store.durable_files import make_folder, write_secret
from workflow.errors import StoreUnavailable

PREFIX = "whsec_"
FILE = "webhooks.key"
BYTES = 32


def read_key(folder: Path) -> bytes:
    """The key, made where there is none yet; of several processes that begin together one makes it. `StoreUnavailable`
    where something else is in its place: a link, or a file of another length.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        make_folder(folder)
        with suppress(FileExistsError):
            write_secret(path, secrets.token_bytes(BYTES))
    key = b"" if path.is_symlink() or not path.is_file() else path.read_bytes()
    if len(key) != BYTES:
        raise StoreUnavailable(
            f"{FILE} in the data folder is no key of {BYTES} bytes",
            f"{FILE} im Datenordner ist kein Schlüssel von {BYTES} Byte",
        )
    return key


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
