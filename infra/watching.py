"""What is watched of a deployment: log groups, alarms and the dashboard, made from two tables.

docs/operations.md says of every alarm what it means and what to do; a test holds the two together.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.money.outstanding import Hangs
from chalicelib.locales.explanations import WRONG
from chalicelib.workflow.orders import UNEXPLAINED
from chalicelib.workflow.telling import SWITCHED_OFF

# Logical ids of the functions, and what each of them is for.
FUNCTIONS: Mapping[str, str] = {
    "APIHandler": "API and pages",
    "Authorize": "bearer tokens",
    "Enter": "entering a wait",
    "Expire": "silence",
    "Sweep": "the sweep",
    "RefundCalls": "asking payment providers for refunds",
    "Reconcile": "reconciliations",
    "Watch": "the metrics",
    "Webhooks": "looking for what webhooks are to be told",
    "TellWebhook": "telling a webhook",
    "OnMail": "what comes back of mails",
}
# Which of them send mails and events.
_DELIVERING = ("Enter", "Sweep")
_STACK = {"Fn::Sub": "${AWS::StackName}"}
# Counted from logs, which do not say whose they are.
_OWN = {"Fn::Sub": "Batal/${AWS::StackName}"}
_TABLES = {"Tables": {"Fn::Sub": "${AWS::StackName}-"}}
_MONEY = {**_TABLES, "Currency": {"Ref": "AlertCurrency"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm: it rings while the figure, over `minutes`, is above `above`.

    silence_is_bad  it also rings where a metric that was written is written no more; not before it first was, so that a
                    first deployment wakes nobody
    needs           the condition of the template without which there is no such metric
    """

    says: str
    namespace: Any
    metric: str
    above: Any  # a number, or the parameter that says it
    dimensions: Mapping[str, Any] = field(default_factory=dict)
    statistic: str = "Sum"
    minutes: int = 5
    periods: int = 1
    silence_is_bad: bool = False
    needs: str | None = None


def _of(function: str) -> Mapping[str, Any]:
    return {"FunctionName": {"Ref": function}}


