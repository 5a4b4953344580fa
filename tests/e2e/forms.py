"""The forms of a page as a browser without scripts sees them: where they go, and what they send untouched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.e2e.conftest import Answer


@dataclass
class DrawnForm:
    """A form that posts. `fields` is what it sends when nobody touches it, no button among it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    ticks: list[tuple[str, str]] = field(default_factory=list)


def forms_of(page: Answer) -> Sequence[DrawnForm]:
    """Every form of a page that posts, in its order."""
    reader = _Reader()
    reader.feed(page.text)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[DrawnForm] = []
        self.form: DrawnForm | None = None
        self.select = ""
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method", "get").lower() == "post":
            self.form = DrawnForm(told.get("action", ""))
            self.forms.append(self.form)
        if self.form is None:
            return
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "input" and told.get("type") in ("checkbox", "radio"):
            self.form.ticks.append((name, value))
            if "checked" in told:
                self.form.fields[name] = value
        elif tag == "input" and name:
            self.form.fields[name] = value
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in told or self.select not in self.form.fields):
            self.form.fields[self.select] = value
        elif tag == "button" and name:
            self.form.buttons.append((name, value))
        elif tag == "textarea":
            self.words = name
            self.form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self.form is not None and self.words:
            self.form.fields[self.words] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.words = ""
        if tag == "form":
            self.form = None
