"""Plain mails that no case promised: what happened, and what to do now."""

from collections.abc import Callable, Sequence

from chalicelib.domain.ports import Mail
from chalicelib.mail.composing import templates


def notice(
    t: Callable[..., str],
    *,
    to: str,
    locale: str,
    kind: str,
    subject: str,
    lead: str,
    onward: str,
    name: str = "",
    files: Sequence[tuple[str, str]] = (),
    case_id: str = "",
    case_link: str | None = None,
    sender: str = "Batal",
) -> Mail:
    """`t` says the texts of mails in this language; `onward` is what to do now, `files` are names of files, each with
    what is to be said of it. Answers to it lead nowhere, so that no two machines can go on."""
    shared = {
        "locale": locale,
        "t": t,
        "subject": subject,
        "name": name,
        "lead": lead,
        "files": files,
        "next": onward,
        "case_link": case_link,
        "sender": sender,
    }
    return Mail(
        to=to,
        subject=subject,
        text=templates().get_template("notice.txt.j2").render(shared).strip() + "\n",
        html=templates().get_template("notice.html.j2").render(shared),
        kind=kind,
        case_id=case_id,
        effect_id="",
        locale=locale,
    )
