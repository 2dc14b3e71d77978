"""What can be set from outside: `EVA_*` variables, which the options of `eva serve` override, read in one place."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict

from simulation.inputs.validator_words import explain
from workflow.errors import InvalidCommand
from workflow.text import InvalidValue, Text

Checked = TypeVar("Checked")
S = TypeVar("S", bound=BaseSettings)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only: with these, neither `none` nor a key used as a shared secret gets through."""
ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+")
"""An e-mail address: printable ASCII around one @; what else it may be, the mail server knows."""
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
UNREADABLE = frozenset({"int_parsing", "int_from_float", "float_parsing", "bool_parsing", "int_parsing_size"})


def _expect(de: str, en: str, test: Callable[[Any], bool]) -> AfterValidator:
    def check(value: Checked) -> Checked:
        if not test(value):
            raise InvalidValue(f"erwartet wird {de}", f"expected {en}")
        return value

    return AfterValidator(check)


def _split(text: object) -> object:
    return tuple(text.split(",")) if isinstance(text, str) else text


def _check_algorithm(name: str) -> str:
    if name not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        raise InvalidValue(f"{name!r} ist keines von {known}", f"{name!r} is not one of {known}")
    return name


AtLeastOne = Annotated[int, _expect("1 oder mehr", "1 or more", lambda number: number >= 1)]
Positive = Annotated[float, _expect("mehr als 0", "more than 0", lambda number: number > 0)]
Hours = Annotated[float, _expect("0 bis 87600", "0 to 87600", lambda hours: 0 <= hours <= 87_600)]
"""0 is never; ten years at most."""


def _parse_network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError as wrong:
        raise InvalidValue(
            f"{text!r} ist kein Netz wie 10.1.0.0/16", f"{text!r} is no network such as 10.1.0.0/16"
        ) from wrong


def _check_encrypted(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)):
        return url
    raise InvalidValue(
        f"erwartet wird eine Adresse mit https://, oder mit http:// dieser Maschine, nicht {url!r}",
        f"expected an address with https://, or http:// of this machine, not {url!r}",
    )


Encrypted = Annotated[str, AfterValidator(_check_encrypted)]


class _Settings(BaseSettings):
    """Base: made from its arguments only; `from_environment` alone looks at variables."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, validate_by_name=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: Any,
        *_: Any,
        **__: Any,
    ) -> Any:
        return (init_settings,)


class Oidc(_Settings):
    """Single sign-on by OpenID Connect: whose tokens are taken, and which claim says what."""

    model_config = SettingsConfigDict(env_prefix="EVA_OIDC_")

    issuer: str
    audience: str
    jwks: str
    """URL (https) or file of the issuer's keys."""
    user_claim: str = "preferred_username"
    roles_claim: str = "roles"
    authority_claim: str = "authority"
    clearance_claim: str = "clearance"
    algorithms: Annotated[
        tuple[Annotated[str, AfterValidator(_check_algorithm)], ...], NoDecode, BeforeValidator(_split)
    ] = ("RS256", "ES256")


class BrowserSignOn(_Settings):
    """Sign-on in the browser, at the issuer of `Oidc`: as which client, where, and for how long."""

    model_config = SettingsConfigDict(env_prefix="EVA_OIDC_")

    client: str
    authorization: Encrypted
    token: Encrypted
    url: Annotated[Encrypted, AfterValidator(lambda url: url.rstrip("/"))]
    """Of the pages, as browsers see it; the issuer must know its `/login/callback`."""
    client_secret: str | None = Field(None, repr=False)
    scope: Annotated[
        str,
        _expect("Umfänge, darunter openid", "scopes with openid among them", lambda scope: "openid" in scope.split()),
    ] = "openid profile"
    session_hours: Annotated[
        float, _expect("mehr als 0, bis 12", "more than 0, to 12", lambda hours: 0 < hours <= 12)
    ] = 8.0

    @property
    def is_encrypted(self) -> bool:
        return self.url.startswith("https://")