ALARMS: Mapping[str, Alarm] = {
    **{
        f"{name}Errors": Alarm(
            says=f"{what.capitalize()}: the function {name} failed",
            namespace="AWS/Lambda",
            metric="Errors",
            above=0,
            dimensions=_of(name),
            periods=3 if name in ("Enter", "Expire") else 1,  # Step Functions tries again before anybody need look
        )
        for name, what in FUNCTIONS.items()
    },
    **{
        f"{name}Throttled": Alarm(
            says=f"{what.capitalize()}: the account's Lambda quota keeps {name} from running",
            namespace="AWS/Lambda",
            metric="Throttles",
            above=0,
            dimensions=_of(name),
            periods=2,
        )
        for name, what in FUNCTIONS.items()
        if name in ("APIHandler", "Enter", "Sweep")
    },
    "OldestDue": Alarm(
        says="Something is due for more than ten minutes and the sweep has not carried it on",
        namespace="Batal",
        metric="oldest_due_seconds",
        above=600,
        dimensions=_TABLES,
        statistic="Maximum",
        minutes=10,
        silence_is_bad=True,
    ),
    "RefundsStuck": Alarm(
        says="A payment provider owes a refund beyond its time, or could not make one",
        namespace="Batal",
        metric="refunds_stuck",
        above=0,
        dimensions=_TABLES,
        statistic="Maximum",
        minutes=15,
    ),
    "RefundsOld": Alarm(
        says="A refund has been open for longer than AlertRefundAge, in days",
        namespace="Batal",
        metric="oldest_refund_days",
        above={"Ref": "AlertRefundAge"},
        dimensions=_TABLES,
        statistic="Maximum",
        minutes=15,
    ),
    **{
        f"Money{name}": Alarm(
            says=f"Of all refunds together more money {what} than AlertMoney{name}, in minor units of AlertCurrency",
            namespace="Batal",
            metric=f"money_{place}",
            above={"Ref": f"AlertMoney{name}"},
            dimensions=_MONEY,
            statistic="Maximum",
            minutes=15,
        )
        for name, place, what in (
            ("OnItsWay", Hangs.ON_ITS_WAY, "is on its way"),
            ("Failed", Hangs.FAILED, "did not go, or came back,"),
            ("Held", Hangs.HELD, "waits for a person"),
        )
    },
    "EffectsHeld": Alarm(
        says="A mail or event was tried in vain for three days and waits for a person",
        namespace="Batal",
        metric="effects_held",
        above=0,
        dimensions=_TABLES,
        statistic="Maximum",
        minutes=15,
    ),
    "EffectsFail": Alarm(
        says="For an hour mails or events have not got through; they are tried again for three days",
        namespace=_OWN,
        metric="effects_failed",
        above=0,
        minutes=10,
        periods=6,
    ),
    "ExplanationsWrong": Alarm(
        says="What a refund is made up of does not add up in words; people were told that it is being looked into",
        namespace=_OWN,
        metric="explanations_wrong",
        above=0,
    ),
    "MoneyUnexplained": Alarm(
        says="An order has money that was collected for nothing: nothing moves by itself, a person looks",
        namespace=_OWN,
        metric="money_unexplained",
        above=0,
    ),
    "DeadLetters": Alarm(
        says="A notice about a mail, or a sweep, ended in the dead-letter queue",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        above=0,
        dimensions={"QueueName": {"Fn::GetAtt": ["Undelivered", "QueueName"]}},
        statistic="Maximum",
    ),
    "ExecutionsFailed": Alarm(
        says="A case's execution failed; the sweep carries the case",
        namespace="AWS/States",
        metric="ExecutionsFailed",
        above=0,
        dimensions={"StateMachineArn": {"Ref": "Waiting"}},
    ),
    "ExecutionsTimedOut": Alarm(
        says="An execution ran for a year, or a wait in it ended unheard; the sweep carries the case",
        namespace="AWS/States",
        metric="ExecutionsTimedOut",
        above=0,
        dimensions={"StateMachineArn": {"Ref": "Waiting"}},
    ),
    "ExecutionsThrottled": Alarm(
        says="Step Functions slow executions down: the account's quota of state transitions is used up",
        namespace="AWS/States",
        metric="ExecutionThrottled",
        above=0,
        dimensions={"StateMachineArn": {"Ref": "Waiting"}},
        periods=3,
    ),
    "WebhookOff": Alarm(
        says="A receiver of events failed for five days, and is told nothing any more",
        namespace=_OWN,
        metric="webhooks_off",
        above=0,
    ),
    "ApiSlow": Alarm(
        says="One of a hundred requests takes longer than five seconds",
        namespace="AWS/ApiGateway",
        metric="Latency",
        above=5_000,
        dimensions={"ApiName": _STACK},
        statistic="p99",
        periods=3,
    ),
    "ApiRefuses": Alarm(
        says="Requests are sent away with 429 for minutes: there are more than the limits allow",
        namespace=_OWN,
        metric="requests_refused",
        above=50,
        periods=3,
        needs="HasAccessLog",
    ),
    "ApiFails": Alarm(
        says="API Gateway answers 5xx",
        namespace="AWS/ApiGateway",
        metric="5XXError",
        above=0,
        dimensions={"ApiName": _STACK},
        periods=2,
    ),
    "BounceRate": Alarm(
        says="So many mails come back that SES may stop this account (it does at 10 %)",
        namespace="AWS/SES",
        metric="Reputation.BounceRate",
        above=0.05,
        statistic="Average",
        minutes=60,
    ),
    "ComplaintRate": Alarm(
        says="So many readers call our mails spam that SES may stop this account (it does at 0.5 %)",
        namespace="AWS/SES",
        metric="Reputation.ComplaintRate",
        above=0.001,
        statistic="Average",
        minutes=60,
    ),
}


def resources() -> dict[str, Any]:
    """Log groups, what is counted in them, alarms and the dashboard, as resources of the template."""
    made: dict[str, Any] = {f"{name}Logs": _log_group(name) for name in FUNCTIONS}
    made |= {f"{name}Failed": _counted(name, "effect failed", "effects_failed") for name in _DELIVERING}
    made |= {
        f"{name}ExplainedWrong": _counted(name, WRONG, "explanations_wrong") for name in ("APIHandler", *_DELIVERING)
    }
    made["TellWebhookOff"] = _counted("TellWebhook", SWITCHED_OFF, "webhooks_off")
    made["ApiRefused"] = {
        **_filtered("ApiAccess", '{ $.status = "429" }', "requests_refused"),
        "Condition": "HasAccessLog",
    }
    made["APIHandlerMoneyUnexplained"] = _counted("APIHandler", UNEXPLAINED, "money_unexplained")
    made |= {f"{name}Alarm": _alarm(alarm) for name, alarm in ALARMS.items()}
    made["Dashboard"] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": _STACK, "DashboardBody": {"Fn::Sub": json.dumps(_dashboard())}},
    }
    return made


