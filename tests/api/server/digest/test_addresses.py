"""The file of addresses, and the settings around it: every fault with its place."""

from pathlib import Path

import pytest

from api.server.background.digest.addresses import Addressee, read_addresses
from api.settings import from_environment
from workflow.errors import InvalidCommand

SET = {"EVA_SMTP_HOST": "mail.example", "EVA_SMTP_SENDER": "eva@example.de", "EVA_SMTP_ADDRESSES": "a.csv"}


def test_addresses_are_read_with_the_language_of_each(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ufeffuser,address,language\nweber,w@example.de,\nklein,k@example.de,en\n", encoding="utf-8")
    assert read_addresses(path, "de") == [
        Addressee("weber", "w@example.de", "de"), Addressee("klein", "k@example.de", "en")
    ]  # fmt: skip
    path.write_text("user,address\nweber,w@example.de\n", encoding="utf-8")
    assert read_addresses(path, "en") == [Addressee("weber", "w@example.de", "en")]


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [("user;address\nweber;w@example.de", "a.csv:1", "expected the columns"),
     ("user,address\nweber,\n", "a.csv:2", "'' is no address"),
     ("user,address\nweber,w@example.de\nklein,k@e.de\\nBcc: x@e.de\n", "a.csv:3", "is no address"),
     ("user,address\n,w@example.de\n", "a.csv:2", "without a person"),
     ("user,address,language\nweber,w@example.de,fr\n", "a.csv:2", "'fr' is not de or en"),
     ("user,address\nweber,w@example.de\nweber,v@example.de\n", "a.csv", "weber is there more than once")],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, place: str, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidCommand) as wrong:
        read_addresses(path, "de")
    (fault,) = wrong.value.texts
    assert fault[0].endswith(place)
    assert told in fault[1].en


def test_a_server_whose_file_of_addresses_is_not_there_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidCommand) as wrong:
        read_addresses(tmp_path / "none.csv", "de")
    assert "cannot be read" in str(wrong.value)


def test_without_a_mail_server_nothing_is_sent_and_with_one_there_are_defaults() -> None:
    assert from_environment({}).smtp is None
    smtp = from_environment({**SET, "EVA_SMTP_USER": "eva", "EVA_SMTP_PASSWORD": "geheim"}).smtp
    assert smtp is not None
    assert (smtp.port, smtp.tls, smtp.hour, smtp.url) == (587, "starttls", 7, None)
    assert "geheim" not in repr(smtp)


@pytest.mark.parametrize(
    ("given", "place", "told"),
    [({"EVA_SMTP_PORT": "0"}, "EVA_SMTP_PORT", "expected 1 to 65535"),
     ({"EVA_SMTP_TLS": "perhaps"}, "EVA_SMTP_TLS", "expected starttls, tls or none"),
     ({"EVA_SMTP_HOUR": "24"}, "EVA_SMTP_HOUR", "expected 0 to 23"),
     ({"EVA_SMTP_SENDER": "eva"}, "EVA_SMTP_SENDER", "expected an address"),
     ({"EVA_SMTP_SENDER": ""}, "EVA_SMTP_SENDER", "is needed"),
     ({"EVA_SMTP_USER": "eva"}, "EVA_SMTP_USER", "goes together with EVA_SMTP_PASSWORD"),
     ({"EVA_SMTP_USER": "eva", "EVA_SMTP_PASSWORD": "x", "EVA_SMTP_TLS": "none"}, "EVA_SMTP_TLS", "no password")],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_named(given: dict[str, str], place: str, told: str) -> None:
    with pytest.raises(InvalidCommand) as wrong:
        from_environment({**SET, **given})
    (fault,) = wrong.value.texts
    assert fault[0] == place
    assert told in fault[1].en
