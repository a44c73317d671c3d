"""Training: the same weights from the same bars, labels as defined, skill only where there is structure."""

from __future__ import annotations

import numpy as np
import pytest

from curators.dsi import training
from curators.dsi.experts import classifier, weights
from curators.dsi.policy import ClassifierPolicy
from strands.market.feeds.chance import Chance
from tests.unit.curators.dsi import tapes

POLICY = ClassifierPolicy(epochs=200, apart=6)


def learned(rows, policy=POLICY):
    fitted, held_out = training.split(np.array(rows), policy=policy)
    return training.judge(training.fit(fitted, policy=policy), held_out, policy=policy)


@pytest.fixture(scope="module")
def planted():
    """A market whose steps lean on the one before."""
    return tapes.walk(16_000, seed=11, lean=0.6)


def test_planted_structure_is_found_in_bars_that_were_not_seen(planted):
    found = learned(planted)
    assert found.direction > 0.58
    assert found.balanced > 0.55
    assert found.auc > 0.58


def test_without_structure_there_is_no_skill(planted):
    found = learned(tapes.shuffled(planted))
    # 391 places with two sides each: a coin thrown so often strays as far once in two hundred times.
    assert found.direction == pytest.approx(0.5, abs=0.07)


def test_the_same_bars_give_the_same_weights_bit_for_bit(planted):
    policy = ClassifierPolicy(epochs=20, apart=20)
    fitted, _ = training.split(np.array(planted), policy=policy)
    assert training.fit(fitted, policy=policy) == training.fit(fitted, policy=policy)


def test_nothing_beyond_the_used_share_is_looked_at(planted):
    policy = ClassifierPolicy(epochs=5, apart=20)
    changed = np.array(planted)
    changed[int(len(changed) * policy.used_share) :, 1:] *= 3.0
    before, after = training.split(np.array(planted), policy=policy), training.split(changed, policy=policy)
    for ours, theirs in zip(before, after, strict=True):
        assert np.array_equal(ours.inputs, theirs.inputs)
        assert np.array_equal(ours.labels, theirs.labels)


def test_a_label_says_which_side_came_true_first():
    flat = 100.0 + 0.1 * (np.arange(40) % 2)
    rise = np.concatenate((flat, 100.0 + 0.5 * np.arange(30)))
    rows = np.array(tapes.bars(rise, 5.0 + (np.arange(70) % 3)))
    found = training.examples(rows[:64], policy=ClassifierPolicy(apart=1))
    assert found.labels[-1].tolist() == [1.0, 0.0]
    mirrored = np.array(tapes.bars(200.0 - rise, 5.0 + (np.arange(70) % 3)))
    assert training.examples(mirrored[:64], policy=ClassifierPolicy(apart=1)).labels[-1].tolist() == [0.0, 1.0]


def test_too_few_bars_are_refused_with_the_way_out():
    few = training.examples(np.array(tapes.walk(50)), policy=POLICY)
    with pytest.raises(ValueError, match="give more bars"):
        training.fit(few, policy=POLICY)
    with pytest.raises(ValueError, match="give more bars"):
        training.judge(weights.LEARNED, few, policy=POLICY)


def test_the_shipped_weights_fit_the_policy_and_say_where_they_come_from():
    policy = ClassifierPolicy()
    network = classifier.shipped()
    assert network.hidden.shape == (policy.hidden, len(classifier.MEASURES))
    assert weights.TRAINED["used_share"] == policy.used_share
    assert weights.TRAINED["held_out"]["examples"] > 1000


def test_chance_is_a_half_for_scores_that_know_nothing():
    labels = Chance(4).uniforms(2000) > 0.5
    assert training._auc(np.full(2000, 0.3), labels) == 0.5
    assert training._auc(labels.astype(float), labels) == 1.0
