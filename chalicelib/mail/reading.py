"""What people answer to mails: the words that are theirs, without the mail they answered."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from chalicelib.mail.typed import prose

# Where the quoted mail begins: "On ... wrote:" and its kin, Outlook's rule and heading, a quoted line, a signature.
_QUOTED = re.compile(
    r"^\s*(>|-- ?$|_{10,}|-{3,}\s*(original message|pesan asli|forwarded)|(from|dari|von|de):\s.*@"
    r"|(on|pada)\b.{0,200}(wrote|menulis)\s*:?\s*$)",
    re.IGNORECASE,
)
# A long attribution is folded onto a second line.
_FOLDED = re.compile(r"^\s*(on|pada)\b.{10,200}$", re.IGNORECASE)
_ENDS = re.compile(r"(wrote|menulis)\s*:?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A mail somebody sent: from which address, what they wrote; `by_machine` where nobody wrote it."""

    sender: str
    text: str
    by_machine: bool


def read(raw: bytes) -> Read:
    """A mail from its bytes (RFC 5322). Anything can be read; what has no plain text has no words."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    try:
        text = body.get_content() if body else ""
    except (LookupError, UnicodeError):
        text = ""
    return Read(
        sender=parseaddr(str(message["From"] or ""))[1], text="\n".join(own_words(text)), by_machine=_machine(message)
    )


def own_words(text: str) -> list[str]:
    """The lines above the mail that is quoted, fit to be shown."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        folded = _FOLDED.match(line) and at + 1 < len(lines) and _ENDS.search(lines[at + 1])
        if _QUOTED.match(line) or folded:
            lines = lines[:at]
            break
    own = prose("\n".join(lines))
    while own and not own[0]:
        del own[0]
    return own


def _machine(message: EmailMessage) -> bool:
    """Absence notes and mailing lists (RFC 3834): taking them in would begin a conversation of machines."""
    auto = str(message["Auto-Submitted"] or "no").strip().lower()
    bulk = str(message["Precedence"] or "").strip().lower() in ("bulk", "junk", "list", "auto_reply")
    return auto != "no" or bulk or "X-Autoreply" in message or "List-Id" in message
