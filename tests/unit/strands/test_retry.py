"""A failing turn is tried again, ever more rarely, and not for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from strands.retry import RetryPolicy

POLICIES = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 20),
    first_seconds=st.floats(0, 60),
    factor=st.floats(1, 10),
    most_seconds=st.floats(60, 3600),
)


def test_by_default_five_attempts_over_a_minute_and_a_half() -> None:
    policy = RetryPolicy()
    assert [policy.seconds(failures) for failures in range(1, 5)] == [1, 4, 16, 64]
    assert [policy.exhausted(failures) for failures in range(1, 6)] == [False] * 4 + [True]


@given(POLICIES, st.integers(1, 19))
def test_a_wait_never_shrinks_and_never_passes_the_most(policy: RetryPolicy, failures: int) -> None:
    assert 0 <= policy.seconds(failures) <= policy.seconds(failures + 1) <= policy.most_seconds


@given(POLICIES)
def test_the_last_attempt_is_the_last(policy: RetryPolicy) -> None:
    assert policy.exhausted(policy.attempts)
    assert not policy.exhausted(policy.attempts - 1)
