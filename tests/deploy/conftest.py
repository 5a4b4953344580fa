"""One package for all tests of the deployment, however many processes run them."""

import fcntl
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
import pytest
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from infra.build import MACHINES, Package, build
from infra.deployment import Deployment
from infra.sam import expanded
from infra.stages import stage_named
from tests.deploy.moto_cloudformation import moto_with_cloudformation

REGION = "ap-southeast-1"
# The stage for the Python and the processor that run the tests, since they start what was built.
DEV = replace(
    stage_named("dev"),
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
    architecture={machine: name for name, machine in MACHINES.items()}[platform.machine()],
)
PARAMETERS = {
    "SenderEmail": "batal@example.com",
    "AlertEmail": "ops@example.com",
    "ReplyDomain": "reply.example.com",
    "AccessLog": "true",
    "DomainName": "cancel.example.com",
    "CertificateArn": "arn:aws:acm:ap-southeast-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
    "WebAclArn": "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/batal/1234abcd-12ab-34cd-56ef-1234567890ab",
}


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """What `make deploy` would upload for dev."""
    mine = tmp_path_factory.getbasetemp()
    shared = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "package"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = Package(template=shared / "template.json", archive=shared / "deployment.zip")
        return made if made.template.exists() else build(DEV, shared)


@pytest.fixture(scope="session")
def sam(package: Package) -> dict[str, Any]:
    """The template before SAM is expanded."""
    made: dict[str, Any] = json.loads(package.template.read_text("utf-8"))
    return made


@pytest.fixture(scope="session")
def template(sam: dict[str, Any]) -> dict[str, Any]:
    """The plain template."""
    return expanded(sam, "batal-packages", "deployment.zip", REGION)


@cache
def _expanded(sam: str, bucket: str, key: str, region: str) -> str:
    """The plain template, worked out once, as one package is deployed many times."""
    return json.dumps(expanded(json.loads(sam), bucket, key, region))


@contextmanager
def account(package: Package | None) -> Iterator[None]:
    """A fresh account in moto; what is deployed there is `package`, which is built once. None: nothing may be built."""
    with pytest.MonkeyPatch.context() as patch, moto_with_cloudformation():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "moto")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        # moto reads a bucket's policy without its conditions: one that denies what comes without TLS denies all.
        patch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
        patch.setattr("infra.deployment.build", lambda *_: package or pytest.fail("a package was built"))
        patch.setattr("infra.deployment.expanded", lambda sam, *where: json.loads(_expanded(json.dumps(sam), *where)))
        yield


@pytest.fixture(scope="module")
def deployment(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deployed into moto by the deploy command's own code."""
    with account(package):
        made = Deployment(boto3.Session(region_name=REGION), DEV, say=[].append)  # type: ignore[arg-type]
        made.deploy(PARAMETERS, lambda: True, tmp_path_factory.mktemp("out"))
        yield made
