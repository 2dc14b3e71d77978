"""The daily e-mail: once a day and person, in their language, with no more than their inbox shows, whatever fails."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from api.application.notices.notices import Notices
from api.application.resources import RESOURCES
from api.application.visibility import Visibility
from api.server.background.digest.digest import find_next, name_receiver
from api.server.background.digest.loop import DigestLoop
from api.server.background.digest.sending import Outcome, Result, send
from api.settings import Smtp
from tests.api.server.digest.mail_server import MailServer, listening, make_settings
from tests.workflow.conftest import Office
from workflow.engine.store.persons.seen import Way
from workflow.views.queries import Views

ADDRESSES = "user,address,language\nweber,weber@example.de,\nklein,klein@example.de,en\n"
DAY = timedelta(days=1)
MONDAY = datetime(2021, 6, 7, 6, tzinfo=UTC)
CO_SIGN = {"kind": "co_sign", "actor": "weber"}


class Mornings:
    """An office whose people get e-mails, on a clock of the test's own."""

    def __init__(self, office: Office, folder: Path, port: int) -> None:
        self.office = office
        self.addresses = folder / "addresses.csv"
        self.addresses.write_text(ADDRESSES, encoding="utf-8")
        self.smtp = make_settings(port, self.addresses, url="https://eva.example/")
        office.now = MONDAY
        office.enter_people()

    def start(self, by: Callable[[EmailMessage, Smtp], Result] = send) -> DigestLoop:
        """As a process does that begins."""
        engine = self.office.engine
        notices = Notices(engine, Views(engine), Visibility(engine, RESOURCES))
        return DigestLoop(engine, notices, self.smtp, "de", by=by)

    def pass_days(self, number: float = 1) -> None:
        self.office.now += DAY * number


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with listening(MailServer()) as one:
        yield one


@pytest.fixture
def mornings(tmp_path: Path, mail: MailServer) -> Iterator[Mornings]:
    office = Office("sqlite://")
    yield Mornings(office, tmp_path, mail.port)
    office.engine.close()


def send_slip(mornings: Mornings, title: str = "Bescheid", *stations: Any, who: str = "mueller", **more: Any) -> str:
    """A routing slip that begins a minute later; its stream."""
    mornings.office.now += timedelta(minutes=1)
    slip = mornings.office.slip(*(stations or (CO_SIGN,)), who=who, title=title, **more)
    mornings.office.do(who, "start", slip)
    return slip


def read_text(message: EmailMessage) -> str:
    return message.get_content().replace("\r\n", "\n")


def test_one_mail_a_person_and_day_with_what_waits_and_what_is_new(mornings: Mornings, mail: MailServer) -> None:
    loop = mornings.start()
    loop.once()
    send_slip(mornings, "Bescheid Windpark – Kürzung\u2028.")
    send_slip(mornings, "Zweiter", {**CO_SIGN, "deadline": "2021-06-07"})
    loop.once()
    assert mail.got == [], "the first one comes with the next morning"
    mornings.pass_days()
    for _ in range(3):
        loop.once()
    (got,) = mail.got
    assert (got["To"], got["From"]) == ("weber@example.de", "eva@example.de")
    assert got["Subject"] == "eva: 2 im Eingang, 2 neu"
    assert got["Auto-Submitted"] == "auto-generated"
    text = read_text(got)
    assert "In Ihrem Eingang wartet: 2, davon überfällig: 1." in text
    assert "- Bescheid Windpark – Kürzung" in text
    assert "- überfällig: Zweiter (Frist war der 07.06.2021)" in text
    assert "Zum Eingang: https://eva.example/pages/inbox" in text
    mornings.pass_days()
    loop.once()
    assert [one["Subject"] for one in mail.got[1:]] == ["eva: 2 im Eingang, 0 neu"], "what was told once is not new"


