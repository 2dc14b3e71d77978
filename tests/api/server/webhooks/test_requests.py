"""Single requests to receivers: where they may go, what they carry, when they end."""

import ast
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpcore
import pytest

from api.application.webhooks import secret as secrets_of
from api.application.webhooks.reasons import NOT_ALLOWED, NOT_PUBLIC, OTHER_KEY, tell_in_german
from api.server.background.webhooks.delivery import LONGEST_PAUSE, pause_after
from api.server.background.webhooks.destination import CheckedNetwork, is_allowed
from api.server.background.webhooks.request import Destination, Outcome, post
from api.settings import Settings
from tests.api.server.webhooks.receiver import Receiver, receiving
from tests.patience import PATIENT
from workflow.errors import StoreUnavailable

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "webhooks.md"
LOCAL = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
UNSPECIFIED = "0.0.0.0"  # noqa: S104 - nothing is bound to it
SECRET = secrets_of.derive_secret(b"key", "one")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as one:
        yield one


def test_the_signature_is_that_of_the_published_example() -> None:
    """The test vector of Standard Webhooks."""
    told = secrets_of.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )  # fmt: skip
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_the_how_to_checks_is_what_is_sent(receiver: Receiver) -> None:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    known: dict[str, Any] = {}
    exec(compile(ast.parse(code[1]), str(PAGE), "exec"), known)  # noqa: S102 - the page itself is tested
    reply = post(Destination(receiver.url, SECRET, LOCAL), "one.7", b'{"a": 1}', time.time())
    assert reply == (Outcome.DELIVERED, "")
    (got,) = receiver.got
    assert known["is_genuine"](SECRET, got.headers, got.body)
    assert not known["is_genuine"](SECRET, got.headers, got.body + b" ")
    assert not known["is_genuine"](secrets_of.derive_secret(b"key", "two"), got.headers, got.body)
    old = {**got.headers, "webhook-timestamp": str(int(time.time()) - 1000)}
    assert not known["is_genuine"](SECRET, old, got.body)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED), (202, Outcome.DELIVERED), (301, Outcome.REFUSED), (400, Outcome.REFUSED),
        (404, Outcome.REFUSED), (408, Outcome.UNREACHABLE), (410, Outcome.GONE), (429, Outcome.UNREACHABLE),
        (500, Outcome.UNREACHABLE), (503, Outcome.UNREACHABLE),
    ],
)  # fmt: skip
def test_what_a_status_means(receiver: Receiver, status: int, outcome: Outcome) -> None:
    receiver.usual = status
    assert post(Destination(receiver.url, SECRET, LOCAL), "one.7", b"{}", 0.0).outcome is outcome


@pytest.mark.parametrize(
    ("why", "german"),
    [
        (NOT_ALLOWED, "wer ihn eingerichtet hat, darf es nicht mehr"),
        (OTHER_KEY, "der Schlüssel der Geheimnisse ist ein anderer"),
        (f"Forbidden: {NOT_PUBLIC}", "die Adresse ist nicht öffentlich und in keinem Netz von EVA_WEBHOOK_NETWORKS"),
        ("answered 503", "antwortete mit 503"),
        ("no answer within 0.3 s", "keine Antwort binnen 0.3 s"),
        ("ConnectError: the name a.example is not known", "der Name a.example ist nicht bekannt"),
        ("ReadError: connection reset", "nicht erreichbar (ReadError: connection reset)"),
    ],
)
def test_why_nothing_was_delivered_is_told_in_german_too(why: str, german: str) -> None:
    assert tell_in_german(why) == german


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", UNSPECIFIED, "169.254.169.254", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nothing_reaches_an_address_that_nobody_named(receiver: Receiver, scheme: str, host: str) -> None:
    reply = post(Destination(f"{scheme}://{host}:{receiver.port}/", SECRET), "one.7", b"{}", 0.0)
    assert reply.outcome is Outcome.UNREACHABLE
    assert reply.why == f"Forbidden: {NOT_PUBLIC}"
    assert receiver.got == []


