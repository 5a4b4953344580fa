"""One stack in one account and region: packaged, changed, looked at, removed."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.adapters.dynamodb.desk import DESK
from chalicelib.adapters.dynamodb.settings import FORMAT, SMALL
from chalicelib.adapters.dynamodb.tables import CURRENT
from infra import kept as keeping
from infra import mail_elsewhere, mail_rules, removal
from infra.build import Package, build
from infra.changes import Changes, uploaded
from infra.kept import Kept
from infra.packages import bucket_of_packages
from infra.parameters import STACK, chosen, differences, strangers
from infra.sam import expanded
from infra.stack import Say, Stack, Stopped
from infra.stages import Stage
from infra.values import faults

APP = "batal"
# A first try that failed cannot be updated, only removed.
STILLBORN = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED")
# Where a deployment makes the stack rather than changes it.
BEGINS = (None, "REVIEW_IN_PROGRESS", *STILLBORN)
_STUCK = {
    "UPDATE_ROLLBACK_FAILED": "Its roll-back failed: mend what the events name, then 'Continue update rollback'.",
    "DELETE_FAILED": "Its removal failed: see the events; tables with deletion protection must be freed first.",
}


def _gateway(outputs: Mapping[str, str]) -> str:
    """API Gateway's own address of the API, as PublicUrl has it; empty where the stack tells none."""
    return outputs.get("EndpointURL", "").rstrip("/")


