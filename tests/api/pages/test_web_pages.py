"""The web pages without a browser: who gets in, what a form may do, what stands on a page."""

import re
from pathlib import Path

import httpx
import pytest
from lxml import html

from api.application.resources import RESOURCES
from api.pages.base.event_text import describe_event
from api.pages.base.labels import FIELDS, action_label
from api.pages.base.visitor import derive_csrf_token
from api.pages.testing.replays import read_reports
from api.server.auth.authenticator import parse_token_id, revoke
from scanning.catalogue import MACHINES
from tests.api.pages.person import Person
from tests.api.server_in_thread import QUICK, Served, serving
from tests.patience import PATIENT
from workflow.engine.access import Actor, Role
from workflow.engine.events import types
from workflow.file_plan.file_plan import ImportFilePlan

PAGES = ("/", "/pages/runs", "/pages/cockpit", "/pages/inbox", "/pages/replays", "/pages/records", "/pages/new/records")


@pytest.fixture(scope="module")
def petra(served: Served) -> Person:
    return Person(served, "petra", "planner", "case_worker", authority="mwide")


@pytest.fixture(scope="module")
def schmidt(served: Served) -> Person:
    return Person(served, "schmidt", "approver", authority="mwide")


@pytest.fixture
def slip(served: Served) -> str:
    """A routing slip that lies with schmidt, then with weber."""
    mueller = served.client("mueller", "case_worker", authority="mwide")
    served.enter_staff("schmidt", "weber")
    record = {"title": "Windpark", "file_plan_code": "43.21"}
    made = mueller.post("/records", json=record).json()["id"]
    stations = [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}]
    body = {"title": "<b>Bescheid</b> & Anlage", "record": made, "stations": stations}
    key = mueller.post("/routing-slips", json=body).json()["id"]
    assert mueller.post(f"/routing-slips/{key}/actions/start", json={}).status_code == 200
    return key


def test_without_a_token_there_is_the_login_and_nothing_else(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=PATIENT) as nobody:
        for path in PAGES:
            told = nobody.get(path)
            assert (told.status_code, told.headers["location"]) == (303, f"/login?next={path}")
        assert nobody.get("/login").status_code == 200
        wrong = nobody.post("/login", data={"token": "eva_" + "0" * 32 + "_" + "x" * 43})
        assert wrong.status_code == 401
        assert "set-cookie" not in wrong.headers
        assert nobody.post("/pages/runs", data={}).status_code == 303


def test_a_program_may_send_the_token_as_everywhere(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=PATIENT) as program:
        headers = {"authorization": f"Bearer {served.bearer('prog', 'planner')}", "accept-language": "en"}
        assert "Forecasts of the rollout" in program.get("/", headers=headers).text
        assert program.get("/", headers={"authorization": "Bearer eva_x"}).status_code == 303


def test_the_cookie_is_for_this_server_only_and_no_script_reads_it(petra: Person) -> None:
    cookie = petra.log_in().headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert petra.client.get("/runs").status_code == 401, "the API does not take cookies"


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "\n/x"])
def test_a_login_leads_nowhere_else(petra: Person, after: str) -> None:
    told = petra.client.post("/login", data={"token": petra.token, "next": after})
    assert told.headers["location"] == "/"


def test_every_page_has_a_strict_policy_and_no_script_of_its_own(petra: Person) -> None:
    for path in (*PAGES, "/login", "/pages/things/records/none"):
        told = petra.client.get(path)
        policy = told.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert told.headers["x-content-type-options"] == "nosniff"
        page = html.fromstring(told.text)
        assert not page.xpath("//script[not(@src)] | //style | //@style | //@*[starts-with(name(), 'on')]")
        assert all(source.startswith("/static/") for source in page.xpath("//script/@src | //link/@href"))


@pytest.mark.parametrize("fields", [{"_mark": ""}, {"_mark": "0" * 64}, {"_mark": "ä"}])
def test_a_forged_form_does_nothing(petra: Person, fields: dict[str, str]) -> None:
    before = len(petra.client.get("/pages/runs").text)
    assert (
        petra.send(
            "/pages/runs", scenario="nrw-plan-2021", replications="1", seed="1", mode="risk", **fields
        ).status_code
        == 403
    )
    assert len(petra.client.get("/pages/runs").text) == before