def _log_group(function: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{function}"},
            "RetentionInDays": {"Ref": "LogDays"},
        },
    }


def _counted(function: str, message: str, metric: str) -> dict[str, Any]:
    """How often a function logs this."""
    return _filtered(f"{function}Logs", f'{{ $.message = "{message}" }}', metric)


def _filtered(group: str, pattern: str, metric: str) -> dict[str, Any]:
    """How many lines of a log group fit a pattern."""
    measured = {
        "MetricNamespace": _OWN,
        "MetricName": metric,
        "MetricValue": "1",
    }
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": group},
            "FilterPattern": pattern,
            "MetricTransformations": [measured],
        },
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    told = {"Fn::If": ["HasAlertEmail", [{"Ref": "Alerts"}], {"Ref": "AWS::NoValue"}]}
    percentile = alarm.statistic.startswith("p")
    made: dict[str, Any] = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": alarm.says,
            "Namespace": alarm.namespace,
            "MetricName": alarm.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in alarm.dimensions.items()],
            "ExtendedStatistic" if percentile else "Statistic": alarm.statistic,
            "Period": alarm.minutes * 60,
            "EvaluationPeriods": alarm.periods,
            "Threshold": alarm.above,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "missing" if alarm.silence_is_bad else "notBreaching",
            "AlarmActions": told,
            # An alarm is made with insufficient data, and only a change is told: nobody is woken by a first deployment.
            **({"InsufficientDataActions": told} if alarm.silence_is_bad else {}),
        },
    }
    return made if alarm.needs is None else {**made, "Condition": alarm.needs}


def _dashboard() -> dict[str, Any]:
    """Requests and their faults, what is due and stuck, open money, executions, mails."""
    functions = [
        ["AWS/Lambda", "Errors", "FunctionName", f"${{{name}}}", {"label": what}] for name, what in FUNCTIONS.items()
    ]
    tables = ("Tables", "${AWS::StackName}-")
    api = ("ApiName", "${AWS::StackName}")
    rows = [
        ("Requests", [["AWS/ApiGateway", "Count", *api], ["AWS/ApiGateway", "5XXError", *api]]),
        ("Slowest of a hundred (ms)", [["AWS/ApiGateway", "Latency", *api, {"stat": "p99"}]]),
        ("Faults by function", functions),
        ("Longest overdue (s)", [["Batal", "oldest_due_seconds", *tables, {"stat": "Maximum"}]]),
        ("Refunds due and stuck", [["Batal", f"refunds_{each}", *tables] for each in ("pending", "stuck")]),
        ("Oldest open refund (days)", [["Batal", "oldest_refund_days", *tables, {"stat": "Maximum"}]]),
        (
            "Money of open refunds (minor units of ${AlertCurrency})",
            [
                ["Batal", f"money_{place}", *tables, "Currency", "${AlertCurrency}", {"stat": "Maximum"}]
                for place in Hangs
            ],
        ),
        ("Parcels that left after the cancellation", [["Batal", "late_parcels", "Tables", "${AWS::StackName}-"]]),
        ("Effects that failed, and were tried again later", [["Batal/${AWS::StackName}", "effects_failed"]]),
        (
            "Executions",
            [
                ["AWS/States", f"Executions{each}", "StateMachineArn", "${Waiting}"]
                for each in ("Started", "Succeeded", "Failed")
            ],
        ),
        ("Mails", [["AWS/SES", each] for each in ("Send", "Bounce", "Complaint")]),
    ]
    return {
        "widgets": [
            {
                "type": "metric",
                "x": 12 * (at % 2),
                "y": 6 * (at // 2),
                "width": 12,
                "height": 6,
                "properties": {
                    "title": title,
                    "region": "${AWS::Region}",
                    "stat": "Sum",
                    "period": 300,
                    "metrics": metrics,
                },
            }
            for at, (title, metrics) in enumerate(rows)
        ]
    }
