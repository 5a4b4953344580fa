"""Specimens of every mail, with addresses that are easy to find in them; what a reader sees of a mail."""

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

from chalicelib.domain.cases.case import Case
from chalicelib.domain.ports import Mail
from infra.sandbox.specimens import specimen


@dataclass(frozen=True)
class PlainLinks:
    """Addresses that are easy to find in a mail."""

    def case(self, case_id: str) -> str:
        return f"https://batal.example/api/cases/{case_id}"

    def order(self, order_id: str) -> str:
        return f"https://batal.example/api/orders/{order_id}"

    def decision(self, case: Case) -> str:
        return "https://batal.example/api/d/signed-token"

    def payout(self, case: Case) -> str:
        return "https://batal.example/api/payout/signed-token"

    def digest(self, seller_id: str, at: datetime) -> str:
        return "https://batal.example/api/waiting/signed-token"

    def seller(self, page: str) -> str:
        return f"https://batal.example/api{page}"

    def picture(self, url: str | None) -> str | None:
        return url

    def reply(self, case_id: str, role: str) -> str:
        return f"{case_id}.{role}.signed@reply.batal.example"


LINKS = PlainLinks()


def written(story: str, effect: str, locale: str = "id") -> Mail:
    """The mail of one story."""
    return specimen(story, effect, locale, LINKS)


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "title", "script")
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()
            self.pieces += [data] if data.strip() else []


def pieces(html: str) -> list[str]:
    """What a person sees, piece by piece as tags divide it, without what stands hidden before the mail."""
    parser = _Visible()
    parser.feed(html.partition("</div>")[2])
    return parser.pieces


def visible(html: str) -> tuple[str, list[str]]:
    """The words a person sees, and every address the page points to."""
    parser = _Visible()
    parser.feed(html)
    return " ".join(parser.words), parser.links
