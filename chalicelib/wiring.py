"""The one place where ports meet adapters. Everything is made when first asked for, nothing on import."""

import json
import logging
import math
import os
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from chalicelib import links as _links
from chalicelib.adapters.aws import clients, unavailable
from chalicelib.adapters.calendar import KnownDaysOff
from chalicelib.adapters.event_bridge import EventBridge
from chalicelib.adapters.evidence import Bucket
from chalicelib.adapters.fingerprints import fingerprint
from chalicelib.adapters.odds import CachedOdds
from chalicelib.adapters.policies import CachedPolicies
from chalicelib.adapters.received import Received
from chalicelib.adapters.receivers import Https
from chalicelib.adapters.secrets import secret_settings
from chalicelib.adapters.ses import Ses
from chalicelib.adapters.step_functions import StepFunctions, SweepOnly
from chalicelib.adapters.vault import Kms
from chalicelib.domain import reference
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.money.providers import Provider
from chalicelib.domain.ports import Ports, Receivers
from chalicelib.domain.switches import Switch
from chalicelib.settings import PAYOUT_PROVIDERS, Settings, named, read

Clock = Callable[[], datetime]


log = logging.getLogger(__name__)


def _real_time() -> datetime:
    return datetime.now(UTC)


_clock: list[Clock] = [_real_time]

# What stands between us and the receivers of webhooks: nothing, but in the sandbox.
_receivers: list[Callable[[Receivers], Receivers]] = [lambda real: real]

# Seconds between two looks at secrets that may have been changed: where one does not fit, and in any case; and when the
# last one was.
_LOOK_AGAIN, _LOOK_ANYWAY = 60, 300
_looked_at = [-math.inf]


# Under which number what is done right now is found (edge/correlation.py).
_correlation: ContextVar[str | None] = ContextVar("correlation_id", default=None)


@contextmanager
def correlated(number: str) -> Iterator[None]:
    """Whatever is done within belongs to this number."""
    before = _correlation.set(number)
    try:
        yield
    finally:
        _correlation.reset(before)


def correlation_id() -> str | None:
    """The number of the request that is being answered; None where there is none, as in what runs by the clock."""
    return _correlation.get()


@cache
def settings() -> Settings:
    """This deployment's settings, with its secrets where SECRETS_ID names them: only functions that need them may."""
    return _newest.pop() if _newest else _read()


# Settings that were read anew and are to take the place of those that this function goes by.
_newest: list[Settings] = []


def _read() -> Settings:
    if secret_id := os.environ.get("SECRETS_ID"):
        _looked_at[0] = time.monotonic()
        return read({**os.environ, **secret_settings(clients(), secret_id)})
    return read(os.environ)


def newer_settings(after: float = _LOOK_AGAIN) -> Settings | None:
    """The settings as they are by now, if that differs from what this function goes by: secrets are changed while it is
    warm. They are looked at no sooner than `after` seconds after the last time; from then on it goes by them. Where
    they cannot be read it goes on by those that it has."""
    if not os.environ.get("SECRETS_ID") or time.monotonic() - _looked_at[0] < after:
        return None
    before = settings()
    try:
        found = _read()
    except Exception as error:  # noqa: BLE001 - of AWS, or of whoever edited the secret: neither may stop what runs
        log.warning("secrets not read again", extra={"why": type(error).__name__})
        return None
    if found == before:
        return None
    for made in (settings, links, built_ports):
        made.cache_clear()
    _newest[:] = [found]
    return settings()


@cache
def links() -> _links.Links:
    """The maker of addresses."""
    return _links.Links(
        public_url=settings().public_url,
        secret=settings().link_secret,
        reply_domain=settings().reply_domain,
        image_hosts=frozenset(named(settings().image_hosts)),
    )


def ports() -> Ports:
    """Every port, on AWS. Whatever a function does begins here, so secrets that were changed while it is warm count
    after some minutes."""
    newer_settings(_LOOK_ANYWAY)
    return built_ports()


