"""Numbers read well, and keep their size."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from strands import figures


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("46319.5", "46,319.50"),
        ("0.24810000", "0.2481"),
        (12.5, "12.50"),
        ("1.08345", "1.08345"),
        ("0.000000001237", "0.000000001237"),
        ("46319.333333333333333333333333", "46,319.33"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
        (None, "—"),
    ],
)
def test_a_price_shows_the_digits_that_its_size_makes_meaningful(value: object, told: str) -> None:
    assert figures.price(value) == told


def test_money_keeps_its_thousands_apart_and_says_its_sign_when_asked() -> None:
    assert [figures.money("1234.5"), figures.money("1234.5", signed=True), figures.money(-3, signed=True)] == [
        "1,234.50",
        "+1,234.50",
        "-3.00",
    ]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert (figures.money("-0.001"), figures.percent(-0.0000001, signed=True)) == ("0.00", "0.00 %")


FIGURES = (
    *(figures.money, figures.price, figures.quantity, figures.percent, figures.score, figures.count, figures.factor),
    *(figures.brief, figures.span, figures.age),
)


@pytest.mark.parametrize("told", FIGURES)
@pytest.mark.parametrize("odd", ["12 apples", float("nan"), float("inf"), True, "1e999", [], {"a": 1}])
def test_what_is_there_and_no_number_is_unreadable(told: Callable[[object], str], odd: object) -> None:
    assert told(odd) == "unreadable"


@pytest.mark.parametrize("told", FIGURES)
@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_not_there_is_absent(told: Callable[[object], str], nothing: object) -> None:
    assert told(nothing) == figures.ABSENT


def test_text_that_is_written_as_a_number_is_shown_as_text_only_where_it_could_be_shown_as_a_number() -> None:
    assert [figures.plain(each) for each in ("1e999", "12", "twelve", "")] == ["unreadable", "12", "twelve", ""]


def test_a_quantity_loses_its_trailing_zeros_alone() -> None:
    assert [figures.quantity(each) for each in ("0.12500000", "300", "0.00000001")] == ["0.125", "300", "0.00000001"]


@given(some.decimals(min_value=-(10**9), max_value=10**9, places=8))
def test_a_quantity_told_and_read_again_is_the_same(number: Decimal) -> None:
    assert Decimal(figures.quantity(number).replace(",", "")) == number


@given(some.decimals(min_value=1, max_value=10**9, places=8))
def test_a_price_is_never_off_by_more_than_a_two_thousandth(number: Decimal) -> None:
    told = Decimal(figures.price(number).replace(",", ""))
    assert abs(told - number) <= number / 2000


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3_600, "1 h"),
        (90_061, "1 d 1 h"),
        ("nan", "unreadable"),
        (None, "—"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: object, words: str) -> None:
    assert figures.span(seconds) == words


def test_numbers_near_each_other_are_told_apart() -> None:
    assert figures.near(0.5004, 0.5) == ["0.5004", "0.5000"]
    assert figures.near(0.52, 0.5) == ["0.52", "0.50"]
    assert figures.near(0.001, 0.5) == ["0.001", "0.500"]


@pytest.mark.parametrize(
    ("value", "told"), [(6.848204, "6.848"), (0.135746, "0.1357"), (46319.5, "46,319.5"), (0, "0")]
)
def test_a_brief_number_has_four_digits_that_count(value: float, told: str) -> None:
    assert figures.brief(value) == told


def test_words_of_codes_numbers_and_truths() -> None:
    told = [figures.spaced(each) for each in ("take_profit", 12.5, True, None, {}, 10**400)]
    assert told == ["take profit", "12.5", "yes", "", "unreadable", "unreadable"]


@given(some.floats() | some.sampled_from(["1e999", "1e999999999", 10**400, "-1e300"]))
def test_every_number_can_be_shown_and_fills_no_page(value: object) -> None:
    shows = (figures.money, figures.price, figures.quantity, figures.percent, figures.score, figures.span)
    for show in (*shows, figures.brief, figures.plain, figures.count):
        assert 0 < len(show(value)) < 600


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "—"), (-3, "0.0 s"), (0.04, "0.0 s"), (59.94, "59.9 s"), (7200, "2 h"), (200_000, "2 d")],
)
def test_an_age_is_told_in_the_largest_unit_that_fits(seconds: object, words: str) -> None:
    assert figures.age(seconds) == words


def test_a_number_has_the_decimals_that_were_asked_for_and_a_sign_when_asked() -> None:
    assert (figures.fixed("1234.5678", digits=3), figures.fixed(0.5, digits=4)) == ("1,234.568", "0.5000")
    assert [figures.fixed(each, digits=2, signed=True) for each in (0.5, -0.5, -0.001)] == ["+0.50", "-0.50", "0.00"]


def test_a_factor_is_told_as_one() -> None:
    assert (figures.factor(1.08), figures.factor(None)) == ("× 1.080", figures.ABSENT)