def test_who_has_nothing_to_do_gets_nothing_and_another_their_language(mornings: Mornings, mail: MailServer) -> None:
    loop = mornings.start()
    loop.once()
    send_slip(mornings, "Notice", {"kind": "acknowledge", "actor": "klein"}, {"kind": "dispatch", "actor": "schmidt"})
    mornings.pass_days()
    loop.once()
    (got,) = mail.got
    assert (got["To"], got["Subject"]) == ("klein@example.de", "eva: 1 waiting, 1 new")
    assert read_text(got).startswith("Dear klein,\n\nWaiting in your inbox: 1.\n\n")
    assert "New since the last message:\n- Notice (by mueller)\n" in read_text(got)


def test_what_was_taken_is_told_though_it_waits_no_more(mornings: Mornings, mail: MailServer) -> None:
    office, loop = mornings.office, mornings.start()
    loop.once()
    send_slip(mornings, "Erster", CO_SIGN, {"kind": "final_sign", "actor": "schmidt"})
    skipped = send_slip(mornings, "Zweiter", CO_SIGN, {"kind": "final_sign", "actor": "schmidt"})
    office.do("mueller", "skip", skipped, station=1, reason="erübrigt sich")
    sent = send_slip(mornings, "Dritter", {"kind": "co_sign", "actor": "schmidt"}, CO_SIGN)
    office.do("schmidt", "sign", sent)
    office.do("schmidt", "recall", sent)
    mornings.pass_days()
    loop.once()
    (got,) = mail.got
    assert got["Subject"] == "eva: 1 im Eingang, 3 neu"
    text = read_text(got)
    assert "- zurückgenommen: Dritter (von schmidt)\n- Station übersprungen: Zweiter (von mueller)\n- Erster" in text


def test_what_needs_protection_is_counted_and_not_named(mornings: Mornings, mail: MailServer) -> None:
    office, loop = mornings.office, mornings.start()
    loop.once()
    mornings.addresses.write_text("user,address\nsecret,s@example.de\nweber,w@example.de\n", encoding="utf-8")
    loop.once()
    slip = send_slip(mornings, "Gesundheitsakte", {"kind": "co_sign", "actor": "secret"}, {**CO_SIGN})
    office.do("secret", "sign", slip, station=1)
    own = ({"kind": "acknowledge", "actor": "secret"}, {"kind": "close", "actor": "secret"})
    send_slip(mornings, "Personalsache", *own, who="secret", protection="high")
    mornings.pass_days()
    loop.once()
    texts = {str(got["To"]): read_text(got) for got in mail.got}
    assert "mit erhöhtem Schutzbedarf, nur im Eingang zu lesen: " in texts["s@example.de"]
    assert "Personalsache" not in "".join(texts.values())
    assert "- Gesundheitsakte" in texts["w@example.de"]


