"""Routes as trees: whose turn it is, insertion and pruning, against the relation "must be finished before"."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflow.routes.route import Block, Leaf, earlier, frontier, insert_after, later, stations, without

blocks = st.sampled_from(["sequence", "parallel"])
shapes = st.recursive(
    st.just(None), lambda inner: st.tuples(blocks, st.lists(inner, min_size=1, max_size=3)), max_leaves=9
)


def built(shape, path=(), known=None):
    """A route of that shape, and each station with its path."""
    known = {} if known is None else known
    if shape is None:
        key = f"00000000-0000-4000-8000-{len(known):012d}"
        known[key] = path
        return Leaf(station=key), known
    order, inner = shape
    parts = tuple(built(one, (*path, (order, n)), known)[0] for n, one in enumerate(inner))
    return Block(order=order, parts=parts), known


@st.composite
def routes(draw):
    route, known = built(("sequence", draw(st.lists(shapes, min_size=1, max_size=3))))
    return route, known


def before(one, other):
    for a, b in zip(one, other, strict=False):
        if a != b:
            return a[0] == "sequence" and a[1] < b[1]
    return False


@given(routes())
def test_what_comes_earlier_and_later_is_the_relation(drawn: Any) -> None:
    route, known = drawn
    for one in known:
        assert earlier(route, one) == {o for o in known if before(known[o], known[one])}
        assert later(route, one) == {o for o in known if before(known[one], known[o])}
    assert list(stations(route)) == list(known)


@given(routes(), st.data())
def test_the_frontier_is_who_has_nobody_left_before_them(drawn: Any, data: Any) -> None:
    route, known = drawn
    done = set(data.draw(st.lists(st.sampled_from(sorted(known)))))
    passing = set(data.draw(st.lists(st.sampled_from(sorted(known))))) - done
    turn = [
        key for key in known
        if key not in done and all(o in done | passing for o in known if before(known[o], known[key]))
    ]  # fmt: skip
    assert frontier(route, done.__contains__, passing.__contains__) == turn


@given(routes(), st.data())
def test_insertion_comes_right_behind_and_changes_no_other_order(drawn: Any, data: Any) -> None:
    route, known = drawn
    after = data.draw(st.sampled_from(sorted(known)))
    new = "ffffffff-0000-4000-8000-000000000000"
    longer = insert_after(route, after, (Leaf(station=new),))
    numbered = list(stations(longer))
    assert numbered.index(new) == numbered.index(after) + 1
    assert [key for key in numbered if key != new] == list(known)
    assert earlier(longer, new) == {*earlier(route, after), after}
    for one in known:
        assert earlier(longer, one) - {new} == earlier(route, one)


@given(routes(), st.data())
def test_pruning_keeps_the_order_of_the_rest(drawn: Any, data: Any) -> None:
    route, known = drawn
    dropped = set(data.draw(st.lists(st.sampled_from(sorted(known)))))
    rest = without(route, dropped)
    assert list(stations(rest)) == [key for key in known if key not in dropped]
    for one in stations(rest):
        assert earlier(rest, one) == earlier(route, one) - dropped
