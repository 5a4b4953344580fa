"""Batal in a stack of a CDK app: the template that `make package` made, included as it is."""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Stack
from aws_cdk.aws_lambda import CfnFunction
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

# What the deploy command alone can keep its word about.
_ONLY_BY_COMMAND = ("MailRegion",)


class Batal(Construct):
    """All of Batal. The stack's name is what its tables, buckets and secret are named by.

    package      the folder that `make package` filled: `plain.json`, the plain template, and `deployment.zip`
    parameters   of the template, by name; the others have the template's defaults
    """

    def __init__(self, scope: Construct, construct_id: str, *, package: str, parameters: Mapping[str, str]) -> None:
        """Raises ValueError for a parameter that the template does not have, or that needs the deploy command."""
        super().__init__(scope, construct_id)
        folder = Path(package)
        template = folder / "plain.json"
        known = json.loads(template.read_text("utf-8"))["Parameters"]
        if unknown := [name for name in parameters if name not in known or name in _ONLY_BY_COMMAND]:
            raise ValueError(f"The construct has no parameter {', '.join(unknown)}.")
        said = {name: each["Default"] for name, each in known.items() if "Default" in each} | dict(parameters)
        if missing := sorted(known.keys() - said.keys()):
            raise ValueError(f"Say {', '.join(missing)}.")
        self.archive = Asset(self, "Archive", path=str(folder / "deployment.zip"))
        self.included = CfnInclude(
            self, "Template", template_file=str(template), parameters={name: str(value) for name, value in said.items()}
        )
        code = CfnFunction.CodeProperty(s3_bucket=self.archive.s3_bucket_name, s3_key=self.archive.s3_object_key)
        for name, each in json.loads(template.read_text("utf-8"))["Resources"].items():
            if each["Type"] == "AWS::Lambda::Function":
                self.included.get_resource(name).code = code
        Stack.of(self).tags.set_tag("app", "batal")

    def output(self, name: str) -> str:
        """What the template tells of itself: `EndpointURL`, `StateMachineArn`, `EvidenceBucket`, `SecretsId`."""
        value: str = self.included.get_output(name).value
        return value
