"""What can be done with a member of staff (Vertretung: xdomea 0620).

Rule 18: a deputy is appointed for a time, never in a circle, and only if cleared; what a deputy does is logged as
"B for A" (i. V.).
"""

from datetime import timedelta

from workflow.engine.access import HUMANS, Actor, Protection, Role
from workflow.engine.commands import Built, Command, Permission, Row, by_action, rows
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Name, Time
from workflow.errors import Forbidden, InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.events import DeputyAppointed, DeputyRevoked, StaffLeft, StaffRegistered
from workflow.organisation.staff.guards import Question
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.persons import check_new, find_person, finder
from workflow.text import Text

ANY_STATE = "registered left"


def own_or_admin(event: type[Event], *guards: str, en: str, de: str) -> tuple[Row, ...]:
    """The person, as long as they work here, and an admin of their authority, also once they have left."""
    basis = "xdomea 0620; rule 18"
    return rows("registered", None, HUMANS, event, "own_or_admin", *guards, en=en, de=de, basis=basis) + rows(
        "left", None, {Role.ADMIN}, event, "own_authority", *guards, en=en, de=de, basis=basis
    )


def check_granting(actor: Actor, authority: str | None, clearance: Protection) -> None:
    """`Forbidden` where somebody grants what is not theirs: in another authority, or a clearance above their own."""
    if actor.authority not in {None, authority}:
        raise Forbidden("this is another authority's staff", "Dies ist Personal einer anderen Behörde")
    if not actor.clearance.covers(clearance):
        raise Forbidden("nobody grants a clearance above their own", "Niemand erteilt mehr als die eigene Freigabe")


class StaffCommand(Command):
    """Base; `user` is the person whom it is about."""

    user: Name


class Register(
    StaffCommand, action="register", en="Enter a person", de="Person eintragen",
    example={"user": "schmidt", "roles": ["approver"], "authority": "mwide", "clearance": "high"},
):  # fmt: skip
    """Enter a person, or change what is entered."""

    roles: tuple[Role, ...]
    authority: Name | None = None
    """Without it, that of whoever enters them; who acts for all authorities enters persons for all."""
    clearance: Protection = Protection.NORMAL

    PERMISSION = Permission(
        frozenset({Role.ADMIN}),
        en="staff is entered by admin",
        de="Personal trägt die Administration ein",
        basis="rule 18",
    )
    ROWS = rows(
        ANY_STATE, "registered", {Role.ADMIN}, StaffRegistered, "own_authority",
        en="entered", de="eingetragen", basis="rule 18",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return self.register(question.member, question.context)

    def register(self, member: StaffMember | None, context: Context) -> StaffRegistered:
        """What is entered now and was before; `member` is None for a new person.

        `Forbidden` for another authority, or for a clearance above that of whoever enters it; `InvalidCommand` for
        roles that no person has, and for a name that nobody new may have.
        """
        authority = self.authority or context.actor.authority
        check_granting(context.actor, authority, self.clearance)
        if not self.roles or Role.SYSTEM in self.roles:
            raise InvalidCommand(
                [("/roles", Text("eine oder mehrere Rollen von Personen", "one or more roles of persons"))]
            )
        if member is None:
            check_new(self.user)
        return StaffRegistered(
            user=member.user if member else self.user,
            roles=tuple(sorted(set(self.roles))),
            authority=authority,
            clearance=self.clearance,
            old_roles=tuple(sorted(member.roles)) if member else (),
            old_authority=member.authority if member else None,
            old_clearance=member.clearance if member else None,
        )


class Leave(
    StaffCommand, action="leave", en="Enter leaving", de="Ausscheiden eintragen",
    example={"user": "schmidt", "reason": "Ruhestand"},
):  # fmt: skip
    """The person leaves."""

    reason: Line

    ROWS = rows(
        ANY_STATE, "left", {Role.ADMIN}, StaffLeft, "own_authority",
        en="left", de="ausgeschieden", basis="rule 18",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return StaffLeft(user=question.member.user, reason=self.reason, ends_tokens=True)


class AppointDeputy(
    StaffCommand, action="appoint_deputy", en="Appoint a deputy", de="Vertretung bestellen",
    example={
        "user": "schmidt", "deputy": "weber", "since": "2027-03-01T00:00:00+01:00",
        "until": "2027-03-15T00:00:00+01:00",
    },
):  # fmt: skip
    """Appoint a deputy for a time."""

    deputy: Name
    since: Time
    until: Time

    ROWS = own_or_admin(DeputyAppointed, "no_circle", "deputy_works_here", "deputy_cleared",
        en="appointed a deputy", de="Vertretung bestellt",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Who deputises how long; `InvalidCommand` where that is no time, or too long a time."""
        self._check_span(question.context)
        return DeputyAppointed(
            user=question.member.user,
            appointment=question.context.new_id(),
            deputy=find_person(self.deputy, question.member.authority, finder(question.context)),
            since=self.since,
            until=self.until,
        )

    def _check_span(self, context: Context) -> None:
        if not self.since < self.until:
            raise InvalidCommand([("/until", Text("muss nach dem Beginn liegen", "must be after since"))])
        if self.until - self.since > timedelta(days=context.rules.longest_deputising_days):
            says = Text(
                f"höchstens {context.rules.longest_deputising_days} Tage nach dem Beginn",
                f"at most {context.rules.longest_deputising_days} days after since",
            )
            raise InvalidCommand([("/until", says)])


class RevokeDeputy(
    StaffCommand, action="revoke_deputy", en="Revoke a deputy", de="Vertretung beenden",
    example={"user": "schmidt", "appointment": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"},
):  # fmt: skip
    """End an appointment early."""

    appointment: Id

    ROWS = own_or_admin(DeputyRevoked, en="revoked a deputy", de="Vertretung beendet")

    def build(self, question: Question) -> Built:
        """Which appointment ends now, or never begins; `InvalidCommand` where there is none in force or to come."""
        member, now = question.member, question.context.now
        found = next((a for a in member.deputies if a.id == self.appointment), None)
        if found is None or found.until <= now:
            says = Text("eine solche Vertretung gilt nicht und kommt nicht", "no such appointment in force or to come")
            raise InvalidCommand([("/appointment", says)])
        return DeputyRevoked(user=member.user, appointment=found.id, at=max(now, found.since))


ACTIONS: tuple[type[Command], ...] = (Register, Leave, AppointDeputy, RevokeDeputy)
COMMANDS = by_action(ACTIONS)
"""What people may ask."""
