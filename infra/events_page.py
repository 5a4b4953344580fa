"""docs/events.md and the schemas beside it, made from the events: `python -m infra.events_page` writes them."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from chalicelib.domain.cases.events import Event, EventHead
from chalicelib.edge.contract.webhooks import every_event
from infra.event_schemas import FOLDER, files
from infra.stages import ROOT

PAGE = ROOT / "docs" / "events.md"

_HEAD = """# Events

<!-- made by `python -m infra.events_page` from chalicelib/domain/cases/events.py -->

An event is frozen with the decision that made it: told days later, it still says what was true then. None carries
names, addresses or words that people wrote, but `person.tell`, which is a mail that could not be sent. Amounts are in
the currency's minor unit, moments in RFC 3339, UTC. The `id` is the same each time one is told again.

There are three ways to hear them:

- **Read the log**: `GET /v1/events` (roles `system` and `operator`) gives everything that was told in the last 90 days,
  in one order, as CloudEvents 1.0. Keep `next_cursor` once a page is worked on, and read on with `after`: nothing is
  skipped, and nothing is lost while you are away. It ends a minute before now (`EVENTS_HORIZON`), so that an event that
  becomes visible late is not passed by. `type` and `order_id` narrow it; the events of one order are read at once.
- **Have them posted**: `POST /v1/webhooks` (role `operator`), or the page *Webhooks*, gives an address of yours and
  learns a secret. Each event of the log is posted there as it stands in `GET /v1/events`, signed as
  [Standard Webhooks](https://www.standardwebhooks.com) says, at least once, usually within seconds: answer 2xx within
  ten seconds and do the work afterwards. `webhook-id` is the event's `id`: keep it, and a repetition is known. The
  events of one order come one after the other. What is not taken is tried again after 5 s, 5 min, 30 min, 2 h, 5 h,
  10 h, 10 h, 24 h and 24 h, and after that goes out by itself as soon as anything is taken again; a receiver that was
  away for days loses nothing that is younger than 90 days. After five days without an answer (or at once by 410) it is
  switched off, and whoever is named as `contact` hears by mail; `enable` goes on from where it stopped. `rotate` gives
  a new secret while both sign, `replay` tells again since a moment or an event, `deliveries` and the page show every
  attempt with the answer. Only https addresses of the public internet are posted to, and no redirect is followed.
- **Be told on the bus**: the event bus (EventBridge, source `batal`, the event's name as detail type) tells at once, at
  least once, and in no promised order. Whoever must act (the order system, the warehouse, the payment provider) makes a
  rule on the bus, which is named as the stack. There `data` is the detail itself, with `event_id`, `occurred_at`, `seq`
  and `prev_seq` beside its fields.

**Nothing is missing if the numbers say so.** `seq` counts the events of an order from 1, without holes, and `prev_seq`
is the one before (null for the first). Whoever is told an event whose `prev_seq` they do not know has missed one, or
hears it early: read `GET /v1/events?order_id=` and go on from there. `person.tell` has no number, since it is written
when it goes out; nor has what a version before 0.8.0 decided. What an event of long ago asks for may have been taken
back since: before money is paid that was asked for in a log read late, look at `GET /v1/refunds/{refund_id}`.

`correlationid` is the `X-Request-Id` of the request that made it, where one did: the same number finds its log lines,
its entry of the timeline and its mails (`X-Batal-Correlation`).

`dataschema` names the JSON Schema of `data`: [docs/events](events) holds one for each type. Its number rises where a
field changes its meaning or goes; fields may be added at any time.

Beside its own fields every event says of its case:

"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD + _table(EventHead), *map(_section, every_event())])


def _section(kind: type[Event]) -> str:
    return f"## `{kind.name}`\n\n{_prose(kind)}\n" + (f"\n{_table(kind)}" if fields(kind) else "")


def _prose(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _table(kind: Any) -> str:
    hints = get_type_hints(kind)
    rows = [f"| `{each.name}` | {_said(hints[each.name])} |" for each in fields(kind)]
    return "\n".join(["| field | |", "|---|---|", *rows]) + "\n"


def _said(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        inner = [each for each in get_args(hint) if each is not type(None)]
        return f"{_said(inner[0])}, or null"
    if get_origin(hint) in (dict, Mapping):
        return "amounts by name"
    if is_dataclass(hint):
        return f"{{{_names(hint)}}}"
    if get_args(hint):
        return f"list of {{{_names(get_args(hint)[0])}}}"
    return {str: "text", int: "whole number", bool: "true or false", datetime: "moment"}[hint]


def _names(kind: Any) -> str:
    """The fields of what stands within another, and of what stands within those."""
    hints = get_type_hints(kind)
    names = []
    for each in fields(kind):
        inner = _said(hints[each.name])
        deeper = f": {inner}" if "{" in inner or inner == "amounts by name" else ""
        names.append(f"{each.name}{'' if each.default is MISSING else '?'}{deeper}")
    return ", ".join(names)


def main() -> None:
    """Write the page and the schemas."""
    PAGE.write_text(page(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for name, text in files(every_event()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