@cache
def built_ports() -> Ports:
    """The ports that this function goes by until a secret changes."""
    from chalicelib.adapters.dynamodb import DynamoStore
    from chalicelib.mail import compose, tell
    from chalicelib.mail.digests import compose_digest
    from chalicelib.mail.webhook_off import compose_off

    configured, source = settings(), clients()
    store = DynamoStore(prefix=configured.table_prefix)
    orchestrated = configured.orchestrator == "stepfunctions"
    return Ports(
        store=store,
        policies=CachedPolicies(store=store),
        odds=CachedOdds(store=store),
        calendar=KnownDaysOff(store=store),
        orchestrator=StepFunctions(clients=source, state_machine_arn=configured.state_machine_arn)
        if orchestrated
        else SweepOnly(),
        mailer=Ses(
            clients=clients(configured.mail_region) if configured.mail_region else source,
            sender=configured.mail_sender,
            configuration_set=configured.mail_configuration,
        ),
        events=EventBridge(clients=source, bus=configured.event_bus),
        files=Bucket(clients=source, name=configured.evidence_bucket, url=configured.evidence_url),
        compose=partial(compose, links=links(), zone=configured.zone),
        tell=partial(tell, links=links(), zone=configured.zone),
        now=now,
        new_id=lambda: uuid.uuid4().hex,
        new_reference=lambda: reference.drawn(secrets.randbelow),
        new_salt=lambda: secrets.token_hex(32),
        pace=Pace(orchestrated=orchestrated, spread=configured.spread),
        provider_names=frozenset(named(configured.providers)),
        payouts=next((name for name in named(configured.providers) if name in PAYOUT_PROVIDERS), None),
        receivers=_receivers[0](Https(master=configured.signing_secret, anywhere=configured.webhooks_anywhere)),
        compose_digest=partial(compose_digest, links=links(), zone=configured.zone),
        compose_off=partial(compose_off, page=links().to("/operations/webhooks")),
        vault=Kms(clients=source, key=configured.accounts_key, secret=configured.account_secret),
        fingerprint=partial(fingerprint, secret=configured.clue_secret),
        providers=_providers(configured),
        horizon=timedelta(seconds=configured.events_horizon),
        off=off(),
        zone=configured.zone,
        country=configured.country,
        correlation_id=correlation_id,
    )


def off() -> frozenset[Switch]:
    """What the people in charge have switched off."""
    return frozenset(map(Switch, named(settings().switched_off)))


def _providers(configured: Settings) -> dict[str, Provider]:
    """The providers that this function may speak to: those that are named and whose keys it has."""
    at_xendit = {"secret_key": configured.xendit_secret_key, "callback_token": configured.xendit_callback_token}
    keys: dict[str, dict[str, str]] = {
        "midtrans": {"server_key": configured.midtrans_server_key},
        "xendit": at_xendit,
        "xendit_payouts": at_xendit,
        "stripe": {"secret_key": configured.stripe_secret_key, "webhook_secret": configured.stripe_webhook_secret},
        "doku": {"client_id": configured.doku_client_id, "secret_key": configured.doku_secret_key},
    }
    kept = {name: keys[name] for name in named(configured.providers) if all(keys[name].values())}
    if not kept:
        return {}
    from chalicelib.adapters.providers import doku, midtrans, stripe, xendit, xendit_payouts

    told_at = f"{urlsplit(configured.public_url).path}/v1/providers/doku/notifications"
    makers: dict[str, tuple[Callable[..., Provider], str]] = {
        "midtrans": (midtrans.Midtrans, configured.midtrans_url or midtrans.LIVE),
        "xendit": (xendit.Xendit, configured.xendit_url or xendit.LIVE),
        "xendit_payouts": (xendit_payouts.XenditPayouts, configured.xendit_url or xendit.LIVE),
        "stripe": (stripe.Stripe, configured.stripe_url or stripe.LIVE),
        "doku": (partial(doku.Doku, notified=told_at), configured.doku_url or doku.LIVE),
    }
    return {name: makers[name][0](secrets=its, now=now, base_url=makers[name][1]) for name, its in kept.items()}


@cache
def spent() -> set[str]:
    """The keys of uses of which this function knows that none is left."""
    return set()


@cache
def received() -> Received:
    """Where SES lays the mails that it receives for us."""
    return Received(clients=clients(), name=settings().received_bucket)


def now() -> datetime:
    """Business time, in UTC."""
    return _clock[0]()


def set_clock(clock: Clock) -> None:
    """Business time from elsewhere: the sandbox's clock that can be moved forwards."""
    _clock[0] = clock


def set_receivers(between: Callable[[Receivers], Receivers]) -> None:
    """Have something stand between us and the receivers of webhooks, before ports are made: the sandbox's outages."""
    _receivers[0] = between


def elsewhere(function: str, event: object) -> None:
    """Have a Lambda of ours do something, without waiting for it. Raises Unavailable."""
    with unavailable("lambda"):
        client: Any = clients()("lambda")
        client.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))


def reset() -> None:
    """Forget everything made so far; the next call reads the environment anew."""
    for made in (settings, links, built_ports, received, spent):
        made.cache_clear()
    _newest.clear()
    _clock[0], _looked_at[0], _receivers[0] = _real_time, -math.inf, lambda real: real
