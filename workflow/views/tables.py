"""Tables that answer questions quickly; all derived from the log, and rebuilt from it at any time.

Each row belongs to one stream and is replaced when that stream changes.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from workflow.engine.store.tables import TEXT

NEVER = "9999-12-31"
"""Stands for no deadline, so that text order is order of urgency."""


class RecordView(SQLModel, table=True):
    __tablename__ = "view_records"
    __table_args__ = (
        Index("view_records_by_authority", "authority", "file_number", "stream"),
        Index("view_records_by_offer", "offered", "file_number", "stream"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    authority: str = Field(sa_type=TEXT)
    file_number: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    protection: int
    cases: int
    documents: int
    offered: bool
    """Whether the archive, of whatever authority, may know of it."""
    unit: str = Field(sa_type=TEXT)
    """Federführung; empty where none is named."""


class WordView(SQLModel, table=True):
    """A word that stands in a record's numbers or titles, in lower case."""

    __tablename__ = "view_words"
    __table_args__ = (Index("view_words_by_stream", "stream", "word"),)

    word: str = Field(sa_type=TEXT, primary_key=True)
    stream: str = Field(sa_type=TEXT, primary_key=True)


class SlipView(SQLModel, table=True):
    __tablename__ = "view_slips"
    __table_args__ = (
        Index("view_slips_by_state", "authority", "state", "deadline", "stream", "protection"),
        Index("view_slips_by_deadline", "authority", "deadline", "stream", "protection"),
        Index("view_slips_by_record", "record"),
        Index(
            "view_slips_by_unit", "authority", "state", "unit", "started", "deadline", "protection", "unit_authority"
        ),
        Index("view_slips_by_start", "authority", "started", "protection"),
        Index("view_slips_by_end", "authority", "ended", "state", "protection"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    authority: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    owner: str = Field(sa_type=TEXT)
    record: str | None = Field(sa_type=TEXT)
    protection: int
    """Maximum of the slip's own need and its record's (rule 20)."""
    run: int
    done: int
    stations: int
    waiting_for: str = Field(sa_type=TEXT)
    deadline: str = Field(sa_type=TEXT)
    own_protection: int
    unit: str = Field(sa_type=TEXT)
    """That of its record; empty without one."""
    unit_authority: str = Field(sa_type=TEXT)
    """Whose unit it is; empty without one."""
    started: str = Field(sa_type=TEXT)
    """Day of its first start; empty before."""
    ended: str = Field(sa_type=TEXT)
    """Day on which it was completed or given up; empty while it goes on."""
    done_by_outlook: int
    """How many of its stations, of every run, somebody has done with that client."""
    done_by_web: int
    done_by_other: int
    """With neither of these two, or nobody said with which."""


class SlipPersonView(SQLModel, table=True):
    """Who takes part in a routing slip, to find those of other authorities and what was taken from somebody."""

    __tablename__ = "view_slip_people"
    __table_args__ = (
        Index("view_slip_people_by_user", "user", "authority", "stream"),
        Index("view_slip_people_by_taken", "user", "taken"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    user: str = Field(sa_type=TEXT, primary_key=True)
    authority: str = Field(sa_type=TEXT)
    """Of the slip."""
    taken: str = Field(sa_type=TEXT)
    """When it was taken from the person before they had acted, as the log keeps times; empty where it was not."""
    taken_by: str = Field(sa_type=TEXT)
    """Empty where time did."""
    taken_how: str = Field(sa_type=TEXT)
    """`taken` back or ended, `skipped` with their station, or `paused` with all of it; empty where it was not."""


class CountView(SQLModel, table=True):
    """How many routing slips of an authority and a protection need are in a state, and by which client their stations
    were done, kept up so that no cockpit ever counts.
    """

    __tablename__ = "view_slip_counts"

    authority: str = Field(sa_type=TEXT, primary_key=True)
    state: str = Field(sa_type=TEXT, primary_key=True)
    protection: int = Field(primary_key=True)
    count: int
    done_by_outlook: int
    done_by_web: int
    done_by_other: int


class DeputyView(SQLModel, table=True):
    """For whom somebody deputises, and when."""

    __tablename__ = "view_deputies"
    __table_args__ = (Index("view_deputies_by_deputy", "deputy"),)

    stream: str = Field(sa_type=TEXT, primary_key=True)
    appointment: str = Field(sa_type=TEXT, primary_key=True)
    user: str = Field(sa_type=TEXT)
    """The absent person."""
    deputy: str = Field(sa_type=TEXT)
    since: str = Field(sa_type=TEXT)
    until: str = Field(sa_type=TEXT)
    """Both as the log keeps times."""


class InboxView(SQLModel, table=True):
    __tablename__ = "view_inbox"
    __table_args__ = (
        Index("view_inbox_by_user", "user", "deadline", "stream", "item"),
        Index("view_inbox_by_authority", "authority", "user", "what", "deadline", "protection", "stream"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    item: str = Field(sa_type=TEXT, primary_key=True)
    user: str = Field(sa_type=TEXT)
    authority: str = Field(sa_type=TEXT)
    what: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    deadline: str = Field(sa_type=TEXT)
    protection: int
    since: str = Field(sa_type=TEXT)
    """When it came, as the log keeps times."""
    sender: str = Field(sa_type=TEXT)
    """Who sent it; empty where time did."""
    folded: str = Field(sa_type=TEXT)
    """Title and sender without regard to case, which databases fold each in their own way."""
    resumed: bool
    """Whether it lay there before it was held up, and now goes on."""


class ListView(SQLModel, table=True):
    """A thing of another room in its list, such as a scan batch."""

    __tablename__ = "view_list"
    __table_args__ = (
        Index("view_list_by_authority", "category", "authority", "state", "stream"),
        Index("view_list_by_guest", "category", "guest", "stream"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    category: str = Field(sa_type=TEXT)
    authority: str = Field(sa_type=TEXT)
    guest: str | None = Field(sa_type=TEXT)
    """A second authority that works on it, such as the one that runs a scan centre."""
    title: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    protection: int
    detail: str = Field(sa_type=TEXT)
    """What else the list shows, as JSON."""


class MailView(SQLModel, table=True):
    __tablename__ = "view_mail"
    __table_args__ = (
        Index("view_mail_by_state", "authority", "state", "stream", "item"),
        Index("view_mail_by_person", "assigned_to", "state", "stream", "item"),
    )

    stream: str = Field(sa_type=TEXT, primary_key=True)
    item: str = Field(sa_type=TEXT, primary_key=True)
    authority: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT)
    title: str = Field(sa_type=TEXT)
    channel: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    assigned_to: str | None = Field(sa_type=TEXT)
    protection: int
    """Of the folder as a whole."""
    need: int
    """Of the item itself."""
    folder: str = Field(sa_type=TEXT)
    """Title of the folder."""
    sender: str = Field(sa_type=TEXT)
    """Empty where it is not known."""
