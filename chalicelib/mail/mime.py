"""A mail as bytes (RFC 5322), with our ids in its headers."""

from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

from chalicelib.domain.people.addresses import for_servers
from chalicelib.domain.ports import Mail


def as_bytes(mail: Mail, sender: str) -> bytes:
    """Text and HTML side by side; SES adds date and message id."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = for_servers(mail.to)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    if mail.thread:
        # Nobody ever sent the mail of this id: all mails of the thread answer it, and so stand together.
        root = f"<{mail.thread}@{_domain(sender)}>"
        message["In-Reply-To"] = root
        message["References"] = root
    message["Auto-Submitted"] = "auto-generated"
    # Exchange heeds this alone. Bounces are wanted.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply, DR, RN, NRN"
    message["X-Batal-Kind"] = mail.kind
    message["X-Batal-Case"] = mail.case_id
    if mail.effect_id:
        message["X-Batal-Effect"] = mail.effect_id
    if mail.correlation_id:
        message["X-Batal-Correlation"] = mail.correlation_id
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Last: setting the content sweeps every Content-* header away.
    message["Content-Language"] = mail.locale
    return _subject(mail.subject) + message.as_bytes()


def _subject(subject: str) -> bytes:
    """Encoded as a whole: what EmailMessage makes of a single sign beyond ASCII is read with a blank too many."""
    header = Header(subject, "us-ascii" if subject.isascii() else "utf-8", header_name="Subject")
    return f"Subject: {header.encode(linesep=SMTP.linesep)}{SMTP.linesep}".encode("ascii")


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip("> ")
