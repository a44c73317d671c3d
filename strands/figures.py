"""Numbers as people read them: thousands apart, no digits that say nothing, a dash for what is absent.

What is there and is no number is told as unreadable.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from strands.json_values import UNREADABLE, Unreadable

ABSENT = "—"
#: Digits after the point of a price from this magnitude on; smaller prices show so many figures.
_PRICE_DIGITS = ((1000, 2), (10, 3), (1, 4))
_SMALL_PRICE_FIGURES = 8
#: A price of at most so many figures is a market's own and is shown to the last; one of more was worked out.
_OWN_FIGURES = 15
#: Decimals beyond which no quantity is shown.
_MOST_DECIMALS = 40
#: The magnitude, in digits, beyond which a number is nonsense that would only fill a page.
_MOST_DIGITS = 300
#: Most decimals that tell apart numbers that lie near each other.
_NEAR_DIGITS = 6
_DIGITS_THAT_COUNT = 4
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def decimal(value: Any) -> Decimal | None:
    """Return a finite number as a Decimal, None for anything else; text counts when it is a decimal literal."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def missing(value: Any) -> str:
    """Return what stands in place of a figure: a dash where nothing is, a word where no number is."""
    if value is None or value == "":
        return ABSENT
    return value if isinstance(value, Unreadable) else UNREADABLE


def fixed(value: Any, *, digits: int, signed: bool = False) -> str:
    """Return a number with just so many decimals; ``signed`` puts a plus before one above nothing."""
    number = decimal(value)
    if number is None:
        return missing(value)
    text = f"{number:+,.{digits}f}" if signed else f"{number:,.{digits}f}"
    return text if text.strip("+-0.") else text.lstrip("+-")


def factor(value: Any) -> str:
    """Return what something is multiplied by: ``× 1.080``."""
    number = decimal(value)
    return missing(value) if number is None else f"× {fixed(number, digits=3)}"


def money(value: Any, *, signed: bool = False) -> str:
    """Return an amount with two digits: ``1,234.50``; ``signed`` puts a plus before a gain."""
    return fixed(value, digits=2, signed=signed)


def price(value: Any) -> str:
    """Return a price as it was said, ``46,319.50``, ``0.000000001237``; one worked out as its size makes meaningful."""
    number = decimal(value)
    if number is None:
        return missing(value)
    small = max(0, _SMALL_PRICE_FIGURES - 1 - number.adjusted()) if number else 0
    digits = next((digits for least, digits in _PRICE_DIGITS if abs(number) >= least), small)
    least = 2 if abs(number) >= 1 else 0
    own = number.normalize()
    if len(own.as_tuple().digits) <= _OWN_FIGURES:
        digits = max(digits, _decimals(own))
    return _trimmed(number, digits=digits, least=least)


def quantity(value: Any) -> str:
    """Return a quantity with all its digits but trailing zeros: ``0.125``."""
    number = decimal(value)
    return (
        missing(value) if number is None else _trimmed(number, digits=min(_decimals(number), _MOST_DECIMALS), least=0)
    )


def percent(value: Any, *, digits: int = 2, signed: bool = False) -> str:
    """Return a fraction as a percentage: 0.0125 is ``1.25 %``."""
    number = decimal(value)
    return missing(value) if number is None else f"{fixed(number.scaleb(2), digits=digits, signed=signed)} %"


def score(value: Any) -> str:
    """Return a score between 0 and 1 with two digits."""
    return fixed(value, digits=2)


def count(value: Any) -> str:
    """Return a whole number with its thousands apart."""
    return fixed(value, digits=0)


def plain(value: Any, *, figures: int = 6) -> str:
    """Return any number with at most so many significant figures after its whole part; other values as text."""
    if value is None:
        return ABSENT
    number = decimal(value)
    if number is None:
        return _in_words(value)
    digits = max(0, figures - max(1, number.adjusted() + 1)) if number else 0
    return _trimmed(number, digits=digits, least=0)


def rounded(value: Any, *, digits: int) -> str:
    """Return a number with at most so many decimals: ``rounded(12.50, digits=1)`` is ``12.5``."""
    number = decimal(value)
    return missing(value) if number is None else _trimmed(number, digits=digits, least=0)


def brief(value: Any) -> str:
    """Return a number with four digits that count, two decimals at least where it has any."""
    number = decimal(value)
    if not number:
        return missing(value) if number is None else "0"
    wanted = _DIGITS_THAT_COUNT - 1 - number.adjusted()
    return _trimmed(number, digits=min(max(wanted, 2), _MOST_DECIMALS), least=0)


def near(*values: Any) -> list[str]:
    """Return numbers at the fewest decimals, two at least, that tell the different ones apart and none as nothing."""
    numbers = [decimal(value) for value in values]
    for digits in range(2, _NEAR_DIGITS):
        texts = [fixed(value, digits=digits) for value in values]
        vanished = any(number and not text.strip("-0.") for number, text in zip(numbers, texts, strict=True))
        if len(set(texts)) == len(set(numbers)) and not vanished:
            return texts
    return [fixed(value, digits=_NEAR_DIGITS) for value in values]


def span(seconds: Any) -> str:
    """Return a span of time in its two largest units: 3,661 seconds are ``1 h 1 min``."""
    number = decimal(seconds)
    if number is None:
        return missing(seconds)
    whole = int(abs(number))
    units = (
        (whole // _DAY, "d"),
        (whole % _DAY // _HOUR, "h"),
        (whole % _HOUR // _MINUTE, "min"),
        (whole % _MINUTE, "s"),
    )
    largest = [f"{count(many)} {unit}" for many, unit in units if many]
    return " ".join(largest[:2]) or "0 s"


def age(seconds: Any) -> str:
    """Return an age in the largest unit that fits: ``0.4 s``, ``3 min``, ``2 h``."""
    number = decimal(seconds)
    if number is None:
        return missing(seconds)
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if number >= size:
            return f"{count(number / size)} {unit}"
    return f"{fixed(max(number, Decimal(0)), digits=1)} s"


def clock(value: Any) -> str:
    """Return an ISO moment as its time of day in UTC, to the minute."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return missing(value)
    return f"{moment.astimezone(UTC):%H:%M} UTC" if moment.tzinfo else UNREADABLE


def word(value: Any) -> str:
    """Return text as it is, a number or a truth as text, nothing for none."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return plain(value) if isinstance(value, bool | int | float | Decimal) else UNREADABLE


def spaced(name: Any) -> str:
    """Return a code such as ``take_profit`` as words."""
    found = word(name)
    return found if isinstance(found, Unreadable) else found.replace("_", " ").strip()


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return UNREADABLE if not isinstance(value, str) or _is_a_number(value) else value


def _is_a_number(text: str) -> bool:
    """Return whether text is written as a number: one that is shown as text is beyond all bounds."""
    try:
        Decimal(text)
    except (InvalidOperation, ValueError):
        return False
    return True


def _decimals(number: Decimal) -> int:
    """Return how many digits a finite number has after its point."""
    return max(0, -int(number.as_tuple().exponent))


def _trimmed(number: Decimal, *, digits: int, least: int) -> str:
    whole, point, rest = f"{number:,.{digits}f}".partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    text = f"{whole}.{rest}" if point and rest else whole
    return "0" if text == "-0" else text
