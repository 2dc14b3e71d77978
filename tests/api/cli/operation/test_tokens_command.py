"""`eva token`: issued, listed and revoked on the machine that has the database."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

Token = Callable[..., Done]


@pytest.fixture
def token(eva: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    """`eva token` on a database of its own."""
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    return lambda *arguments: eva("token", *arguments)


def listed(token: Token) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(token("list", "--json").out)
    return rows


def test_a_token_is_printed_once_and_listed_without_its_secret(token: Token) -> None:
    done = token("create", "--user", "petra", "--role", "planner", "--role", "auditor", "--authority", "mwide")
    assert done.status == 0
    assert done.err.startswith("eva: there was no database; a new one was begun in ")
    bearer = done.out.strip()
    secret = bearer.split("_", 2)[2]
    shown = token("list")
    assert secret not in shown.out
    (line,) = shown.out.splitlines()
    cells = line.split("  ")
    assert cells[1:5] == ["petra", "auditor,planner", "mwide", "normal"]
    assert cells[-1] == "in force"


def test_all_authorities_and_a_clearance(token: Token) -> None:
    token("create", "--user", "anna", "--role", "archivist", "--clearance", "very_high")
    (row,) = listed(token)
    assert (row["authority"], row["clearance"], row["roles"]) == (None, "very_high", ["archivist"])
    assert "  *  " in token("list").out, "a star for all authorities"


def test_json_gives_id_and_expiry(token: Token) -> None:
    issued = json.loads(token("create", "--user", "ä", "--role", "admin", "--days", "1", "--json").out)
    (row,) = listed(token)
    assert row["id"] == issued["id"]
    assert row["user"] == "ä"
    assert str(issued["expires"]).startswith(str(row["expires"])[:19])


@pytest.mark.parametrize("by_id", [True, False])
def test_a_revoked_token_says_so(token: Token, by_id: bool) -> None:
    issued = json.loads(token("create", "--user", "otto", "--role", "auditor", "--json").out)
    done = token("revoke", issued["id"] if by_id else issued["token"], "--reason", "verloren")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert [row["state"] for row in listed(token)] == ["revoked"]


def test_states_are_told_in_the_chosen_language(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    revoked = json.loads(token("create", "--user", "otto", "--role", "auditor", "--json").out)
    token("create", "--user", "otto", "--role", "auditor")
    token("revoke", revoked["id"])
    for language, states in (("de", {"widerrufen", "gültig"}), ("en", {"revoked", "in force"})):
        monkeypatch.setenv("EVA_LANG", language)
        assert {line.split("  ")[-1] for line in token("list").out.splitlines()} == states
        assert {row["state"] for row in listed(token)} == {"revoked", "in force"}, "the same for programs"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user", "", "--role", "admin"),
        ("--user", "a/b", "--role", "admin"),
        ("--user", "x" * 500, "--role", "admin"),
        ("--user", "a", "--role", "admin", "--days", "0"),
        ("--user", "a", "--role", "admin", "--days", "9999"),
        ("--user", "a", "--role", "admin", "--clearance", "secret"),
        ("--user", "a", "--role", "Admin"),
    ],
)
def test_what_is_no_token_is_refused(token: Token, arguments: tuple[str, ...]) -> None:
    done = token("create", *arguments)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_a_role_that_is_none_names_those_that_are(token: Token) -> None:
    done = token("create", "--user", "a", "--role", "king")
    assert "'king' is not one of case_worker, approver, registrar" in done.err
    assert "system" not in done.err


def test_an_unknown_token_cannot_be_revoked(token: Token) -> None:
    token("create", "--user", "a", "--role", "admin")
    done = token("revoke", "00000000-0000-5000-8000-000000000000")
    assert done.status != 0
    assert len(done.err.splitlines()) == 1


def test_in_a_wrong_folder_it_is_said_that_a_database_begins(
    eva: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("EVA_DATABASE_URL", "EVA_DATA", "EVA_BACKUP_DIR"):
        monkeypatch.delenv(name, raising=False)
    create = ("token", "create", "--user", "petra", "--role", "planner")
    done = eva(*create)
    assert done.status == 0
    assert done.err == f"eva: there was no database; a new one was begun in {tmp_path}/eva.db\n"
    assert eva(*create).err == ""


def test_where_there_was_a_database_none_begins(
    eva: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("EVA_DATABASE_URL", "EVA_DATA", "EVA_BACKUP_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "eva-data").mkdir()
    seen = {"position": 7, "hash": "0" * 64, "time": "2021-06-01T00:00:00Z"}
    (tmp_path / "eva-data" / "heads.json").write_text(json.dumps({f"sqlite:///{tmp_path}/eva.db": seen}))
    for words in (("token", "create", "--user", "petra", "--role", "planner"), ("serve",)):
        done = eva(*words)
        assert (done.status, done.out) == (2, "")
        assert "heads.json says that it had 7 events" in done.err
        assert not (tmp_path / "eva.db").exists()
