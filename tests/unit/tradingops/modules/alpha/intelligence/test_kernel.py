"""The kernel: its formulas by hand, its parts within bounds, and silence where it knows too little."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tradingops.modules.alpha.intelligence.tapes import LENGTH, POLICY, a_tape
from tradingops.modules.alpha.intelligence import kernel
from tradingops.modules.alpha.intelligence.kernel import Abstains, Fate
from tradingops.modules.alpha.intelligence.residuals import factories, series
from tradingops.modules.alpha.intelligence.residuals.factories import Residuals
from tradingops.modules.alpha.intelligence.residuals.residual import Residual

SHARES = st.floats(0, 1)


def with_two(signal, *, seed=1, returns=None, other=None):
    """Return a series, and residuals of which two take a side: the signal and another, or a little noise beside it."""
    read = series.of_rows(a_tape(returns, seed=seed), POLICY)
    other = signal + np.random.default_rng(seed).normal(0, 0.01, len(signal)) if other is None else other
    told = {
        name: Residual(z=float(each[-1]), prediction=0.0, std=1.0, history=each)
        for name, each in {"kalman": signal, "seasonality": other}.items()
    }
    return read, Residuals(read=told, absent={})


def scored(signal, *, policy=POLICY, **changes):
    read, residuals = with_two(signal, **changes)
    return kernel.read(read, residuals, evidence=0.0, learning=None, policy=policy)


def test_quality_is_the_weighted_mean_less_the_weighted_cost():
    parts = {"accuracy": 0.6, "precision": 0.5, "stability": 0.5, "orthogonality": 1.0, "cost": 0.5}
    assert kernel.quality_score(parts, POLICY) == pytest.approx(0.18 + 0.125 + 0.125 + 0.2 - 0.1)
    without = {**parts, "stability": None}
    assert kernel.quality_score(without, POLICY) == pytest.approx((0.18 + 0.125 + 0.2) / 0.75 - 0.1)


def test_the_resonance_is_as_written():
    parts = {"coherence": 0.5, "phi": 0.4, "novelty": 1.0, "emergence": 1.0, "theta": 0.0, "rho": 0.0}
    assert kernel.kr_delta_phi(**parts, policy=POLICY) == pytest.approx(0.2 / (1 + 1e-6))
    disordered = kernel.kr_delta_phi(**{**parts, "theta": 0.5}, policy=POLICY)
    assert disordered == pytest.approx(0.2 / 0.5**0.7, rel=1e-5)


@pytest.mark.parametrize(("part", "power"), [("phi", "alpha"), ("novelty", "beta"), ("emergence", "gamma")])
def test_each_part_of_the_resonance_counts_by_its_power(part, power):
    parts = {"coherence": 0.5, "phi": 0.4, "novelty": 0.9, "emergence": 0.7, "theta": 0.1, "rho": 0.2}
    less = kernel.kr_delta_phi(**{**parts, part: parts[part] / 2}, policy=POLICY)
    assert less / kernel.kr_delta_phi(**parts, policy=POLICY) == pytest.approx(0.5 ** getattr(POLICY, power))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_novelty_is_the_share_of_bars_that_are_nearer_to_the_usual(share):
    """The bars lie ever farther from the usual, on both sides of it; the newest is put among them."""
    far = np.arange(1.0, LENGTH)
    far[-1] = 0.5 + share * (LENGTH - 2)
    sides = np.where(np.arange(LENGTH - 1) % 2, 1.0, -1.0)
    tape, residuals = with_two(np.random.default_rng(1).normal(size=LENGTH - 1))
    told = dataclasses.replace(tape, returns=far * sides, ranges=np.ones(LENGTH), volume=np.ones(LENGTH))
    assert kernel.situation_of(told, residuals, POLICY)["novelty"] == pytest.approx(share, abs=0.02)


def test_det_sigma_is_made_of_quality_and_resonance():
    found = scored(np.random.default_rng(3).normal(size=LENGTH - 1))
    assert found.resonance == pytest.approx(found.kr_delta_phi / (1 + found.kr_delta_phi))
    assert found.det_sigma == pytest.approx(found.sq_score**0.6 * found.resonance**0.4)


@pytest.mark.parametrize(
    ("sign", "accuracy", "precision"),
    [(1.0, 1.0, pytest.approx(1.0, abs=1e-3)), (-1.0, 0.0, pytest.approx(0, abs=1e-3))],
)
def test_a_signal_that_always_foretells_the_next_return_is_accurate_and_one_that_always_errs_is_not(
    sign, accuracy, precision
):
    returns = np.random.default_rng(4).normal(0, 0.001, LENGTH - 1)
    found = scored(sign * np.append(returns[1:], 0.001) * 1000, returns=returns)
    assert found.quality["accuracy"] == pytest.approx(accuracy, abs=0.02)
    assert found.quality["precision"] == precision
    assert found.quality["stability"] == pytest.approx(0.5 + sign / 2, abs=0.01)
    assert found.quality["orthogonality"] == pytest.approx(0.0, abs=0.01)


@given(seed=st.integers(0, 5000))
def test_every_part_stays_between_0_and_1(seed):
    dice = np.random.default_rng(seed)
    found = scored(dice.normal(size=LENGTH - 1), other=dice.normal(size=LENGTH - 1), seed=seed)
    parts = [each for each in (*found.quality.values(), *found.situation.values()) if each is not None]
    scores = [found.sq_score, found.resonance, found.det_sigma, found.det_enhanced_sigma, found.uncertainty]
    assert all(0.0 <= each <= 1.0 for each in (*parts, *scores))


@given(theta=SHARES, rho=SHARES, rest=st.tuples(SHARES, SHARES, SHARES, SHARES))
def test_the_resonance_is_a_number_for_every_situation(theta, rho, rest):
    named = dict(zip(("coherence", "phi", "novelty", "emergence"), rest, strict=True))
    delta = kernel.kr_delta_phi(**named, theta=theta, rho=rho, policy=POLICY)
    assert 0.0 <= delta <= 1.0 / POLICY.least_divisor


def situation(returns, *, z=(1.0, 1.0), seed=1):
    read, residuals = with_two(np.zeros(LENGTH - 1), returns=returns, seed=seed)
    told = {str(nth): Residual(z=each, prediction=0.0, std=1.0, history=None) for nth, each in enumerate(z)}
    return kernel.situation_of(read, Residuals(read=told, absent=residuals.absent), POLICY)


def test_coherence_and_emergence_are_those_of_the_residuals():
    noise = np.random.default_rng(1).normal(0, 0.001, LENGTH - 1)
    for z, coherence, emergence in [((2.0, 2.0), 1.0, 1.0), ((1.0, -3.0), 0.5, 0.5), ((0.0, 3.0), 1.0, 0.0)]:
        found = situation(noise, z=z)
        assert (found["coherence"], found["emergence"]) == pytest.approx((coherence, emergence))


def test_a_straight_path_is_straight_and_one_that_returns_is_not():
    assert situation(np.full(LENGTH - 1, 0.001) + 1e-6 * np.arange(LENGTH - 1))["phi"] == pytest.approx(1.0)
    there_and_back = 0.001 * np.where(np.arange(LENGTH - 1) % 2, 1.0, -1.0)
    found = situation(there_and_back)
    assert found["phi"] == pytest.approx(0.0, abs=1e-9)
    assert found["rho"] == pytest.approx(1.0)


def test_a_bar_like_no_other_is_new():
    returns = np.random.default_rng(2).normal(0, 0.001, LENGTH - 1)
    assert situation(np.append(returns[:-1], 0.02))["novelty"] == 1.0


def test_noise_is_more_disordered_than_a_wave():
    noise = np.random.default_rng(2).normal(0, 0.001, LENGTH - 1)
    wave = 0.001 * np.sin(np.arange(LENGTH - 1) / 10)
    assert situation(wave)["theta"] < 0.5 < situation(noise)["theta"] <= np.log(6) / np.log(13) + 1e-9


def test_one_residual_alone_makes_no_kernel():
    read = series.of_rows(a_tape(), POLICY)
    alone = factories.made(read, seasons={}, policy=POLICY)
    with pytest.raises(Abstains, match="1 residuals take a side over the tape of the 2 needed"):
        kernel.read(read, alone, evidence=0.0, learning=None, policy=POLICY)


def test_the_kernel_abstains_where_its_accuracy_is_uncertain():
    lone = np.zeros(LENGTH - 1)
    lone[60] = 1.0
    with pytest.raises(Abstains, match="accuracy is uncertain by"):
        scored(lone, other=lone)
    with pytest.raises(Abstains, match="all zero"):
        scored(np.zeros(LENGTH - 1), other=np.zeros(LENGTH - 1))


def test_evidence_raises_det_enhanced_sigma_by_its_formula():
    read, residuals = with_two(np.random.default_rng(3).normal(size=LENGTH - 1))
    plain, backed = (kernel.read(read, residuals, evidence=each, learning=None, policy=POLICY) for each in (0.0, 1.0))
    assert backed.det_enhanced_sigma == pytest.approx(plain.det_sigma * 1.3)
    assert backed.det_sigma == plain.det_sigma


@pytest.mark.parametrize(
    ("sigma", "fate"),
    [(0.35, Fate.PROMOTED), (0.34, Fate.KEPT), (0.05, Fate.KEPT), (0.04, Fate.DEPRECATED)],
)
def test_fate_follows_the_two_thresholds(sigma, fate):
    assert kernel.fate_of(sigma, POLICY) is fate
