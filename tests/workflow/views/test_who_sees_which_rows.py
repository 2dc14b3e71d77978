"""Lists, cockpit, inbox and counts keep to what may be known of the thing itself, also when that changes."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.workflow.conftest import PEOPLE, Office, check, person
from workflow.catalogue import WORKFLOW
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine
from workflow.engine.store import migrate
from workflow.engine.store.database import Database
from workflow.views.queries import Views

TODAY = "2021-06-01"


def key(stream: str) -> str:
    return stream.partition(":")[2]


def seen(office: Office, actor: Actor) -> tuple[list[str], dict[str, int], int, int]:
    """Slips listed, counts by state, how many wait at stations, and how many things are in the inbox."""
    views = Views(office.engine)
    listed = [row["stream"] for row in views.cockpit(actor)]
    waiting = views.waiting(actor, TODAY)
    assert sum(waiting["by_authority"].values()) == len(listed) == sum(views.counts(actor).values())
    return listed, views.counts(actor), sum(waiting["by_station"].values()), len(views.inbox(actor))


def test_a_slip_is_hidden_as_its_record_is_from_the_moment_that_is_raised(office: Office) -> None:
    record = office.record()
    slip = office.slip("co_sign schmidt", record=key(record))
    office.do("mueller", "start", slip)
    schmidt, cleared = PEOPLE["schmidt"], person("schmidt", Role.APPROVER, clearance="high")
    assert seen(office, schmidt) == ([slip], {"circulating": 1}, 1, 1)
    case = office.case(record)
    office.document(record, case, who="secret", protection="high")
    assert seen(office, schmidt) == ([], {}, 0, 0)
    assert seen(office, cleared) == ([slip], {"circulating": 1}, 1, 1)
    assert Views(office.engine).cockpit(cleared)[0]["protection"] == 1


def test_a_slip_comes_back_when_the_need_of_its_record_falls(office: Office) -> None:
    record = office.record(who="secret", protection="high")
    slip = office.slip("co_sign schmidt", who="secret", record=key(record))
    assert seen(office, PEOPLE["mueller"])[0] == []
    office.do("secret", "change", record, protection="normal", reason="nicht mehr vertraulich")
    assert seen(office, PEOPLE["mueller"])[0] == [slip]


def test_counts_follow_a_record_and_its_slips_that_change_together(office: Office) -> None:
    """What one catching-up brings: a record raised, its slips moved on, and others that only follow the record."""
    record, views = office.record(who="secret"), Views(office.engine)
    moved, still = (office.slip("co_sign secret", who="secret", record=key(record)) for _ in range(2))
    views.catch_up()
    office.do("secret", "change", record, protection="high")
    office.do("secret", "cancel", moved)
    views.catch_up()
    assert views.counts(PEOPLE["mueller"]) == {}
    assert views.counts(PEOPLE["secret"]) == {"draft": 1, "cancelled": 1}
    assert {row["stream"] for row in views.cockpit(PEOPLE["secret"])} == {moved, still}


def test_who_takes_part_elsewhere_sees_that_slip_for_as_long_as_they_do(office: Office) -> None:
    slip, guest = office.slip("co_sign stranger"), PEOPLE["stranger"]
    office.slip("co_sign schmidt")
    assert seen(office, guest) == ([slip], {"draft": 1}, 0, 0)
    office.do("mueller", "plan", slip, stations=[{"kind": "co_sign", "actor": "schmidt"}])
    assert seen(office, guest) == ([], {}, 0, 0)


def test_the_deputy_of_who_takes_part_elsewhere_sees_it_for_their_time(office: Office) -> None:
    slip, deputy = office.slip("co_sign stranger"), person("helper", Role.CASE_WORKER, authority="jm")
    for user in ("stranger", "helper"):
        office.register(user, authority="jm")
    office.deputy("stranger", "helper", days=5)
    assert seen(office, deputy)[0] == [slip]
    office.now += timedelta(days=5)
    assert seen(office, deputy)[0] == []


def test_the_archive_lists_what_was_offered_to_it_wherever_it_comes_from(office: Office) -> None:
    record, _ = office.due()
    views, archivist = Views(office.engine), PEOPLE["archivist"]
    assert views.records(archivist) == []
    office.do("registrar", "offer", record)
    assert [row["stream"] for row in views.records(archivist)] == [record]
    assert views.records(PEOPLE["stranger"]) == []
    assert [row["stream"] for row in views.records(archivist, "windpark")] == [record]


def test_pages_of_own_slips_and_those_elsewhere_come_in_one_order(office: Office) -> None:
    mine = [office.slip("co_sign stranger", who="stranger") for _ in range(3)]
    others = [office.slip("co_sign stranger") for _ in range(3)]
    views, found, after = Views(office.engine), [], None
    while page := views.cockpit(PEOPLE["stranger"], limit=2, after=after):
        found += [row["stream"] for row in page]
        after = page[-1]["deadline"], page[-1]["stream"]
    assert found == sorted(mine + others)


def test_views_of_an_older_database_are_made_anew(tmp_path: Path) -> None:
    """A database as the release before left it: its views have another shape and stand at the head of the log."""
    office = Office("sqlite://")
    record = office.record(who="secret", protection="high")
    slip = office.slip("co_sign secret", who="secret", record=key(record))
    rows = list(office.engine.log.read_all())
    office.engine.close()
    database = Database(f"sqlite:///{tmp_path}/eva.db")
    config = Config()
    config.set_main_option("script_location", str(migrate.HERE))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(sa.text("INSERT INTO view_slip_counts VALUES ('mwide', 'draft', 7)"))
        connection.execute(sa.text("INSERT INTO view_words VALUES ('old', 'record:old')"))
        connection.execute(sa.text("INSERT INTO subscribers VALUES ('views', :head)"), {"head": len(rows)})
    database.close()
    opened = Office.__new__(Office)
    opened.now = office.now
    opened.engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=WORKFLOW, clock=lambda: opened.now)
    opened.engine.restore(rows)
    assert Views(opened.engine).counts(PEOPLE["secret"]) == {"draft": 1}
    assert seen(opened, PEOPLE["mueller"])[0] == []
    assert seen(opened, PEOPLE["secret"])[0] == [slip]
    check(opened)
    opened.engine.close()
