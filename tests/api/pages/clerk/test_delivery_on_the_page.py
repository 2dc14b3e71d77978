"""The page of a routing slip says how a decision is delivered, in both languages."""

from typing import Any

import httpx
import pytest
from lxml import html

from tests.api.server_in_thread import Served
from tests.patience import PATIENT


@pytest.mark.parametrize(
    ("language", "told"),
    [("de", "Bekanntgabe: zum Abruf bereitgestellt für Petra Beispiel bis"),
     ("en", "Delivery: provided for Petra Beispiel until")],
)  # fmt: skip
def test_a_decision_provided_for_retrieval(served: Served, language: str, told: str) -> None:
    served.enter_staff("schmidt")
    owner: Any = served.client("mueller", "case_worker", authority="mwide")
    schmidt: Any = served.client("schmidt", "approver", authority="mwide")
    body = {"title": "Bescheid", "documents": [{"title": "Bescheid", "sha256": "0" * 64}],
            "stations": [{"kind": "dispatch", "actor": "schmidt"}]}  # fmt: skip
    slip = owner.post("/routing-slips", json=body).json()["id"]
    owner.post(f"/routing-slips/{slip}/actions/start", json={})
    said = {"recipient": "Petra Beispiel", "consent": "im Antrag"}
    assert schmidt.post(f"/routing-slips/{slip}/actions/provide", json=said).status_code == 200
    http = httpx.Client(base_url=served.url, headers={"accept-language": language}, timeout=PATIENT)
    served.clients.append(http)
    http.post("/login", data={"token": served.bearer("schmidt", "approver", authority="mwide")})
    page = html.fromstring(http.get(f"/pages/things/routing-slips/{slip}").text)
    text = " ".join(page.text_content().split())
    assert told in text
    assert ("Abruf melden" if language == "de" else "Report the retrieval") in text
