"""The API keeps what its description says: schemathesis with all checks, as people of several roles."""

import re
from pathlib import Path

import pytest

from tests.api.conftest import Served, serving
from tests.api.server.openapi.fuzz import EXAMPLES, LONGEST, fuzzed
from workflow.engine.access import HUMANS

PEOPLE = sorted(role.value for role in HUMANS) if EXAMPLES > 1 else ["admin", "case_worker", "scan_operator"]
"""Each role in `make fuzz`; otherwise those that may change most. Another test asks who may do what."""


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("role", PEOPLE)
def test_every_operation_as_a_role(server: Served, role: str) -> None:
    told = fuzzed(server.base, server.token(f"fuzz_{role}", role), "examples,fuzzing")
    assert "No issues found" in told


@pytest.mark.timeout(LONGEST)
def test_along_the_links_and_at_the_edges_of_the_description(server: Served) -> None:
    """What one operation makes is handed to the next; `make fuzz` also tries every edge of every schema (5 minutes)."""
    token = server.token("fuzz_all", "case_worker", "approver", "registrar", "archivist", "admin", authority="mwide")
    phases = "stateful" if EXAMPLES == 1 else "coverage,stateful"
    assert "No issues found" in fuzzed(server.base, token, phases)


def test_schemathesis_would_find_a_status_that_nobody_described(tmp_path: Path) -> None:
    """The positive control: the same run fails where the server answers what its description does not say."""
    with serving(f"sqlite:///{tmp_path}/eva.db", tmp_path) as served:
        served.stop()
        served.module = "tests.api.server.openapi.answers_what_nobody_described"
        served.start()
        with pytest.raises(AssertionError, match="Undocumented"):
            fuzzed(served.base, served.token("y", "admin"), "fuzzing", more=("--include-path", "/me"))


def test_every_operation_has_an_example_and_a_name(server: Served) -> None:
    description = server.client("reader", "auditor").get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    names = []
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            bodies = operation.get("requestBody", {}).get("content", {}).values()
            good = [r for status, r in operation["responses"].items() if status.startswith("2")]
            answers = [c for r in good for c in r.get("content", {}).values()]
            assert all("example" in body for body in bodies), (method, path)
            assert not answers or any("example" in a or "examples" in a for a in answers), (method, path)
    assert len(names) == len(set(names))


def test_the_page_of_the_description_needs_nothing_from_elsewhere(server: Served) -> None:
    page = server.client("reader", "auditor").http.get("/docs", headers={"authorization": ""})
    assert page.status_code == 200
    assert "<script" not in page.text
    loaded = re.compile(r"""(?:src|href|srcset|action)\s*=\s*["']?(?:https?:)?//|url\(|@import""")
    assert not loaded.search(page.text)
    assert loaded.search('<img src="https://elsewhere.example/x.png">')
    assert "default-src 'none'" in page.headers["content-security-policy"]
