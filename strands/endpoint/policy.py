"""The numbers of asking a model: how long the answer may be, how failures are borne."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from strands.retry import RetryPolicy


class AskingPolicy(BaseModel):
    """How a model is asked, and how its failures are borne."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(0.0, ge=0, le=2, description="chance in the choice of words; 0 for the likeliest ones")
    answer_tokens: int = Field(1000, ge=50, le=100_000, description="longest answer asked for [tokens]")
    answer_tokens_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        "max_tokens", description="what the endpoint calls the longest answer"
    )
    message_tokens: int = Field(16, ge=0, le=1000, description="reserved for what frames each message [tokens]")
    largest_reply: int = Field(1_000_000, ge=1000, le=10_000_000, description="a longer reply is not read [bytes]")

    first_wait: float = Field(0.5, ge=0, le=60, description="wait before the second try; it doubles [seconds]")
    most_wait: float = Field(10.0, ge=0, le=300, description="longest wait before another try [seconds]")
    rest_after: int = Field(3, ge=1, le=1000, description="failures in a row after which nobody is asked [count]")
    rest_seconds: float = Field(300.0, ge=0, le=86_400, description="how long then nobody is asked [seconds]")

    def waits(self, retries: int) -> RetryPolicy:
        """Return the waits between a first try and so many more."""
        return RetryPolicy(attempts=retries + 1, first_seconds=self.first_wait, factor=2.0, most_seconds=self.most_wait)
