"""Anomaly: how unusual the newest row is against those before it, by three measures.

* gaussian: the largest deviation of a column over ``full_deviation`` standard deviations, at most 1;
* Mahalanobis: the rank of the row's distance among the rows' own, over ``full_percentile``, at most 1. (The distance
  itself exceeds .95 on nearly every row, so the specification's ``/.95`` can only mean a rank.) Correlations are shrunk
  towards none, so that they can always be solved for;
* isolation forest (Liu, Ting and Zhou 2008): the row's score as a multiple of the border beyond which the
  ``contamination`` share of rows lies; .5 on the border, at most 1.

The columns are the price's step, the spread, the volume and the imbalance, those of them that every row has and that
vary. The evidence is the mean of the three, the confidence 1 less their standard deviation.
"""

from __future__ import annotations

import numpy as np

from curators.dsi import expert
from curators.dsi.expert import Array
from curators.dsi.experts import forest
from curators.dsi.policy import AnomalyPolicy
from curators.dsi.tape import Tape


def judge(tape: Tape, *, policy: AnomalyPolicy) -> expert.ExpertSaid | None:
    """Return how unusual the newest row is; None when no column ever varied."""
    rows = columns(tape, history=policy.history)
    if rows is None:
        return None
    scores = {
        "gaussian": gaussian(rows, policy=policy),
        "mahalanobis": mahalanobis(rows, policy=policy),
        "isolation": isolation(rows, policy=policy),
    }
    mean = sum(scores.values()) / len(scores)
    spread = (sum((score - mean) ** 2 for score in scores.values()) / len(scores)) ** 0.5
    details = {
        "scores": {name: expert.rounded(score) for name, score in scores.items()},
        "anomalous": mean > policy.anomalous_above,
    }
    return expert.ExpertSaid(evidence=expert.share(mean), confidence=expert.share(1.0 - spread), details=details)


def columns(tape: Tape, *, history: int) -> Array | None:
    """Return the newest rows in deviations from the mean of those before the last; None when nothing varied."""
    price = tape.price
    raw = np.stack([price[1:] / price[:-1] - 1.0, *(each[1:] for each in (tape.spread, tape.volume, tape.imbalance))])
    raw = raw[:, -history:]
    before = raw[:, :-1]
    # A column with a NaN has NaN for its mean, which is not above anything: absent columns fall out with still ones.
    mean = before.mean(axis=1, keepdims=True)
    deviation = before.std(axis=1, keepdims=True)
    varied = (deviation > 1e-12 * np.abs(mean)).ravel()
    if not varied.any():
        return None
    scaled: Array = ((raw[varied] - mean[varied]) / deviation[varied]).T
    return scaled


def gaussian(rows: Array, *, policy: AnomalyPolicy) -> float:
    """Return the newest row's largest deviation as a share of what counts in full."""
    return min(1.0, float(np.abs(rows[-1]).max()) / policy.full_deviation)


def mahalanobis(rows: Array, *, policy: AnomalyPolicy) -> float:
    """Return the rank of the newest row's distance among those before it as a share of what counts in full."""
    before = rows[:-1]
    spread = (before.T @ before) / len(before) * (1.0 - policy.shrinkage)
    spread[np.diag_indices_from(spread)] += policy.shrinkage
    distances = (rows * np.linalg.solve(spread, rows.T).T).sum(axis=1)
    below = np.count_nonzero(distances[:-1] < distances[-1]) / len(before)
    return min(1.0, float(below) / policy.full_percentile)


def isolation(rows: Array, *, policy: AnomalyPolicy) -> float:
    """Return the newest row's isolation as a share of twice the border of what is unusual."""
    count = len(rows) - 1
    places = np.linspace(0, count - 1, min(policy.references, count)).astype(np.intp)
    asked = np.concatenate((rows[places], rows[-1:]))
    scores = forest.scores(rows[:-1], asked, trees=policy.trees, sample=min(policy.sample, count))
    usual = np.sort(scores[:-1])
    border = float(usual[int((1.0 - policy.contamination) * (len(usual) - 1))])
    return min(1.0, 0.5 * float(scores[-1]) / border)
