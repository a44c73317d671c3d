"""The endpoint that the environment names: all of it, none of it, or a refusal that names the variable."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from strands.endpoint import configuration
from strands.endpoint.configuration import Configuration
from tradingops import settings
from tradingops.environment_variables import VARIABLES

KEY = "sk-hunter2"
WHOLE = {
    "TRADINGOPS_LESSON_URL": "https://models.example/v1",
    "TRADINGOPS_LESSON_MODEL": "a-model",
    "TRADINGOPS_LESSON_KEY": KEY,
    "TRADINGOPS_LESSON_PROMPT_PRICE": "0.0025",
    "TRADINGOPS_LESSON_ANSWER_PRICE": "0.01",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    """Set the variables given, and no other of a lesson's."""

    def put(**given: str) -> None:
        for name in filter(lambda each: each.startswith("TRADINGOPS_LESSON_"), VARIABLES):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)

    return put


def test_without_variables_there_is_no_endpoint(environment):
    environment()
    assert configuration.of(settings.read) is None


def test_a_whole_set_is_an_endpoint_with_defaults_for_the_rest(environment):
    environment(**WHOLE)
    found = configuration.of(settings.read)
    assert found is not None
    assert (found.url, found.model) == ("https://models.example/v1", "a-model")
    assert (found.timeout, found.retries, found.daily_cap) == (30.0, 2, Decimal(1))
    assert (found.prices.prompt, found.prices.answer) == (Decimal("0.0025"), Decimal("0.01"))


def test_the_defaults_of_the_variables_are_those_of_the_configuration(environment):
    environment(**WHOLE)
    found = configuration.of(settings.read)
    assert found == Configuration(**{name: getattr(found, name) for name in ("url", "model", "key", "prices")})


@pytest.mark.parametrize("missing", [each for each in WHOLE if each != "TRADINGOPS_LESSON_KEY"])
def test_a_set_that_is_not_whole_names_what_is_missing(environment, missing: str):
    environment(**{name: value for name, value in WHOLE.items() if name != missing})
    with pytest.raises(configuration.Unsound, match=f"^{missing}: it is not set"):
        configuration.of(settings.read)


def test_a_price_of_nothing_is_a_price(environment):
    environment(**{**WHOLE, "TRADINGOPS_LESSON_PROMPT_PRICE": "0", "TRADINGOPS_LESSON_ANSWER_PRICE": "0"})
    found = configuration.of(settings.read)
    assert found is not None
    assert found.prices.cost(prompt_tokens=1000, answer_tokens=1000) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRADINGOPS_LESSON_URL", "models.example/v1"),
        ("TRADINGOPS_LESSON_URL", "ftp://models.example/v1"),
        ("TRADINGOPS_LESSON_URL", "https://"),
        ("TRADINGOPS_LESSON_URL", f"https://desk:{KEY}@models.example/v1"),
        ("TRADINGOPS_LESSON_URL", f"https://models.example/v1?key={KEY}"),
        ("TRADINGOPS_LESSON_URL", f"https://models.example:{KEY}/v1"),
        ("TRADINGOPS_LESSON_URL", "https://models.example:0/v1"),
        ("TRADINGOPS_LESSON_URL", "https://models.example/v1\r\nX-Injected: 1"),
        ("TRADINGOPS_LESSON_URL", "https://[::1/v1"),
        ("TRADINGOPS_LESSON_MODEL", "m" * 201),
        ("TRADINGOPS_LESSON_MODEL", "a\nmodel"),
        ("TRADINGOPS_LESSON_KEY", f"{KEY}\r\nX-Injected: 1"),
        ("TRADINGOPS_LESSON_KEY", f"Bearer {KEY}"),
        ("TRADINGOPS_LESSON_KEY", f"{KEY}é"),
        ("TRADINGOPS_LESSON_PROMPT_PRICE", "cheap"),
        ("TRADINGOPS_LESSON_PROMPT_PRICE", "NaN"),
        ("TRADINGOPS_LESSON_ANSWER_PRICE", "-1"),
        ("TRADINGOPS_LESSON_ANSWER_PRICE", "101"),
        ("TRADINGOPS_LESSON_DAILY_CAP", "Infinity"),
        ("TRADINGOPS_LESSON_DAILY_CAP", "100001"),
        ("TRADINGOPS_LESSON_TIMEOUT", "0"),
        ("TRADINGOPS_LESSON_TIMEOUT", "nan"),
        ("TRADINGOPS_LESSON_TIMEOUT", "a while"),
        ("TRADINGOPS_LESSON_RETRIES", "11"),
        ("TRADINGOPS_LESSON_RETRIES", "1.5"),
        ("TRADINGOPS_LESSON_RETRIES", "-1"),
    ],
)
def test_a_bad_value_stops_with_its_name_and_without_the_secret(environment, name: str, value: str):
    environment(**{**WHOLE, name: value})
    with pytest.raises(ImproperlyConfigured) as refusal:
        configuration.of(settings.read)
    said = str(refusal.value)
    assert said.startswith(f"{name}: ")
    assert VARIABLES[name].shape in said
    assert KEY not in said


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.9.9.9"])
def test_a_key_may_stay_on_this_machine_unencrypted(environment, host: str):
    environment(**{**WHOLE, "TRADINGOPS_LESSON_URL": f"http://{host}/v1"})
    assert configuration.of(settings.read) is not None


@pytest.mark.parametrize("host", ["models.example", "10.0.0.7:8080", "localhost.example"])
def test_a_key_does_not_cross_the_network_unencrypted(environment, host: str):
    environment(**{**WHOLE, "TRADINGOPS_LESSON_URL": f"http://{host}/v1"})
    with pytest.raises(configuration.Unsound, match=r"^TRADINGOPS_LESSON_URL: it begins with http://"):
        configuration.of(settings.read)


def test_an_endpoint_without_a_key_may_be_spoken_to_in_the_open(environment):
    environment(**{**WHOLE, "TRADINGOPS_LESSON_URL": "http://10.0.0.7:8080/v1", "TRADINGOPS_LESSON_KEY": ""})
    found = configuration.of(settings.read)
    assert found is not None
    assert found.key is None


def test_the_key_is_masked_wherever_the_configuration_is_shown(environment):
    environment(**WHOLE)
    found = configuration.of(settings.read)
    assert found is not None
    assert KEY not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"
    assert found.key is not None
    assert found.key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("url", "posted_to"),
    [
        ("https://models.example/v1", "https://models.example/v1/chat/completions"),
        ("https://models.example/v1/", "https://models.example/v1/chat/completions"),
        ("https://models.example", "https://models.example/chat/completions"),
        ("http://127.0.0.1:11434/v1/chat/completions", "http://127.0.0.1:11434/v1/chat/completions"),
    ],
)
def test_questions_are_posted_to_the_completions_of_the_address(url: str, posted_to: str):
    prices = configuration.Prices(prompt=Decimal(0), answer=Decimal(0))
    assert Configuration(url=url, model="m", prices=prices).parts.geturl() == posted_to
