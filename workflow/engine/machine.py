"""A state machine is a table, declared once: it drives transitions, allowed actions, errors, diagrams and tests.

A row says: in this state this action, by these roles, under these named guards, leads to that state and is recorded
as that event, because of that paragraph. The rows stand with the commands that take them. Those with the same state
and action are tried in order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, Self, TypeVar

from workflow.engine.access import Role, name_roles
from workflow.engine.commands import Command, Option, Row
from workflow.engine.events import Event
from workflow.errors import Forbidden, GuardFailed, NotAllowed
from workflow.text import Text

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Guard", "Machine", "Observer", "Option", "Question", "Row", "observed"]


class Question(Protocol):
    def asking(self, action: str) -> Self:
        """The same question for an action without a command yet."""
        ...


Q = TypeVar("Q", bound=Question)


class Guard(NamedTuple, Generic[Q]):
    test: Callable[[Q], bool]
    en: str
    de: str
    personal: bool = False
    """Whether its failure is about who asks, and so `Forbidden`."""


class Refusal(NamedTuple):
    """Why no row applies."""

    en: str
    de: str
    guard: str = ""
    """The unmet one; empty where the state knows no such action, or no role fits."""
    forbidden: bool = False
    """Whether it is about who asks."""


class Observer(Protocol):
    """Sees every decision of a machine, after it was taken; see `workflow.engine.machine`."""

    def taken(self, machine: "Machine[Any]", row: Row, roles: frozenset[Role], question: Any) -> None: ...

    def refused(
        self,
        machine: "Machine[Any]",
        state: str,
        action: str,
        roles: frozenset[Role],
        question: Any,
        no: NotAllowed | Forbidden,
    ) -> None: ...


@dataclass(frozen=True)
class Machine(Generic[Q]):
    """States in order, the first one, those that end, the commands with their rows, and the guards by name."""

    name: str
    states: Mapping[str, str]
    """State -> German term."""
    initial: str
    ends: frozenset[str]
    guards: Mapping[str, Guard[Q]]
    commands: Sequence[type[Command]] = ()
    """Every action, in the order in which people read it."""
    table: Sequence[Row] = ()
    """The rows of the commands, unless others are given."""
    _index: dict[tuple[str, str], list[Row]] = field(init=False, repr=False, compare=False)
    _actions: dict[str, list[str]] = field(init=False, repr=False, compare=False)
    _targets: dict[tuple[str, str], str] = field(init=False, repr=False, compare=False)
    _conditional: dict[tuple[str, str], list[Row]] = field(init=False, repr=False, compare=False)
    _labels: dict[str, Text] = field(init=False, repr=False, compare=False)
    observer: Observer | None = field(init=False, repr=False, compare=False, default=None)
    """Told of every decision, but not of questions what would be allowed."""

    def __post_init__(self) -> None:
        if not self.table:
            object.__setattr__(self, "table", [row for command in self.commands for row in command.ROWS])
        index: dict[tuple[str, str], list[Row]] = {}
        actions: dict[str, list[str]] = {state: [] for state in self.states}
        for row in self.table:
            index.setdefault((row.source, row.action), []).append(row)
            if row.action not in actions[row.source]:
                actions[row.source].append(row.action)
        object.__setattr__(self, "_index", index)
        object.__setattr__(self, "_actions", actions)
        targets: dict[tuple[str, str], str] = {}
        conditional: dict[tuple[str, str], list[Row]] = {}
        for row in self.table:
            if row.when is None:
                targets[row.source, row.event] = row.target
            else:
                conditional.setdefault((row.source, row.event), []).append(row)
        object.__setattr__(self, "_targets", targets)
        object.__setattr__(self, "_conditional", conditional)
        object.__setattr__(self, "_labels", {command.ACTION: command.LABEL for command in self.commands})

    @property
    def actions(self) -> list[str]:
        return list(dict.fromkeys(row.action for row in self.table))

    def command(self, action: str) -> type[Command] | None:
        """The command of an action; None where the machine has no such action."""
        return next((command for command in self.commands if action == command.ACTION), None)

    def label(self, action: str) -> Text:
        """What people call an action, in quotation marks."""
        named = self._labels.get(action)
        words = named if named is not None and named.en else Text(action.replace("_", " "), action.replace("_", " "))
        return Text(f"„{words.de}“", f"“{words.en}”")

    def refuse_by_time(self, action: str) -> tuple[str, str]:
        """In English and German, that nobody may ask for an action."""
        label = self.label(action)
        return f"{label.en} happens by itself", f"{label.de} geschieht von selbst"

    def state_after(self, state: str, event: Event) -> str:
        """The state that an event leads to, as its row says; the same where no row of the state has the event."""
        key = (state, event.TYPE)
        for row in self._conditional.get(key, ()):
            if row.when is not None and row.when(event):
                return row.target
        return self._targets.get(key, state)

    def step(self, state: str, action: str, roles: frozenset[Role], question: Q) -> Row:
        """The row that applies.

        Raises `NotAllowed` where the state knows no such action, `Forbidden` where no role fits or a personal guard
        says no, `GuardFailed` with the unmet guard where every row has one.
        """
        if self.observer is None:
            return self._step(state, action, roles, question)
        try:
            row = self._step(state, action, roles, question)
        except (NotAllowed, Forbidden) as no:
            self.observer.refused(self, state, action, roles, question, no)
            raise
        self.observer.taken(self, row, roles, question)
        return row

    def _step(self, state: str, action: str, roles: frozenset[Role], question: Q) -> Row:
        found = self._find(state, action, roles, question)
        if isinstance(found, Row):
            return found
        if found.forbidden:
            raise Forbidden(found.en, found.de, found.guard)
        allowed = [a for a in self._open_to(state, roles) if self._may(state, a, roles, question)]
        if found.guard:
            raise GuardFailed(self.name, state, action, allowed, found.guard, found.en, found.de)
        raise NotAllowed(self.name, state, action, allowed, found.en, found.de)

    def _find(self, state: str, action: str, roles: frozenset[Role], question: Q) -> "Row | Refusal":
        candidates = self._index.get((state, action))
        if candidates is None:
            return self._refuse_in_state(state, action)
        furthest, name = -1, ""
        for row in candidates:
            if row.roles.isdisjoint(roles):
                continue
            unmet = self.unmet(row, question)
            if unmet is None:
                return row
            if row.guards.index(unmet) > furthest:  # the row that came furthest tells best what is still missing
                furthest, name = row.guards.index(unmet), unmet
        if not name:
            if all(row.by_time for row in candidates):
                if not self._only_time(action):  # people may in another state, such as assign what was sighted
                    return self._refuse_in_state(state, action)
                return Refusal(*self.refuse_by_time(action), forbidden=True)
            label, who = self.label(action), name_roles(frozenset().union(*(row.roles for row in candidates)))
            return Refusal(f"{label.en} is for {who.en}", f"{label.de} ist {who.de} vorbehalten", forbidden=True)
        guard = self.guards[name]
        return Refusal(guard.en, guard.de, name, guard.personal)

    def _refuse_in_state(self, state: str, action: str) -> Refusal:
        label, named = self.label(action), self.states[state]
        return Refusal(
            f"{label.en} is not possible in state {state.replace('_', ' ')}",
            f"{label.de} ist im Zustand {named} nicht möglich",
        )

    def unmet(self, row: Row, question: Q) -> str | None:
        """Name of the first guard of the row that says no, None where all agree."""
        for name in row.guards:
            if not self.guards[name].test(question):
                return name
        return None

    def allowed(self, state: str, roles: frozenset[Role], question: Q) -> list[Option]:
        """Every action of the machine, whether it may be done now, and if not, why.

        Guards that look at the command see none and then say yes, so that an action shown as allowed may still ask
        for something, such as a reason.
        """
        return [self._option(state, action, roles, question) for action in self.actions if not self._only_time(action)]

    def mermaid(self) -> str:
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        merged: dict[tuple[str, str], list[str]] = {}
        for row in self.table:
            if row.source != row.target:
                label = f"{row.action} (system)" if row.by_time else row.action
                labels = merged.setdefault((row.source, row.target), [])
                if label not in labels:
                    labels.append(label)
        lines += [f"    {s} --> {t}: {', '.join(labels)}" for (s, t), labels in merged.items()]
        lines += [f"    {state} --> [*]" for state in self.states if state in self.ends]
        return "\n".join(lines) + "\n"

    def graph(self) -> "nx.MultiDiGraph[str]":
        import networkx as nx  # noqa: PLC0415 - takes a tenth of a short command's time, which asks for no graph

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.add_nodes_from(self.states)
        graph.add_edges_from((row.source, row.target) for row in self.table)
        return graph

    def faults(self) -> list[str]:
        """What is wrong with the table itself: states out of reach, states that cannot end, unknown guards."""
        import networkx as nx  # noqa: PLC0415 - as in `graph`

        graph = self.graph()
        reached = nx.descendants(graph, self.initial) | {self.initial}
        found = [f"{state} cannot be reached" for state in self.states if state not in reached]
        ending = set(self.ends).union(*(nx.ancestors(graph, end) for end in self.ends))
        found += [f"{state} cannot end" for state in self.states if state not in ending]
        found += [f"{row.source} {row.action}: unknown state {row.target}" for row in self.table
                  if row.target not in self.states]  # fmt: skip
        for row in self.table:
            if self.commands and row.when is None and self._targets[row.source, row.event] != row.target:
                found.append(f"{row.source} {row.event}: leads to two states")
        used = {name for row in self.table for name in row.guards}
        found += [f"unknown guard {name}" for name in sorted(used - set(self.guards))]
        found += [f"guard {name} is never asked" for name in sorted(set(self.guards) - used)]
        return found

    def _only_time(self, action: str) -> bool:
        return all(row.by_time for row in self.table if row.action == action)

    def _open_to(self, state: str, roles: frozenset[Role]) -> list[str]:
        """Actions that the state has for these roles, guards aside."""
        return [
            action for action in self._actions[state] if any(row.roles & roles for row in self._index[state, action])
        ]

    def _option(self, state: str, action: str, roles: frozenset[Role], question: Q) -> Option:
        found = self._find(state, action, roles, question.asking(action))
        return Option(action, True, None, None) if isinstance(found, Row) else Option(action, False, found.en, found.de)

    def _may(self, state: str, action: str, roles: frozenset[Role], question: Q) -> bool:
        return isinstance(self._find(state, action, roles, question.asking(action)), Row)


@contextmanager
def observed(machines: Iterable[Machine[Any]], observer: Observer) -> Iterator[None]:
    """Tell the observer of every decision of these machines in this process, until left again."""
    watched = list(machines)
    before = [machine.observer for machine in watched]
    for machine in watched:
        _set(machine, observer)
    try:
        yield
    finally:
        for machine, old in zip(watched, before, strict=True):
            _set(machine, old)


def _set(machine: Machine[Any], observer: Observer | None) -> None:
    object.__setattr__(machine, "observer", observer)  # frozen towards everybody else
