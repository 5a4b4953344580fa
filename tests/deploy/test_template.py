"""The template and the state machine hold together; a deliberate fault makes one of these checks red."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from chalicelib.adapters.dynamodb.tables import tables
from chalicelib.domain.money.outstanding import Hangs
from chalicelib.domain.people.retention import LAW
from chalicelib.edge.problems import GATEWAY_RESPONSES
from chalicelib.edge.safe_headers import SAFE_HEADERS
from chalicelib.locales import explanations
from chalicelib.settings import Settings
from chalicelib.workflow import access
from chalicelib.workflow.watching import watch
from infra.stages import ROOT
from infra.values import LAMBDA_BYTES, MOST_BYTES
from infra.watching import ALARMS, FUNCTIONS
from tests.deploy.test_permissions import granted
from tests.fakes.ports import a_neighbourhood

Template = dict[str, Any]
OUR_OWN = {"SECRETS_ID", "AWS_ACCOUNT_ID_ENDPOINT_MODE"}


def findings(template: Template) -> list[str]:
    """What cfn-lint says, circles and dangling references among it."""
    return [f"{each.rule.id} {each.message}" for each in lint(json.dumps(template), regions=["ap-southeast-1"])]


def wrong_in_machine(definition: Any) -> list[str]:
    """States that nothing leads to or that lead nowhere, waits without an end, tokens that are not handed over."""
    states, wrong = definition["States"], []
    led_to = {definition["StartAt"]}
    for name, state in states.items():
        branches = [*state.get("Choices", ()), *state.get("Catch", ())]
        onward = [state.get("Next"), state.get("Default"), *(each["Next"] for each in branches)]
        led_to |= {each for each in onward if each}
        wrong += [f"{name} leads to {each}" for each in onward if each and each not in states]
        if not any(onward) and not state.get("End"):
            wrong.append(f"{name} ends nowhere")
        if state["Type"] == "Task":
            if not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state):
                wrong.append(f"{name} may wait for ever")
            waits = state["Resource"].endswith("waitForTaskToken")
            if waits and state["Parameters"]["Payload"].get("token.$") != "$$.Task.Token":
                wrong.append(f"{name} waits for a token that nobody has")
            if any("States.ALL" in each["ErrorEquals"] for each in (*state.get("Retry", ()), *state.get("Catch", ()))):
                wrong.append(f"{name} hides what cannot be mended")
    return wrong + [f"nothing leads to {name}" for name in set(states) - led_to]


def definition_of(template: Template) -> Any:
    return json.loads(template["Resources"]["Waiting"]["Properties"]["DefinitionString"])


def test_the_template_has_no_finding(template: Template) -> None:
    assert findings(template) == []


def test_it_can_be_uploaded(template: Template) -> None:
    """Above 50 KB a template must come from S3, and above 1 MB not at all; 500 resources are the most."""
    assert len(json.dumps(template)) < 1_000_000
    assert len(template["Resources"]) < 500


def test_the_state_machine_has_no_finding(template: Template, tmp_path: Path) -> None:
    definition = definition_of(template)
    assert wrong_in_machine(definition) == []
    shipped = tmp_path / "machine.json"
    shipped.write_text(json.dumps(definition))
    said = subprocess.run(
        [sys.executable, "-m", "statelint", str(shipped)], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout.strip()) == (0, "")


def test_every_substitution_is_given_and_used(template: Template) -> None:
    properties = template["Resources"]["Waiting"]["Properties"]
    used = set(re.findall(r"\$\{(\w+)\}", properties["DefinitionString"]))
    assert used == set(properties["DefinitionSubstitutions"])


def test_every_variable_is_a_setting_of_the_app(template: Template) -> None:
    known = {name.upper() for name in Settings.__dataclass_fields__} | OUR_OWN
    for name in FUNCTIONS:
        variables = set(template["Resources"][name]["Properties"]["Environment"]["Variables"])
        assert variables <= known


def test_what_parameters_may_fill_leaves_room_for_names_and_for_what_the_stack_adds(template: Template) -> None:
    """What becomes a name or an ARN only once it is deployed has as many signs as stacks of ours make it at the most:
    `batal-` and a stage of 16, a bucket's name 63, an ARN around a name of 64."""
    arns = ("Waiting", "Secrets")

    def size(value: Any) -> int:
        if not isinstance(value, dict):
            return len(str(value).encode())
        (way, what) = next(iter(value.items()))
        if way == "Fn::If":
            return max(map(size, what[1:]))
        if str(what) in template["Parameters"]:
            return 0
        return 140 if way == "Fn::GetAtt" or what in arns else 64

    for name in FUNCTIONS:
        variables = template["Resources"][name]["Properties"]["Environment"]["Variables"]
        added = sum(len(each) + size(value) for each, value in variables.items())
        assert added + MOST_BYTES <= LAMBDA_BYTES, (name, added)


