"""The daily e-mail as text: how much waits, and what is new, in the person's language.

An e-mail leaves the authority's own keeping: subjects of what needs protection are not in it, only that there is some.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from api.application.notices.notices import Notice, Reason
from api.server.background.digest.addresses import Addressee
from simulation.numbers import format_day
from workflow.engine.access import Protection
from workflow.text import Text


class Content(NamedTuple):
    """How much waits, is overdue, and is new since the person was told last; of what is new the newest."""

    waiting: int
    overdue: int
    new: int
    newest: Sequence[Notice]


def write_message(to: Addressee, content: Content, sender: str, link: str | None, now: datetime) -> EmailMessage:
    """`link` is the address of the inbox, if there is one."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, to.address
    message["Date"] = format_datetime(now)
    message["Message-ID"] = (
        f"<digest.{now:%Y%m%dT%H%M%S%f}.{to.address.encode().hex()[:32]}@{sender.rpartition('@')[2]}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = _write_subject(content, to.language)
    message.set_content("\n".join(_write_lines(to, content, link)) + "\n", cte="quoted-printable")
    return message


def _write_subject(content: Content, language: str) -> str:
    new = content.new
    told = Text(f"eva: {content.waiting} im Eingang, {new} neu", f"eva: {content.waiting} waiting, {new} new")
    return told.get(language)


def _write_lines(to: Addressee, content: Content, link: str | None) -> list[str]:
    language = to.language
    late = Text(f", davon überfällig: {content.overdue}", f", of it overdue: {content.overdue}").get(language)
    waits = Text("In Ihrem Eingang wartet", "Waiting in your inbox").get(language)
    lines = [
        Text(f"Guten Tag {to.user},", f"Dear {to.user},").get(language), "",
        f"{waits}: {content.waiting}{late if content.overdue else ''}.", "",
    ]  # fmt: skip
    if content.new:
        lines += [Text("Neu seit der letzten Nachricht:", "New since the last message:").get(language)]
        lines += [*_list_new(content, language), ""]
    if link:
        lines += [Text(f"Zum Eingang: {link}", f"To the inbox: {link}").get(language), ""]
    automatic = Text(
        "Diese Nachricht kommt von selbst, höchstens einmal am Tag. Antworten liest niemand.",
        "This message is sent automatically, once a day at most. Nobody reads answers.",
    )
    lines.append(automatic.get(language))
    return lines


def _list_new(content: Content, language: str) -> list[str]:
    shown = [notice for notice in content.newest if notice.protection is Protection.NORMAL]
    lines = [f"- {_describe(notice, language)}" for notice in shown]
    hidden, more = len(content.newest) - len(shown), content.new - len(content.newest)
    if hidden:
        protected = Text(
            f"- mit erhöhtem Schutzbedarf, nur im Eingang zu lesen: {hidden}",
            f"- with a raised protection need, to be read in the inbox only: {hidden}",
        )
        lines.append(protected.get(language))
    if more > 0:
        lines.append(Text(f"- und weitere: {more}", f"- and more: {more}").get(language))
    return lines


def _describe(notice: Notice, language: str) -> str:
    title = notice.title
    if notice.reason is Reason.OVERDUE:
        due = format_day(notice.deadline, language)
        return Text(f"überfällig: {title} (Frist war der {due})", f"overdue: {title} (was due on {due})").get(language)
    by = Text(f" (von {notice.sender})", f" (by {notice.sender})").get(language) if notice.sender else ""
    if notice.reason is Reason.TAKEN:
        return Text(f"zurückgenommen: {title}{by}", f"taken back: {title}{by}").get(language)
    if notice.reason is Reason.SKIPPED:
        return Text(f"Station übersprungen: {title}{by}", f"station skipped: {title}{by}").get(language)
    if notice.reason is Reason.PAUSED:
        return Text(f"angehalten: {title}{by}", f"paused: {title}{by}").get(language)
    if notice.reason is Reason.RESUMED:
        return Text(f"geht weiter: {title}{by}", f"goes on: {title}{by}").get(language)
    return f"{title}{by}"
