"""Putting an item into a list that is in order, close to its end, for compiled code: eight places at a time.

Who leaves a station with many servers may leave before ten others who began earlier. Moving these one by one ends
every time after another number of steps, which a processor cannot foresee; comparing eight at once and writing all
eight anew takes as long as two such steps and needs no guess.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from simulation.random_streams import inlined

WIDTH = 8
"""Places moved at a time; so many before the first must be there and hold what comes before everything."""

MOST_PLACES = 2**30
INDEX, WORD, NUMBER, BIT = ir.IntType(32), ir.IntType(64), ir.DoubleType(), ir.IntType(1)
FOLLOWING = ir.Constant(ir.VectorType(INDEX, WIDTH), list(range(1, WIDTH + 1)))
"""The places after each of eight; the last one is the first of a second vector."""


class Lists:
    """Room for lists of times and codes that is used again and again: fresh memory costs as much as a station."""

    def __init__(self) -> None:
        self._times, self._codes = np.empty(0), np.empty(0, np.int32)

    def make(self, rows: int, places: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Times and codes of empty lists, shape (rows, WIDTH + places); those made before are gone. Codes, twice a
        place, have half the width of times, as less memory is moved then; `ValueError` for more places than they name.
        """
        if places >= MOST_PLACES:
            raise ValueError(f"{places:,} items at once; there may be {MOST_PLACES:,}")
        size = rows * (WIDTH + places)
        if size > len(self._times):
            self._times, self._codes = np.empty(size), np.empty(size, np.int32)
        times, codes = self._times[:size].reshape(rows, -1), self._codes[:size].reshape(rows, -1)
        times[:, :WIDTH], codes[:, :WIDTH] = -np.inf, -1
        return times, codes


@inlined
def put(times: Any, codes: Any, count: int, time: float, code: int) -> None:
    """Put (time, code) into a list of `count` that is ordered by both; `times`, `codes`: from its first place on."""
    k = count
    while _put_into_eight(times, codes, k, time, code):  # type: ignore[call-arg]  # the context is numba's to give
        k -= WIDTH


@intrinsic
def _put_into_eight(_context: Any, times: Any, codes: Any, _end: Any, _time: Any, _code: Any) -> Any:
    """Put (time, code) among the eight places before the end and move what comes later by one place; return whether all
    eight do, so that it belongs further to the front.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointers = [context.make_array(signature.args[n])(context, builder, args[n]).data for n in (0, 1)]
        begin = builder.sub(args[2], ir.Constant(WORD, WIDTH))
        t, c = (_load(builder, pointer, begin) for pointer in pointers)
        new = [_repeat(builder, args[3]), _repeat(builder, builder.trunc(args[4], INDEX))]
        tie = builder.and_(builder.fcmp_ordered("==", t, new[0]), builder.icmp_signed(">", c, new[1]))
        later = builder.or_(builder.fcmp_ordered(">", t, new[0]), tie)
        here = builder.shuffle_vector(later, ir.Constant(ir.VectorType(BIT, WIDTH), [1] * WIDTH), FOLLOWING)
        for pointer, old, own in zip(pointers, (t, c), new, strict=True):
            stays = builder.shuffle_vector(old, own, FOLLOWING)
            moved = builder.select(later, old, builder.select(here, own, stays))
            _store(builder, pointer, builder.add(begin, ir.Constant(WORD, 1)), moved)
        return builder.extract_element(later, ir.Constant(INDEX, 0))

    return types.boolean(times, codes, types.int64, types.float64, types.int64), generate


def _repeat(builder: Any, value: Any) -> Any:
    """A vector of eight times the same."""
    one = builder.insert_element(ir.Constant(ir.VectorType(value.type, WIDTH), ir.Undefined), value, INDEX(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(INDEX, WIDTH), [0] * WIDTH))


def _load(builder: Any, pointer: Any, place: Any) -> Any:
    vector = ir.VectorType(pointer.type.pointee, WIDTH).as_pointer()
    found = builder.load(builder.bitcast(builder.gep(pointer, [place]), vector))
    found.align = 8
    return found


def _store(builder: Any, pointer: Any, place: Any, value: Any) -> None:
    builder.store(value, builder.bitcast(builder.gep(pointer, [place]), value.type.as_pointer())).align = 8
