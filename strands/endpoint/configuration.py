"""Which endpoint writes lessons, for how much: a few variables of the environment, together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from strands.endpoint.budget import Prices

URL, MODEL, KEY = "TRADINGOPS_LESSON_URL", "TRADINGOPS_LESSON_MODEL", "TRADINGOPS_LESSON_KEY"
TIMEOUT, RETRIES = "TRADINGOPS_LESSON_TIMEOUT", "TRADINGOPS_LESSON_RETRIES"
DAILY_CAP = "TRADINGOPS_LESSON_DAILY_CAP"
PROMPT_PRICE, ANSWER_PRICE = "TRADINGOPS_LESSON_PROMPT_PRICE", "TRADINGOPS_LESSON_ANSWER_PRICE"

NEEDED = (URL, MODEL, PROMPT_PRICE, ANSWER_PRICE)
LONGEST_TIMEOUT = 300.0
MOST_RETRIES = 10
HIGHEST_PRICE = Decimal(100)
HIGHEST_CAP = Decimal(100_000)
LONGEST_NAME = 200
PATH = "/chat/completions"
PORTS = {"https": 443, "http": 80}


class Unsound(ValueError):
    """The variables do not belong together; the message begins with the name of the one to mend."""


class Configuration(BaseModel):
    """An endpoint that speaks OpenAI's chat completions, and what may be spent on it.

    ``timeout`` is how long one lesson's words may take, tries and waits together [seconds]; ``daily_cap`` the most
    that a day in UTC may cost, in the currency of the prices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str
    model: str
    key: SecretStr | None = None
    timeout: float = 30.0
    retries: int = 2
    daily_cap: Decimal = Decimal(1)
    prices: Prices

    @property
    def parts(self) -> SplitResult:
        """The address that questions are posted to."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        return parts._replace(path=path if path.endswith(PATH) else f"{path}{PATH}")

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each question, the key among it."""
        told = {"Content-Type": "application/json", "Accept": "application/json"}
        return told if self.key is None else {**told, "Authorization": f"Bearer {self.key.get_secret_value()}"}


def of(read: Callable[[str, Callable[[str], Any]], Any]) -> Configuration | None:
    """Return the endpoint that the environment names, None where it names none.

    ``read(name, parse)`` returns a variable's value as parsed, its default or ``""`` where it is unset, and refuses
    what ``parse`` refuses. Raises Unsound where one variable asks for another.
    """
    url, model, key = read(URL, address), read(MODEL, name), read(KEY, secret)
    prices = {each: read(each, price) for each in (PROMPT_PRICE, ANSWER_PRICE)}
    timeout, retries, cap = read(TIMEOUT, seconds), read(RETRIES, tries), read(DAILY_CAP, daily_cap)
    given = {URL: url or None, MODEL: model or None, KEY: key or None, **prices}
    if not any(value is not None for value in given.values()):
        return None
    _is_whole(given)
    _is_safe(url, key)
    return Configuration(
        url=url,
        model=model,
        key=SecretStr(key) if key else None,
        timeout=timeout,
        retries=retries,
        daily_cap=cap,
        prices=Prices(prompt=prices[PROMPT_PRICE], answer=prices[ANSWER_PRICE]),
    )


def _is_whole(given: dict[str, Any]) -> None:
    there = next(each for each, value in given.items() if value is not None)
    for each in NEEDED:
        if given[each] is None:
            raise Unsound(
                f"{each}: it is not set, and {there} is. A model writes lessons with {', '.join(NEEDED)} all set "
                f"(a price may be 0); unset them all and lessons are written from their template."
            )


def _is_safe(url: str, key: str) -> None:
    if key and urlsplit(url).scheme == "http" and not _is_here(urlsplit(url).hostname or ""):
        raise Unsound(
            f"{URL}: it begins with http://, and {KEY} would cross the network for all to read. "
            "Give an https:// address, or unset the key if the endpoint asks for none."
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


# --- how each is read; what is raised of a secret one does not repeat it


def address(value: str) -> str:
    """Return an http or https address without user, query or fragment."""
    if not value:
        return ""
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise ValueError("it holds letters that no address has")
    parts = urlsplit(value)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("it names no host by http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"it holds a user or a password; a key goes into {KEY}")
    if parts.query or parts.fragment:
        raise ValueError("it holds a ? or a #")
    if not _is_port(parts):
        raise ValueError("its port is no number from 1 to 65535")
    return value


def _is_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def name(value: str) -> str:
    """Return the name of a model."""
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise ValueError("it is too long, or holds letters that cannot be seen")
    return value


def secret(value: str) -> str:
    """Return a key as it goes into a header."""
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise ValueError("it holds spaces or letters that no key has")
    return value


def seconds(value: str) -> float:
    """Return a span in seconds."""
    span = float(value)
    if not 1 <= span <= LONGEST_TIMEOUT:
        raise ValueError(f"it is not from 1 to {LONGEST_TIMEOUT:g}")
    return span


def tries(value: str) -> int:
    """Return how often a failed question is put again."""
    if not (value.isascii() and value.isdigit() and int(value) <= MOST_RETRIES):
        raise ValueError(f"it is not a whole number from 0 to {MOST_RETRIES}")
    return int(value)


def price(value: str) -> Decimal | None:
    """Return a price for 1000 tokens, None where none is given."""
    return _money(value, HIGHEST_PRICE) if value else None


def daily_cap(value: str) -> Decimal:
    """Return the most that a day may cost."""
    return _money(value, HIGHEST_CAP)


def _money(value: str, most: Decimal) -> Decimal:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError("it is no number") from None
    if not (amount.is_finite() and 0 <= amount <= most):
        raise ValueError(f"it is not from 0 to {most}")
    return amount
