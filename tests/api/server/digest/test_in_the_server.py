"""The daily e-mail as the server starts it, and what goes to a mail server without encryption."""

import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from api.server.background.digest.digest import name_receiver
from api.server.background.digest.sending import Outcome, send
from tests.api.server.digest.mail_server import MailServer, listening, make_settings
from tests.api.server_in_thread import serving
from tests.patience import PATIENT
from tests.warm_start import run_warm

ROOT = Path(__file__).parents[4]


def test_the_server_enters_whoever_is_in_the_file(tmp_path: Path) -> None:
    addresses = tmp_path / "addresses.csv"
    addresses.write_text("user,address\nweber,weber@example.de\n", encoding="utf-8")
    smtp = make_settings(9, addresses)
    with serving(tmp_path, smtp=smtp) as served:
        until = time.monotonic() + PATIENT
        while not served.services.engine.deliveries.list_receivers([name_receiver("weber")]):
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("text", "told"), [(None, "cannot be read"), ("user,address\nweber,weber\n", ":2: 'weber' is no address")]
)
def test_a_file_of_addresses_that_will_not_do_is_told_before_anything_starts(
    tmp_path: Path, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    settings = {
        "EVA_LANG": "en",
        "EVA_SMTP_HOST": "localhost",
        "EVA_SMTP_SENDER": "eva@example.de",
        "EVA_SMTP_ADDRESSES": "a.csv",
    }
    done = run_warm("serve", "--port", "0", env=settings, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("a.csv")
    assert told in done.stderr
    assert not (tmp_path / "eva.db").exists()


def test_what_becomes_wrong_later_is_told_and_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    smtp = make_settings(9, tmp_path / "none.csv")
    with serving(tmp_path, smtp=smtp) as served:
        until = time.monotonic() + PATIENT
        while not any("cannot be read" in getattr(record, "why", "") for record in list(caplog.records)):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert served.client("anna", "case_worker").get("/me").status_code == 200


def test_nothing_is_sent_where_encryption_was_asked_for_and_is_not_there(tmp_path: Path) -> None:
    message = EmailMessage()
    message["To"], message["From"] = "weber@example.de", "eva@example.de"
    message.set_content("In Ihrem Eingang wartet: 1")
    with listening(MailServer()) as mail:
        smtp = make_settings(mail.port, tmp_path, tls="starttls", user="eva", password="geheim")  # noqa: S106 - a test's
        result = send(message, smtp)
        assert (result.outcome, mail.got) == (Outcome.LATER, [])
        assert "STARTTLS" in result.why
        assert send(message, make_settings(mail.port, tmp_path)).outcome is Outcome.SENT
