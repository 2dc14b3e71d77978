"""Refusals as a client sees them: pages behind every `type`, request ids, one language, limits, several entity tags."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.application.problems import KINDS
from tests.api import server_in_thread
from tests.api.server_in_thread import Served

STATIONS = [{"kind": "co_sign", "actor": "schmidt"}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with server_in_thread.serving(tmp_path_factory.mktemp("served"), timer_seconds=0, burst=5000, rate=1) as found:
        found.enter_staff("schmidt")
        yield found


@pytest.fixture(scope="module")
def mueller(served: Served) -> httpx.Client:
    return served.client("mueller", "case_worker", authority="mwide")


@pytest.fixture(scope="module")
def slip(mueller: httpx.Client) -> str:
    made = mueller.post("/routing-slips", json={"title": "Bescheid", "stations": STATIONS}).raise_for_status()
    return str(made.json()["id"])


def refuse(served: Served, mueller: httpx.Client, slip: str, language: str) -> dict[int, httpx.Response]:
    """One refusal of each status that a client can bring about quickly."""
    head = {"accept-language": language}
    klein = served.client("klein", "case_worker", authority="mwide")
    answers = [
        mueller.get("/records/7", headers=head),
        mueller.get("/records", headers={**head, "authorization": "Bearer none"}),
        klein.post(f"/routing-slips/{slip}/actions/start", json={}, headers=head),
        mueller.post(f"/routing-slips/{slip}/actions/resume", json={}, headers=head),
        mueller.post(f"/routing-slips/{slip}/actions/start", json={}, headers={**head, "if-match": '"9"'}),
        mueller.post("/routing-slips", json={"title": 7, "stations": [{"kind": "x", "actor": "a"}]}, headers=head),
        mueller.put("/records", headers=head),
    ]
    return {answer.status_code: answer for answer in answers}


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_refusal_leads_to_a_page_and_is_told_in_one_language(
    served: Served, mueller: httpx.Client, slip: str, language: str
) -> None:
    refused = refuse(served, mueller, slip, language)
    assert set(refused) == {401, 403, 404, 405, 409, 412, 422}
    for status, answer in refused.items():
        problem = answer.json()
        page = mueller.get(problem["type"], headers={"authorization": "", "accept-language": language})
        assert page.status_code == 200
        assert f"({status})" in page.text
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert problem["instance"] == answer.request.url.path
        assert answer.headers["content-language"] == language


def test_a_request_id_of_the_client_is_taken_over(mueller: httpx.Client) -> None:
    assert mueller.get("/records/7", headers={"x-request-id": "meine-7"}).json()["request_id"] == "meine-7"


def test_no_sentence_has_the_name_of_an_action_or_role(served: Served, mueller: httpx.Client, slip: str) -> None:
    for language in ("de", "en"):
        refused = refuse(served, mueller, slip, language)
        for status in (403, 409):
            assert "_" not in refused[status].json()["detail"]
    assert refused[409].json()["action"] == "resume"


def test_the_condition_about_the_person_is_named(served: Served, mueller: httpx.Client, slip: str) -> None:
    assert refuse(served, mueller, slip, "de")[403].json()["guard"]


def test_places_of_faults_are_in_the_body(mueller: httpx.Client) -> None:
    body: dict[str, Any] = {"title": "x", "stations": [{"kind": "nonsense", "actor": "schmidt"}]}
    faults = mueller.post("/routing-slips", json=body).json()["errors"]
    assert [fault["pointer"] for fault in faults] == ["/stations/0/kind"]


def test_the_page_lists_every_kind_in_both_languages(mueller: httpx.Client) -> None:
    pages = {
        language: mueller.get("/problems", headers={"accept-language": language, "authorization": ""}).text
        for language in ("de", "en")
    }
    for name, kind in KINDS.items():
        assert f'href="/problems/{name}"' in pages["de"]
        assert kind.about.de.partition("`")[0] in pages["de"]
        assert kind.about.en.partition("`")[0] in pages["en"]
    assert mueller.get("/problems/none", headers={"authorization": ""}).status_code == 404


def test_an_answer_says_how_often_one_may_still_ask(served: Served) -> None:
    client = served.client("zaehler", "case_worker", authority="mwide")
    left = [int(client.get(path).headers["ratelimit-remaining"]) for path in ("/me", "/records", "/inbox")]
    assert left == [4999, 4998, 4997]
    last = client.get("/me").headers
    assert (last["ratelimit-limit"], last["ratelimit-reset"]) == ("5000", "4")
    assert "ratelimit-limit" not in client.get("/health/live", headers={"authorization": ""}).headers


def test_a_change_may_name_several_versions(mueller: httpx.Client) -> None:
    made = mueller.post("/records", json={"title": "x", "file_plan_code": "43.21"}).raise_for_status()
    path, tag = f"/records/{made.json()['id']}/actions/change", made.headers["etag"]
    assert mueller.post(path, json={"title": "a"}, headers={"if-match": '"77", "78"'}).status_code == 412
    assert mueller.post(path, json={"title": "a"}, headers={"if-match": f'"77", {tag}'}).status_code == 200
    assert mueller.post(path, json={"title": "b"}, headers={"if-match": f'"77", {tag}'}).status_code == 412
