"""Who is meant by a name: one id for each person, whatever the spelling, and another one in another authority.

A person's id is the normal form of their name; where another authority has somebody of that name already, `@` and
their own authority follow. Persons that earlier releases entered under another spelling keep it.
"""

from collections.abc import Callable

from workflow.engine.fields import is_name
from workflow.engine.naming.names import RESERVED, normalise
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import StaffMember, stream
from workflow.text import Text, get_text

Find = Callable[[str], StaffMember | None]
"""The person of an id as entered."""


def finder(context: Context) -> Find:
    return lambda user: context.find(stream(user), StaffMember)


def namesake_id(name: str, authority: str | None) -> str:
    return f"{name}@{authority}".lower()


def normal_form(name: str, field: str = "user") -> str:
    """As persons are compared; `InvalidCommand` for what is no name of a person."""
    try:
        found = normalise(name)
    except ValueError as wrong:
        raise InvalidCommand([(f"/{field}", get_text(wrong))]) from wrong
    if not is_name(found):
        raise InvalidCommand([(f"/{field}", Text("ist kein Name", "is no name"))])
    return found


def find_person(name: str, authority: str | None, find: Find) -> str:
    """Id of the person whom a thing of an authority names: its own, else the only other one of that name."""
    normal = normal_form(name, "actor")
    for spelling in dict.fromkeys((name, normal)):
        own = find(namesake_id(spelling, authority))
        if own is not None and own.authority == authority:
            return own.user
        if find(spelling) is not None:
            return spelling
    return normal


def spell(name: str, find: Find) -> str:
    """An id as written somewhere: as it stands where there is such a person, else in its normal form, if it has one."""
    try:
        return name if find(name) is not None else normalise(name)
    except ValueError:
        return name


def identify(name: str, authority: str | None, find: Find) -> str:
    """Id under which a person of an authority is entered.

    `InvalidCommand` for a name that is reserved, or that a person of another authority has in both forms.
    """
    normal = normal_form(name)
    for spelling in dict.fromkeys((name, normal)):
        member = find(spelling)
        if member is not None and (authority is None or member.authority in {None, authority}):
            return spelling
    check_new(normal)
    if find(normal) is None:
        return normal
    own = namesake_id(normal, authority)
    taken = find(own)
    if taken is not None and taken.authority != authority:
        raise InvalidCommand(
            [("/user", Text(f"{own} gehört zu einer anderen Behörde", f"{own} is a person of another authority"))]
        )
    return own


def check_new(user: str) -> None:
    """`InvalidCommand` for an id that no new person may have."""
    if user != normal_form(user):
        raise InvalidCommand([("/user", Text(f"schreibt sich {normal_form(user)}", f"is written {normal_form(user)}"))])
    if user in RESERVED or user.partition("@")[0] in RESERVED:
        raise InvalidCommand([("/user", Text(f"{user} ist vorbehalten", f"{user} is reserved"))])
