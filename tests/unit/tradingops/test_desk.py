"""What a desk in earnest is made of."""

import pytest

from tradingops.management import desk


@pytest.mark.parametrize(("mode", "who"), [("paper", "automatic"), ("live", "person")])
def test_a_lesson_becomes_active_by_itself_on_paper_and_by_a_person_live(settings, mode, who):
    settings.MODE = mode
    settings.LESSON_ENDPOINT = None
    made = desk.modules()
    assert {made[name].policy.lessons.activation for name in ("alpha", "dm", "trader")} == {who}


def test_without_an_endpoint_the_scribe_sits_in_the_round_and_asks_nobody(settings):
    settings.LESSON_ENDPOINT = None
    assert desk.modules()[desk.WRITER].writer is None
    assert desk.WRITER in {module.name for module in desk.in_lockstep()}
