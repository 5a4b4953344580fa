"""The forms of a page as a browser without scripts sees them: where they go, and what they send untouched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.e2e.conftest import Answer


@dataclass
class Asked:
    """A field that somebody sees and can fill in: what kind it is, what it says about itself, what can be chosen."""

    name: str
    kind: str
    told: Mapping[str, str]
    choices: list[str] = field(default_factory=list)


@dataclass
class DrawnForm:
    """A form that posts. `fields` is what it sends when nobody touches it, no button among it; `asks` what people fill
    in, `many` each value of what can have several."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    ticks: list[tuple[str, str]] = field(default_factory=list)
    many: list[tuple[str, str]] = field(default_factory=list)
    asks: dict[str, Asked] = field(default_factory=dict)

    def asked(self, name: str, kind: str, told: Mapping[str, str]) -> Asked:
        """The field of this name, which may be made of several inputs."""
        return self.asks.setdefault(name, Asked(name, kind, told))


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
            self.form.asked(name, told["type"], told).choices.append(value)
            if "checked" in told:
                self.form.fields[name] = value
                self.form.many.append((name, value))
        elif tag == "input" and name:
            self.form.fields[name] = value
            self.form.many.append((name, value))
            if told.get("type") not in ("hidden", "file"):
                self.form.asked(name, told.get("type", "text"), told)
        elif tag == "select":
            self.select = name
            self.form.asked(name, "select", told)
        elif tag == "option" and self.select:
            self.form.asks[self.select].choices.append(value)
            if "selected" in told or self.select not in self.form.fields:
                self.form.fields[self.select] = value
        elif tag == "button" and name:
            self.form.buttons.append((name, value))
        elif tag == "textarea":
            self.words = name
            self.form.fields[name] = ""
            if not {"hidden", "readonly"} & told.keys():
                self.form.asked(name, "textarea", told)

    def handle_data(self, data: str) -> None:
        if self.form is not None and self.words:
            self.form.fields[self.words] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.words = ""
        if tag == "select":
            self.select = ""
        if tag == "form":
            self.form = None
