"""SES in another region than the stack's own (`MailRegion`): its part of the template is a stack of its own there.

What happens to mails is told to a topic of that region, which calls our function over the border; mails that come in
lie in the stack's own bucket. Resources are taken out of the one template, so that nothing is said twice.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from infra import kept as keeping
from infra.changes import Changes
from infra.kept import Kept
from infra.stack import Stack

SES = "AWS::SES::"
# What SES tells notices to, and who hears them, by their names in the template.
_TOPIC = ("MailNotices", "MailNoticesPolicy", "OnMailNotices")
_STAYS_BEHIND = ("ReceivedPolicy",)


def stack_in(session: Any, main: Stack, region: str) -> Stack:
    """The stack with SES's part, which may not be there."""
    return Stack(session.client("cloudformation", region_name=region), f"{main.name}-mail", main.say, main.pause)


def deploy(
    session: Any,
    main: Stack,
    template: Mapping[str, Any],
    values: Mapping[str, str],
    bucket: str,
    tags: Mapping[str, str],
) -> None:
    """Make or change it, once the stack stands that it is a part of. `template` is the one of both. Raises Stopped."""
    region = values["MailRegion"]
    stack = stack_in(session, main, region)
    new = stack.status() is None
    sender = _sender(values["SenderEmail"])
    there = bool(keeping.existing_in(session, [sender], region))
    own = not there if new else stack.parameters()["CreateSender"] == "true"
    function = session.client("lambda").get_function_configuration(FunctionName=main.name_of("OnMail"))["FunctionArn"]
    part = mail_alone(template, main.name, function, main.name_of("Received"))
    told = {**values, "CreateSender": str(own).lower()}
    main.say(f"Mail goes by {region}: {'making' if new else 'changing'} {stack.name} there.")
    changes = Changes(session, stack, bucket, tags)
    if new:
        changes.begin(part, told, lambda: True, taking_in=False)
    else:
        changes.update(part, told, lambda: True)


def remove(session: Any, main: Stack, held: Mapping[str, str], *, data: bool) -> None:
    """Remove it, and with `data` the sender that it made, which stays otherwise. Raises Stopped."""
    region = held["MailRegion"]
    stack, sender = stack_in(session, main, region), _sender(held["SenderEmail"])
    if stack.status() is None:
        return
    own = stack.parameters()["CreateSender"] == "true"
    stack.delete()
    if own:
        if data:
            keeping.remove(session, sender, region)
        main.say(f"{'removed' if data else 'kept'} {sender} in {region}")


def _sender(address: str) -> Kept:
    return Kept(keeping.IDENTITY, address, "Sender")


def without_mail(template: Mapping[str, Any], stack: str) -> dict[str, Any]:
    """The template for a region without SES, not even as a kind of resource; the topic elsewhere may call
    the function."""
    resources = {name: each for name, each in template["Resources"].items() if not each["Type"].startswith(SES)}
    made = {**deepcopy(dict(template)), "Resources": deepcopy(resources)}
    # Who calls is SNS by its own name, or by that of a region that has to be enabled first.
    for name, service in (("MailFromElsewhere", "sns"), ("MailFromEnabledRegion", "sns.${MailRegion}")):
        made["Resources"][name] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "OnMail"},
                "Principal": {"Fn::Sub": f"{service}.amazonaws.com"},
                "SourceArn": {
                    "Fn::Sub": f"arn:${{AWS::Partition}}:sns:${{MailRegion}}:${{AWS::AccountId}}:{stack}-mail"
                },
            },
        }
    return made


def mail_alone(template: Mapping[str, Any], stack: str, function: str, received: str) -> dict[str, Any]:
    """SES's part of the template, for a stack of its own elsewhere. It names things as the stack does that it is a part
    of, tells the `function` by its ARN, and lays mails into the bucket `received` by a role: SES's own access ends at
    regions that have to be enabled."""
    names = [name for name, each in template["Resources"].items() if each["Type"].startswith(SES) or name in _TOPIC]
    resources = _named({name: template["Resources"][name] for name in names}, stack)
    for each in resources.values():
        waits = [name for name in _listed(each.get("DependsOn", ())) if name not in _STAYS_BEHIND]
        each.pop("DependsOn", None)
        if waits:
            each["DependsOn"] = waits
    resources["OnMailNotices"]["Properties"]["Endpoint"] = function
    (action,) = resources["AnswersToCases"]["Properties"]["Rule"]["Actions"]
    action["S3Action"] |= {"BucketName": received, "IamRoleArn": {"Fn::GetAtt": ["AnswersRole", "Arn"]}}
    resources["AnswersRole"] = _role(received)
    return {
        "Description": f"Mail of {stack}, which runs in another region",
        "Parameters": deepcopy(template["Parameters"]),
        "Conditions": deepcopy(template["Conditions"]),
        "Resources": resources,
    }


def _role(received: str) -> dict[str, Any]:
    may = [
        {"Action": "s3:PutObject", "Resource": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{received}/mails/*"}},
        {"Action": "sns:Publish", "Resource": {"Ref": "MailNotices"}},
    ]
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in may]}
    return {
        "Type": "AWS::IAM::Role",
        "Condition": "HasReplies",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "answers", "PolicyDocument": document}],
        },
    }


def _named(what: Any, stack: str) -> Any:
    """A copy in which the stack's name is the one that is said."""
    if what == {"Ref": "AWS::StackName"}:
        return stack
    if isinstance(what, Mapping):
        return {key: _named(each, stack) for key, each in what.items()}
    if isinstance(what, list):
        return [_named(each, stack) for each in what]
    return what.replace("${AWS::StackName}", stack) if isinstance(what, str) else what


def _listed(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
