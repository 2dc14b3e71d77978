"""Handing one e-mail to the mail server, and what became of it."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from enum import Enum
from typing import NamedTuple

from api.settings import Smtp

SECONDS = 20.0
"""For each step of the conversation."""
BEGIN, DONE = 354, 250
PERMANENT = 500
"""Replies from here on say that asking again is of no use."""


class Outcome(Enum):
    SENT = "sent"
    LATER = "later"
    """The server is not there, or not able to now."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """The connection ended after the message and before the answer: it may have been taken."""


class Result(NamedTuple):
    outcome: Outcome
    why: str = ""


def send(message: EmailMessage, smtp: Smtp) -> Result:
    try:
        with _connect(smtp) as server:
            return _hand_over(server, message, smtp.sender)
    except smtplib.SMTPAuthenticationError as wrong:
        return Result(Outcome.LATER, f"the server does not take the password ({wrong.smtp_code})")
    except (OSError, smtplib.SMTPException) as wrong:
        return Result(Outcome.LATER, f"{type(wrong).__name__}: {wrong}")


def _connect(smtp: Smtp) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if smtp.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SECONDS, context=trust)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=SECONDS)
    try:
        if smtp.tls == "starttls":
            server.starttls(context=trust)
        server.ehlo_or_helo_if_needed()
        if smtp.user is not None and smtp.password is not None:
            server.login(smtp.user, smtp.password)
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, message: EmailMessage, sender: str) -> Result:
    """Step by step, since only after the text is it open whether the server has taken it."""
    for code, said in (server.mail(sender), server.rcpt(str(message["To"]))):
        if code not in {250, 251}:
            return _judge(code, said)
    code, said = server.docmd("DATA")
    if code != BEGIN:
        return _judge(code, said)
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", message.as_bytes()) + b".\r\n")
        code, said = server.getreply()
    except (OSError, smtplib.SMTPException) as wrong:
        return Result(Outcome.UNKNOWN, f"{type(wrong).__name__}: {wrong}")
    return Result(Outcome.SENT) if code == DONE else _judge(code, said)


def _judge(code: int, said: bytes) -> Result:
    why = f"{code} {said.decode('utf-8', 'replace')[:200]}"
    return Result(Outcome.REFUSED if code >= PERMANENT else Outcome.LATER, why)
