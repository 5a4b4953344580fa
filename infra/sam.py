"""SAM into plain CloudFormation, here and by the code that AWS runs on its side."""

import copy
import os
from typing import Any


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def expanded(sam: dict[str, Any], bucket: str, key: str, region: str) -> dict[str, Any]:
    """The plain template, its functions' code at `key` of `bucket`. Raises what the translator raises."""
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    from samtranslator.translator.transform import transform

    template = copy.deepcopy(sam)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    made: dict[str, Any] = transform(template, {}, _NoManagedPolicies())
    return made
