"""What people ask of a version: a row is left, and a worker takes it up; asking twice asks once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tradingops.policies import versions
from tradingops.policies.models import State, Version
from tradingops.whatif import alone, turns
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.models import Job, Shadow
from tradingops.whatif.trial import LISTENER as DECIDES

#: Decisions that are decided again where nobody says how many, and the most that are.
LAST, MOST = 1_000, 20_000
#: The policies whose recorded decisions or turns are taken again.
TRIED = (DECIDES, *turns.MODULES)
#: What is not at its end.
OPEN_JOBS = (Job.State.WAITING, Job.State.RUNNING)
LIVING = (Shadow.State.WAITING, Shadow.State.FOLLOWING)


def draft_of(version: Version) -> Draft:
    """Return a version as a draft that may be tried."""
    return Draft(policy=version.policy, content=version.content, symbol=version.symbol or None)


def decisions(version: Version, *, last: int, by: str, at: datetime) -> Job:
    """Ask what each of the last decisions would have been under a version; raises BadDraft where none can be told.

    Of a module that decides no plan it is what each of its last turns would have said.
    """
    (alone if version.policy == DECIDES else turns).covers(draft_of(version))
    if not 1 <= last <= MOST:
        raise BadDraft(f"last: {last} is no count of decisions from 1 to {MOST}")
    return _asked(Job(asks=Job.Asks.ALONE, last=last), version, by=by, at=at)


def whole_period(version: Version, *, since: datetime | None, until: datetime | None, by: str, at: datetime) -> Job:
    """Ask for a period to be replayed under a version; raises BadDraft for one that no replay goes by."""
    # It knows every module, which the console imports once somebody asks.
    from tradingops.whatif import period

    period.settings_of(draft_of(version), mode={})
    if since and until and until <= since:
        raise BadDraft(f"until: {until.isoformat()} is not after since; give a later moment, or none")
    return _asked(Job(asks=Job.Asks.PERIOD, since=since, until=until), version, by=by, at=at)


def shadow(version: Version, *, by: str, at: datetime) -> Shadow:
    """Ask for a version to decide beside the published policy; raises BadDraft for one that decides no plan."""
    alone.covers(draft_of(version))
    if version.state not in (State.DRAFT, State.REVIEW):
        raise BadDraft(f"{version} is {version.state}: only a draft decides beside what is in force; begin a new one")
    with transaction.atomic():
        Version.objects.select_for_update().get(pk=version.pk)
        found = Shadow.objects.filter(of=version, state__in=LIVING).first()
        return found or Shadow.objects.create(
            draft=_told(version), of=version, made_on=_made_on(version, at), started_by=by
        )


def stop(version: Version) -> int:
    """Let the shadows of a version follow no further; return how many did."""
    return Shadow.objects.filter(of=version, state__in=LIVING).update(state=Shadow.State.STOPPED)


def _asked(job: Job, version: Version, *, by: str, at: datetime) -> Job:
    job.draft, job.hash, job.asked_by, job.made_on = _told(version), version.hash, by, _made_on(version, at)
    job.version = version if version.pk else None
    if not version.pk:
        job.save()
        return job
    with transaction.atomic():
        Version.objects.select_for_update().get(pk=version.pk)
        same = Job.objects.filter(version=version, asks=job.asks, hash=job.hash, state__in=OPEN_JOBS)
        if found := same.filter(last=job.last, since=job.since, until=job.until).first():
            return found
        job.save()
        return job


def _told(version: Version) -> dict[str, object]:
    return {"policy": version.policy, "symbol": version.symbol or None, "content": version.content}


def _made_on(version: Version, at: datetime) -> int:
    counts = versions.in_force(version.policy, version.symbol, at=at)
    return counts.number if counts else 0
