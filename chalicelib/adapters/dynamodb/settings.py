"""What is not about one order or case: operators' settings, the versions of policies, stopped addresses."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb import codec
from chalicelib.adapters.dynamodb.codec import loaded
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.tables import (
    CURRENT,
    MAIL_DELAYS,
    MAIL_STOPS,
    POLICIES,
    Tables,
    reference_key,
    seller_key,
    tables,
)
from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.domain.people.mail_stops import DELAYS_KEPT, MailDelay, MailStop, Why, stop_id
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.seller_rules import NO_RULES, SellerRules
from chalicelib.domain.ports import PAGE, Page

M = TypeVar("M", bound=Model)

# The form in which rows are written: the setting, and from which version on rows are small (order_rows.py).
FORMAT, SMALL = "format", 2


class SettingsTable:
    """The part of the store that lies in the settings table. Made when first needed."""

    def __init__(self, *, prefix: str) -> None:
        self.prefix = prefix
        self._small = False

    @cached_property
    def tables(self) -> Tables:
        """The models."""
        return tables(self.prefix)

    def setting(self, name: str) -> Mapping[str, Any] | None:
        """An operator's setting, or None."""
        row = get(self.tables.setting, name, CURRENT)
        return loaded(row.body, dict[str, Any]) if row else None

    def put_setting(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep an operator's setting; the last one counts."""
        with translated():
            self.tables.setting(name, CURRENT, body=codec.dumped(value)).save()

    def writes_small(self) -> bool:
        """Whether rows are written in the small form: an operator says so once a roll-back is needed no more, and it
        stays so. Read anew until then."""
        if not self._small:
            found = self.setting(FORMAT)
            self._small = found is not None and found["version"] >= SMALL
        return self._small

    def write_small(self) -> None:
        """From now on rows are written in the small form; versions before 0.3.0 cannot read it."""
        self.put_setting(FORMAT, {"version": SMALL})
        self._small = True

    def policy(self, name: str, version: int | None) -> Policy | None:
        """An operator's profile (the current version without `version`), or None."""
        row = get(self.tables.setting, f"policy#{name}", CURRENT if version is None else f"v{version:06d}")
        return loaded(row.body, Policy) if row else None

    def policy_names(self) -> Sequence[str]:
        """The names under which operators keep profiles."""
        with translated():
            return [row.sk for row in self.tables.setting.query(POLICIES, consistent_read=True)]

    def put_policy(self, policy: Policy) -> None:
        """Keep a new version and make it current. Raises Conflict where the version exists."""
        row, name = self.tables.setting, f"policy#{policy.name}"
        content = msgspec.to_builtins(policy)
        if policy.refund_order is None:
            # Functions of the release before this one that are still warm read an absent one, and no null.
            del content["refund_order"]
        body = codec.dumped(content)
        try:
            with TransactWrite(connection=self.tables.connection) as transaction:
                transaction.save(row(name, f"v{policy.version:06d}", body=body), condition=row.name.does_not_exist())
                transaction.save(row(POLICIES, policy.name, body=""))
                transaction.save(row(name, CURRENT, body=body))
        except TransactWriteError as error:
            if any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons):
                raise Conflict("policy") from error
            raise Unavailable("dynamodb") from error

    def keep_reference(self, reference: str, case_id: str) -> str:
        """Let a reference lead to this case, unless it leads to another one already; the id of the one it leads to."""
        row = self.tables.setting
        if saved(row(reference_key(reference), CURRENT, body=case_id), row.name.does_not_exist()):
            return case_id
        return self.case_known_as(reference) or case_id

    def case_known_as(self, reference: str) -> str | None:
        """The id of the case that this reference leads to, or None."""
        row = get(self.tables.setting, reference_key(reference), CURRENT)
        return row.body if row else None

    def seller_rules(self, seller_id: str) -> SellerRules:
        """A seller's own rules; none where nothing was kept."""
        row = get(self.tables.setting, seller_key(seller_id), CURRENT)
        return loaded(row.body, SellerRules) if row else NO_RULES

    def put_seller_rules(self, seller_id: str, rules: SellerRules) -> None:
        """Keep a seller's rules; the last ones count."""
        with translated():
            self.tables.setting(seller_key(seller_id), CURRENT, body=codec.dumped(rules)).save()

    def stopped(self, addresses: Collection[str]) -> Mapping[str, Why]:
        """Those of the addresses that are stopped, as they were given, and why; one read."""
        keys = {(MAIL_STOPS, stop_id(address)) for address in addresses}
        with translated():
            found = {row.sk: loaded(row.body, MailStop).why for row in self.tables.setting.batch_get(list(keys))}
        return {address: found[stop_id(address)] for address in addresses if stop_id(address) in found}

    def mail_stops(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[MailStop]:
        """All stopped addresses, in no order that means anything."""
        row, start = self.tables.setting, key_of(cursor, ("sk",))
        with translated():
            after = row.sk > start["sk"] if start else None
            found = list(row.query(MAIL_STOPS, after, limit=limit + 1))
        stops = [loaded(each.body, MailStop) for each in found[:limit]]
        return Page(items=stops, next_cursor=cursor_of({"sk": found[limit - 1].sk}) if len(found) > limit else None)

    def put_mail_stop(self, stop: MailStop) -> None:
        """Stop an address; the last stop of one counts."""
        with translated():
            self.tables.setting(MAIL_STOPS, stop.stop_id, body=codec.dumped(stop)).save()

    def lift_mail_stop(self, stop_id: str) -> None:
        """Let an address have mail again, if it was stopped."""
        with translated():
            self.tables.setting(MAIL_STOPS, stop_id).delete()

    def put_mail_delay(self, delay: MailDelay) -> None:
        """Note that a mail is late; told again, it is noted once. What is older than DELAYS_KEPT is forgotten."""
        row = self.tables.setting
        with translated():
            row(MAIL_DELAYS, f"{codec.stamp(delay.at)}#{delay.mail_id}", body=codec.dumped(delay)).save()
            for old in row.query(MAIL_DELAYS, row.sk < codec.stamp(delay.at - DELAYS_KEPT), limit=10):
                old.delete()

    def mail_delays(self, since: datetime, *, limit: int) -> Sequence[MailDelay]:
        """The mails that were told to be late since then, the latest first."""
        row = self.tables.setting
        with translated():
            found = row.query(MAIL_DELAYS, row.sk >= codec.stamp(since), limit=limit, scan_index_forward=False)
            return [loaded(each.body, MailDelay) for each in found]


def get(model: type[M], key: str, sort: str | None = None) -> M | None:
    """One item, consistently."""
    with translated():
        try:
            return model.get(key, sort, consistent_read=True)
        except DoesNotExist:
            return None


def saved(item: Model, condition: Condition) -> bool:
    """Write an item where this holds of what lies there; False where it does not."""
    with translated():
        try:
            item.save(condition)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
    return True


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except DoesNotExist:
        raise
    except PynamoDBException as error:
        raise Unavailable("dynamodb") from error
