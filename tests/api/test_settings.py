"""Settings: variables, their defaults, and a line for each that cannot be used."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.settings import ALGORITHMS, Oidc, Settings, from_environment
from workflow.errors import InvalidCommand

SIGN_ON = {
    "EVA_OIDC_ISSUER": "https://sso.example", "EVA_OIDC_AUDIENCE": "eva", "EVA_OIDC_JWKS": "/etc/eva/keys.json",
}  # fmt: skip
READ: list[tuple[str, str, str, object]] = [
    ("EVA_DATABASE_URL", "postgresql://db/eva", "database_url", "postgresql://db/eva"),
    ("EVA_HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104 - a text here
    ("EVA_PORT", "0", "port", 0),
    ("EVA_PORT", "65535", "port", 65535),
    ("EVA_LANG", "en", "language", "en"),
    ("EVA_WORKERS", "1", "workers", 1),
    ("EVA_RATE", "0.5", "rate", 0.5),
    ("EVA_BURST", "1", "burst", 1.0),
    ("EVA_MOST_REQUESTS", "7", "most_requests", 7),
    ("EVA_MOST_STREAMS", "3", "most_streams", 3),
    ("EVA_REQUEST_SECONDS", "0.1", "request_seconds", 0.1),
    ("EVA_DRAIN_SECONDS", "2", "drain_seconds", 2),
    ("EVA_TIMER_SECONDS", "0", "timer_seconds", 0.0),
    ("EVA_METRICS_TOKEN", "geheim", "metrics_token", "geheim"),
    ("EVA_TELEMETRY", "1", "telemetry", True),
    ("EVA_TELEMETRY", "0", "telemetry", False),
    ("EVA_DATA", "/srv/eva", "data", Path("/srv/eva")),
    ("EVA_FIXITY_HOURS", "0", "fixity_hours", 0.0),
    ("EVA_FIXITY_HOURS", "87600", "fixity_hours", 87_600.0),
    ("EVA_BACKUP_DIR", "/backup", "backup_dir", Path("/backup")),
    ("EVA_BACKUP_HOURS", "6", "backup_hours", 6.0),
    ("EVA_TEST_SEALS_COUNT", "1", "test_seals_count", True),
]
REFUSED: list[tuple[str, str, str]] = [
    ("EVA_PORT", "-1", "expected 0 to 65535"),
    ("EVA_PORT", "65536", "expected 0 to 65535"),
    ("EVA_PORT", "http", "'http' cannot be read"),
    ("EVA_PORT", "80.5", "'80.5' cannot be read"),
    ("EVA_LANG", "fr", "expected de or en"),
    ("EVA_WORKERS", "0", "expected 1 or more"),
    ("EVA_WORKERS", "2", "SQLite is for one process; several need PostgreSQL"),
    ("EVA_RATE", "0", "expected more than 0"),
    ("EVA_RATE", "nan", "expected more than 0"),
    ("EVA_BURST", "0.9", "expected 1 or more"),
    ("EVA_REQUEST_SECONDS", "0", "expected more than 0"),
    ("EVA_FIXITY_HOURS", "-1", "expected 0 to 87600"),
    ("EVA_FIXITY_HOURS", "nan", "expected 0 to 87600"),
    ("EVA_BACKUP_HOURS", "87601", "expected 0 to 87600"),
    ("EVA_BACKUP_DIR", "eva-data", "expected a folder outside of EVA_DATA"),
    ("EVA_BACKUP_DIR", "eva-data/content", "expected a folder outside of EVA_DATA"),
    ("EVA_TELEMETRY", "vielleicht", "'vielleicht' cannot be read"),
]


def faults_of(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(InvalidCommand) as refused:
        from_environment(environment)
    return dict(refused.value.faults)


def test_without_variables_all_is_as_by_default() -> None:
    assert from_environment({}) == Settings()
    assert (Settings().port, Settings().language, Settings().oidc) == (8000, "de", None)


@pytest.mark.parametrize(("variable", "text", "field", "value"), READ, ids=str)
def test_a_variable_sets_its_field(variable: str, text: str, field: str, value: object) -> None:
    settings = from_environment({variable: text})
    assert getattr(settings, field) == value
    assert settings == Settings().model_copy(update={field: value}), "and no other"


@pytest.mark.parametrize(("variable", "text", "wrong"), REFUSED)
def test_what_cannot_be_used_is_named_with_its_variable(variable: str, text: str, wrong: str) -> None:
    assert faults_of({variable: text}) == {variable: wrong}


def test_every_fault_is_named_at_once() -> None:
    wrong = {"EVA_PORT": "x", "EVA_RATE": "0", "EVA_LANG": "fr", "EVA_BURST": "nan"}
    assert set(faults_of(wrong)) == set(wrong)


def test_an_empty_variable_is_as_none() -> None:
    assert from_environment(dict.fromkeys(("EVA_PORT", "EVA_METRICS_TOKEN", "EVA_OIDC_ISSUER"), "")) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    assert from_environment({"LANGUAGE": "fr", "PORT": "x", "DATA": "/", "EVA_SOMETHING_ELSE": "1"}) == Settings()


def test_the_process_environment_is_read_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVA_PORT", "99")
    assert Settings().port == 8000


def test_several_processes_on_postgresql() -> None:
    assert from_environment({"EVA_WORKERS": "4", "EVA_DATABASE_URL": "postgresql://db/eva"}).workers == 4


def test_a_backup_beside_the_data_is_fine() -> None:
    settings = from_environment({"EVA_DATA": "/srv/eva", "EVA_BACKUP_DIR": "/srv/eva-backup"})
    assert settings.backup_dir == Path("/srv/eva-backup")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_single_sign_on_has_defaults_for_all_but_three() -> None:
    assert from_environment(SIGN_ON).oidc == Oidc(
        issuer="https://sso.example", audience="eva", jwks="/etc/eva/keys.json"
    )


def test_single_sign_on_by_its_variables() -> None:
    names = ("user_claim", "roles_claim", "authority_claim", "clearance_claim")
    oidc = from_environment({**SIGN_ON, **{f"EVA_OIDC_{name.upper()}": f"x_{name}" for name in names}}).oidc
    assert oidc is not None
    assert {name: getattr(oidc, name) for name in names} == {name: f"x_{name}" for name in names}


@pytest.mark.parametrize("missing", ["EVA_OIDC_AUDIENCE", "EVA_OIDC_JWKS"])
def test_single_sign_on_needs_audience_and_keys(missing: str) -> None:
    assert faults_of({name: text for name, text in SIGN_ON.items() if name != missing}) == {missing: "is needed"}


IN_THE_BROWSER = {
    **SIGN_ON, "EVA_OIDC_CLIENT": "eva-pages", "EVA_OIDC_AUTHORIZATION": "https://sso.example/auth",
    "EVA_OIDC_TOKEN": "https://sso.example/token", "EVA_OIDC_URL": "https://eva.example/",
}  # fmt: skip


def test_sign_on_in_the_browser_by_its_variables() -> None:
    asked = from_environment({**IN_THE_BROWSER, "EVA_OIDC_CLIENT_SECRET": "geheim", "EVA_OIDC_SESSION_HOURS": "2"})
    found = asked.browser_sign_on
    assert found is not None
    assert (found.url, found.client_secret, found.session_hours) == ("https://eva.example", "geheim", 2)
    assert "geheim" not in repr(asked)
    assert from_environment(SIGN_ON).browser_sign_on is None


@pytest.mark.parametrize("missing", ["AUTHORIZATION", "TOKEN", "URL", "ISSUER"])
def test_sign_on_in_the_browser_needs_to_know_where(missing: str) -> None:
    told = {name: text for name, text in IN_THE_BROWSER.items() if name != f"EVA_OIDC_{missing}"}
    assert faults_of(told) == {f"EVA_OIDC_{missing}": "is needed"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("TOKEN", "http://sso.example/token"), ("URL", "eva.example"), ("AUTHORIZATION", "ftp://127.0.0.1/"),
     ("SESSION_HOURS", "0"), ("SESSION_HOURS", "13"), ("SESSION_HOURS", "nan"), ("SCOPE", "profile")],
)  # fmt: skip
def test_sign_on_in_the_browser_refuses_what_is_not_safe(name: str, text: str) -> None:
    (variable,) = faults_of({**IN_THE_BROWSER, f"EVA_OIDC_{name}": text})
    assert variable == f"EVA_OIDC_{name}"


@given(st.lists(st.sampled_from(ALGORITHMS), min_size=1))
def test_every_algorithm_with_a_public_key_may_be_named(names: list[str]) -> None:
    oidc = from_environment({**SIGN_ON, "EVA_OIDC_ALGORITHMS": ",".join(names)}).oidc
    assert oidc is not None
    assert oidc.algorithms == tuple(names)


@pytest.mark.parametrize("name", ["none", "HS256", "rs256", " RS256", "RS256,"])
def test_no_other_algorithm_may(name: str) -> None:
    (variable,) = faults_of({**SIGN_ON, "EVA_OIDC_ALGORITHMS": name})
    assert variable == "EVA_OIDC_ALGORITHMS"


@given(st.integers(-(10**6), 10**6))
def test_a_port_is_one_or_is_refused(port: int) -> None:
    if 0 <= port <= 65535:
        assert from_environment({"EVA_PORT": str(port)}).port == port
    else:
        assert faults_of({"EVA_PORT": str(port)}) == {"EVA_PORT": "expected 0 to 65535"}
