"""An isolation forest (Liu, Ting and Zhou 2008), all trees grown at once, with chance drawn from a fixed stream.

A tree splits a sample of rows at random: a random column, and a random place between the least and the most that the
rows of the node have there. Rows that are few and different are soon alone. Node ``k`` of a level lies above nodes
``2k`` and ``2k + 1`` of the next; a node whose rows are all alike splits no more.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curators.dsi.expert import Array

#: Euler's constant, in the mean length of an unsuccessful search in a binary tree.
_EULER = 0.5772156649015329
#: Constants of Knuth's linear congruential generator (MMIX), modulo 2^64.
_MULTIPLIER, _INCREMENT, _MASK = 6364136223846793005, 1442695040888963407, (1 << 64) - 1


class Chance(NamedTuple):
    """What a forest throws dice for: the rows of each tree's sample, the column and the place of each node's split."""

    sample: NDArray[np.intp]
    column: tuple[NDArray[np.intp], ...]
    place: tuple[Array, ...]


def scores(rows: Array, asked: Array, *, trees: int, sample: int) -> Array:
    """Return for each row asked about 2^(-mean depth / expected depth): about .5 for a usual one, towards 1 if rare.

    All trees go down together, level by level; ``nodes`` says for every tree in which node of the level a row of its
    sample, and after those a row asked about, has come to lie.
    """
    width = rows.shape[1]
    chance = _chance(trees, sample, len(rows), width, max(1, (sample - 1).bit_length()))
    known = np.broadcast_to(len(rows) + np.arange(len(asked)), (trees, len(asked)))
    cells = np.concatenate((rows, asked)).ravel()
    begins = np.concatenate((chance.sample, known), axis=1) * width
    nodes = np.repeat(np.arange(trees)[:, None], begins.shape[1], axis=1)
    depths = np.zeros((trees, len(asked)))
    for column, place in zip(chance.column, chance.place, strict=True):
        values = cells.take(begins + column.take(nodes))
        split = _splits(values[:, :sample].ravel(), nodes[:, :sample].ravel(), place)
        here = split.take(nodes)
        depths += here[:, sample:] < np.inf
        nodes = 2 * nodes + (values >= here)
    left = np.bincount(nodes[:, :sample].ravel(), minlength=trees << len(chance.place))
    expected = _expected(sample)
    depths += expected.take(left.take(nodes[:, sample:]))
    result: Array = 2.0 ** (-depths.mean(axis=0) / expected[sample])
    return result


def _splits(values: Array, nodes: NDArray[np.intp], place: Array) -> Array:
    """Return where each node splits; infinity for one whose rows are all alike."""
    least, most = np.full(len(place), np.inf), np.full(len(place), -np.inf)
    np.minimum.at(least, nodes, values)
    np.maximum.at(most, nodes, values)
    parts = most > least
    width = np.subtract(most, least, out=np.zeros(len(place)), where=parts)
    return np.where(parts, least + place * width, np.inf)


@cache
def _expected(most: int) -> Array:
    """Return by number of rows the mean depth at which one of them is alone."""
    out = np.zeros(most + 1)
    for rows in range(2, most + 1):
        harmonic = np.log(rows - 1.0) + _EULER
        out[rows] = 1.0 if rows == 2 else 2.0 * harmonic - 2.0 * (rows - 1.0) / rows
    return out


@lru_cache(maxsize=64)
def _chance(trees: int, sample: int, rows: int, columns: int, levels: int) -> Chance:
    """Return the throws for a forest of this shape; the same shape always gets the same ones."""
    sizes = [trees << level for level in range(levels)]
    ends = np.cumsum([trees * rows, *sizes, *sizes])
    order, *throws = np.split(_uniforms(int(ends[-1])), ends[:-1])
    return Chance(
        sample=np.argsort(order.reshape(trees, rows), axis=1, kind="stable")[:, :sample],
        column=tuple((each * columns).astype(np.intp) for each in throws[:levels]),
        place=tuple(throws[levels:]),
    )


def _uniforms(size: int) -> Array:
    state, out = 1, np.empty(size)
    for place in range(size):
        state = (state * _MULTIPLIER + _INCREMENT) & _MASK
        out[place] = (state >> 11) * 2.0**-53
    return out
