"""What moto's CloudFormation leaves out of our template, filled in, so that the very template deploys there.

moto 5.2 does not know some types and drops them, so that every Ref to them vanishes; of others it drops properties.
Each entry here makes the resource with the plain call of its service. A type that neither moto nor this module knows
is noted in `unsupported` and fails the tests.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from moto.apigateway.models import RestAPI, apigateway_backends
from moto.cloudformation import models as moto_models
from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend
from moto.core.common_models import CloudFormationModel
from moto.dynamodb.models.table import Table
from moto.kms.models import Key
from moto.stepfunctions.models import StateMachine

from infra.indexes import TABLE
from tests.deploy import moto_tables

Client = Callable[[str], Any]
unsupported: set[str] = set()


class _Made(CloudFormationModel):
    """A resource made by one call."""

    def __init__(self, name: str, properties: dict[str, Any]) -> None:
        self.name, self.properties = name, properties

    @property
    def physical_resource_id(self) -> str:
        return self.name

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return f"{self.name}.{attribute_name}"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("Arn", "RegionalDomainName")


def _configuration_set(client: Client, given: dict[str, Any]) -> None:
    options = ("ReputationOptions", "SendingOptions", "SuppressionOptions", "DeliveryOptions")
    known = {name: given[name] for name in options if name in given}
    client("sesv2").create_configuration_set(ConfigurationSetName=given["Name"], **known)


def _event_destination(client: Client, given: dict[str, Any]) -> None:
    to = given["EventDestination"]
    client("ses").create_configuration_set_event_destination(
        ConfigurationSetName=given["ConfigurationSetName"],
        EventDestination={
            "Name": to["Name"],
            "Enabled": to["Enabled"],
            "MatchingEventTypes": to["MatchingEventTypes"],
            "SNSDestination": {"TopicARN": to["SnsDestination"]["TopicARN"]},
        },
    )


def _delivery_stream(client: Client, given: dict[str, Any]) -> None:
    client("firehose").create_delivery_stream(**given)


def _subscription_filter(client: Client, given: dict[str, Any]) -> None:
    """Nothing: moto wants to deliver a test message at once, and its stream takes none here. The group is looked at."""
    assert client("logs").describe_log_groups(logGroupNamePrefix=given["LogGroupName"])["logGroups"]


def _stage(client: Client, given: dict[str, Any]) -> None:
    deployment = getattr(given["DeploymentId"], "id", given["DeploymentId"])  # moto's Ref gives the object itself
    client("apigateway").create_stage(
        restApiId=given["RestApiId"], stageName=given["StageName"], deploymentId=deployment
    )


def _secret(client: Client, given: dict[str, Any]) -> None:
    how = given["GenerateSecretString"]
    key = client("secretsmanager").get_random_password(PasswordLength=how["PasswordLength"], ExcludePunctuation=True)
    content = json.loads(how["SecretStringTemplate"]) | {how["GenerateStringKey"]: key["RandomPassword"]}
    client("secretsmanager").create_secret(Name=given["Name"], SecretString=json.dumps(content))


def _metric_filter(client: Client, given: dict[str, Any]) -> None:
    client("logs").put_metric_filter(
        logGroupName=given["LogGroupName"],
        filterName=given["MetricTransformations"][0]["MetricName"],
        filterPattern=given["FilterPattern"],
        metricTransformations=[
            {
                "metricName": each["MetricName"],
                "metricNamespace": each["MetricNamespace"],
                "metricValue": each["MetricValue"],
            }
            for each in given["MetricTransformations"]
        ],
    )


# By type: the property that carries the physical name, if any, and how it is made.
MAKERS: dict[str, tuple[str, Callable[[Client, dict[str, Any]], object]]] = {
    "AWS::SES::ConfigurationSet": ("Name", _configuration_set),
    "AWS::SES::ConfigurationSetEventDestination": ("", _event_destination),
    "AWS::SES::EmailIdentity": (
        "EmailIdentity",
        lambda client, given: client("sesv2").create_email_identity(EmailIdentity=given["EmailIdentity"]),
    ),
    "AWS::SES::ReceiptRuleSet": (
        "RuleSetName",
        lambda client, given: client("ses").create_receipt_rule_set(RuleSetName=given["RuleSetName"]),
    ),
    "AWS::SES::ReceiptRule": (
        "",
        lambda client, given: client("ses").create_receipt_rule(
            RuleSetName=given["RuleSetName"], Rule={"Name": given["Rule"]["Name"], "Enabled": True}
        ),
    ),
    "AWS::CloudWatch::Alarm": (
        "AlarmName",
        lambda client, given: client("cloudwatch").put_metric_alarm(
            AlarmName=given["AlarmDescription"], **{k: v for k, v in given.items() if k != "AlarmName"}
        ),
    ),
    "AWS::ApiGateway::Stage": ("StageName", _stage),
    "AWS::SNS::Subscription": (
        "",
        lambda client, given: client("sns").subscribe(
            TopicArn=given["TopicArn"], Protocol=given["Protocol"], Endpoint=given["Endpoint"]
        ),
    ),
    "AWS::SNS::TopicPolicy": (
        "",
        lambda client, given: client("sns").set_topic_attributes(
            TopicArn=given["Topics"][0], AttributeName="Policy", AttributeValue=json.dumps(given["PolicyDocument"])
        ),
    ),
    "AWS::S3::BucketPolicy": (
        "",
        lambda client, given: client("s3").put_bucket_policy(
            Bucket=given["Bucket"], Policy=json.dumps(given["PolicyDocument"])
        ),
    ),
    "AWS::ApiGateway::DomainName": (
        "DomainName",
        lambda client, given: client("apigateway").create_domain_name(
            domainName=given["DomainName"], regionalCertificateArn=given["RegionalCertificateArn"]
        ),
    ),
    "AWS::ApiGateway::BasePathMapping": ("", lambda client, given: given["DomainName"]),
    "AWS::WAFv2::WebACLAssociation": ("", lambda client, given: given["WebACLArn"]),
    "AWS::SecretsManager::Secret": ("Name", _secret),
    "AWS::Logs::MetricFilter": ("", _metric_filter),
    "AWS::Logs::SubscriptionFilter": ("", _subscription_filter),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName", _delivery_stream),
    "AWS::Lambda::EventInvokeConfig": (
        "",
        lambda client, given: client("lambda").put_function_event_invoke_config(
            FunctionName=given["FunctionName"], MaximumRetryAttempts=given["MaximumRetryAttempts"]
        ),
    ),
}


def _model(kind: str, named_by: str, make: Callable[[Client, dict[str, Any]], object]) -> type:
    def create(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Any:
        given = cloudformation_json["Properties"]
        make(lambda service: boto3.client(service, region_name=region_name), given)
        return cls(str(given.get(named_by) or resource_name), given)

    def update(
        cls: Any, original_resource: Any, new_resource_name: str, cloudformation_json: Any, *_: Any, **__: Any
    ) -> Any:
        original_resource.properties = cloudformation_json["Properties"]
        return original_resource

    # moto lists direct subclasses of its base class only.
    body = {name: each for name, each in vars(_Made).items() if name not in ("__dict__", "__weakref__", "__module__")}
    return type(CloudFormationModel)(  # type: ignore[misc, no-any-return]
        kind.replace("::", ""),
        (CloudFormationModel,),
        body
        | {
            "cloudformation_type": staticmethod(lambda: kind),
            "cloudformation_name_type": staticmethod(lambda: named_by),
            "create_from_cloudformation_json": classmethod(create),  # type: ignore[arg-type]
            "update_from_cloudformation_json": classmethod(update),
            "delete_from_cloudformation_json": classmethod(lambda *_, **__: None),
        },
    )


def _around(patch: pytest.MonkeyPatch, kind: Any, wrapped: Callable[..., Any]) -> None:
    original = kind.create_from_cloudformation_json.__func__

    def create(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **more: Any
    ) -> Any:
        def go(given: Any) -> Any:
            return original(cls, resource_name, given, account_id, region_name, **more)

        return wrapped(go, cloudformation_json, account_id, region_name)

    patch.setattr(kind, "create_from_cloudformation_json", classmethod(create))  # type: ignore[arg-type]


def _state_machine(go: Callable[[Any], Any], given: Any, *_: str) -> Any:
    """moto drops the substitutions."""
    properties = dict(given["Properties"])
    values = properties.get("DefinitionSubstitutions", {})
    properties["DefinitionString"] = re.sub(
        r"\$\{(\w+)\}", lambda name: str(values.get(name[1], name[0])), properties["DefinitionString"]
    )
    return go({**given, "Properties": properties})


def _key(go: Callable[[Any], Any], given: Any, *_: str) -> Any:
    """moto keeps the policy as it stands in the template, and then reads it as text."""
    properties = given["Properties"]
    return go({**given, "Properties": {**properties, "KeyPolicy": json.dumps(properties["KeyPolicy"])}})


def _rest_api(go: Callable[[Any], Any], given: Any, account: str, region: str) -> Any:
    """moto drops the body, takes OpenAPI 3 only, and cannot import what API Gateway answers by itself (CORS)."""
    api = go(given)
    body = {name: each for name, each in given["Properties"]["Body"].items() if name != "swagger"}
    body["paths"] = {
        path: {verb: each for verb, each in methods.items() if verb != "options"}
        for path, methods in body["paths"].items()
    }
    apigateway_backends[account][region].put_rest_api(api.id, {**body, "openapi": "3.0.1"}, fail_on_warnings=False)
    return api


@contextmanager
def moto_with_cloudformation() -> Iterator[None]:
    """moto, its CloudFormation complete as far as our template goes."""
    models = [_model(kind, *how) for kind, how in MAKERS.items()]
    lookup, execute = parsing.resource_class_from_type, CloudFormationBackend.execute_change_set
    change, delete = parsing.parse_and_update_resource, parsing.ResourceMap.delete
    compare = parsing.ResourceMap.build_resource_diff
    unsupported.clear()

    def looked_up(kind: str) -> Any:
        found = lookup(kind)
        if found is None and kind not in parsing.NULL_MODELS:  # type: ignore[unreachable]
            unsupported.add(kind)  # type: ignore[unreachable]
        return found

    def executed(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        execute(self, change_set_name, stack_name)
        # moto makes the outputs of a stack that began as a change set from its empty first template.
        for stack in self.stacks.values():
            if stack.template:
                stack._parse_template()
                stack.output_map = stack._create_output_map()

    def updated(logical_id: str, given: Any, resources: Any, **more: Any) -> Any:
        """moto loses a resource that is to be changed where it does not know how to."""
        before = resources[logical_id]
        return change(logical_id, given, resources, **more) or before

    def compared(self: Any, other: Any, parameters: Any = None) -> Any:
        """moto sees no parameter behind a condition; the protection of tables is behind one."""
        found = compare(self, other, parameters)
        stay = {
            name for name, each in other["Resources"].items() if each["Type"] == TABLE
        } & self._resource_json_map.keys()
        found["Modify"] += sorted(stay - set(found["Modify"])) if parameters else []
        return found

    def deleted(self: Any) -> None:
        """moto knows one word for what stays."""
        for each in self._resource_json_map.values():
            if each.get("DeletionPolicy") == "RetainExceptOnCreate":
                each["DeletionPolicy"] = "Retain"
        delete(self)

    def read(text: str, Loader: Any) -> Any:  # noqa: N803 - as PyYAML names it
        """JSON is YAML, but reading 190 KB of it as such takes PyYAML seconds, and moto does it again and again."""
        try:
            return json.loads(text)
        except ValueError:
            return yaml.load(text, Loader=Loader)

    reader = SimpleNamespace(load=read, Loader=yaml.Loader, add_multi_constructor=yaml.add_multi_constructor)
    with pytest.MonkeyPatch.context() as patch, mock_aws(config={"lambda": {"use_docker": False}}):
        patch.setattr(moto_models, "yaml", reader)
        patch.setattr(parsing, "resource_class_from_type", looked_up)
        patch.setattr(parsing, "parse_and_update_resource", updated)
        patch.setattr(CloudFormationBackend, "execute_change_set", executed)
        _around(patch, StateMachine, _state_machine)
        _around(patch, Table, moto_tables.made)
        patch.setattr(Table, "update_from_cloudformation_json", staticmethod(moto_tables.changed))
        patch.setattr(parsing.ResourceMap, "delete", deleted)
        patch.setattr(parsing.ResourceMap, "build_resource_diff", compared)
        _around(patch, RestAPI, _rest_api)
        _around(patch, Key, _key)
        for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
            cached.cache_clear()
        try:
            yield
        finally:
            models.clear()
            for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
                cached.cache_clear()
