"""A draft of a policy tried on what happened, in rounds: order by order, with what was found kept as it goes on."""

from collections.abc import Collection
from copy import deepcopy
from datetime import date, datetime

from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.jobs import JobState
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.learned import Heard, Situation
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.ports import LONGEST_PAGE, Ports
from chalicelib.domain.simulation.hearing import situation_of
from chalicelib.domain.simulation.jobs import Simulation
from chalicelib.domain.simulation.past import PastCase
from chalicelib.domain.simulation.simulating import Stage, take_in
from chalicelib.domain.simulation.suggesting import STEPS, Target, Tried, drafts, try_all
from chalicelib.workflow.jobs import job_for, new_id
from chalicelib.workflow.past_cases import pasts_of
from chalicelib.workflow.policies import WRITERS, current_version, versions
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work

# Of a profile, as many versions are looked up that cases may have lived by.
_MOST_VERSIONS = 200


def begin(ports: Ports, actor: Actor, draft: Policy, target: Target | None = None) -> Simulation:
    """Have a draft tried on all past cases of its profile, and the steps of a lever where a target is to be reached. It
    is worked on within a minute or two. Raises Forbidden, NotFound for a profile that nobody lives by, Refused
    `too_many_jobs`."""
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "simulate_policy")
    if draft.name not in ports.policies.names():
        raise NotFound("policy")
    now = ports.now()
    job = Simulation(
        job_id=new_id(ports, now),
        by=actor.plain,
        began_at=now,
        upload_by=now,
        state=JobState.WORKING,
        draft=draft,
        target=target,
        tried=tuple(Tried(hours=hours) for hours in STEPS) if target else (),
        updated_at=now,
    )
    ports.store.begin_job(job)
    return job


def simulation(ports: Ports, actor: Actor, job_id: str) -> Simulation:
    """One simulation, for who began it and for operators. Raises NotFound for everybody else."""
    job = job_for(ports, actor, job_id)
    if not isinstance(job, Simulation):
        raise NotFound("job")
    return job


def work_on(work: Work[Simulation], seconds_left: SecondsLeft) -> None:
    """Go on with a simulation, for rounds: some orders at a time, and what was found with how far it is in one
    write."""
    ports, stage, target = work.ports, _stage(work.ports, work.job.draft), work.job.target
    moved = drafts(work.job.draft, target.lever) if target else {}
    while True:
        page = ports.store.all_orders(limit=LONGEST_PAGE, cursor=work.job.cursor)
        found, tried, count = deepcopy(work.job.found), deepcopy(work.job.tried), 0
        for order in page.items:
            for _, past in pasts_of(ports, order):
                was = take_in(found, past, stage)
                if past is not None and was is not None:
                    try_all(tried, past, was, stage, moved)
                count += 1
        done, more = work.job.done + count, page.next_cursor is not None
        if not more:
            work.save(
                state=JobState.DONE,
                found=found,
                tried=tried,
                done=done,
                total=done,
                cursor=None,
                ended_at=ports.now(),
                lease_until=None,
            )
            return
        work.save(found=found, tried=tried, cursor=page.next_cursor, done=done, tries=0)
        if seconds_left() <= RESERVE:
            return


def _stage(ports: Ports, draft: Policy) -> Stage:
    known = versions(ports, current_version(ports, draft.name), _MOST_VERSIONS)
    kept = dict[tuple[str, Situation], Heard]()

    def hears(past: PastCase) -> Heard:
        seller, situation = past.order.body.seller.id, situation_of(past)
        if (seller, situation) not in kept:
            kept[seller, situation] = ports.odds.heard(seller, past.order.body.platform, situation)
        return kept[seller, situation]

    def days_off(at: datetime, country: str | None) -> Collection[date]:
        return ports.calendar.holidays(at, country)

    return Stage(draft=draft, in_force={each.version: each for each in known}, days_off=days_off, hears=hears)