class Deployment:
    """One stack in one account and region."""

    def __init__(
        self,
        session: Any,
        stage: Stage,
        *,
        stack: str | None = None,
        say: Say = print,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.session, self.stage, self.say = session, stage, say
        self.stack = stack or f"{APP}-{stage.name}"
        self.cloudformation = session.client("cloudformation")
        self._tags = {"app": APP, "stage": stage.name}
        self._stack = Stack(self.cloudformation, self.stack, say, pause)

    def deploy(self, told: Mapping[str, str], agreed: Callable[[], bool], out: Path) -> Mapping[str, str]:
        """Package and apply; gives the outputs. `told` are parameters by name, those that are not told keep the values
        that the stack has; `agreed` is asked once the changes were shown.

        Raises Stopped where somebody has to do something first, or where the stack did not come up.
        """
        self.say(f"Deploying {self.where()}.")
        status = self.status()
        if status in _STUCK:
            raise Stopped(f"The stack {self.stack} is {status}. {_STUCK[status]}")
        new = status in BEGINS
        if status and status.endswith("_IN_PROGRESS") and not new:
            raise Stopped(f"The stack {self.stack} is {status}: wait until it is done.")
        held = {} if new else self.parameters()
        settled, shown = self._settled(told, held, new=new)
        gateway = "" if new else _gateway(self.outputs())
        mail_rules.look(self.session, settled, self.stack, self.say)
        package = build(self.stage, out)
        if status in STILLBORN:
            self.say(f"A first try failed and left nothing behind; removing what is left of {self.stack}.")
            self._stack.delete()
        here = None if settled["MailRegion"] else settled["SenderEmail"]
        left = self._left_behind(here) if new else []
        if left:
            settled, shown = self._settled({**keeping.told_by(self.session, left), **told}, held, new=new)
        bucket = bucket_of_packages(self.session, APP, self._account())
        has_data = any(each.is_table for each in left)
        settled["FirstDeployment"] = "true" if new and not has_data else "false"
        changes = Changes(self.session, self._stack, bucket, self._tags)
        if new:
            template, imports = self._template(package, bucket, settled, left), any(each.is_taken_in for each in left)
            changes.begin(template, settled, agreed, shown, taking_in=imports)
            keeping.as_declared(self.session, template, left, protected=settled["KeepData"] == "true")
        else:
            changes.update(self._template(package, bucket, settled), settled, agreed, shown)
        # A first deployment that was broken off after the stack stood is ended by the next one.
        if "true" in (settled["FirstDeployment"], held.get("FirstDeployment")):
            self._begin_small()
        held = self.parameters()
        address = _gateway(self.outputs())
        known = ("", gateway, address)
        own = f"https://{held['DomainName']}" if held.get("DomainName") else address
        # Where nobody gave people an address, it is the domain's or API Gateway's own, and follows it. It is known only
        # now, and a template that used it everywhere would close a circle. Tables are protected now that they stand.
        public = own if held.get("PublicUrl", "") in known else held["PublicUrl"]
        last = {**held, "PublicUrl": public, "FirstDeployment": "false"}
        if last != held:
            self.say("Telling the functions where people reach them, and protecting what is to last.")
            changes.update(self._template(package, bucket, last), last, lambda: True)
        if last.get("MailRegion"):
            both = self._template(package, bucket, {})
            mail_elsewhere.deploy(self.session, self._stack, both, last, bucket, self._tags)
        return self.outputs()

    def switch(self, off: str) -> bool:
        """Let `off` be switched off, with commas between, and everything else on: of all that the stack has only this
        parameter changes. Gives whether it did. Raises Stopped where the stack cannot be changed, and for switches that
        there are none of."""
        status = self.status()
        if status is None or status in BEGINS or not status.endswith("_COMPLETE"):
            raise Stopped(f"The stack {self.stack} is {status or 'not there'}: nothing was switched.")
        held = self.parameters()
        if "SwitchedOff" not in held:
            raise Stopped(f"The stack {self.stack} is of a version without switches: deploy first.")
        if found := faults({"SwitchedOff": off}):
            raise Stopped("\n".join(map(str, found)))
        if held["SwitchedOff"] == off:
            return False
        wanted = {**held, "SwitchedOff": off}
        self.cloudformation.update_stack(
            StackName=self.stack,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(wanted.items())],
        )
        self._stack.wait("UPDATE_COMPLETE")
        return True

    def where(self) -> str:
        """The stack, its account and its region, as somebody reads them before saying yes."""
        return f"{self.stack} in account {self._account()}, region {self.session.region_name}"

    def _left_behind(self, sender: str | None) -> list[Kept]:
        """What an earlier stack of this name kept, which a new one takes in."""
        found = keeping.existing(self.session, self._known(sender))
        for each in found:
            self.say(f"Found, and to be taken in: {each}")
        return found

    def _known(self, sender: str | None) -> dict[str, str]:
        known = {
            "AWS::StackName": self.stack,
            "AWS::AccountId": self._account(),
            "AWS::Region": self.session.region_name,
        }
        return known | ({"SenderEmail": sender} if sender else {})

    def _settled(
        self, told: Mapping[str, str], held: Mapping[str, str], *, new: bool
    ) -> tuple[dict[str, str], list[str]]:
        """Every parameter's value, and what of them is to be shown. Raises Stopped where one cannot be so."""
        try:
            strangers(told, "the command line")
            strangers(self.stage.parameters, f"the stage file {self.stage.name}.json")
        except ValueError as stranger:
            raise Stopped(str(stranger)) from stranger
        choices = chosen(told, held, self.stage)
        host = urlsplit(self.cloudformation.meta.endpoint_url).hostname
        found = faults(
            {name: each.value for name, each in choices.items()}, emulated=host in ("127.0.0.1", "localhost")
        )
        # What the stack has runs already, and must not stand in the way of what mends something else.
        stopping = [
            each
            for each in found
            if each.stops or any(choices[name].by != STACK for name in each.names if name in choices)
        ]
        if stopping:
            raise Stopped("\n".join(str(each) for each in stopping))
        for each in found:
            self.say(f"Take heed, what the stack has is wrong. {each}")
        if choices["MailRegion"].value == self.session.region_name:
            raise Stopped("MailRegion: this is the stack's own region, and mail goes by it where MailRegion is empty.")
        if not new and choices["AccountsKeyArn"].value != held.get("AccountsKeyArn", ""):
            raise Stopped(
                "AccountsKeyArn: a stack keeps its key, since with another one nobody could read where money goes."
            )
        if "SenderEmail" not in choices:
            raise Stopped("Who sends the mails? Say --sender me@example.com (make deploy SENDER=me@example.com).")
        return {name: each.value for name, each in choices.items()}, differences(choices, held, self.stage)

    def destroy(self, *, data: bool) -> None:
        """Remove the stack. Tables, files, the secret, the key and the sender stay unless `data` says that they go,
        too: also where the stack is gone already.

        Raises Stopped where tables are protected (KeepData) or something would not go.
        """
        held = self.parameters() if self.status() else {}
        elsewhere = bool(held.get("MailRegion"))
        sender = held.get("SenderEmail") if held.get("CreateSender") == "true" and not elsewhere else None
        left = keeping.existing(self.session, self._known(sender))
        removal.remove(self.session, self._stack, left, data=data, mail=elsewhere)

    def status(self) -> str | None:
        """The stack's status; None where there is none."""
        return self._stack.status()

    def outputs(self) -> Mapping[str, str]:
        """What the stack tells about itself."""
        return self._stack.outputs()

    def parameters(self) -> dict[str, str]:
        """What the stack has of the template's parameters, by name."""
        return self._stack.parameters()

    def _template(
        self, package: Package, bucket: str, values: Mapping[str, str], left: Sequence[Kept] = ()
    ) -> dict[str, Any]:
        """The plain template of an uploaded package, which takes in what is `left`."""
        key = uploaded(self.session, bucket, package.archive.read_bytes(), ".zip")
        made = expanded(json.loads(package.template.read_text("utf-8")), bucket, key, self.session.region_name)
        if strange := keeping.strange(self.session, made, left):
            raise Stopped(
                "Kept tables have other indexes than this version's, and cannot be taken in so: deploy the version"
                f" that left them, then this one. {', '.join(strange)}"
            )
        made = mail_elsewhere.without_mail(made, self.stack) if values.get("MailRegion") else made
        return keeping.taking_in(made, left) if left else made

    def _begin_small(self) -> None:
        """Rows of a new stack are small from the beginning, and all its indexes are there: there is nothing to roll
        back to."""
        client = self.session.client("dynamodb")
        for name, value in ((FORMAT, {"version": SMALL}), (DESK, {"index": DESK})):
            item = {"name": name, "sk": CURRENT, "body": json.dumps(value)}
            typed = {attribute: {"S": text} for attribute, text in item.items()}
            client.put_item(TableName=f"{self.stack}-settings", Item=typed)

    def _account(self) -> str:
        account: str = self.session.client("sts").get_caller_identity()["Account"]
        return account
