"""A mail server in a thread: keeps what it is given, and refuses, or breaks off, where the test wants."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from api.settings import Smtp


class MailServer:
    """`answers` are replies to the next steps (`MAIL`, `RCPT`, `DATA`, `.`) instead of the usual ones; an empty one
    ends the connection without a word.
    """

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.connections = 0
        self.answers: dict[str, list[str]] = {}
        self.port = 0

    def answer(self, step: str, usual: str) -> str:
        told = self.answers.get(step)
        return told.pop(0) if told else usual


class Handler(socketserver.StreamRequestHandler):
    server: "Listening"

    def handle(self) -> None:
        mail = self.server.mail
        mail.connections += 1
        self._say("220 test")
        for line in iter(self.rfile.readline, b""):
            step = line.split()[0].decode().upper().rstrip(":")
            if step == "QUIT":
                self._say("221 bye")
                return
            reply = mail.answer(step, "354 go on" if step == "DATA" else "250 ok")
            if reply.startswith("354"):
                self._say(reply)
                mail.got.append(self._read())
                reply = mail.answer(".", "250 taken")
            if not reply:
                return
            self._say(reply)

    def _read(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
        found = message_from_bytes(text, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Listening(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mail: MailServer) -> None:
        super().__init__(("127.0.0.1", mail.port), Handler)
        self.mail = mail
        mail.port = self.server_address[1]


@contextmanager
def listening(mail: MailServer) -> Iterator[MailServer]:
    """Listen until the block ends, on the port that it had before if there was one."""
    with Listening(mail) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield mail
        finally:
            server.shutdown()
            thread.join()


def make_settings(port: int, addresses: Path, **more: object) -> Smtp:
    known = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "eva@example.de", "addresses": addresses}
    return Smtp.model_validate({**known, **more})
