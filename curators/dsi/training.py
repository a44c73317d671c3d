"""Training the sequence classifier: examples from bars, a fit that is the same bit for bit, and honest figures.

An example is a sequence, a side and what became of it: *signal* when the price moved ``stop_atrs`` average true ranges
in that direction before it moved as far against it and before the horizon, else *noise*. A bar that reaches both ends
counts as the loss. Only the first ``used_share`` of each market is looked at; of that the earlier part is fitted to and
the later part judges, with a horizon left out between, so that no label reaches across.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curators.dsi.expert import Array, Side
from curators.dsi.experts import classifier
from curators.dsi.policy import ClassifierPolicy

_OPENED, _HIGH, _LOW, _CLOSE, _VOLUME = 1, 2, 3, 4, 5
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Measures of shape (examples, sides, measures), long first, and labels of shape (examples, sides): 1 a signal."""

    inputs: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a network does on examples; a half is chance for all but ``signals``, the share that are signals.

    ``balanced`` is the mean of the two classes' accuracies, ``auc`` the chance that a signal scores above a noise, and
    ``direction`` the share of examples that moved either way whose side was scored above the other.
    """

    examples: int
    signals: float
    balanced: float
    auc: float
    direction: float


def split(rows: Array, *, policy: ClassifierPolicy) -> tuple[Examples, Examples]:
    """Return what to fit to and what to judge by, from bars ``[closed_at, open, high, low, close, volume]``."""
    used = rows[: int(len(rows) * policy.used_share)]
    border = int(len(used) * policy.train_share)
    return examples(used[:border], policy=policy), examples(used[border:], policy=policy)


def examples(rows: Array, *, policy: ClassifierPolicy) -> Examples:
    """Return an example every ``apart`` bars, both sides of each; none whose horizon lies beyond these bars."""
    least = max(policy.sequence, policy.atr_rows + 1)
    ends = np.arange(least - 1, len(rows) - policy.horizon, policy.apart)
    if not len(ends):
        return Examples(inputs=np.empty((0, 2, len(classifier.MEASURES))), labels=np.empty((0, 2)))
    within = ends[:, None] + np.arange(1 - policy.sequence, 1)
    measures = classifier.measured(rows[within, _CLOSE], rows[within, _VOLUME])
    labels = _labels(rows, ends, policy)
    whole = np.isfinite(measures).all(axis=1) & np.isfinite(labels).all(axis=1)
    inputs = np.stack([classifier.mirror(measures[whole], side) for side in Side], axis=1)
    return Examples(inputs=inputs, labels=labels[whole])


def together(parts: Sequence[Examples]) -> Examples:
    """Return the examples of several markets as one."""
    return Examples(
        inputs=np.concatenate([part.inputs for part in parts]), labels=np.concatenate([part.labels for part in parts])
    )


def fit(learned: Examples, *, policy: ClassifierPolicy) -> dict[str, Any]:
    """Return weights as plain numbers: full-batch descent on the log loss, both classes weighing alike.

    Raises ValueError when there is not at least one example of each class.
    """
    inputs, labels = learned.inputs.reshape(-1, len(classifier.MEASURES)), learned.labels.ravel()
    signals = float(labels.sum())
    if not 0.0 < signals < len(labels):
        raise ValueError(f"examples: {len(labels)} with {signals:g} signals; both kinds are needed: give more bars")
    mean, scale = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), 10.0**-DIGITS)
    scaled = np.clip((inputs - mean) / scale, -policy.most, policy.most)
    weighing = np.where(labels > 0.5, 0.5 / signals, 0.5 / (len(labels) - signals))
    hidden, bias, output, offset = _descend(scaled, labels, weighing, policy)
    return {
        "mean": _plain(mean),
        "scale": _plain(scale),
        "hidden": [_plain(row) for row in hidden],
        "bias": _plain(bias),
        "output": _plain(output),
        "offset": round(float(offset), DIGITS),
    }


def judge(numbers: dict[str, Any], held_out: Examples, *, policy: ClassifierPolicy) -> Figures:
    """Return how weights do on examples that they have not seen; raises ValueError when there are none."""
    if not len(held_out):
        raise ValueError("examples: 0 to judge by; give more bars")
    network = classifier.Network.of(numbers)
    found = network.probabilities(held_out.inputs, most=policy.most)
    scores, labels = found.ravel(), held_out.labels.ravel() > 0.5
    moved = held_out.labels.sum(axis=1) > 0.5
    ahead = (found[moved, 0] > found[moved, 1]) == (held_out.labels[moved, 0] > 0.5)
    right = scores > 0.5
    return Figures(
        examples=len(labels),
        signals=round(float(labels.mean()), 4),
        balanced=round(float(right[labels].mean() + (~right[~labels]).mean()) / 2.0, 4),
        auc=round(_auc(scores, labels), 4),
        direction=round(float(ahead.mean()), 4),
    )


def _labels(rows: Array, ends: Any, policy: ClassifierPolicy) -> Array:
    """Return 1 where a side's move came true first, 0 where it did not, NaN where the market stood still."""
    close, ahead = rows[ends, _CLOSE], ends[:, None] + np.arange(1, policy.horizon + 1)
    move = policy.stop_atrs * _average_range(rows, ends, policy)
    up = _first(rows[ahead, _HIGH] >= (close + move)[:, None])
    down = _first(rows[ahead, _LOW] <= (close - move)[:, None])
    labels = np.stack((up < down, down < up), axis=1).astype(np.float64)
    labels[~(move > 0.0)] = np.nan
    return labels


