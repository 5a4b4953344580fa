"""SAM into plain CloudFormation, here and by the code that AWS runs on its side."""

import copy
from typing import Any

import boto3


def expanded(sam: dict[str, Any], bucket: str, key: str, region: str) -> dict[str, Any]:
    """The plain template for a region, its functions' code at `key` of `bucket`. Raises what the translator raises."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

    template = copy.deepcopy(sam)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    # As the translator's own `transform` does, but told the region: that one asks the environment, which may differ.
    to_py27_compatible_template(template, {})
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=region))
    plain = translator.translate(template, {}, get_managed_policy_map=dict)
    made: dict[str, Any] = undo_mark_unicode_str_in_template(plain)
    return made
