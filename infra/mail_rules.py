"""Answers to mails: regions that take none, and the one active set of receipt rules that an account has in a region."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.stack import Say

# Regions whose SES has no receipt rules; look at AWS's page of SES endpoints before adding one.
_HEARS_NO_MAIL = ("ap-southeast-5",)


def look(session: Any, settled: Mapping[str, str], stack: str, say: Say) -> None:
    """Say where answers to mails would not reach us: making our rules the active ones would end what the company's
    do."""
    if not settled.get("ReplyDomain"):
        return
    region = settled.get("MailRegion") or session.region_name
    if region in _HEARS_NO_MAIL:
        say(
            f"Take heed: SES receives no mail in {region}, so a stack with ReplyDomain cannot be made there. Without it"
            " (SET=ReplyDomain=) all else works: mails go out, bounces are heard, people answer on the pages. Or let"
            " mail go by another region, such as SET=MailRegion=ap-southeast-1."
        )
        return
    try:
        active = (
            session.client("ses", region_name=region).describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        )
    except (ClientError, BotoCoreError) as error:
        say(f"Take heed: whether mail can be received in {region} is not known: {error}")
        return
    if active and active not in (stack, settled.get("ReceiptRuleSet")):
        say(
            f"Take heed: this account's active receipt rule set is {active}. Leave it active, and say"
            f" SET=ReceiptRuleSet={active}: our rule is added to it. Until then answers to mails do not arrive."
        )
    elif not active:
        say(f"No receipt rule set is active: make {stack} the active one, or answers do not arrive.")
