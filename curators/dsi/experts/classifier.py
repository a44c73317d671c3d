"""The sequence classifier: a small network that tells signal from noise in the last rows of price and volume.

Twelve scale-free measures of the sequence, mirrored for a short plan, go through one hidden layer of tanh units to the
probability that a move of the plan's direction comes true before its stop and its horizon. Training weighs both classes
alike, so .5 means "as likely as ever", not "as likely as not". The weights were computed by ``manage.py
train_classifier`` and stand in ``weights.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from curators.dsi import expert
from curators.dsi.expert import Array, Side
from curators.dsi.experts import weights
from curators.dsi.policy import ClassifierPolicy
from curators.dsi.tape import Tape

#: The measures in the order of the weights; those marked (m) change sign for a short plan.
MEASURES = (
    "move_4",  # (m) move of the last 4 rows [usual steps x sqrt(rows)]
    "move_8",  # (m) of the last 8
    "move_all",  # (m) of all
    "last_step",  # (m) the newest step [usual steps]
    "place",  # (m) where in the range the price is [-1 to 1]
    "flow_8",  # (m) volume of rising less that of falling rows among the last 8 [share]
    "flow_all",  # (m) among all
    "efficiency",  # the whole move over the whole path [share]
    "stir",  # size of steps in the last 8 rows over the usual, less 1
    "volume",  # volume of the last 8 rows over the usual, less 1
    "memory",  # correlation of a step with the one before
    "largest",  # the largest step over the usual
)
MIRRORED = 7
_FOUR, _EIGHT = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Weights as arrays: inputs are centred, scaled and clipped, then hidden = tanh(W x + b), p = sigma(v h + c)."""

    mean: Array
    scale: Array
    hidden: Array
    bias: Array
    output: Array
    offset: float

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> Network:
        """Return the network of plain numbers, as ``weights.py`` holds them."""
        arrays = {name: np.array(numbers[name]) for name in ("mean", "scale", "hidden", "bias", "output")}
        return cls(**arrays, offset=float(numbers["offset"]))

    def probabilities(self, inputs: Array, *, most: float) -> Array:
        """Return the probability of a signal for each row of measures."""
        scaled = np.clip((inputs - self.mean) / self.scale, -most, most)
        drive = np.tanh(scaled @ self.hidden.T + self.bias) @ self.output + self.offset
        result: Array = 0.5 + 0.5 * np.tanh(0.5 * drive)
        return result


@cache
def shipped() -> Network:
    """Return the network that comes with the desk."""
    return Network.of(weights.LEARNED)


def judge(
    tape: Tape, *, side: Side, confidence: float, policy: ClassifierPolicy, network: Network | None = None
) -> expert.ExpertSaid | None:
    """Return the probability of a signal; None when price or volume never moved or volume is absent."""
    price, volume = tape.price[None, -policy.sequence :], tape.volume[None, -policy.sequence :]
    measures = measured(price, volume)
    if not np.isfinite(measures).all():
        return None
    mirrored = mirror(measures, side)
    [probability] = (network or shipped()).probabilities(mirrored, most=policy.most)
    said = "signal" if probability > 0.5 else "noise"
    details = {"class": said, "sequence": policy.sequence}
    return expert.ExpertSaid(evidence=expert.share(probability), confidence=expert.share(confidence), details=details)


def mirror(measures: Array, side: Side) -> Array:
    """Return measures as a plan of this side sees them."""
    signs = np.ones(len(MEASURES))
    signs[:MIRRORED] = side.sign
    return measures * signs


def measured(price: Array, volume: Array) -> Array:
    """Return the measures of sequences of shape (sequences, rows); NaN where one cannot be taken."""
    with np.errstate(all="ignore"):
        steps = price[:, 1:] / price[:, :-1] - 1.0
        sizes = np.abs(steps)
        usual = sizes.mean(axis=1)
        rows = steps.shape[1]
        low, high = price.min(axis=1), price.max(axis=1)
        flow = np.sign(steps) * volume[:, 1:]
        traded = volume.mean(axis=1)
        now = volume[:, -_EIGHT:].mean(axis=1)
        out = (
            steps[:, -_FOUR:].sum(axis=1) / (usual * _FOUR**0.5),
            steps[:, -_EIGHT:].sum(axis=1) / (usual * _EIGHT**0.5),
            steps.sum(axis=1) / (usual * rows**0.5),
            steps[:, -1] / usual,
            2.0 * (price[:, -1] - low) / (high - low) - 1.0,
            flow[:, -_EIGHT:].sum(axis=1) / (_EIGHT * traded),
            flow.sum(axis=1) / (rows * traded),
            np.abs(steps.sum(axis=1)) / (usual * rows),
            sizes[:, -_EIGHT:].mean(axis=1) / usual - 1.0,
            now / traded - 1.0,
            (steps[:, 1:] * steps[:, :-1]).sum(axis=1) / (steps * steps).sum(axis=1),
            sizes.max(axis=1) / usual,
        )
    return np.stack(out, axis=1)
