"""What mails about money on its way say: that it went, that it did not, and where it should go."""

from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.money.refund import PartState
from chalicelib.locales.tenders import paid_with
from chalicelib.mail.letter import Context, Letter, explained, kind, parts
from chalicelib.mail.subjects import subject


@kind(MailKind.MONEY_RETURNED)
def money_returned(letter: Letter) -> Context:
    """The money went back, part by part."""
    refund = letter.case.refund
    money = letter.money(refund.total if refund else letter.case.quote.refund_total)
    return {
        "subject": subject(letter, f"money_returned.{letter.to}.subject", amount=money),
        "lead": letter.t(f"money_returned.{letter.to}.lead", amount=money),
        "why": explained(letter),
        "parts_lead": letter.t("money_returned.buyer.parts"),
        "parts": parts(letter),
    }


@kind(MailKind.MONEY_DELAYED)
def money_delayed(letter: Letter) -> Context:
    """Money could not be sent, or has not come by the day that was told: what is true now, and that nothing is lost."""
    return _not_gone(letter, "money_delayed")


@kind(MailKind.MONEY_BOUNCED)
def money_bounced(letter: Letter) -> Context:
    """Money that had been sent came back."""
    return _not_gone(letter, "money_bounced")


@kind(MailKind.ACCOUNT_WANTED)
def account_wanted(letter: Letter) -> Context:
    """Money cannot go back the way it came: the buyer is asked where it should go, and reminded of it."""
    refund = letter.case.refund
    waiting = [part for part in refund.parts if part.state is PartState.NEEDS_ACCOUNT] if refund else []
    money = letter.money(sum(part.amount for part in waiting))
    which = "again" if any(part.asked > 1 for part in waiting) else "first"
    return {
        "subject": subject(letter, f"account_wanted.buyer.subject.{which}", amount=money),
        "lead": letter.t(f"account_wanted.buyer.lead.{which}", amount=money),
        "next": [letter.t("account_wanted.buyer.next")],
        "parts_lead": letter.t("money_delayed.buyer.parts"),
        "parts": parts(letter),
        "button": letter.t("account_wanted.buyer.button"),
        "button_link": letter.links.payout(letter.case),
        "care": letter.t("account_wanted.buyer.care"),
    }


@kind(MailKind.ACCOUNT_SET)
def account_set(letter: Letter) -> Context:
    """Where money goes was named, or changed: whoever did not do that has to know."""
    refund = letter.case.refund
    to = next((part for part in reversed(refund.parts) if part.account), None) if refund else None
    account = to.account if to else None
    where = {
        "where": paid_with(account.method, account.channel, letter.locale) if account else "",
        "ending": account.ending if account else "",
        "initials": account.initials if account else "",
    }
    return {
        "lead": letter.t("account_set.buyer.lead", **where),
        "next": [letter.t("account_set.buyer.next")],
        "parts_lead": letter.t("money_delayed.buyer.parts"),
        "parts": parts(letter),
    }


def _not_gone(letter: Letter, name: str) -> Context:
    money = letter.money(letter.case.refund.due if letter.case.refund else 0)
    return {
        "subject": subject(letter, f"{name}.{letter.to}.subject", amount=money),
        "lead": letter.t(f"{name}.{letter.to}.lead", amount=money),
        "next": [letter.t(f"{name}.{letter.to}.next")],
        "parts_lead": letter.t("money_delayed.buyer.parts"),
        "parts": parts(letter),
    }
