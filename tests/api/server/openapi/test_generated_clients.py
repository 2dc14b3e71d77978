"""Clients made of the description by two generators walk a slip from draft to z.d.A., with typed answers."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from tests.api import server_in_thread
from tests.api.server_in_thread import Served
from tests.patience import PATIENT

ROOT = Path(__file__).parents[4]
DOCUMENT = ROOT / "docs/reference/openapi.json"
PAGE = ROOT / "docs/how-to/make-a-client.md"
PYTHON_SETTINGS = ROOT / "docs/reference/openapi-python-client.yaml"
TYPESCRIPT = Path(__file__).with_name("typescript")
PACKAGES = ROOT / ".venv/typescript/node_modules"
PEOPLE = {"mueller": "case_worker", "schmidt": "approver", "weber": "approver"}
WALK = ["draft", "circulating", "circulating", "circulating", "filed"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with server_in_thread.serving(tmp_path_factory.mktemp("served"), timer_seconds=0) as found:
        found.enter_staff(*PEOPLE)
        yield found


class Made:
    """A package that openapi-python-client has made."""

    def __init__(self, folder: Path, said: list[str]) -> None:
        self._name = folder.name
        self.said = said
        self.client = self.module("client")
        self.models: Any = self.module("models")
        sys.path.insert(0, str(folder.parent))

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._name}.{name}")

    def call(self, operation: str, *where: Any, **what: Any) -> Any:
        return self.module(f"api.{operation}").sync_detailed(*where, **what)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    generator = pytest.importorskip("openapi_python_client", reason="openapi-python-client is not installed")
    config = importlib.import_module("openapi_python_client.config")
    folder = tmp_path_factory.mktemp("made") / "eva_client"
    found = config.Config.from_sources(
        config.ConfigFile.load_from_path(PYTHON_SETTINGS), config.MetaType.NONE, DOCUMENT, "utf-8", False, folder
    )
    found.post_hooks = []  # they only tidy how it looks
    said = [f"{one.header} {one.detail} {one.data}" for one in generator.generate(config=found)]
    sys.path.insert(0, str(folder.parent))
    yield Made(folder, said)
    sys.path.remove(str(folder.parent))


def test_the_generator_has_nothing_to_say(made: Made) -> None:
    assert made.said == []


def test_every_operation_has_a_function(made: Made) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    names = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    folder = Path(str(made.module("api").__file__)).parent
    assert {path.stem for path in folder.rglob("*.py")} - {"__init__"} == names


@pytest.fixture
def people(made: Made, served: Served) -> Iterator[dict[str, Any]]:
    """User -> the client they use."""
    with ExitStack() as at_end:
        yield {
            user: at_end.enter_context(
                made.client.AuthenticatedClient(
                    base_url=served.url, token=served.bearer(user, role, authority="mwide"), timeout=PATIENT
                )
            )
            for user, role in PEOPLE.items()
        }


def test_a_python_client_walks_from_draft_to_zda(made: Made, people: dict[str, Any]) -> None:
    kinds = made.models

    def act(user: str, operation: str, *where: Any, body: Any = None) -> Any:
        more = {} if body is None else {"body": body}
        return made.call(operation, *where, client=people[user], idempotency_key=str(uuid4()), **more).parsed

    record = act("mueller", "records.create_record", body=kinds.RecordCreate(title="Antrag", file_plan_code="43.21"))
    assert isinstance(record, kinds.RecordChanged)
    case = act("mueller", "records.add_case_record", record.id, body=kinds.RecordAddCase(title="Bewilligung")).cases[0]
    stations = [
        kinds.StationSpec(kind=kinds.Kind.CO_SIGN, actor="schmidt"),
        kinds.StationSpec(kind=kinds.Kind.FINAL_SIGN, actor="weber"),
        kinds.StationSpec(kind=kinds.Kind.CLOSE, actor="mueller"),
    ]
    body = kinds.RoutingSlipCreate(title="Bescheid", record=record.id, case=case.id, stations=stations)
    slip = act("mueller", "routing_slips.create_routing_slip", body=body)
    states = [slip.state]
    for user, action in (("mueller", "start"), ("schmidt", "sign"), ("weber", "sign"), ("mueller", "close")):
        slip = act(user, f"routing_slips.{action}_routing_slip", slip.id)
        assert isinstance(slip, kinds.RoutingSlipChanged), slip
        states.append(slip.state)
    assert states == [kinds.RoutingSlipState(state) for state in WALK]
    assert [one.status for one in slip.stations] == [kinds.StationStatus.DONE] * 3
    show = partial(made.call, client=people["mueller"])
    assert show("records.show_record", record.id).parsed.cases[0].state is kinds.RecordState.CLOSED
    refused = act("mueller", "routing_slips.start_routing_slip", slip.id)
    assert isinstance(refused, kinds.Problem)
    assert (refused.status, refused.state) == (409, "filed")


def read_program(kind: str, served: Served) -> str:
    """The program of the page in a language, for a server."""
    text = PAGE.read_text(encoding="utf-8").partition(f"```{kind}\n")[2].partition("```")[0]
    return text.replace("http://127.0.0.1:8000", served.url)


def test_the_python_program_of_the_page_runs(made: Made, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(str(made.module("api").__file__)).parents[2]
    monkeypatch.setenv("PYTHONPATH", str(folder))
    for role, says in (("case_worker", "43.21-"), ("planner", "Akten legt die Sachbearbeitung an")):
        monkeypatch.setenv("TOKEN", served.bearer("paula", role, authority="mwide"))
        assert says in _run(sys.executable, "-c", read_program("python", served))


def test_a_typescript_client_walks_from_draft_to_zda(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = PACKAGES / ".bin"
    if shutil.which("node") is None or not programs.is_dir():
        pytest.skip("no Node.js, or not yet `make typescript`")
    for name in ("package.json", "tsconfig.json", "walk.ts"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    monkeypatch.chdir(tmp_path)
    _run(programs / "openapi-typescript", DOCUMENT, "--default-non-nullable=false", "-o", tmp_path / "schema.d.ts")
    _run(programs / "tsc", "-p", tmp_path)
    command = PAGE.read_text(encoding="utf-8").partition("npx tsc ")[2].partition(" && ")[0].split()
    (tmp_path / "first.ts").write_text(read_program("ts", served), encoding="utf-8")
    (tmp_path / "tsconfig.json").unlink()
    _run(programs / "tsc", *command)
    monkeypatch.setenv("TOKEN", served.bearer("paula", "case_worker", authority="mwide"))
    assert _run("node", "first.js").startswith("43.21-")
    tokens = [served.bearer(user, role, authority="mwide") for user, role in PEOPLE.items()]
    told = json.loads(_run("node", tmp_path / "walk.js", served.url, *tokens))
    assert told == {"states": WALK, "refused": [409, "filed"], "filed": 1}


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
