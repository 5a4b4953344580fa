"""From a promised effect to a mail ready to send."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.domain.case import Case, Role
from chalicelib.domain.effects import what_of
from chalicelib.domain.order import Order
from chalicelib.domain.ports import Mail
from chalicelib.locales import has, known, say
from chalicelib.mail.kinds import KINDS, Letter, Links, one_line

if TYPE_CHECKING:
    from jinja2 import Environment


def compose(effect_id: str, case: Case, order: Order, *, links: Links) -> Mail:
    """The mail that effect `<seq>:mail:<kind>:<role>` promises. Raises KeyError for a kind that does not exist."""
    _, kind, role = what_of(effect_id).split(":")
    to = Role(role)
    reader = order.body.buyer if to is Role.BUYER else order.body.seller
    locale = known(reader.locale)
    letter = Letter(case=case, order=order, to=to, locale=locale, links=links)
    context = KINDS[kind](letter)
    facts = {"order_id": case.order_id, **context.get("subject_facts", {})}
    subject = one_line(letter.t(f"{kind}.{role}.subject", **facts))
    platform = f"platform.{case.platform}"
    shared = {
        "locale": locale,
        "t": letter.t,
        "money": letter.money,
        "subject": subject,
        "name": one_line(reader.name),
        "order_id": case.order_id,
        "case_id": case.case_id,
        "platform": say(platform, locale) if has(platform, locale) else case.platform,
        "lines": [(one_line(line.name), line.quantity) for line in order.body.lines],
        "case_link": links.case(case.case_id),
        "button": None,
        "button_link": None,
        "care": None,
        "parts": [],
        **context,
    }
    environment = _environment()
    return Mail(
        to=reader.email,
        subject=subject,
        text=environment.get_template(f"{kind}.txt.j2").render(shared).strip() + "\n",
        html=environment.get_template(f"{kind}.html.j2").render(shared),
        kind=kind,
        case_id=case.case_id,
        effect_id=effect_id,
        locale=locale,
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("chalicelib.mail", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
