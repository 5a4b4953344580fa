"""Configuration, read once from the environment. Every setting stands here, and in the README."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.retention import LAW, Times, checked
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.switches import Switch
from chalicelib.domain.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment decides.

    marketplace         the one whose orders these are, by the name that pushes may give; empty: whatever they name
    zone                that of the marketplace: in it people read times who named none of their own, and figures are
                        counted by its days
    country             the marketplace's, by its code of ISO 3166: whose public holidays operators are shown
    public_url          where people reach the API and the pages, with the stage, without a closing slash
    table_prefix        before the names of the five tables
    orchestrator        `stepfunctions`, or `sweep` to run without Step Functions
    state_machine_arn   the state machine; empty in sweep mode
    mail_sender         the address that SES sends from
    reply_domain        the domain whose mail SES receives for us, so that answers to mails reach the case; empty: none
    received_bucket     where SES lays the mails that it receives for us
    mail_configuration  SES configuration set; empty for none
    mail_region         the region whose SES sends; empty: the functions' own
    event_bus           the bus for integrators' events
    evidence_bucket     where evidence files lie
    evidence_url        where browsers reach the bucket, if not at S3 itself (the sandbox)
    jwt_*               the marketplace's key set (JSON, or better the https address where it lies), issuer and audience
                        of the bearer tokens; without an issuer none is taken
    oidc_*              an OpenID Connect provider that signs people in: issuer, client id, secret (empty for none)
    sign_in_url         where the marketplace signs people in before it brings them here; empty: our own page
    SECRETS_ID, which is no setting itself, may name a Secrets Manager secret with the secrets among these.
    link_secret         signs the links in mails; session_secret signs the pages' cookie; account_secret makes the
                        fingerprints of accounts that money is paid out to; clue_secret those of what callers say
    accounts_key        the KMS key that those accounts are sealed with
    orders_secret, payments_secret   verify what order system and payment system send signed; two of one, with a comma
                        between, while it is changed; webhook_secret counts for both. All empty: bearer tokens only
    signing_secret      makes the secrets that webhooks are signed with
    webhooks_anywhere   1: webhooks may lead to this machine, and without encryption. For the sandbox alone
    tell_webhook_function  the function that hands events over to one webhook; empty: whoever looks for them does it
    providers           payment providers that are asked for refunds by Batal itself, `midtrans,xendit,stripe,doku` or
                        some of them, and `xendit_payouts` for payouts, with the keys of `xendit`; their keys are
                        secrets, `*_url` is where they are, if not at their usual address
    spread              seconds over which deadlines that fall together are spread
    events_horizon      seconds that an event is old before it is read from the log: longer than any write is under way
    image_hosts         hosts from which pages and mails show pictures of goods, with commas between; empty: none
    quotas              how often callers may do something within an hour, such as `asks=30,bad_links=100`; what is not
                        named stays as usual (domain/people/uses.py), 0 is never refused
    switched_off        what is kept from happening for a while: `mails`, `refunds`, `writes` (domain/switches.py), with
                        commas between
    retention           after how many quiet days orders lose what is a person's, such as `words=2500,accounts=4000`,
                        where that is to be later than by law (domain/people/retention.py); `dry=1`: it is only counted
    alternative_links   pages of the marketplace's where a buyer changes an order instead of cancelling it, such as
                        `change_address=https://shop.example/orders/{order_id}/address`, with commas between
    """

    marketplace: str = ""
    zone: Zone = Zone.WIB
    country: str = "ID"
    public_url: str = "http://127.0.0.1:8000"
    table_prefix: str = "batal-"
    orchestrator: Literal["stepfunctions", "sweep"] = "stepfunctions"
    state_machine_arn: str = ""
    mail_sender: str = "batal@example.com"
    mail_configuration: str = ""
    mail_region: str = ""
    reply_domain: str = ""
    received_bucket: str = "batal-received"
    event_bus: str = "batal"
    evidence_bucket: str = "batal-evidence"
    evidence_url: str = ""
    jwt_jwks: str = '{"keys": []}'
    jwt_jwks_url: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = "batal"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    sign_in_url: str = ""
    link_secret: str = ""
    session_secret: str = ""
    account_secret: str = ""
    clue_secret: str = ""
    accounts_key: str = "alias/batal-accounts"
    orders_secret: str = ""
    payments_secret: str = ""
    webhook_secret: str = ""
    signing_secret: str = ""
    webhooks_anywhere: bool = False
    tell_webhook_function: str = ""
    providers: str = ""
    midtrans_server_key: str = ""
    midtrans_url: str = ""
    xendit_secret_key: str = ""
    xendit_callback_token: str = ""
    xendit_url: str = ""
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_url: str = ""
    doku_client_id: str = ""
    doku_secret_key: str = ""
    doku_url: str = ""
    spread: int = 20
    events_horizon: int = 60
    image_hosts: str = ""
    alternative_links: str = ""
    quotas: str = ""
    switched_off: str = ""
    retention: str = ""


