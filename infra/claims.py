"""What was only read, or only seen on emulators, and waits for a run against a real account: one list, which
docs/operations.md shows and `make smoke` answers as far as it can.

    python -m infra.claims
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One of them: a name, what is said, and how it is shown. `step`: the step of `make smoke` that shows it, if one
    does; else `by_hand` says what to do."""

    name: str
    says: str
    step: str = ""
    by_hand: str = ""


CLAIMS = (
    Claim("gateway", "API Gateway hands requests to the function, and problem documents are ours", "reached"),
    Claim("authorizer", "the authorizer lets tokens of your issuer through and refuses everybody else", "refused"),
    Claim("seller-agrees", "an order is cancelled, and the wallet is credited", "played"),
    Claim("seller-refuses", "an order goes on after a no", "played"),
    Claim("deadline", "Step Functions or the sweep speaks for a silent seller, within a minute or two", "played"),
    Claim("refund", "a refund that failed is asked for again, and goes", "played"),
    Claim("webhook", "events leave over the internet, signed, within a minute", "told"),
    Claim(
        "path-escapes",
        "ids with a slash, per cent, plus, space, semicolon and emoji reach the function as they are",
        "paths",
    ),
    Claim(
        "evidence",
        "a browser posts a file to the bucket's regional host by signature version 4",
        by_hand="attach a photo",
    ),
    Claim("mails", "SES sends as the identity, and its notices reach OnMail", by_hand="a request for your own address"),
    Claim(
        "answers",
        "SES lays answers into the bucket, also under a receipt rule set of yours",
        by_hand="answer that mail; the case's conversation has it",
    ),
    Claim(
        "take-in",
        "CloudFormation takes in tables, buckets and the alias of the key by their names in plain letters",
        by_hand="make destroy STAGE=dev, then make deploy",
    ),
    Claim(
        "indexes",
        "one index of a table at a time is built in an update of its own, and is ACTIVE before functions change",
        by_hand="an update from a version with other indexes",
    ),
    Claim("arm", "the package runs on arm64 and Python 3.13", "reached"),
    Claim(
        "domain", "a domain with its certificate leads to the API", by_hand="SET='DomainName=... CertificateArn=...'"
    ),
    Claim(
        "waf",
        "what a web ACL stops is answered 403 as a problem document",
        by_hand="SET=WebAclArn=..., a rule that stops",
    ),
    Claim(
        "own-key", "accounts are sealed with a key of yours", by_hand="SET=AccountsKeyArn=... with the first deployment"
    ),
    Claim(
        "looks",
        "a look leaves the log for its bucket by Firehose",
        by_hand="open a case as customer service; the bucket has it in five minutes",
    ),
    Claim(
        "mail-region",
        "a topic calls the function of another region, and SES lays mails into a bucket there by a role",
        by_hand="SET=MailRegion=...",
    ),
    Claim("alarms", "an alarm's mail arrives", by_hand="SET=AlertEmail=..., then aws cloudwatch set-alarm-state"),
)


def main() -> None:
    """Print them all, and how each is shown."""
    for claim in CLAIMS:
        print(f"{claim.name:15} {claim.says}\n{'':15} {'make smoke: ' + claim.step if claim.step else claim.by_hand}")


if __name__ == "__main__":
    main()
