"""Read facts out of JSON that anybody may have written, and put them into words for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Decimals for prices from a size on; smaller prices get the last.
_PRICE_DECIMALS = ((1_000, 2), (1, 4), (0.01, 6))
_SMALLEST_DECIMALS = 8
_MOST_DIGITS = 6
_DIGITS_THAT_COUNT = 4
_MOST_INT_DIGITS = 300
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def loads(text: str | bytes | bytearray) -> Any:
    """Return the value of JSON text; None where it is nested too deep for Python, which the database keeps."""
    try:
        return json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> float:
    """Return a whole number, also one with more digits than Python reads at once."""
    return int(digits) if len(digits) <= _MOST_INT_DIGITS else float(digits)


def dig(value: Any, *path: str | int) -> Any:
    """Return what lies at a path of keys and places, None where there is nothing such."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def mapping(value: Any) -> dict[str, Any]:
    """Return the value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the value where it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in an array, or the one object itself."""
    return [each for each in items(value) if isinstance(each, dict)] or ([value] if isinstance(value, dict) else [])


def number(value: Any) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def first_number(found: Mapping[str, Any], *names: str) -> float | None:
    """Return the number under the first of some names that has one."""
    return next((told for name in names if (told := number(found.get(name))) is not None), None)


def word(value: Any) -> str:
    """Return text as it is, a number or truth as text, nothing for the rest."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return plain(value)
    return value if isinstance(value, str) else ""


def spaced(name: Any) -> str:
    """Return a code such as ``take_profit`` as words."""
    return word(name).replace("_", " ").strip()


def moment(value: Any) -> datetime | None:
    """Return a moment written in ISO 8601, in UTC where it names no zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def plain(value: float, *, digits: int = 4) -> str:
    """Return a number with no more decimals than it needs."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def brief(value: float) -> str:
    """Return a number with four digits that count, two decimals at least where it has any."""
    if not value or not math.isfinite(value):
        return plain(value)
    wanted = _DIGITS_THAT_COUNT - 1 - math.floor(math.log10(abs(value)))
    return plain(value, digits=min(max(wanted, 2), _SMALLEST_DECIMALS))


def price(value: Any) -> str:
    """Return a price with decimals that suit its size, a dash where there is none."""
    found = number(value)
    if found is None:
        return "–"
    for least, decimals in _PRICE_DECIMALS:
        if abs(found) >= least:
            return f"{found:,.2f}" if decimals == 2 else plain(found, digits=decimals)
    return plain(found, digits=_SMALLEST_DECIMALS)


def quantity(value: Any) -> str:
    """Return a quantity, a dash where there is none."""
    found = number(value)
    return "–" if found is None else plain(found, digits=_SMALLEST_DECIMALS if abs(found) < 1 else 4)


def share(value: Any, *, decimals: int = 2) -> str:
    """Return a fraction as a percentage, a dash where there is none."""
    found = number(value)
    return "–" if found is None else f"{100 * found:.{decimals}f} %"


def score(value: Any) -> str:
    """Return a score at two decimals, a dash where there is none."""
    found = number(value)
    return "–" if found is None else f"{found:.2f}"


def signed(value: Any) -> str:
    """Return an amount with its sign, a dash where there is none."""
    found = number(value)
    if found is None:
        return "–"
    return f"{'−' if found < 0 else '+'}{abs(found):,.2f}"


def span(seconds: Any) -> str:
    """Return a span of time in its two largest units."""
    found = number(seconds)
    if found is None:
        return "–"
    whole = int(abs(found))
    units = (
        (whole // _DAY, "d"),
        (whole % _DAY // _HOUR, "h"),
        (whole % _HOUR // _MINUTE, "min"),
        (whole % _MINUTE, "s"),
    )
    told = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(told[:2]) or "0 s"


def near(*values: float) -> list[str]:
    """Return numbers at the fewest decimals, two at least, that tell the different ones apart and none as nothing."""
    for digits in range(2, _MOST_DIGITS):
        texts = [f"{value:,.{digits}f}" for value in values]
        if len(set(texts)) == len(set(values)) and all(
            value == 0 or float(text.replace(",", "")) for value, text in zip(values, texts, strict=True)
        ):
            return texts
    return [f"{value:,.{_MOST_DIGITS}f}" for value in values]