# The payment providers that there are adapters for.
PROVIDERS = ("midtrans", "xendit", "stripe", "doku", "xendit_payouts")

# Those of them that pay out to accounts.
PAYOUT_PROVIDERS = ("xendit_payouts",)


def named(providers: str) -> tuple[str, ...]:
    """The names in a list that commas divide."""
    return tuple(name.strip() for name in providers.split(",") if name.strip())


# A host as browsers take it in a page's policy, with a port or without; nothing that would end it or add to it.
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_SHAPES = {
    "marketplace": re.compile(r"[A-Za-z0-9._-]{1,64}"),
    "country": re.compile(r"[A-Z]{2}"),
    "image_hosts": _HOST,
    "alternative_links": re.compile(r"[a-z_]+=https://[^\s,;\"'<>]+"),
    "quotas": re.compile(rf"({'|'.join(Counted)})=[0-9]{{1,6}}"),
    "retention": re.compile(rf"({'|'.join(LAW)})=[0-9]{{1,5}}|dry=[01]"),
    "switched_off": re.compile("|".join(Switch)),
}

_ONE = ("marketplace", "country")


def links_in(alternatives: str) -> dict[str, str]:
    """Addresses by the name of what is done there, from a list that commas divide."""
    return {name: link for name, _, link in (each.partition("=") for each in named(alternatives))}


def quotas_in(quotas: str) -> dict[str, int]:
    """How many there may be within an hour, by what is counted, from such a list."""
    return {name: int(most) for name, _, most in (each.partition("=") for each in named(quotas))}


def retention_in(retention: str) -> Times:
    """The times in such a list; the law's where none is named. Raises Invalid where one is shorter than those."""
    said = {name: int(days) for name, _, days in (each.partition("=") for each in named(retention))}
    dry = said.pop("dry", 0) == 1
    return checked(Times(**said, dry_run=dry))


def misshapen(setting: str, value: str) -> list[str]:
    """What is none in a list that commas divide, of hosts (`image_hosts`), of links (`alternative_links`), of numbers
    (`quotas`), of times (`retention`) or of switches (`switched_off`); of `marketplace` and `country` there is one."""
    each_of = [value] if setting in _ONE else [each.strip() for each in value.split(",")]
    return [each for each in each_of if value and not _SHAPES[setting].fullmatch(each)]


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`, by the field's name in capitals. Raises ValueError for an unknown ORCHESTRATOR, a ZONE
    that there is none of, a payment provider that Batal does not speak to, and for names, hosts, links, quotas,
    switches and times that are none, or shorter than the law wants."""
    given = {name: environ[name.upper()] for name in Settings.__dataclass_fields__ if environ.get(name.upper())}
    for number in {"spread", "events_horizon"} & given.keys():
        given[number] = int(given[number])  # type: ignore[assignment]
    if "webhooks_anywhere" in given:
        given["webhooks_anywhere"] = given["webhooks_anywhere"] == "1"  # type: ignore[assignment]
    if given.get("orchestrator", "stepfunctions") not in ("stepfunctions", "sweep"):
        raise ValueError("ORCHESTRATOR must be 'stepfunctions' or 'sweep'")
    if unknown := set(named(given.get("providers", ""))) - set(PROVIDERS):
        raise ValueError(f"PROVIDERS: {', '.join(sorted(unknown))} is not one of {', '.join(PROVIDERS)}")
    if "zone" in given:
        given["zone"] = Zone(given["zone"])
    for name in _SHAPES:
        if wrong := misshapen(name, given.get(name, "")):
            raise ValueError(f"{name.upper()}: {', '.join(wrong)} is not what it should look like")
    try:
        retention_in(given.get("retention", ""))
    except Invalid as short:
        raise ValueError(f"RETENTION: shorter than the law wants: {short.details}") from short
    if "public_url" in given:
        given["public_url"] = given["public_url"].rstrip("/")
    return Settings(**given)  # type: ignore[arg-type]
