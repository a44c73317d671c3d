"""A writer of lessons at an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands.endpoint.budget import Ledger
from strands.endpoint.client import Client
from strands.endpoint.configuration import Configuration
from strands.endpoint.spent import Unanswered
from strands.lessons.writers.endpoint import answer, prompt
from strands.lessons.writers.endpoint.policy import WriterPolicy
from strands.lessons.writers.words import Unwritten, Words


class EndpointWriter:
    """Asks a model for the words of a lesson."""

    def __init__(self, client: Client, *, policy: WriterPolicy) -> None:
        self.client, self.policy = client, policy

    def write(self, braid: Mapping[str, Any], *, lesson_id: str) -> Words | Unwritten:
        """Return a model's words for a braid's lesson, or why there are none; a fault of the ledger is raised."""
        model = self.client.configuration.model
        question = prompt.ask(braid, model=model, policy=self.policy)

        def read(text: str) -> Mapping[str, Any]:
            return answer.read(text, given=braid["lesson"], policy=self.policy).to_json()

        found = self.client.ask(question, about=lesson_id, read=read)
        if isinstance(found, Unanswered):
            return Unwritten(model=model, status=found.status, reason=found.reason, spent=found.spent)
        told = found.answer
        return Words(
            model=model, lesson=told["lesson"], notes=tuple(told["notes"]), spent=found.spent, cached=found.cached
        )


def at(
    configuration: Configuration, *, ledger: Ledger, policy: WriterPolicy | None = None, **of_the_client: Any
) -> EndpointWriter:
    """Return the writer at a configured endpoint; the rest is what its client is made with."""
    policy = policy or WriterPolicy()
    return EndpointWriter(Client(configuration, ledger=ledger, policy=policy, **of_the_client), policy=policy)
