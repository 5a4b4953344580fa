"""Into an AWS account with one command, and out of it again.

    python -m infra.deploy deploy --stage dev --sender me@example.com [--yes]
    python -m infra.deploy destroy --stage dev [--data]
    python -m infra.deploy switch --stage dev --off mails,refunds [--yes]

Needs this environment's packages and AWS credentials, nothing else. It packages, makes a bucket for the package where
there is none, expands SAM here with the translator that AWS runs, shows what would change, and applies it.

Parameters of the template: --set NAME=VALUE, as often as needed, or many in one --settings. VALUE may be @path, for
what stands in a file, or @stage, for what infra/stages/<stage>.json says. What is not named keeps the value it has.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, UnknownRegionError

from infra.deployment import Deployment
from infra.parameters import setting_of, settings_of, told
from infra.stack import Stopped
from infra.stages import ROOT, stage_named


def next_steps(outputs: Mapping[str, str], held: Mapping[str, str]) -> str:
    """What remains for a person to do, for a stack that has these parameters."""
    address, secret = outputs.get("EndpointURL", ""), outputs.get("SecretsId", "")
    keys = '"kty"' in held.get("JwtJwks", "") or held.get("JwtJwksUrl")
    steps = [
        f"Open the mail that SES sent to {held.get('SenderEmail', '')} and confirm it; mails wait until then.",
        "A fresh account sends to verified addresses only: ask SES for production access in the console.",
        *([] if keys and held.get("JwtIssuer") else [_NO_KEYS]),
        f"If your systems sign what they send: orders_secret and payments_secret go into {secret}, beside master.",
        f"curl {address}health",
    ]
    numbered = (f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return "\n".join(("Next (docs/operations.md says more of each):", *numbered))


_NO_KEYS = (
    "Nobody can call yet: hand over your marketplace's public keys and issuer,\n"
    "     make deploy SET='JwtJwks=@jwks.json JwtIssuer=https://id.example.com'."
)


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("deploy", "destroy", "switch"))
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--sender", help="the address that mails come from; needed for the first deploy")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the template")
    parser.add_argument("--settings", default="", metavar="'NAME=VALUE ...'", help="many of them in one text")
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--data", action="store_true", help="with destroy: tables, evidence and secrets go, too")
    parser.add_argument("--off", default="", help="with switch: what is off from now on, such as mails,refunds")
    given = parser.parse_args(arguments)
    try:
        stage = stage_named(given.stage)
        settings = [*map(setting_of, given.set), *settings_of(given.settings)]
        wanted = told([*settings, *([("SenderEmail", given.sender)] if given.sender else [])], stage)
        deployment = Deployment(_session(given.profile, given.region), stage)
        if given.what == "destroy":
            gone = f"{deployment.where()}{', and its data' if given.data else ''}"
            if not (given.yes or _asked(f"Remove {gone}?")):
                raise Stopped("Nothing was removed.")
            print(f"Removing {gone}.")
            deployment.destroy(data=given.data)
            return 0
        if given.what == "switch":
            now = f"everything on but {given.off}" if given.off else "everything on"
            if not (given.yes or _asked(f"Switch {now}, in {deployment.where()}?")):
                raise Stopped("Nothing was switched.")
            print(f"{deployment.where()}: {now}." if deployment.switch(given.off) else "Nothing has changed.")
            return 0
        question = f"Apply these changes to {deployment.where()}?"
        outputs = deployment.deploy(wanted, lambda: given.yes or _asked(question), ROOT / "build" / "package")
        for name, value in sorted(outputs.items()):
            print(f"{name:20} {value}")
        print(next_steps(outputs, deployment.parameters()))
    except (Stopped, ValueError, RuntimeError) as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except NoCredentialsError:
        print("Whose account? Set AWS_PROFILE, say `aws sso login`, or set AWS_ACCESS_KEY_ID and", file=sys.stderr)
        print("AWS_SECRET_ACCESS_KEY. docs/operations.md lists what whoever deploys may do.", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS says: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped here. What AWS has begun goes on there; say the same again to see how it stands.",
            file=sys.stderr,
        )
        return 130
    return 0


def region_of(environ: Mapping[str, str], asked: str | None) -> str | None:
    """The region: the one asked for, or else the environment's; None leaves it to the profile.

    AWS's tools read AWS_REGION and boto3 reads AWS_DEFAULT_REGION: whoever set one of them meant it. Raises Stopped
    where they say different things, rather than make a stack in a country that was not meant.
    """
    said = {name: environ[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environ.get(name)}
    if asked:
        return asked
    if len(set(said.values())) > 1:
        both = " and ".join(f"{name}={region}" for name, region in said.items())
        raise Stopped(f"Which region? {both} disagree: unset one, or say --region.")
    return next(iter(said.values()), None)


def _session(profile: str | None, asked: str | None) -> boto3.Session:
    session = boto3.Session(profile_name=profile, region_name=region_of(os.environ, asked))
    region = session.region_name
    if region is None:
        raise Stopped("Which region? Say it before the command, for example: AWS_REGION=ap-southeast-3 make deploy ...")
    try:
        partition = session.get_partition_for_region(region)
    except UnknownRegionError as error:
        near = difflib.get_close_matches(region, session.get_available_regions("cloudformation"), n=1)
        raise Stopped(f"There is no region {region}{f'; did you mean {near[0]}?' if near else '.'}") from error
    if region not in session.get_available_regions("sesv2", partition_name=partition):
        near = [each for each in session.get_available_regions("sesv2") if each.startswith(region.rpartition("-")[0])]
        print(
            f"Take heed: as far as is known here there is no SES in {region}. Mail can go out from another region:"
            f" SET=MailRegion={near[0] if near else 'REGION'}. Regions nearby that have SES: {', '.join(near)}."
        )
    return session


def _asked(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    sys.exit(main())
