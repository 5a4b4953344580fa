"""Digests, in the settings' table: those that are due in one list, by their moment; and under each seller what is noted
for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import dumped, loaded, stamp
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, saved, translated
from chalicelib.adapters.dynamodb.tables import DIGESTS, digest_key
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.people.digests import ASKS_KEPT, TOLD_KEPT, Digest, DigestAsks, DigestNote

# What sort keys begin with, under a seller: what waits or was told, and what a digest asked about.
_NOTE, _ASKS = "N#", "A#"


class DigestTable(SettingsTable):
    """The part of the store that keeps them."""

    def note_for_digest(self, seller_id: str, at: datetime, note: DigestNote) -> bool:
        """Have the digest of that moment tell it, unless one was told it before; False where it is on its way."""
        row, digest = self.tables.digest, Digest(seller_id=seller_id, at=at)
        new, open_still = row.name.does_not_exist(), row.name.does_not_exist() | (row.rev == 0)
        try:
            with TransactWrite(connection=self.tables.connection) as transaction:
                transaction.save(row(digest_key(seller_id), f"{_NOTE}{note.key}", body=dumped(note)), condition=new)
                transaction.save(row(DIGESTS, _place(digest), body=dumped(digest), rev=0), condition=open_still)
        except TransactWriteError as error:
            known, begun = (_failed(error, number) for number in (0, 1))
            if known or begun:
                return known
            raise Unavailable("dynamodb") from error
        return True

    def digest_notes(self, seller_id: str) -> Sequence[DigestNote]:
        """All that waits to be told by this seller's digests."""
        row = self.tables.digest
        with translated():
            found = row.query(digest_key(seller_id), row.sk.startswith(_NOTE), consistent_read=True)
            return [loaded(each.body, DigestNote) for each in found if each.expires is None]

    def due_digests(self, now: datetime, limit: int) -> Sequence[Digest]:
        """Those whose moment has come and at which nobody is."""
        row = self.tables.digest
        with translated():
            found = row.query(DIGESTS, row.sk <= f"{stamp(now)}$", consistent_read=True)
            due = [loaded(each.body, Digest) for each in found]
        return [each for each in due if each.is_due(now)][:limit]

    def put_digest(self, digest: Digest) -> bool:
        """Write it where it is still at the revision before."""
        row = self.tables.digest
        return saved(row(DIGESTS, _place(digest), body=dumped(digest), rev=digest.rev), row.rev == digest.rev - 1)

    def end_digest(self, digest: Digest, now: datetime) -> None:
        """What it told waits no more; then the digest itself is gone."""
        row = self.tables.digest
        with translated():
            with row.batch_write() as batch:
                for key in digest.told or ():
                    note = DigestNote(case_id=key.partition(":")[0], effect=key.partition(":")[2])
                    place = f"{_NOTE}{key}"
                    gone = _until(now, TOLD_KEPT)
                    batch.save(row(digest_key(digest.seller_id), place, body=dumped(note), expires=gone))
            row(DIGESTS, _place(digest)).delete()

    def put_digest_asks(self, asks: DigestAsks) -> None:
        """Keep for a while what a digest asks about."""
        place, gone = f"{_ASKS}{stamp(asks.at)}", _until(asks.at, ASKS_KEPT)
        with translated():
            self.tables.digest(digest_key(asks.seller_id), place, body=dumped(asks), expires=gone).save()

    def digest_asks(self, seller_id: str, at: datetime) -> DigestAsks | None:
        """What the digest of that moment asked about."""
        row = get(self.tables.digest, digest_key(seller_id), f"{_ASKS}{stamp(at)}")
        return loaded(row.body, DigestAsks) if row else None

    def forget_digests(self, seller_id: str) -> None:
        """Keep nothing of this seller's digests any more."""
        row = self.tables.digest
        with translated(), row.batch_write() as batch:
            for each in row.query(digest_key(seller_id), consistent_read=True):
                batch.delete(each)


def _place(digest: Digest) -> str:
    return f"{stamp(digest.at)}#{digest.seller_id}"


def _until(at: datetime, kept: timedelta) -> int:
    return int((at + kept).timestamp())


def _failed(error: TransactWriteError, number: int) -> bool:
    reasons = error.cancellation_reasons
    reason = reasons[number] if len(reasons) > number else None
    return reason is not None and reason.code == "ConditionalCheckFailed"