def test_a_name_is_what_it_was_when_it_was_checked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up once: an answer that changes in between (DNS rebinding) leads nowhere."""
    asked = []
    true = socket.getaddrinfo

    def look_up(host: Any, port: Any, *more: Any, **how: Any) -> Any:
        if host == "wechselnd.example":
            asked.append(host)
            address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        return true(host, port, *more, **how)

    connected = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(
        httpcore.SyncBackend, "connect_tcp", lambda _self, host, *_: connected.append(host) or pytest.fail("stop")
    )  # fmt: skip
    with pytest.raises(pytest.fail.Exception):
        CheckedNetwork((), True, time.monotonic() + 5).connect_tcp("wechselnd.example", 443)
    assert (asked, connected) == (["wechselnd.example"], ["93.184.215.14"])
    with pytest.raises(httpcore.ConnectError, match="not public"):
        CheckedNetwork((), True, time.monotonic() + 5).connect_tcp("wechselnd.example", 443)
    assert receiver.got == []


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("2a02:8071::1", True), ("::ffff:93.184.215.14", True), ("192.0.1.1", True),
        ("192.88.98.255", True), ("10.0.0.1", False),
        ("172.16.5.5", False), ("192.168.0.1", False), ("100.64.0.1", False), ("127.0.0.53", False),
        (UNSPECIFIED, False),
        ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1", False),
        ("fd00::1", False), ("ff02::1", False), ("::ffff:192.168.0.1", False), ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False), ("2001:0:a00:1::1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, allowed: bool) -> None:
    assert is_allowed(ip_address(address), (), True) is allowed
    assert is_allowed(ip_address(address), (), False) is False, "never without encryption"
    assert is_allowed(ip_address(address), (ip_network("0.0.0.0/0"), ip_network("::/0")), False) is True


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/96", "::ffff:10.0.0.0/104", "::ffff:169.254.0.0/112", "::ffff:192.0.0.0/120",
        "::ffff:192.88.99.0/120", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/3", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
        "ff00::/8",
    ],
)  # fmt: skip
def test_no_network_for_special_purposes_is_public(network: str) -> None:
    """Those of RFC 6890 and its registries, at both ends and in the middle."""
    whole = ip_network(network)
    for address in (whole[0], whole[1], whole[whole.num_addresses // 2], whole[-1]):
        assert is_allowed(address, (), True) is False, address
        assert is_allowed(address, (ip_network("0.0.0.0/0"), ip_network("::/0")), False) is True, "where it is named"


def test_a_receiver_that_answers_byte_by_byte_does_not_hold_the_thread() -> None:
    """Each byte comes in time, the whole does not."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 10_000:
                    if stop.wait(0.02):
                        return
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        reply = post(Destination(url, SECRET, LOCAL), "one.7", b"{}", 0.0, seconds=0.3)
        stop.set()
        thread.join(PATIENT)
    assert reply == (Outcome.UNREACHABLE, "no answer within 0.3 s")


def test_the_how_to_says_how_long_an_absence_is_borne() -> None:
    told = re.search(r"`EVA_WEBHOOK_ATTEMPTS`, about (\d+) hours", PAGE.read_text(encoding="utf-8"))
    assert told is not None
    pauses = [pause_after(failed).total_seconds() for failed in range(1, Settings().webhook_attempts)]
    assert round(sum(pauses) / 3600) == int(told[1])


def test_pauses_double_up_to_an_hour() -> None:
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(13) == pause_after(1000) == LONGEST_PAUSE


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(secrets_of.read_key(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENT)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in folder.iterdir()] == [secrets_of.FILE]
    assert (folder / secrets_of.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("how", ["link", "link that leads nowhere", "too short", "folder"])
def test_what_is_no_key_is_refused_and_stays_as_it_is(tmp_path: Path, how: str) -> None:
    path, other = tmp_path / secrets_of.FILE, tmp_path / "other"
    if how == "folder":
        path.mkdir()
    elif how == "too short":
        path.write_bytes(b"\0" * 31)
    else:
        path.symlink_to(other)
        if how == "link":
            other.write_bytes(b"\0" * secrets_of.BYTES)
    before = sorted(one.name for one in tmp_path.iterdir())
    with pytest.raises(StoreUnavailable, match=secrets_of.FILE):
        secrets_of.read_key(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == before


def test_a_new_key_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the folder that names it and the folder that names that one are synced."""
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle)))
    secrets_of.read_key(tmp_path / "data")
    inodes = [one.stat().st_ino for one in (tmp_path, tmp_path / "data" / secrets_of.FILE, tmp_path / "data")]
    assert synced == inodes
