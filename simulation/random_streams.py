"""One counter-based random stream per replication, entity and purpose.

Philox4x64-10 (Salmon et al., SC 2011) turns a key and a counter into 256 random bits without any state. The key is a
hash of seed, replication, entity and purpose, so a stream depends on nothing else: adding an authority, changing a
capacity or the number of workers disturbs no other number. NumPy's `Philox` is the same function; a test holds both
against each other. Where millions are drawn, its small form Philox4x32-10 is taken: a processor computes eight of them
at once. A test holds it against the known answers of its authors.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types, uint64
from numba.extending import intrinsic
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile with numba, cached on disk, without the interpreter's lock."""
    return cast("F", njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """Compile into every caller: for the small steps of a kernel, whose arrays are costly to hand over."""
    return cast("F", njit(inline="always")(function))


class _Key(ISeedSequence):
    """Hands `Philox` its key. With `Philox(key=...)` numpy asks the system for random bits as well, and for nothing."""

    def __init__(self, key: NDArray[np.uint64]) -> None:
        self._key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[np.uint64]:  # noqa: ARG002 - as numpy calls it
        return self._key


class Streams(NamedTuple):
    seed: int
    replication: int

    def key(self, entity: str, purpose: str) -> NDArray[np.uint64]:
        """The 128-bit key, shape (2,), of a stream."""
        name = f"{self.seed}/{self.replication}/{entity}/{purpose}".encode()
        return np.frombuffer(blake2b(name, digest_size=16).digest(), dtype="<u8").astype(np.uint64, copy=False)

    def generator(self, entity: str, purpose: str) -> np.random.Generator:
        key: Any = _Key(self.key(entity, purpose))  # numpy's annotations leave its own interface out
        return np.random.Generator(np.random.Philox(key))


def make_keys(seed: int, names: Sequence[str], purpose: str) -> NDArray[np.uint64]:
    """The keys of many streams that hold for every replication, shape (names, 2); see `draw_uniforms`."""
    hashed = [blake2b(f"{seed}/{name}/{purpose}".encode(), digest_size=16).digest() for name in names]
    return np.frombuffer(b"".join(hashed), dtype="<u8").astype(np.uint64).reshape(-1, 2)


@intrinsic
def _high_product(_context: Any, _a: Any, _b: Any) -> Any:
    """Upper 64 bits of the 128-bit product: one instruction that numba offers no name for."""

    def generate(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@compiled
def philox(key0: Any, key1: Any, counter0: Any, counter1: Any) -> Any:
    """The four 64-bit words of Philox4x64-10 at counter (counter0, counter1, 0, 0)."""
    m0, m1 = uint64(0xD2E7470EE14C6C93), uint64(0xCA5A826395121157)
    w0, w1 = uint64(0x9E3779B97F4A7C15), uint64(0xBB67AE8584CAA73B)
    k0, k1 = uint64(key0), uint64(key1)
    c0, c1, c2, c3 = uint64(counter0), uint64(counter1), uint64(0), uint64(0)
    for _ in range(10):
        high0: Any = _high_product(m0, c0)  # type: ignore[call-arg]  # the typing context is numba's to give
        high1: Any = _high_product(m1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, m1 * c2, high0 ^ c3 ^ k1, m0 * c0
        k0 = k0 + w0
        k1 = k1 + w1
    return c0, c1, c2, c3


@compiled
def unit(word: Any) -> float:
    """A 64-bit word as a number in (0, 1): 52 bits, centred so that neither end is reached (53 would round to 1)."""
    return (float(uint64(word) >> uint64(12)) + 0.5) * (1.0 / 4503599627370496.0)


@compiled
def draw_words(words: Any, key: Any, counter: int, first: int, count: int) -> None:
    """Philox4x32-10 at the counters (`first` + k, `counter`, 0, 0) of a 64-bit key into `words`, shape (4, at least
    `count`) of 32 bits.
    """
    low, half = uint64(0xFFFFFFFF), uint64(32)
    m0, m1, w0, w1 = uint64(0xD2511F53), uint64(0xCD9E8D57), uint64(0x9E3779B9), uint64(0xBB67AE85)
    for k in range(count):
        c0, c1, c2, c3 = uint64(first + k), uint64(counter), uint64(0), uint64(0)
        k0, k1 = uint64(key) & low, uint64(key) >> half
        for _ in range(10):
            product0, product1 = m0 * c0, m1 * c2
            c0, c1 = (product1 >> half) ^ c1 ^ k0, product1 & low
            c2, c3 = (product0 >> half) ^ c3 ^ k1, product0 & low
            k0, k1 = (k0 + w0) & low, (k1 + w1) & low
        words[0, k], words[1, k], words[2, k], words[3, k] = c0, c1, c2, c3


@compiled
def draw_uniforms(keys: Any, replication: int, count: int) -> Any:
    """Numbers in (0, 1) of each stream in `keys` (streams, 2) for one replication, shape (streams, count).

    The replication is part of the counter and not of the key, so keys are made once for all replications.
    """
    found = np.empty((len(keys), count))
    for k in range(len(keys)):
        for block in range((count + 3) // 4):
            words = philox(keys[k, 0], keys[k, 1], block, replication)
            for n in range(min(4, count - 4 * block)):
                found[k, 4 * block + n] = unit(words[n])
    return found
