"""Webhooks, in the settings' table: a row each, and under each what was tried and what was given up."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

from chalicelib.adapters.dynamodb.codec import dumped, loaded, stamp
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, saved, translated
from chalicelib.adapters.dynamodb.tables import WEBHOOKS, HandedRow, log_place_key, webhook_key
from chalicelib.domain.cases.webhooks import ATTEMPTS_KEPT, Attempt, Letter, Webhook
from chalicelib.domain.ports import PAGE, Page

# What sort keys begin with; and what lies behind all that begin so.
_ATTEMPT, _DEAD = "A#", "D#"
_BEHIND_ATTEMPTS = "A$"


class WebhookTable(SettingsTable):
    """The part of the store that keeps them."""

    def webhooks(self) -> Sequence[Webhook]:
        """All of them, the oldest first."""
        with translated():
            found = [loaded(row.body, Webhook) for row in self.tables.webhook.query(WEBHOOKS, consistent_read=True)]
        return sorted(found, key=lambda each: (each.created_at, each.webhook_id))

    def webhook(self, webhook_id: str) -> Webhook | None:
        """One of them, or None."""
        row = get(self.tables.webhook, WEBHOOKS, webhook_id)
        return loaded(row.body, Webhook) if row else None

    def put_webhook(self, webhook: Webhook) -> bool:
        """Write it where it is new (rev 1) or still at the revision before."""
        row = self.tables.webhook
        free = row.name.does_not_exist() if webhook.rev == 1 else row.rev == webhook.rev - 1
        return saved(row(WEBHOOKS, webhook.webhook_id, body=dumped(webhook), rev=webhook.rev), free)

    def drop_webhook(self, webhook_id: str) -> None:
        """Take it away, and its dead letters."""
        row = self.tables.handed
        with translated():
            self.tables.webhook(WEBHOOKS, webhook_id).delete()
            for dead in row.query(webhook_key(webhook_id), row.sk.startswith(_DEAD)):
                dead.delete()

    def note_attempts(self, webhook_id: str, attempts: Sequence[Attempt]) -> None:
        """Keep them for a while."""
        row = self.tables.handed
        if not attempts:
            return
        with translated(), row.batch_write() as batch:
            for number, each in enumerate(attempts):
                # Of one moment, the later in the list the later; and no two under one key, whoever writes.
                place = f"{_ATTEMPT}{stamp(each.at)}#{number:03d}#{uuid4().hex[:8]}"
                batch.save(row(webhook_key(webhook_id), place, body=dumped(each), expires=_until(each.at)))

    def attempts(self, webhook_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Page[Attempt]:
        """What was tried, the latest first."""
        row, start = self.tables.handed, key_of(cursor, ("name", "sk"), webhook_key(webhook_id))
        # Not both ends in one condition: a key is between two places, and these are the places of attempts.
        between = row.sk.between(_ATTEMPT, start["sk"] if start else _BEHIND_ATTEMPTS)
        with translated():
            found = list(row.query(webhook_key(webhook_id), between, limit=limit + 2, scan_index_forward=False))
        found = [each for each in found if not start or each.sk < start["sk"]]
        more = len(found) > limit
        return Page(
            items=[loaded(each.body, Attempt) for each in found[:limit]],
            next_cursor=cursor_of({"name": webhook_key(webhook_id), "sk": found[limit - 1].sk}) if more else None,
        )

    def attempts_as_kept(self, webhook_id: str) -> Iterator[tuple[HandedRow, Attempt]]:
        """All that was tried, each with its row."""
        row = self.tables.handed
        with translated():
            for each in row.query(webhook_key(webhook_id), row.sk.startswith(_ATTEMPT), consistent_read=True):
                yield each, loaded(each.body, Attempt)

    def bury_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        """Keep letters that were given up; the same one once."""
        row = self.tables.handed
        with translated():
            for each in letters:
                row(webhook_key(webhook_id), _place(each), body=dumped(each), expires=_until(each.next_at)).save()

    def dead_letters(self, webhook_id: str, *, limit: int) -> Sequence[Letter]:
        """Some of them, as they lie in the log, the oldest first."""
        row = self.tables.handed
        with translated():
            found = row.query(webhook_key(webhook_id), row.sk.startswith(_DEAD), limit=limit, consistent_read=True)
            return [loaded(each.body, Letter) for each in found]

    def forget_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        """They go out again."""
        with translated():
            for each in letters:
                self.tables.handed(webhook_key(webhook_id), _place(each)).delete()


def _place(letter: Letter) -> str:
    behind = letter.behind
    return f"{_DEAD}{log_place_key(behind.pos, behind.order_id)}#{behind.read:03d}"


def _until(at: datetime) -> int:
    return int((at + ATTEMPTS_KEPT).timestamp())