def test_a_form_from_another_site_does_nothing(petra: Person) -> None:
    fields = {"_mark": derive_csrf_token(petra.client.cookies["eva_session"]), "_key": "k9"}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        for path in ("/pages/runs", "/logout", "/login"):
            assert petra.client.post(path, data=fields, headers=headers).status_code == 403
    assert petra.client.get("/pages/inbox").status_code == 200


def again(person: Person, cookie: str) -> int:
    """Status of a page for whoever has kept a cookie."""
    with httpx.Client(base_url=person.client.base_url, cookies={"eva_session": cookie}, timeout=PATIENT) as thief:
        return thief.get("/pages/inbox").status_code


def test_the_cookie_is_no_token_and_the_token_no_cookie(petra: Person) -> None:
    cookie = petra.client.cookies["eva_session"]
    assert petra.token not in cookie
    assert cookie.split("_", 2)[2] not in petra.token
    headers = {"authorization": f"Bearer {cookie}"}
    assert httpx.get(f"{petra.client.base_url}/me", headers=headers, timeout=PATIENT).status_code == 401
    assert again(petra, cookie) == 200
    for wrong in (petra.token, cookie[:-2] + ("aa" if cookie[-2:] != "aa" else "bb"), cookie + "a", "evas_", "x"):
        assert again(petra, wrong) == 303, wrong


def test_each_login_is_a_session_of_its_own_and_ends_when_one_logs_out(served: Served) -> None:
    person, elsewhere = Person(served, "otto", "auditor"), Person(served, "otto", "auditor")
    cookie, other = (one.client.cookies["eva_session"] for one in (person, elsewhere))
    assert person.send("/logout").status_code == 303
    assert person.client.get("/pages/inbox").status_code == 303
    assert (again(person, cookie), again(elsewhere, other)) == (303, 200), "a kept cookie opens nothing any more"


def test_a_session_ends_with_its_token(served: Served) -> None:
    person = Person(served, "revoked", "auditor")
    cookie = person.client.cookies["eva_session"]
    revoke(served.services.engine, parse_token_id(person.token), "lost")
    assert again(person, cookie) == 303


def test_behind_a_trusted_proxy_the_cookie_is_for_https_only(tmp_path: Path) -> None:
    for trusted, secure in (("127.0.0.0/8", True), ("10.0.0.1", False)):
        folder = tmp_path / trusted.replace("/", "-")
        folder.mkdir()
        with serving(folder, trusted_proxies=(trusted,)) as proxied:
            bearer = proxied.bearer("petra", "planner")
            told = httpx.post(
                f"{proxied.url}/login", data={"token": bearer}, headers={"x-forwarded-proto": "https"}, timeout=PATIENT
            )
            assert ("secure" in told.headers["set-cookie"].lower()) is secure, trusted


def test_an_approver_signs_from_the_inbox_and_sees_why_not(schmidt: Person, slip: str) -> None:
    inbox = schmidt.page("/")
    link = inbox.xpath(f"//a[contains(@href, '{slip}')]")[0]
    assert link.text_content() == "<b>Bescheid</b> & Anlage"
    page = schmidt.page(link.get("href"))
    at = link.get("href")
    assert "co-signature" in page.text_content()
    refused = {div.xpath("string(dt)"): div.xpath("string(dd)") for div in page.xpath("//dl[@class='why']/div")}
    assert refused["Cancel"]
    assert all(refused.values())
    done = schmidt.submit(page, f"{at}/sign", note="einverstanden")
    assert done.status_code == 303, done.text
    after = schmidt.page(done.headers["location"])
    assert after.xpath("//*[@role='status']//text()[contains(., 'Sign')]")
    assert "einverstanden" in after.text_content()
    again = schmidt.submit(page, f"{at}/sign", note="einverstanden")
    assert again.status_code == 303, "the same form sent twice signs once"
    history = [" ".join(row.text_content().split()) for row in after.xpath("//ol[@class='story']/li")]
    assert sum("Signed: co-signature schmidt – “einverstanden”" in row for row in history) == 1
    first = schmidt.page(f"{at}{'&' if '?' in at else '?'}until=1")
    assert len(first.xpath("//ol[@class='story']/li")) == 1


def test_a_refusal_without_reason_is_told_and_what_was_filled_in_stays(schmidt: Person, slip: str) -> None:
    at = f"/pages/things/routing-slips/{slip}"
    page = schmidt.page(at)
    told = schmidt.submit(page, f"{at}/forward", to="", reason="gehört zu Referat 4")
    assert told.status_code == 409
    again = html.fromstring(told.text)
    assert again.xpath("//*[@role='alert']")
    assert "gehört zu Referat 4" in told.text


