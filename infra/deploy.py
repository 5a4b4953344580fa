"""Into an AWS account with one command, and out of it again.

    python -m infra.deploy deploy --stage dev --sender me@example.com [--yes]
    python -m infra.deploy destroy --stage dev [--data]

Needs this environment's packages and AWS credentials, nothing else. It packages, makes a bucket for the package where
there is none, expands SAM here with the translator that AWS runs, shows what would change, and applies it.
"""

import argparse
import sys
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.deployment import BEGINS, Deployment, Stopped
from infra.stages import ROOT, stage_named


def next_steps(outputs: Mapping[str, str], sender: str) -> str:
    """What remains for a person to do."""
    return "\n".join(
        (
            "Next:",
            f"  1. Open the mail that SES sent to {sender} and confirm it; mails wait until then.",
            "  2. A fresh account sends to verified addresses only: ask SES for production access in the console.",
            f"  3. If your systems sign what they send: put webhook_secret into {outputs.get('SecretsId', '')}.",
            f"  4. curl {outputs.get('EndpointURL', '')}health",
        )
    )


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("deploy", "destroy"))
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--sender", help="the address that mails come from; needed for the first deploy")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the template")
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--data", action="store_true", help="with destroy: tables, evidence and secrets go, too")
    given = parser.parse_args(arguments)
    try:
        stage = stage_named(given.stage)
        session = boto3.Session(profile_name=given.profile, region_name=given.region)
        if session.region_name is None:
            raise Stopped("Which region? Set AWS_REGION, or say --region, for example --region ap-southeast-3.")
        deployment = Deployment(session, stage)
        if given.what == "destroy":
            if not (given.yes or _asked(f"Remove {deployment.stack}{' and its data' if given.data else ''}?")):
                raise Stopped("Nothing was removed.")
            deployment.destroy(data=given.data)
            return 0
        wanted = _settings(given.set)
        sender = given.sender or wanted.get("SenderEmail") or stage.parameters.get("SenderEmail", "")
        if sender:
            wanted["SenderEmail"] = sender
        elif deployment.status() in BEGINS:
            raise Stopped("Who sends the mails? Say --sender me@example.com (make deploy SENDER=me@example.com).")
        outputs = deployment.deploy(
            wanted, lambda: given.yes or _asked("Apply these changes?"), ROOT / "build" / "package"
        )
        for name, value in sorted(outputs.items()):
            print(f"{name:20} {value}")
        print(next_steps(outputs, sender or "the sender"))
    except (Stopped, ValueError, RuntimeError) as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS says: {error}", file=sys.stderr)
        return 1
    return 0


def _settings(given: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise Stopped(f"--set takes NAME=VALUE, not {wrong[0]!r}.")
    return {name: value for name, _, value in pairs}


def _asked(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    sys.exit(main())
