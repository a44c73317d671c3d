"""What the company says: verdicts of its roundtables, proposals."""

from __future__ import annotations

from typing import TypedDict

from strands import telling
from strands.json_values import at
from strands.kinds import reviews
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Proposal(TypedDict, total=False):
    title: str
    author: str
    reason: str


class VerdictPayload(TypedDict, total=False):
    co_verdict: reviews.Verdict


class ProposalPayload(TypedDict, total=False):
    co_proposal: Proposal


def _proposal(payload: Payload) -> list[Part]:
    return [
        Part("proposed", Tone.INFO, pill=True),
        Part(telling.words(at(payload, "co_proposal.title"))),
        telling.labelled("by", telling.words(at(payload, "co_proposal.author"))),
        Part(telling.words(at(payload, "co_proposal.reason")), Tone.MUTED),
    ]


VERDICT = reviews.verdict("co_verdict", VerdictPayload)
PROPOSAL = Kind(
    name="proposal",
    means="what the company proposes to people",
    payload=ProposalPayload,
    unheard="reserved: people read it, and no module acts on one",
    reads=("co_proposal.title", "co_proposal.author", "co_proposal.reason"),
    line=_proposal,
    look=Look("proposal", Tone.INFO),
)

ROLE = Role(name="company", table="co_strands", words="words of the company", kinds=(VERDICT, PROPOSAL))