def test_somebody_elses_change_meanwhile_is_told(served: Served, schmidt: Person, slip: str) -> None:
    at = f"/pages/things/routing-slips/{slip}"
    page = schmidt.page(at)
    served.client("mueller", "case_worker", authority="mwide").post(
        f"/routing-slips/{slip}/actions/pause", json={"reason": "warten"}
    )
    told = schmidt.submit(page, f"{at}/sign", note="x")
    assert told.status_code == 409
    assert "changed something meanwhile" in told.text


def test_what_one_may_not_know_of_has_no_page(served: Served, slip: str) -> None:
    elsewhere = Person(served, "erna", "planner", "approver", authority="mhkbg")
    for path in (f"/pages/things/routing-slips/{slip}", "/pages/things/staff/schmidt", "/pages/things/none/x"):
        elsewhere.page(path, 404)


def test_a_deputy_sees_the_inbox_of_the_absent(served: Served, slip: str) -> None:
    weber = Person(served, "weber", "approver", authority="mwide")
    weber.page("/pages/inbox?for=schmidt", 403)
    span = {"since": "2020-01-01T00:00:00Z", "until": "2020-12-01T00:00:00Z"}
    now = served.services.engine.clock()
    span = {"since": now.replace(month=1, day=1).isoformat(), "until": now.replace(month=12, day=31).isoformat()}
    named = served.client("schmidt", "approver", authority="mwide").post(
        "/staff/schmidt/actions/appoint_deputy", json={"deputy": "weber", **span}
    )
    assert named.status_code == 200, named.text
    inbox = weber.page("/pages/inbox?for=schmidt")
    at = inbox.xpath(f"//a[contains(@href, '{slip}')]/@href")[0]
    assert at.endswith("?for=schmidt")
    page = weber.page(at)
    done = weber.submit(page, f"/pages/things/routing-slips/{slip}/sign")
    assert done.status_code == 303, done.text
    assert "by weber i. V." in weber.page(done.headers["location"]).text_content()


def test_units_of_the_file_plan_in_which_records_are_made_are_offered(served: Served) -> None:
    plan = (
        "code,title,retention_years,disposal,statutory,agreed,closed\n43,Fachaufgaben,10,B,no,no,no\n"
        "43.21,Windkraft,10,B,no,no,no\n11,Haushalt,10,V,yes,no,no\n44,Torf,10,B,no,no,yes\n"
    )
    registrar = Actor("rita", frozenset({Role.REGISTRAR}), "planamt")
    served.services.engine.handle(ImportFilePlan(authority="planamt", csv=plan), registrar, "file-plan:planamt")
    ole = Person(served, "ole", "case_worker", authority="planamt")
    page = ole.page("/pages/new/records")
    offered = page.xpath("//select[@name='file_plan_code']/option/text()")
    assert offered == ["please choose", "11 Haushalt", "43.21 Windkraft"]
    made = ole.submit(page, "/pages/new/records", title="Windpark", file_plan_code="43.21")
    assert made.status_code == 303, made.text
    elsewhere = Person(served, "fremd", "case_worker", authority="planlos")
    assert elsewhere.page("/pages/new/records").xpath("//input[@name='file_plan_code']"), "no plan, any code"


def test_a_record_and_its_routing_slip_from_the_forms(petra: Person) -> None:
    page = petra.page("/pages/new/records")
    told = petra.submit(page, "/pages/new/records", title="Förderung Solarpark", file_plan_code="x")
    assert told.status_code == 422
    assert "file plan code: " in html.fromstring(told.text).xpath("string(//*[@role='alert'])")
    made = petra.submit(page, "/pages/new/records", title="Förderung Solarpark", file_plan_code="47.11")
    assert made.status_code == 303, made.text
    found = petra.page("/pages/records?text=solar 47.11")
    at = found.xpath("//tbody//a/@href")[0]
    assert at == made.headers["location"]
    slip = petra.page(petra.page(at).xpath("//a[contains(@href, 'new/routing-slips')]/@href")[0])
    route = {"s0_actor": "schmidt", "s0_deadline": "2099-03-05", "s1_order": "beside", "s1_kind": "comment",
             "s1_actor": "klein"}  # fmt: skip
    sent = petra.submit(slip, "/pages/new/routing-slips", title="Zur Mitzeichnung", **route)
    assert sent.status_code == 303, sent.text
    shown = petra.page(sent.headers["location"])
    lanes = [lane.xpath("string(.//p[@class='head']/b)") for lane in shown.xpath("//div[@class='beside']/div")]
    assert lanes == ["1. co-signature", "2. comment"]
    stations = shown.xpath("//section[@aria-labelledby='route']//p[@class='who']/..")
    assert [one.xpath("string(.//p[@class='who'])").strip() for one in stations] == ["schmidt", "klein"]
    assert "Due 5 Mar 2099" in " ".join(stations[0].text_content().split())


