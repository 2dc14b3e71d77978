"""The sections `mail` and `scan` of a rollout scenario: incoming mail with its digital channels, and replacing scanning
(Ersetzendes Scannen) with items, paper, centres; and `scan` of a casework scenario, with staff and clients of a centre.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simulation.scenario.fields import AuthorityKind, Clock, Dated, Slug, Steps, Text
from simulation.scenario.figures import Factor, Figure, Lying, NotNegative, Positive, Share, Strict, Touch
from simulation.scenario.units import (
    CALENDAR_DAYS,
    FACTOR,
    MONTHS,
    PAGES,
    PER_DAY,
    PER_HOUR,
    PER_USER_DAY,
    PERCENT,
    PIECES,
    SECONDS,
    SHARE,
    SHEETS,
    WORKING_HOURS,
)
from workflow.text import InvalidValue


class Channel(Strict):
    """A digital channel that opens on a date and takes a share of the paper mail, growing over its ramp; the paper is
    back on the day after `closes`.
    """

    id: Slug
    title: Text
    opens: Dated
    closes: Dated | None = None
    kinds: Annotated[list[AuthorityKind], Field(min_length=1, max_length=8)]
    replaces: Annotated[Figure[Share], SHARE]
    ramp_months: Annotated[Figure[Positive], MONTHS]

    @model_validator(mode="after")
    def _in_order(self) -> "Channel":
        if self.closes and self.closes.value < self.opens.value:
            closes, opens = self.closes.value, self.opens.value
            raise InvalidValue(f"schließt am {closes}, öffnet am {opens}", f"closes on {closes}, opens on {opens}")
        return self


class Mail(Strict):
    """Incoming mail (Posteingang): volume by kind of authority, weekday pattern, share on paper."""

    items_per_user_day: Annotated[dict[AuthorityKind, Figure[NotNegative]], PER_USER_DAY]
    weekdays: Annotated[list[Figure[Factor]], Field(min_length=5, max_length=5), FACTOR]
    day_spread: Annotated[Figure[Share], SHARE]
    paper_share: Annotated[Figure[Share], SHARE]
    paper_decline_per_year: Annotated[Figure[Share], SHARE]
    paper_share_year: Annotated[int, Field(ge=2000, le=2100)]
    channels: Annotated[list[Channel], Field(max_length=50)]

    def list_channels(self, kind: AuthorityKind) -> list[Channel]:
        """Those that take something off the paper of a kind of authority."""
        return [one for one in self.channels if kind in one.kinds and one.replaces.value]


class ScanItems(Strict):
    """The work that an item (Postsendung) causes in the scan line."""

    pages_mean: Annotated[Figure[Annotated[float, Field(ge=1, le=200)]], PAGES]
    pages_median: Annotated[Figure[Annotated[float, Field(ge=1, le=200)]], PAGES]
    pages_per_sheet: Annotated[Figure[Annotated[float, Field(ge=1, le=2)]], PAGES]
    excluded: Annotated[Figure[Share], SHARE]
    rescanned: Annotated[Figure[Annotated[float, Field(ge=0, le=0.5)]], SHARE]
    sample_normal: Annotated[Figure[Share], SHARE]
    sample_high: Annotated[Figure[Share], SHARE]
    time_spread: Annotated[Figure[Annotated[float, Field(ge=0.05, le=2)]], FACTOR]
    handling_seconds: Annotated[Figure[Positive], SECONDS]
    prepared_sheets_per_hour: Annotated[Figure[Positive], PER_HOUR]
    scanned_pages_per_hour: Annotated[Figure[Positive], PER_HOUR]
    indexed_items_per_hour: Annotated[Figure[Positive], PER_HOUR]
    seconds_per_sampled_page: Annotated[Figure[NotNegative], SECONDS]
    release_seconds: Annotated[Figure[Positive], SECONDS]


class Paper(Strict):
    """The paper after scanning: kept for a period, in boxes, then destroyed."""

    kept_days: Annotated[Figure[Annotated[float, Field(ge=1, le=3650)]], CALENDAR_DAYS]
    sheets_per_box: Annotated[Figure[Positive], PIECES]


OwnDate = Annotated[date | None, Field(strict=False)]
"""A date that JSON too may hold: what lies in a list that is checked before is no longer known to come from there."""


class Shift(Strict):
    """Hours of a station on working days; one that ends before it starts ends on the next day.

    `starting`, `ending`: first and last day on which it is worked, where it is not always.
    """

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    starting: OwnDate = None
    ending: OwnDate = None

    @model_validator(mode="after")
    def _lasts(self) -> "Shift":
        if self.end == self.start:
            raise InvalidValue(
                f"die Schicht beginnt und endet um {self.start}", f"the shift starts and ends at {self.start}"
            )
        if self.starting and self.ending and self.ending < self.starting:
            raise InvalidValue(
                f"die Schicht gilt bis {self.ending}, vor ihrem ersten Tag {self.starting}",
                f"the shift is worked until {self.ending}, before its first day {self.starting}",
            )
        return self


def _list_shifts(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


Shifts = Annotated[
    list[Shift],
    Field(min_length=1, max_length=12),
    BeforeValidator(_list_shifts, json_schema_input_type=Shift | list[Shift]),
]
"""One shift, or a list of several."""


class Delivery(Strict):
    """A mail delivery at a time of day with its share of the day's items."""

    at: Clock
    share: Annotated[Figure[Share], SHARE]


