"""Specimens of digests, of the very cases that the specimens of single mails are made of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.cases.effects import Mail as MailEffect
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.parties import Role
from chalicelib.domain.people.digests import DigestTold, News
from chalicelib.domain.ports import Mail
from chalicelib.mail import Links
from chalicelib.mail.digests import compose_digest
from infra.sandbox.builders import NOW
from infra.sandbox.specimens import STORIES, beside_of

_WAITING = ("asked", "a return is asked", "goods arrive", "a parcel is called back")
_NEWS = (
    ("withdrawn", MailKind.WITHDRAWN),
    ("approved by the seller", MailKind.APPROVED),
    ("refused by support", MailKind.REJECTED),
    ("somebody wrote", MailKind.MESSAGE),
)


def _told(locale: str, waiting: int, news: int, more: int = 0) -> DigestTold:
    """The digest of so many requests that wait, and so many pieces of news."""
    stories = [STORIES[_WAITING[number % len(_WAITING)]][1](locale) for number in range(waiting)]
    asked = [
        (
            replace(
                case, case_id=f"BTL-{number:09}", deadline_at=(case.deadline_at or NOW) + timedelta(minutes=number)
            ),
            of,
        )
        for number, (case, of) in enumerate(stories)
    ]
    happened = []
    for number in range(news):
        story, kind = _NEWS[number % len(_NEWS)]
        case, order = STORIES[story][1](locale)
        named = replace(case, case_id=f"BTL-{900 + number:09}")
        mail = MailEffect(kind, Role.SELLER)
        happened.append(News(mail=mail, case=named, order=order, beside=beside_of(case, order)))
    reader = (asked[0][1] if asked else happened[0].order).body.seller
    urgent = sorted(asked, key=lambda each: each[0].deadline_at or NOW)
    return DigestTold(reader=reader, seller_id=reader.id, at=NOW, waiting=urgent, news=happened, more=more)


DIGESTS: Mapping[str, Callable[[str], DigestTold]] = {
    "a digest": lambda locale: _told(locale, 4, 4),
    "a digest of one request": lambda locale: _told(locale, 1, 0),
    "a digest of news alone": lambda locale: _told(locale, 0, 3),
    "a digest of all that it may hold": lambda locale: _told(locale, 100, 100, 37),
}


def digest_specimen(story: str, locale: str, links: Links) -> Mail:
    """The digest of one story."""
    return compose_digest(DIGESTS[story](locale), links=links)