def test_functions_have_secrets_where_their_policy_lets_them_and_nowhere_else(template: Template) -> None:
    files = {
        "APIHandler": "api_handler",
        "TellWebhook": "tell_webhook",
        "OnMail": "on_mail",
        "RefundCalls": "refund_calls",
    }
    for name in FUNCTIONS:
        has = "SECRETS_ID" in template["Resources"][name]["Properties"]["Environment"]["Variables"]
        allowed = ("secretsmanager:GetSecretValue", "Secrets") in granted(files.get(name, name.lower()))
        assert has == allowed, name


def test_what_lasts_survives_the_stack(template: Template) -> None:
    for name in ("Orders", "Cases", "Money", "Settings", "Keys", "Evidence", "Received", "Looks", "Secrets", "Sender"):
        resource = template["Resources"][name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_received_mails_go_where_the_function_reads_them_and_are_forgotten(template: Template) -> None:
    resources = template["Resources"]
    (action,) = resources["AnswersToCases"]["Properties"]["Rule"]["Actions"]
    assert action["S3Action"] == {
        "BucketName": {"Ref": "Received"},
        "ObjectKeyPrefix": "mails/",
        "TopicArn": {"Ref": "MailNotices"},
    }
    assert resources["OnMail"]["Properties"]["Environment"]["Variables"]["RECEIVED_BUCKET"] == {"Ref": "Received"}
    assert [each for each in granted("on_mail") if each[0] == "s3:GetObject"] == [("s3:GetObject", "Received/mails/*")]
    (rule,) = resources["Received"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = resources["Undelivered"]["Properties"]["MessageRetentionPeriod"]
    assert rule["ExpirationInDays"] * 86400 >= kept, "a notice that waits in the queue finds its mail"
    allowed = [
        each
        for each in resources["ReceivedPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    assert [(each["Principal"], each["Action"]) for each in allowed] == [
        ({"Service": "ses.amazonaws.com"}, "s3:PutObject")
    ]
    assert set(allowed[0]["Condition"]["StringEquals"]) == {"aws:SourceAccount"}


def test_the_gateway_speaks_in_problem_documents(template: Template) -> None:
    answers = template["Resources"]["RestAPI"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    assert set(answers) == set(GATEWAY_RESPONSES)
    for name, code in GATEWAY_RESPONSES.items():
        assert json.loads(answers[name]["responseTemplates"]["application/json"])["code"] == code
        said = answers[name]["responseParameters"]
        for header, value in SAFE_HEADERS.items():
            assert said[f"gatewayresponse.header.{header}"] == f"'{value}'"
        assert ("gatewayresponse.header.Retry-After" in said) == (answers[name]["statusCode"] in ("429", "503"))


def test_every_alarm_is_made_and_stands_in_the_runbook(template: Template) -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    made = {
        name.removesuffix("Alarm") for name, each in template["Resources"].items() if each["Type"].endswith("Alarm")
    }
    assert made == set(ALARMS)
    for name in ALARMS:
        family = re.sub(r"^(" + "|".join(FUNCTIONS) + ")", "...", name)
        assert f"`{family}`" in runbook, family


def unknown_tables(template: Template) -> set[str]:
    """Tables of the template that the code would not find, by the prefix it is told."""
    models = tables("${AWS::StackName}-")
    known = set(models.connection._tables)
    made = {
        each["Properties"]["TableName"]["Fn::Sub"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::DynamoDB::Table"
    }
    return made ^ known


def test_what_alarms_count_in_logs_is_what_the_code_logs(template: Template) -> None:
    made = list(template["Resources"].values())
    filters = [each["Properties"] for each in made if each["Type"] == "AWS::Logs::MetricFilter"]
    counted = {
        (each["LogGroupName"]["Ref"], each["FilterPattern"]): each["MetricTransformations"][0]["MetricName"]
        for each in filters
    }
    wrong = f'{{ $.message = "{explanations.WRONG}" }}'
    assert {group for group, pattern in counted if pattern == wrong} == {"APIHandlerLogs", "EnterLogs", "SweepLogs"}
    told = {each["Properties"]["MetricName"] for each in made if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert (
        set(counted.values())
        == {
            *("effects_failed", "explanations_wrong", "money_unexplained", "requests_refused", "webhooks_off"),
        }
        <= told
    )


def test_looks_leave_the_log_of_the_api_for_a_place_that_keeps_them_longer(template: Template) -> None:
    made = template["Resources"]
    told = made["LooksFilter"]["Properties"]
    assert (told["LogGroupName"], told["FilterPattern"]) == (
        {"Ref": "APIHandlerLogs"},
        f'{{ $.message = "{access.LOOKED}" }}',
    )
    stream = made["LooksStream"]["Properties"]
    assert told["DestinationArn"]["Fn::Sub"].endswith(f":deliverystream/{stream['DeliveryStreamName']['Fn::Sub']}")
    assert made["LooksFilter"]["DependsOn"] == "LooksStream"
    laid = stream["ExtendedS3DestinationConfiguration"]
    assert laid["BucketARN"] == {"Fn::GetAtt": ["Looks", "Arn"]}
    (rule,) = made["Looks"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {"Ref": "AuditDays"}
    assert (rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]) == (days, {"NoncurrentDays": days})
    assert template["Parameters"]["AuditDays"]["Default"] == LAW["words"]
    for role, what in (("LooksToBucket", "s3:PutObject"), ("LooksFromLog", "firehose:PutRecord")):
        (policy,) = made[role]["Properties"]["Policies"]
        assert what in json.dumps(policy)
        assert '"*"' not in json.dumps(policy)


def test_the_log_of_requests_names_nobody(template: Template) -> None:
    """Neither who asked nor for what: a path holds the number of an order, a query what was searched for."""
    (stage,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::ApiGateway::Stage")
    logged = set(re.findall(r"\$context\.([\w.]+)", json.dumps(stage["Properties"]["AccessLogSetting"])))
    assert {"resourcePath", "status"} <= logged
    assert not [
        name for name in logged if name == "path" or name.startswith(("identity", "authorizer", "requestOverride"))
    ]


def test_what_the_clock_calls_does_not_wait_for_hours(template: Template) -> None:
    """A tick that Lambda could not run within a minute is stale: later they would all come at once."""
    made = [(each["Type"], each.get("Properties", {})) for each in template["Resources"].values()]
    rules = [each for kind, each in made if kind == "AWS::Events::Rule" and "ScheduleExpression" in each]
    ticked = {target["Arn"]["Fn::GetAtt"][0] for each in rules for target in each["Targets"]}
    ages = {
        each["FunctionName"]["Ref"]: each.get("MaximumEventAgeInSeconds")
        for kind, each in made
        if kind == "AWS::Lambda::EventInvokeConfig"
    }
    late = [name for name in ticked if ages.get(name) != 60]
    assert len(ticked) >= 5
    assert late == ["Watch"], "what only measures may come late"


def test_the_tables_bear_the_names_that_the_code_knows(template: Template) -> None:
    assert unknown_tables(template) == set()
    broken = copy.deepcopy(template)
    broken["Resources"]["Orders"]["Properties"]["TableName"] = {"Fn::Sub": "${AWS::StackName}-purchases"}
    assert unknown_tables(broken) == {"${AWS::StackName}-orders", "${AWS::StackName}-purchases"}


# --- deliberate faults: each must be seen


def a_circle(template: Template) -> None:
    """The API's own function told the API's address."""
    variables = template["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    variables["PUBLIC_URL"] = {"Fn::Sub": "https://${RestAPI}.example"}


def a_dangling_reference(template: Template) -> None:
    template["Resources"]["Enter"]["Properties"]["Environment"]["Variables"]["EVENT_BUS"] = {"Ref": "NoSuchBus"}


def a_role_that_is_missing(template: Template) -> None:
    del template["Resources"]["SweepRole"]


@pytest.mark.whole
def test_every_fault_in_the_template_is_found(template: Template) -> None:
    """All at once, as a reading of the template takes seconds; each has a finding of its own."""
    broken = copy.deepcopy(template)
    for fault in (a_circle, a_dangling_reference, a_role_that_is_missing):
        fault(broken)
    found = findings(broken)
    for expected in ("Circular Dependencies for resource APIHandler", "NoSuchBus", "SweepRole"):
        assert any(expected in each for each in found), (expected, found)


def machine_faults() -> Iterator[tuple[str, Callable[[Any], object]]]:
    yield "a dangling state", lambda states: states["AwaitSeller"].update(Next="Nowhere")
    yield "an island", lambda states: states.update(Island={"Type": "Succeed", "End": True})
    yield "a wait without end", lambda states: states["AwaitSeller"].pop("TimeoutSecondsPath")
    yield "a lost token", lambda states: states["AwaitBuyer"]["Parameters"]["Payload"].pop("token.$")
    yield "a catch-all", lambda states: states["Expire"]["Retry"][0].update(ErrorEquals=["States.ALL"])


@pytest.mark.parametrize(("name", "fault"), list(machine_faults()))
def test_a_fault_in_the_state_machine_is_found(template: Template, name: str, fault: Callable[[Any], object]) -> None:
    broken = copy.deepcopy(definition_of(template))
    fault(broken["States"])
    assert wrong_in_machine(broken) != [], name


def test_what_alarms_look_at_is_what_the_watch_writes(template: Template) -> None:
    found = watch(a_neighbourhood().ports)
    money = {f"money_{place}" for place in Hangs}
    written = {field.name for field in fields(found)} - {"money"} | money
    alarms = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    ours = [alarm for alarm in alarms if alarm["Namespace"] == "Batal"]
    assert {alarm["MetricName"] for alarm in ours} <= written
    # Of what waits for the buyer nobody else can do anything; RefundsOld rings where it waits for long.
    assert money - {"money_needs_account"} <= {alarm["MetricName"] for alarm in ours}
    for alarm in ours:
        named = {each["Name"] for each in alarm["Dimensions"]}
        assert named == ({"Tables", "Currency"} if alarm["MetricName"] in money else {"Tables"}), alarm["MetricName"]