def _first(reached: Any) -> Any:
    """Return at which bar ahead something was first reached, one past the horizon for never."""
    return np.where(reached.any(axis=1), reached.argmax(axis=1), reached.shape[1])


def _average_range(rows: Array, ends: Any, policy: ClassifierPolicy) -> Array:
    """Return the mean true range of the last bars (Wilder 1978, plain mean) [quote]."""
    within = ends[:, None] + np.arange(1 - policy.atr_rows, 1)
    before, high, low = rows[within - 1, _CLOSE], rows[within, _HIGH], rows[within, _LOW]
    mean: Array = (np.maximum(high, before) - np.minimum(low, before)).mean(axis=1)
    return mean


def _descend(
    inputs: Array, labels: Array, weighing: Array, policy: ClassifierPolicy
) -> tuple[Array, Array, Array, float]:
    """Return hidden weights and biases, output weights and offset after all epochs.

    Sums run through ``einsum``, which adds in one order whatever the number of threads.
    """
    units, width = policy.hidden, inputs.shape[1]
    start = _initial(units * (width + 1), policy.seed)
    hidden, output = start[: units * width].reshape(units, width) / width**0.5, start[units * width :] / units**0.5
    held = [hidden, np.zeros(units), output, np.zeros(1)]
    pace = [np.zeros_like(each) for each in held]
    for _ in range(policy.epochs):
        hidden, bias, output, offset = held
        active = np.tanh(np.einsum("nk,uk->nu", inputs, hidden) + bias)
        found = 0.5 + 0.5 * np.tanh(0.5 * (np.einsum("nu,u->n", active, output) + offset[0]))
        error = (found - labels) * weighing
        inner = error[:, None] * output * (1.0 - active * active)
        slopes = [
            np.einsum("nu,nk->uk", inner, inputs) + policy.decay * hidden,
            inner.sum(axis=0),
            np.einsum("n,nu->u", error, active) + policy.decay * output,
            error.sum(keepdims=True),
        ]
        pace = [policy.momentum * each - policy.rate * slope for each, slope in zip(pace, slopes, strict=True)]
        held = [each + step for each, step in zip(held, pace, strict=True)]
    return held[0], held[1], held[2], float(held[3][0])


def _initial(size: int, seed: int) -> Array:
    """Return numbers in [-1, 1) from a digest of the seed and each number's place."""
    digests = (hashlib.sha256(f"{seed}:{place}".encode()).digest() for place in range(size))
    return np.array([int.from_bytes(digest[:6], "big") / 2.0**47 - 1.0 for digest in digests])


def _auc(scores: Array, labels: Any) -> float:
    """Return the area under the curve by ranks (Mann and Whitney 1947), ties shared."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2.0)[place]
    signals, noises = int(labels.sum()), int((~labels).sum())
    if not signals or not noises:
        return 0.5
    return float((ranks[labels].sum() - signals * (signals + 1) / 2.0) / (signals * noises))


def _plain(values: Array) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