def test_only_planners_have_the_planning_pages(schmidt: Person) -> None:
    schmidt.page("/pages/runs", 403)
    assert "Planning" not in schmidt.page("/").xpath("string(//nav)")


def test_a_planner_starts_a_run_and_faults_are_told(petra: Person) -> None:
    told = petra.submit(petra.page("/"), "/pages/runs", text="kind: rollout\nname: 7\n", title="meins")
    assert told.status_code == 422
    assert "scenario.yaml:1:1: `adoption` is missing" in told.text
    assert "meins" in told.text
    told = petra.submit(petra.page("/"), "/pages/runs", replications="zwei")
    assert "replications: " in html.fromstring(told.text).xpath("string(//*[@role='alert'])")
    started = petra.submit(petra.page("/"), "/pages/runs", text=QUICK, replications="1000")
    assert started.status_code == 303, started.text
    at = started.headers["location"]
    page = petra.page(at)
    assert page.xpath("//progress")
    assert petra.submit(page, f"{at}/cancel").status_code == 303
    assert "cancelled" in petra.page(at).text_content()


def test_the_language_is_that_of_the_browser_until_another_is_chosen(served: Served) -> None:
    person = Person(served, "lang", "auditor", language="de-DE,de;q=0.9")
    assert person.page("/").xpath("//h1/text()")[0] == "Was auf Sie wartet"
    chosen = person.client.get("/pages/language/en?next=/pages/cockpit")
    assert chosen.headers["location"] == "/pages/cockpit"
    assert person.page("/pages/cockpit").get("lang") == "en"


def test_every_action_field_and_event_has_its_words() -> None:
    for resource in RESOURCES.values():
        for action in set(resource.commands) - {"create"}:
            for language in ("de", "en"):
                assert action_label(resource.commands, action, language) != action.replace("_", " "), action
    fields = {f for resource in RESOURCES.values() for a, c in resource.commands.items() for f in c.model_fields}
    assert fields - set(FIELDS) == set()
    for category, machine in {
        "record": "record",
        "slip": "routing-slip",
        "mail": "mail-folder",
        "scan": "scan-batch",
    }.items():
        for kind in types():
            if kind.startswith(f"{category}."):
                for language in ("de", "en"):
                    event = {"type": kind, "data": {"result": "signed"}}
                    assert describe_event(MACHINES[machine], event, language) != kind, kind


def test_replay_results_are_those_of_junit_files(tmp_path: Path, petra: Person) -> None:
    (tmp_path / "good.xml").write_text(
        '<testsuites><testsuite><testcase classname="slip" name="signs" time="0.1"/>'
        '<testcase name="b"><failure message="state">expected completed</failure></testcase>'
        "<testcase name='c'><skipped/></testcase></testsuite></testsuites>"
    )
    (tmp_path / "bad.xml").write_text('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;')
    (tmp_path / "bomb.xml").write_text(
        '<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">]><a><testcase name="&b;"/></a>'
    )
    found = {report.name: report for report in read_reports(tmp_path)}
    assert found["bad.xml"].fault
    good = found["good.xml"]
    assert [good.count(outcome) for outcome in ("passed", "failed", "skipped")] == [1, 1, 1]
    assert good.cases[1].message == "state\nexpected completed"
    assert "eva replay" in petra.page("/pages/replays").text_content()


@pytest.mark.parametrize("body", [b"\xff", b"a=%ff", b"&".join(b"a=1" for _ in range(200)), b"x" * 500_000])
def test_what_is_no_form_is_refused(petra: Person, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    told = petra.client.post("/pages/runs", content=body, headers=headers)
    assert told.status_code in {403, 413, 422}


def test_pages_are_no_part_of_the_description(petra: Person) -> None:
    paths = petra.client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if re.match("/pages|/login|/static", path)]
