"""The Store on DynamoDB."""

import uuid
from datetime import UTC, date, datetime
from functools import cached_property

from pynamodb.exceptions import PynamoDBException, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb import codec, order_rows
from chalicelib.adapters.dynamodb.accounts import AccountTable
from chalicelib.adapters.dynamodb.clues import ClueTable
from chalicelib.adapters.dynamodb.codec import case_of, shard, stamp, text_of
from chalicelib.adapters.dynamodb.commit import commit
from chalicelib.adapters.dynamodb.desk import DeskTable
from chalicelib.adapters.dynamodb.digests import DigestTable
from chalicelib.adapters.dynamodb.dispatches import DispatchTable
from chalicelib.adapters.dynamodb.erasing import ErasingTable
from chalicelib.adapters.dynamodb.figures import FiguresTable
from chalicelib.adapters.dynamodb.jobs import JobTable
from chalicelib.adapters.dynamodb.last_head import LastHead
from chalicelib.adapters.dynamodb.log import LogTable
from chalicelib.adapters.dynamodb.money import MoneyTable
from chalicelib.adapters.dynamodb.order_rows import whole_numbers
from chalicelib.adapters.dynamodb.settings import get, saved, translated
from chalicelib.adapters.dynamodb.tables import FATE, ROW, TOKEN, granted_key
from chalicelib.adapters.dynamodb.uses import UseTable
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import NOTHING_YET, Answered, Change, GrantedToday
from chalicelib.domain.cases.effects import encode
from chalicelib.domain.cases.mail_fates import MailFate
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Token


class DynamoStore(
    MoneyTable,
    DispatchTable,
    AccountTable,
    JobTable,
    ErasingTable,
    LogTable,
    DeskTable,
    ClueTable,
    UseTable,
    FiguresTable,
    DigestTable,
):
    """Five tables under one prefix. Everything is made when first needed; the region is the environment's."""

    def create_tables(self) -> None:
        """Make the tables, for tests and the sandbox. There is nothing to roll back to, so rows are small at once."""
        self.tables.create()
        self.write_small()
        self.read_desk()

    @cached_property
    def _last_head(self) -> LastHead:
        return LastHead()

    # --- single items --------------------------------------------------------------------------------------------

    def order(self, order_id: str) -> Order | None:
        """The order, or None."""
        return order_rows.order(self.tables, order_id, self._last_head.keep)

    def case(self, case_id: str) -> Case | None:
        """The row, or None."""
        row = get(self.tables.case, case_id, ROW)
        return case_of(row) if row else None

    def put_token(self, case_id: str, token: Token) -> None:
        """Remember the token of the current wait."""
        row = self.tables.token(case_id, TOKEN, run=token.run, turn=token.turn, token=token.token)
        with translated():
            row.save()

    def token(self, case_id: str) -> Token | None:
        """The token of the last wait that was entered, or None."""
        row = get(self.tables.token, case_id, TOKEN)
        return Token(run=int(row.run), turn=int(row.turn), token=row.token) if row else None

    def put_mail_fate(self, case_id: str, fate: MailFate) -> None:
        """Keep what was told of the mail that asks in a case; what happened later counts, in whichever order it is
        told."""
        row = self.tables.fate
        kept = row(case_id, FATE, told=stamp(fate.at), body=codec.dumped(fate))
        saved(kept, row.told.does_not_exist() | (row.told <= kept.told))

    def mail_fate(self, case_id: str) -> MailFate | None:
        """What was told last of the mail that asks, or None."""
        row = get(self.tables.fate, case_id, FATE)
        return codec.loaded(row.body, MailFate) if row else None

    def granted(self, person: str, day: date) -> GrantedToday:
        """What this person of customer service granted on this day."""
        row = get(self.tables.granted, granted_key(person, day))
        if row is None:
            return NOTHING_YET
        return GrantedToday(sums=whole_numbers(row.sums) if row.sums is not None else {}, told=int(row.amount))

    def answered(self, key: str, now: datetime) -> Answered | None:
        """The answer kept under an idempotency key, or None. TTL deletes late, so the age is looked at too."""
        row = get(self.tables.key, key)
        if row is None:
            return None
        expires = datetime.fromtimestamp(int(row.expires), UTC)
        kept = Answered(
            key=key, fingerprint=row.fingerprint, status=int(row.status), body=text_of(row), expires_at=expires
        )
        return kept if kept.stands(now) else None

    # --- writes --------------------------------------------------------------------------------------------------

    def commit(self, change: Change) -> None:
        """Write the whole change or nothing; this very change again is success."""
        commit(self.tables, change, self.writes_small, known=self._last_head.take(change.order_id))

    def save_outbox(self, before: Case, after: Case) -> bool:
        """Strike what was delivered, add what is new, and move `wake_at`, where the row is still at `before.rev`."""
        row, deliverer = self.tables.case, uuid.uuid4().hex
        actions: list[Action] = [
            row.rev.set(after.rev),
            row.deliverer.set(deliverer),
            row.leased_to.set(after.leased_to),
        ]
        for promise in before.outbox:
            key = encode(promise)
            if promise not in after.outbox:
                actions.append(row.outbox[key].remove())
            elif before.outbox[promise] != after.outbox[promise]:
                actions.append(row.outbox[key].set(codec.pending_map(after.outbox[promise])))
        new = after.outbox.keys() - before.outbox.keys()
        actions += [row.outbox[encode(promise)].set(codec.pending_map(after.outbox[promise])) for promise in new]
        if after.wake_at:
            actions += [row.wake_at.set(stamp(after.wake_at)), row.due_shard.set(str(shard(after.case_id)))]
        else:
            actions += [row.wake_at.remove(), row.due_shard.remove()]
        until = after.lease_until
        actions.append(row.lease_until.set(stamp(until)) if until else row.lease_until.remove())
        if after.money_sent:
            actions.append(row.money_sent.set(True))
        item = row(before.case_id, ROW)
        try:
            item.update(actions=actions, condition=row.rev == before.rev)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise Unavailable("dynamodb") from error
            # A reply may have been lost and the write sent again: then the mark on the row is ours.
            current = get(row, before.case_id, ROW)
            return current is not None and int(current.rev) == after.rev and current.deliverer == deliverer
        except PynamoDBException as error:
            raise Unavailable("dynamodb") from error
        return True