class Station(Strict):
    """One station of the scan line: its shifts and how many work there at once, in each of them."""

    shift: Shifts
    capacity: Annotated[Steps, PIECES]


class ScanCentre(Strict):
    """A scan centre (Scanstelle): central, or decentral for its own clients (C15)."""

    id: Slug
    title: Text
    kind: Literal["central", "decentral"]
    opens: Dated
    late_months: Annotated[Figure[Annotated[float, Field(ge=0, le=60)]], MONTHS]
    """How much later than `opens` it may really open; the plan takes none of it."""
    needs_go_live: bool
    target_hours: Annotated[Figure[Positive], WORKING_HOURS]
    deliveries: Annotated[list[Delivery], Field(min_length=1, max_length=10)]
    prepare: Station
    scan: Station
    check: Station
    release: Station

    @model_validator(mode="after")
    def _day_adds_up(self) -> "ScanCentre":
        total = sum(d.share.value for d in self.deliveries)
        if abs(total - 1) > 1e-9:
            raise InvalidValue(
                f"die Anteile der Lieferungen ergeben zusammen {total:g}; erwartet 1",
                f"the shares of the deliveries add up to {total:g}; expected 1",
            )
        if [d.at for d in self.deliveries] != sorted(d.at for d in self.deliveries):
            raise InvalidValue(
                "die Lieferungen stehen nicht in der Reihenfolge des Tages",
                "deliveries are not in the order of the day",
            )
        return self


class Scan(Strict):
    """Replacing scanning (Ersetzendes Scannen) of incoming mail."""

    items: ScanItems
    paper: Paper
    centres: Annotated[list[ScanCentre], Field(max_length=20)]


Percent = Annotated[int, Field(ge=1, le=100)]
KeptDays = Annotated[int, Field(ge=14, le=3650)]


class ScanClient(Strict):
    """An authority whose mail is scanned."""

    authority: Slug
    items_per_day: Annotated[Figure[NotNegative], PER_DAY]


class ScanWork(Strict):
    """Replacing scanning, batch by batch: whose mail comes when, who works on it, and what an item takes."""

    centre: Slug
    title: Text
    operators: Slug
    """Unit whose staff prepare and scan."""
    inspectors: Slug
    """Unit whose staff check."""
    clients: Annotated[list[ScanClient], Field(min_length=1, max_length=200)]
    deliveries: Annotated[list[Clock], Field(min_length=1, max_length=6)]
    """Times of day, in German time."""
    most_in_batch: Annotated[int, Field(ge=1, le=1000)] = 50
    sheets: Annotated[Figure[Positive], SHEETS]
    """Mean of an item; geometric."""
    prepare: Touch
    scan: Touch
    check: Touch
    look: Touch
    """In addition, where chance or a flag has chosen an item to be looked at."""
    excluded: Annotated[Figure[Share], SHARE]
    rejected: Annotated[Figure[Share], SHARE]
    """Of what is looked at; it is scanned again."""
    sample_percent: Annotated[Figure[Percent], PERCENT]
    paper_days: Annotated[Figure[KeptDays], CALENDAR_DAYS]
    """From the filing to the destruction."""
    filed: Lying
    """How long a delivered item lies with the client."""
