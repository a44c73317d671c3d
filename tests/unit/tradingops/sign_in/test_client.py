"""Where a request comes from."""

import pytest

from tradingops.sign_in import client
from tradingops.sign_in.policy import ThrottlePolicy


@pytest.mark.parametrize(
    ("proxies", "seen", "told", "found"),
    [
        (0, "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "nobody", "10.0.0.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
        (0, "", "203.0.113.9", ""),
    ],
)
def test_only_what_the_desks_own_proxies_append_is_believed(proxies, seen, told, found):
    assert client.address({"REMOTE_ADDR": seen, "HTTP_X_FORWARDED_FOR": told}, proxies=proxies) == found


def test_waits_double_up_to_their_cap():
    policy = ThrottlePolicy(free=3, most_seconds=10, crowd_free=5, crowd_seconds=3)
    assert [policy.own(failures) for failures in (0, 2, 3, 4, 5, 6, 7, 10_000)] == [0, 0, 1, 2, 4, 8, 10, 10]
    assert [policy.crowd(failures) for failures in (4, 5, 6, 7, 10**9)] == [0, 1, 2, 3, 3]
