"""Whoever fills in a form, and gets one field of it wrong: what they type, what must be there after.

One form of each kind is filled in. Each field has its turn in being wrong, in each of the ways in which it can be.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.e2e.conftest import Answer
from tests.e2e.forms import Asked, DrawnForm, forms_of
from tests.e2e.test_pages import Phone

Typed = Mapping[str, Sequence[str]]

WORDS = 'Baris satu & <b>"tebal"</b>\nBaris dua'
# By name: what stands for itself in any other field is words.
_RIGHT = {
    "fee": "20.000",
    "partial_refund": "15rb",
    "deduction": "10.000",
    "amount": "1.000",
    "at_most": "100.000",
    "within": "5",
    "account_number": "1234567890",
    "phone": "081234567890",
    "tracking_number": "JNE-123",
    "name": "november.csv",
    "source": "{}",
}
# Buttons that fill in, ask for the amount, or lead back, rather than send.
_NO_SENDING = ("template", "replace", "change")
# Fields that count where they are what was chosen.
_IF_CHOSEN = ("fee", "partial_refund")
_NO_MATTER = ("form_token", "form_key", "form_writer", "quoted", "quote_id", "confirmed", "sure")


@dataclass(frozen=True)
class Mistake:
    """A form as it was sent: all that was typed, which field is wrong, and how."""

    form: DrawnForm
    sent: Typed
    wrong: str
    how: str

    def __str__(self) -> str:
        return f"{kind_of(self.form)[0]} {sorted(set(self.sent) - set(_NO_MATTER))}: {self.wrong} {self.how}"


def kind_of(form: DrawnForm) -> tuple[str, ...]:
    """By which two drawings are the same form, of whatever case or order."""
    place = re.sub(r"/(cases|orders|payments|d|payout|policies)/[^/?]+", r"/\1/{}", form.action)
    hidden = sorted(
        f"{name}={form.fields[name]}" for name in ("what", "to") if name in form.fields and name not in form.asks
    )
    return (place, *sorted(form.asks), *hidden)


def mistakes_in(form: DrawnForm) -> Iterator[Mistake]:
    """All that can be got wrong in a form, one thing at a time, whichever button is pressed then."""
    right = {name: [_right(asked)] for name, asked in form.asks.items()}
    right |= {name: asked.choices for name, asked in form.asks.items() if asked.kind == "checkbox"}
    carried = {name: [text] for name, text in form.fields.items() if name not in form.asks}
    buttons = [each for each in form.buttons if each[0] not in _NO_SENDING and each[1] != "quote"]
    presses: list[dict[str, list[str]]] = [{name: [value]} for name, value in buttons] or [{}]
    for pressed in presses:
        for name, asked in form.asks.items():
            for how, value in _wrongs(asked):
                counts = {"what": [name]} if name in _IF_CHOSEN and "what" in form.asks else {}
                yield Mistake(form, {**carried, **right, **pressed, **counts, name: value}, name, how)


def lost(page: Answer, made: Mistake) -> Iterator[str]:
    """What of a form that was sent is on its page no more: neither in a field, nor carried on, nor shown."""
    # What cannot be chosen cannot be shown as chosen; any other text can stand where it was typed.
    gone = made.form.asks[made.wrong].choices or not any(made.sent[made.wrong])
    others = {
        name: texts for name, texts in made.sent.items() if name in made.form.asks and not (gone and name == made.wrong)
    }
    if not others and made.how == "left out":
        return  # nothing was typed
    if page.status != 200 and not 400 <= page.status < 500:
        yield f"answered {page.status}"
        return
    if page.status != 200 and 'role="alert"' not in page.text:
        yield "no word of what is wrong"
    place, *_ = kind_of(made.form)
    forms = [form for form in forms_of(page) if kind_of(form)[0] == place and _same(form, made.form)]
    missing = [
        [f"{name} is lost" for name, texts in others.items() if not _stands(form, made.form.asks[name], texts)]
        for form in forms
    ]
    shown = page.text.partition("blockquote")[2]
    words = [f"{name} is lost" for name, texts in others.items() if not all(escape(each) in shown for each in texts)]
    yield from min([*missing, words], key=len)


def _stands(form: DrawnForm, asked: Asked, sent: Sequence[str]) -> bool:
    if asked.kind in ("checkbox", "radio"):
        return sorted(value for name, value in form.many if name == asked.name) == sorted(sent)
    return [_plain(form.fields.get(asked.name, ""))] == [_plain(each) for each in sent]


def send(phone: Phone, made: Mistake) -> Answer:
    """The form, as a browser posts it."""
    return phone.press(made.form.action, [(name, text) for name, texts in made.sent.items() for text in texts])


def _same(one: DrawnForm, other: DrawnForm) -> bool:
    """Of forms that are drawn many times: the one of the same thing."""
    return all(
        one.fields.get(name) == other.fields.get(name) for name in ("part", "day", "stop_id") if name not in one.asks
    )


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _right(asked: Asked) -> str:
    if asked.choices:
        return [each for each in asked.choices if each][-1]
    if asked.kind == "number":
        return asked.told.get("max", "2")
    if asked.kind == "date":
        return asked.told.get("max") or asked.told.get("min") or "2026-12-24"
    most = int(asked.told.get("maxlength", 2_000))
    return _RIGHT.get(asked.name, WORDS if asked.kind == "textarea" else "Kata & kata")[:most]


def _wrongs(asked: Asked) -> Iterator[tuple[str, list[str]]]:
    if "required" in asked.told:
        yield "left out", [] if asked.kind in ("radio", "checkbox") else [""]
    if asked.choices:
        if asked.kind != "checkbox" or len(asked.choices) > 1:
            yield "unknown", ["nonsense"]
    elif asked.name == "source":
        yield "no JSON", ['{"name": ']
    elif asked.kind == "number":
        yield from (("letters", ["dua"]), ("too many", [str(int(asked.told["max"]) + 1)]), ("below", ["-1"]))
    elif asked.kind == "date":
        yield from (("no date", ["31-31-2026"]), ("long ago", ["0001-01-01"]))
    elif asked.told.get("inputmode") == "decimal":
        yield "letters", ["sedikit"]
    elif "maxlength" in asked.told:
        yield "too long", ["x" * (int(asked.told["maxlength"]) + 1)]
