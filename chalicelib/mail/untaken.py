"""The mail to somebody whose answer could not be taken, or not all of it: why, and what to do instead."""

from collections.abc import Sequence

from chalicelib.domain.ports import Mail
from chalicelib.locales import known, say
from chalicelib.mail.attachments import LeftOut
from chalicelib.mail.notice import notice
from chalicelib.mail.ports import Links
from chalicelib.mail.typed import one_line

KIND = "reply_not_taken"


def write(
    why: str,
    *,
    to: str,
    locale: str,
    case_id: str,
    links: Links,
    name: str = "",
    shown_case: bool = False,
    taken: bool = False,
    left_out: Sequence[LeftOut] = (),
    sender_name: str = "Batal",
) -> Mail:
    """`why` is the reason's code (`empty`, `files`, `stranger`, `closed`, `unknown`, `too_many`); with `taken` the
    words were taken and only files were not. Only a party is led to the case (`shown_case`) and called by `name`.

    Answers to this mail lead nowhere, so that no two machines can go on.
    """
    language = known(locale)

    def t(key: str, **facts: object) -> str:
        return say(f"mail.{key}", language, **facts)

    return notice(
        t,
        to=to,
        locale=language,
        kind=KIND,
        subject=t(f"untaken.subject.{'partly' if taken else 'nothing'}"),
        lead=t(f"untaken.{why}.lead.partly" if taken else f"untaken.{why}.lead"),
        onward=t(f"untaken.{why}.next"),
        name=one_line(name),
        files=[(one_line(each.filename), t(f"untaken.file.{each.why}")) for each in left_out],
        case_id=case_id,
        case_link=links.case(case_id) if shown_case else None,
        sender=one_line(sender_name),
    )