def test_a_long_absence_is_told_in_one_mail_with_the_newest(
    mornings: Mornings, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.application.notices.notices.SHOWN", 2)
    loop = mornings.start()
    loop.once()
    for number in range(5):
        send_slip(mornings, f"Bescheid {number}")
    mornings.pass_days()
    loop.once()
    (got,) = mail.got
    assert got["Subject"] == "eva: 5 im Eingang, 5 neu"
    assert "- Bescheid 4 (von mueller)\n- Bescheid 3 (von mueller)\n- und weitere: 3\n" in read_text(got)


def test_what_was_seen_on_the_pages_is_not_new(mornings: Mornings, mail: MailServer) -> None:
    loop = mornings.start()
    loop.once()
    send_slip(mornings)
    mornings.office.engine.seen.keep("weber", Way.PAGES, "2021-06-07T23:00:00.000000Z")
    mornings.pass_days()
    loop.once()
    assert [got["Subject"] for got in mail.got] == ["eva: 1 im Eingang, 0 neu"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
def test_what_the_server_does_not_take_now_is_tried_again_and_sent_once(
    mornings: Mornings, mail: MailServer, step: str
) -> None:
    loop = mornings.start()
    loop.once()
    send_slip(mornings)
    mornings.pass_days()
    mail.answers[step] = ["451 try later"]
    loop.once()
    (receiver,) = mornings.office.engine.deliveries.list_receivers([name_receiver("weber")])
    assert (receiver.attempts, receiver.why) == (1, "451 try later")
    loop.once()
    assert mail.connections == 1, "not at once"
    mornings.office.now += timedelta(minutes=2)
    mail.got.clear()
    for _ in range(2):
        loop.once()
    assert [got["Subject"] for got in mail.got] == ["eva: 1 im Eingang, 1 neu"]


def test_a_server_that_is_away_is_waited_for(tmp_path: Path) -> None:
    mail, office = MailServer(), Office("sqlite://")
    with listening(mail):
        pass
    mornings = Mornings(office, tmp_path, mail.port)
    loop = mornings.start()
    loop.once()
    send_slip(mornings)
    mornings.pass_days()
    for _ in range(4):
        loop.once()
        office.now += timedelta(hours=1)
    with listening(mail):
        loop.once()
        loop.once()
    assert [got["Subject"] for got in mail.got] == ["eva: 1 im Eingang, 1 neu"]
    office.engine.close()


@pytest.mark.parametrize(("step", "reply"), [("RCPT", "550 no such person"), (".", "")])
def test_what_is_refused_or_may_have_been_taken_is_not_sent_again_that_day(
    mornings: Mornings, mail: MailServer, step: str, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    loop = mornings.start()
    loop.once()
    send_slip(mornings)
    mornings.pass_days()
    mail.answers[step] = [reply]
    for _ in range(5):
        loop.once()
        mornings.office.now += timedelta(hours=1)
    assert mail.connections == 1
    assert "not sent" in caplog.text
    mornings.pass_days()
    loop.once()
    assert [got["Subject"] for got in mail.got][-1].startswith("eva: 1 im Eingang")


def test_a_process_that_is_lost_while_it_sends_sends_nothing_twice(mornings: Mornings, mail: MailServer) -> None:
    def send_and_die(message: EmailMessage, smtp: Smtp) -> Result:
        assert send(message, smtp).outcome is Outcome.SENT
        raise KeyboardInterrupt

    mornings.start().once()
    send_slip(mornings)
    mornings.pass_days()
    with pytest.raises(KeyboardInterrupt):
        mornings.start(send_and_die).once()
    for _ in range(2):
        mornings.start().once()
    assert len(mail.got) == 1


def test_of_two_processes_one_sends(mornings: Mornings, mail: MailServer) -> None:
    other = mornings.start()

    def send_beside(message: EmailMessage, smtp: Smtp) -> Result:
        other.once()
        return send(message, smtp)

    loop = mornings.start(send_beside)
    loop.once()
    send_slip(mornings)
    mornings.pass_days()
    loop.once()
    assert len(mail.got) == 1


def test_who_has_left_or_was_never_entered_gets_nothing(mornings: Mornings, mail: MailServer) -> None:
    mornings.addresses.write_text("user,address\nnobody,n@example.de\n", encoding="utf-8")
    loop = mornings.start()
    loop.once()
    mornings.pass_days()
    loop.once()
    assert mail.got == []


@pytest.mark.parametrize(
    ("now", "due"),
    [("2021-06-01T04:59:00", "2021-06-01T05:00:00"), ("2021-06-01T05:00:00", "2021-06-02T05:00:00"),
     ("2021-06-04T06:00:00", "2021-06-07T05:00:00"), ("2021-12-23T22:00:00", "2021-12-24T06:00:00"),
     ("2021-12-24T12:00:00", "2021-12-27T06:00:00")],
)  # fmt: skip
def test_it_is_due_in_the_morning_of_working_days(now: str, due: str) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert find_next(instant, 7).astimezone(UTC).isoformat() == f"{due}+00:00"
