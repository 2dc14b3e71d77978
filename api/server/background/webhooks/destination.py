"""Where requests of webhooks may go: to public addresses, and to networks that operators have named.

The address that was looked up and allowed is the one that is connected to, so that a name that means another address a
moment later leads nowhere else.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore

from api.application.webhooks.reasons import NOT_PUBLIC

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out for use in public; what stands for IPv4 (`::/96`, `64:ff9b::/96`) or for one's own site
(`fec0::/10`) lies outside.
"""
SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")))
"""Protocol assignments, tunnels (6to4, Teredo) and documentation, some of which `is_global` takes for public."""


class Forbidden(httpcore.ConnectError):
    """Nothing is sent to such an address."""


def is_allowed(address: Address, networks: Sequence[Network], encrypted: bool) -> bool:
    """Whether something may be sent there; without encryption only into the networks named."""
    meant = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    if any(meant in network for network in networks):
        return True
    public = meant.is_global and not meant.is_multicast and (meant.version == 4 or meant in UNICAST)
    return encrypted and public and not any(meant in network for network in SPECIAL)


def check_host(host: str, networks: Sequence[Network], encrypted: bool) -> bool:
    """Whether a host, where it is an address, is one that something may be sent to; a name is looked up later."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return encrypted or bool(networks)
    return is_allowed(address, networks, encrypted)


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects where it is allowed, and reads no longer than until a deadline (of `time.monotonic`)."""

    def __init__(self, networks: Sequence[Network], encrypted: bool, deadline: float) -> None:
        self._networks, self._encrypted, self._deadline = networks, encrypted, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        try:
            found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as wrong:
            raise httpcore.ConnectError(f"the name {host} is not known") from wrong
        addresses = sorted(map(ip_address, (str(text).partition("%")[0] for text in found)), key=lambda a: a.version)
        if not addresses or not all(is_allowed(one, self._networks, self._encrypted) for one in addresses):
            raise Forbidden(NOT_PUBLIC)
        wait = _left(self._deadline, timeout)
        stream = self._sockets.connect_tcp(str(addresses[0]), port, wait, local_address, socket_options)
        return _Bounded(stream, self._deadline)


class _Bounded(httpcore.NetworkStream):
    """A stream whose every step has only what is left of the time of the whole."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        encrypted = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Bounded(encrypted, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("it took too long")
    return left if timeout is None else min(left, timeout)
