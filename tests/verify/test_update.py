"""A stack of the last release becomes one of this version while cases wait, comes back, and goes on again.

One stack lives through these tests, in their order.
"""

import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from infra.deploy import main
from infra.stages import ROOT
from tests.verify.conftest import ACCOUNT, REGION, SENDER, Deployed, address_of, keys, reached
from tests.verify.test_deployed import CANCELLED

ASKED = "jawab"  # of the subjects of both
# The last release, and the commit that its tag names.
LAST = ("0.7.0", "e1d0e46318ffa04801aa7e610275ed8207da59ec")


@dataclass(frozen=True)
class Release:
    """An earlier version's sources, whose own command deploys it."""

    sources: Path

    def deploy(self, *settings: str) -> str:
        """What it said."""
        command = [sys.executable, "-m", "infra.deploy", "deploy", "--stage", "dev", "--yes", *settings]
        done = subprocess.run(command, cwd=self.sources, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    archive = subprocess.run(["git", "archive", LAST[1]], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"this clone has no history, so no {LAST[0]}")
    sources = tmp_path_factory.mktemp("release")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(sources, filter="data")
    return Release(sources)


@pytest.fixture(scope="module")
def old(emulator: str, last_release: Release) -> Deployed:
    """The last release, deployed by its own command."""
    last_release.deploy("--sender", SENDER, *keys())
    last_release.deploy("--set", f"PublicUrl={address_of(emulator)}")
    return reached(emulator)


@pytest.fixture(scope="module")
def waiting(old: Deployed) -> list[str]:
    """Cases that wait for their seller's word when the stack changes."""
    found = []
    for order_id in ("LZD-1", "LZD-2", "LZD-3"):
        old.order(order_id)
        found.append(old.ask(order_id))
    old.until(lambda: all(old.mails(case_id, ASKED) for case_id in found))
    return found


def agrees_by_mail(stack: Deployed, case_id: str) -> None:
    """The seller agrees on the page that the mail leads to."""
    ((_, mail),) = stack.mails(case_id, ASKED)
    link = re.search(r"/api(/d/\S+)", mail)
    assert link, mail
    # An update of the API's definition gives it another address in ministack, and on AWS the same.
    status, page = stack.press(stack.url + link[1], answer="approve")
    assert status == 200, page
    assert stack.case(case_id)["outcome"] == "cancelled", stack.logs()
    stack.until(lambda: len(stack.mails(case_id, CANCELLED)) == 2)


def indexes() -> set[str]:
    table = boto3.client("dynamodb").describe_table(TableName="batal-dev-cases")["Table"]
    return {each["IndexName"] for each in table["GlobalSecondaryIndexes"]}


def test_an_update_that_fails_is_undone_and_the_cause_is_told(
    old: Deployed, waiting: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = boto3.client("cloudformation").describe_stacks(StackName="batal-dev")["Stacks"][0]
    had = indexes()
    # This version brings a bucket, whose name somebody has taken.
    s3, taken = boto3.client("s3"), f"batal-dev-looks-{ACCOUNT}-{REGION}"
    s3.create_bucket(Bucket=taken, CreateBucketConfiguration={"LocationConstraint": REGION})
    capsys.readouterr()
    assert main(["deploy", "--stage", "dev", "--yes"]) == 1
    said = capsys.readouterr()
    assert "UPDATE_ROLLBACK_COMPLETE" in said.err
    assert f"Looks at /Resources/Looks: Resource of type 'AWS::S3::Bucket' with identifier '{taken}'" in said.err
    assert "The update was undone, and all runs as before." in said.err
    after = boto3.client("cloudformation").describe_stacks(StackName="batal-dev")["Stacks"][0]
    assert after["Parameters"] == before["Parameters"]
    assert had <= indexes(), "what the last release reads is there"
    s3.delete_bucket(Bucket=taken)
    agrees_by_mail(reached(old.emulator), waiting[0])


def test_cases_that_waited_in_the_last_release_are_answered_in_this_one(
    old: Deployed, waiting: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["deploy", "--stage", "dev", "--yes"]) == 0
    assert "Removing index feed of Cases." in capsys.readouterr().out
    assert "feed" not in indexes()
    stack = reached(old.emulator)
    agrees_by_mail(stack, waiting[1])
    assert stack.call("GET", "/v1/wallets/budi", role="buyer", who="budi")[1]["balance"] == 300_000


def test_rolled_back_by_the_last_releases_own_command_cases_of_both_go_on(
    old: Deployed, last_release: Release, waiting: list[str]
) -> None:
    stack = reached(old.emulator)
    stack.order("LZD-4")
    asked_here = stack.ask("LZD-4")
    stack.until(lambda: stack.mails(asked_here, ASKED))
    last_release.deploy()
    agrees_by_mail(reached(old.emulator), waiting[2])
    status, case = stack.call("POST", f"/v1/cases/{asked_here}/approve", {}, role="seller", who="toko-baju")
    assert (status, case["outcome"]) == (200, "cancelled"), stack.logs()


def test_and_forward_again(old: Deployed, waiting: list[str]) -> None:
    assert main(["deploy", "--stage", "dev", "--yes"]) == 0
    stack = reached(old.emulator)
    assert {stack.case(case_id)["outcome"] for case_id in waiting} == {"cancelled"}
    stack.order("LZD-5")
    case_id = stack.ask("LZD-5")
    stack.until(lambda: stack.mails(case_id, ASKED))
    agrees_by_mail(stack, case_id)
