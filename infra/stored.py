"""The tables of a deployed stage, for commands that somebody says at a terminal: which stage, in which region."""

import argparse
import os

from chalicelib.adapters.dynamodb import DynamoStore
from infra.deploy import region_of
from infra.deployment import APP
from infra.stages import stage_named


def asking_which(doc: str | None) -> argparse.ArgumentParser:
    """A parser that explains itself with `doc` and takes a stage and a region."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--region")
    return parser


def store_of(given: argparse.Namespace) -> DynamoStore:
    """The store over the tables of the stage that was said. Raises Stopped where the region is said in two ways."""
    if region := region_of(os.environ, given.region):
        os.environ["AWS_DEFAULT_REGION"] = region
    return DynamoStore(prefix=f"{APP}-{stage_named(given.stage).name}-")