class Smtp(_Settings):
    """The daily e-mail: by which server, from whom, to which addresses, and when."""

    model_config = SettingsConfigDict(env_prefix="EVA_SMTP_")

    host: str
    sender: Annotated[
        str, _expect("eine Adresse wie eva@example.de", "an address such as eva@example.de", ADDRESS.fullmatch)
    ]
    addresses: Path
    """CSV with `user`, `address` and, where it is not that of the server, `language`."""
    port: Annotated[int, _expect("1 bis 65535", "1 to 65535", lambda port: 1 <= port <= 65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = Field(None, repr=False)
    hour: Annotated[int, _expect("0 bis 23", "0 to 23", lambda hour: 0 <= hour <= 23)] = 7
    """Of working days in Germany, from which on it is sent."""
    url: str | None = None
    """Of the pages, for the link to the inbox; without, there is none."""

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if (self.user is None) != (self.password is None):
            says = Text("gehört mit EVA_SMTP_PASSWORD zusammen", "goes together with EVA_SMTP_PASSWORD")
            raise InvalidCommand([("EVA_SMTP_USER", says)])
        if self.password is not None and self.tls == "none":
            says = Text("kein Kennwort ohne Verschlüsselung", "no password without encryption")
            raise InvalidCommand([("EVA_SMTP_TLS", says)])
        return self


class Settings(_Settings):
    model_config = SettingsConfigDict(env_prefix="EVA_")

    database_url: str = "sqlite:///eva.db"
    host: str = "127.0.0.1"
    port: Annotated[int, _expect("0 bis 65535", "0 to 65535", lambda port: 0 <= port <= 65535)] = 8000
    language: Literal["de", "en"] = Field("de", validation_alias="EVA_LANG")
    """Of what people see where the request does not say."""
    workers: AtLeastOne = 1
    """Processes; more than one on PostgreSQL only."""
    rate: Positive = 1000.0
    """Requests a second and token, in the long run."""
    burst: Annotated[float, _expect("1 oder mehr", "1 or more", lambda number: number >= 1)] = 10_000.0
    """Requests that a token may make at once after a rest."""
    most_requests: int = 512
    """Requests under way at once, streams aside; more are answered 503."""
    most_streams: int = 64
    """Event streams open at once; of these, one token has at most an eighth part."""
    most_connections: AtLeastOne = 1000
    """Connections open at once, as far as the system lets a process have that many."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    """Addresses or networks of proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are believed."""
    request_seconds: Positive = 30.0
    drain_seconds: int = 10
    """How long requests under way may take to end when the server stops."""
    timer_seconds: float = 1.0
    """How often timers and policies are looked at; 0 never."""
    metrics_token: str | None = None
    """A bearer token of its own for `/metrics`, for the scraper; people need the role admin or auditor."""
    telemetry: bool = False
    """Traces by OpenTelemetry; where to, say the `OTEL_*` variables."""
    data: Path = Path("eva-data")
    """Folder of scanned files and run results."""
    cache: Path | None = None
    """Folder of what forecasts have computed, never computed again; by default in `data`."""
    fixity_hours: Hours = 24.0
    """How often every stored file is read, and what has to go is deleted; 0 never."""
    backup_dir: Path | None = None
    """Folder of verified backups; without, none are taken."""
    backup_hours: Hours = 24.0
    """How often one is taken; 0 never."""
    webhook_networks: Annotated[
        tuple[Annotated[str, AfterValidator(_parse_network)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    """Networks into which webhooks may deliver though their addresses are not public, and without encryption."""
    webhook_attempts: AtLeastOne = 30
    """How often a receiver may be away, with pauses from a second to an hour, before an event is given up."""
    test_seals_count: bool = False
    """Whether paper may be destroyed on the strength of a test seal: in trials only."""
    oidc: Oidc | None = None
    browser_sign_on: BrowserSignOn | None = None
    smtp: Smtp | None = None

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.backup_dir is not None and self.backup_dir.resolve().is_relative_to(self.data.resolve()):
            says = Text("erwartet wird ein Ordner außerhalb von EVA_DATA", "expected a folder outside of EVA_DATA")
            raise InvalidCommand([("EVA_BACKUP_DIR", says)])
        if self.browser_sign_on is not None and self.oidc is None:
            raise InvalidCommand([("EVA_OIDC_ISSUER", Text("ist nötig", "is needed"))])
        if self.workers > 1 and self.database_url.startswith("sqlite"):
            says = Text(
                "SQLite ist für einen Prozess; mehrere brauchen PostgreSQL",
                "SQLite is for one process; several need PostgreSQL",
            )
            raise InvalidCommand([("EVA_WORKERS", says)])
        return self


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings as the environment says; `InvalidCommand` pairs each variable with what is wrong."""
    oidc = _read(Oidc, environment) if environment.get("EVA_OIDC_ISSUER") else None
    browser = _read(BrowserSignOn, environment) if environment.get("EVA_OIDC_CLIENT") else None
    smtp = _read(Smtp, environment) if environment.get("EVA_SMTP_HOST") else None
    return _read(Settings, environment, oidc=oidc, browser_sign_on=browser, smtp=smtp)


def _read(kind: type[S], environment: Mapping[str, str], **known: Any) -> S:
    given = {name: text for name, text in environment.items() if name.startswith("EVA_") and text}
    source = EnvSettingsSource(kind)
    source.env_vars = {name.lower(): text for name, text in given.items()}
    try:
        return kind(**{**source(), **known})
    except ValidationError as wrong:
        prefix = str(kind.model_config["env_prefix"])
        faults = [(_name_variable(prefix, fault["loc"]), _describe(fault)) for fault in wrong.errors()]
        raise InvalidCommand(faults) from wrong


def _name_variable(prefix: str, place: tuple[int | str, ...]) -> str:
    name = str(place[0])
    return name if name.startswith(prefix) else prefix + name.upper()


def _describe(fault: Any) -> Text:
    if fault["type"] == "missing":
        return Text("ist nötig", "is needed")
    if fault["type"] == "literal_error":
        known = str(fault["ctx"]["expected"]).replace("'", "")
        return Text(f"erwartet wird {known.replace(' or ', ' oder ')}", f"expected {known}")
    if fault["type"] in UNREADABLE:
        return Text(f"{fault['input']!r} ist nicht lesbar", f"{fault['input']!r} cannot be read")
    return explain(fault)
