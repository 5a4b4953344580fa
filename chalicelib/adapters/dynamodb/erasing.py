"""Rows whose words are erased: written in their own places, and answers and attempts that are kept no longer."""

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb.codec import dumped, entry_attributes, evidence_key, message_key, text_of, thread_key
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.log import place_of
from chalicelib.adapters.dynamodb.packing import CASES, packed
from chalicelib.adapters.dynamodb.settings import get, translated
from chalicelib.adapters.dynamodb.tables import entry_key
from chalicelib.adapters.dynamodb.webhooks import WebhookTable
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, logged_at
from chalicelib.domain.ports import PAGE, Page


class ErasingTable(WebhookTable):
    """The part of the store that takes words out of what stays."""

    def put_erased_entry(self, case: Case, entry: Entry) -> None:
        """Write an entry whose words were erased in its place, and let the log say no more than it does."""
        row = get(self.tables.entry, case.case_id, entry_key(entry.seq))
        if row is None:
            return
        for name, value in entry_attributes(entry, small=row.body is None).items():
            setattr(row, name, value)
        with translated():
            row.save()
        if entry.log_place and entry.events:
            told = msgspec.to_builtins(logged_at(entry.log_place, case.order_id, case.case_id, entry))
            if entry.correlation_id is None:
                del told["correlation_id"]
            log = self.tables.log
            place = log(*place_of(entry.log_place.pos, case.order_id))
            actions: list[Action] = [log.z.set(packed(dumped(told), CASES))]
            with translated():
                try:
                    place.update(actions=actions, condition=log.case_id.exists())
                except UpdateError as error:
                    # Its time in the log is over.
                    if error.cause_response_code != "ConditionalCheckFailedException":
                        raise

    def put_erased_message(self, message: Message) -> None:
        """Write a message whose words were erased in its place."""
        with translated():
            self.tables.message(thread_key(message.order_id), message_key(message), body=dumped(message)).save()

    def put_erased_evidence(self, evidence: Evidence) -> None:
        """Write what is left to know of a file in its place."""
        seen = True if evidence.seen_at else None
        with translated():
            key = (evidence.case_id, evidence_key(evidence))
            self.tables.evidence(*key, body=dumped(evidence), seen=seen).save()

    def answers(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Answered]:
        """Every answer that is kept under an Idempotency-Key."""
        row, start = self.tables.key, key_of(cursor, ("key",))
        after = {"key": {"S": start["key"]}} if start else None
        with translated():
            read = row.scan(row.fingerprint.exists(), limit=limit, page_size=limit, last_evaluated_key=after)
            found = list(read)
        last = read.last_evaluated_key
        return Page(
            items=[
                Answered(
                    key=each.key,
                    fingerprint=each.fingerprint,
                    status=int(each.status),
                    body=text_of(each),
                    expires_at=datetime.fromtimestamp(int(each.expires), UTC),
                )
                for each in found
            ],
            next_cursor=cursor_of({"key": last["key"]["S"]}) if last else None,
        )

    def forget_answer(self, key: str) -> None:
        """An answer is kept no longer."""
        with translated():
            self.tables.key(key).delete()

    def forget_attempts(self, webhook_id: str, case_ids: Collection[str]) -> int:
        """What was tried of a webhook about these cases is gone; how many they were."""
        found = [each for each, attempt in self.attempts_as_kept(webhook_id) if attempt.about in case_ids]
        with translated():
            for each in found:
                each.delete()
        return len(found)
