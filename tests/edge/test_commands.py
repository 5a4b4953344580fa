"""Every command has its dataclass, its request and its rows, and each of them says the same fields."""

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import SAYINGS, Command, ParcelAnswered, Reject, Words, examples, words_of
from chalicelib.domain.cases.transitions import TABLE, speakers
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.edge.bodies import AskPost, BulkDecision, LineWish, RefundEventPost
from chalicelib.edge.commands import SHAPES, ask_of, command_in, command_of, refund_word_of
from tests.e2e.contract import ROUTES

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
# What no request about one case says: silence is the clock's, an order moves and its money changes by a push of it, and
# what was held goes out again by a request about all cases. Conversations are joined on the page alone.
UNASKED = {
    Command.EXPIRE,
    Command.ORDER_MOVED,
    Command.AMENDED,
    Command.CORRECT,
    Command.DELIVER_AGAIN,
    Command.JOIN,
    Command.SEPARATE,
    Command.CHARGEBACK_TOLD,
}
# What stands outside the table: it opens a case, or decides nothing.
OUTSIDE = {Command.ASK, Command.CORRECT, Command.DELIVER_AGAIN, Command.JOIN, Command.SEPARATE}
# What shares its request with others: asking to cancel or to return, and what payment providers tell; where money is
# paid out to is sealed before it is said.
SHARED = {Command.ASK, Command.REFUND_SUCCEEDED, Command.REFUND_FAILED, Command.PART_TOLD, Command.PAY_OUT}


def names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def saying_of(step: Any) -> tuple[Any, ...]:
    (said,) = get_args(get_type_hints(step)["act"])
    return get_args(said) or (said,)


# A signature covers no address, so a signed body names the case; no command does.
NAMED_BY_WHO_SIGNS = {"case_id"}


@pytest.mark.parametrize("command", Command)
def test_a_command_has_its_dataclass_its_request_and_its_rows(command: Command) -> None:
    kind = SAYINGS[command]
    assert kind.command is command
    assert kind.__doc__
    assert (command in SHAPES) is (command not in UNASKED | SHARED)
    rows = [transition for (_, said), transition in TABLE.items() if said is command]
    assert bool(rows) is (command not in OUTSIDE)
    for row in rows:
        assert kind in saying_of(row.step), "a step takes its own command"


@pytest.mark.parametrize("command", SHAPES)
def test_a_request_carries_what_its_command_says_and_nothing_else(command: Command) -> None:
    shape = SHAPES[command]
    assert set(shape.__struct_fields__) - NAMED_BY_WHO_SIGNS == names(SAYINGS[command])
    assert shape.__struct_config__.forbid_unknown_fields
    optional = {field.name for field in fields(SAYINGS[command]) if field.default is not MISSING}
    # What only customer service says must come with its note; the domain asks for it by who speaks.
    stricter = {"note"} if speakers(command) == {Role.SUPPORT} else set()
    unsaid = {field.name for field in msgspec.structs.fields(shape) if not field.required}
    assert unsaid - NAMED_BY_WHO_SIGNS == optional - stricter


def test_the_contract_names_the_same_requests() -> None:
    paths = {command: f"/v1/cases/{{case_id}}/{command.replace('_', '-')}" for command in SHAPES}
    paths[Command.PARCEL_ANSWERED] = "/v1/cases/{case_id}/parcel"
    for command in (Command.RETRY_PART, Command.REDIRECT_PART, Command.RESOLVE_PART):
        # Over HTTP the part is named by the address, in a form by a field.
        of_part = ROUTES["POST", f"/v1/refunds/{{refund_id}}/parts/{{part}}/{command.removesuffix('_part')}"]
        assert set(SHAPES[command].__struct_fields__) - {"part"} == set(of_part.takes.__struct_fields__)
        del paths[command]
    for command, path in paths.items():
        assert ROUTES["POST", path].takes is SHAPES[command], command


def test_many_at_once_take_what_each_takes() -> None:
    each = [SHAPES[command].__struct_fields__ for command in (Command.APPROVE, Command.REJECT, Command.OFFER)]
    assert set(BulkDecision.__struct_fields__) == {"case_id", "action"}.union(*each)


def test_every_command_that_meets_a_case_can_be_tried_out() -> None:
    assert {said.command for said in examples(NOW)} == set(Command) - OUTSIDE


@pytest.mark.parametrize("said", examples(NOW))
def test_a_request_comes_through_as_what_it_says(said: Any) -> None:
    if said.command not in SHAPES:
        return
    shape = SHAPES[said.command]
    said_of = [field for field in msgspec.structs.fields(shape) if field.name not in NAMED_BY_WHO_SIGNS]
    given = {field.encode_name: getattr(said, field.name) for field in said_of}
    assert command_in(said.command, given) == said
    assert command_of(said.command, msgspec.convert(given, shape)) == said


@pytest.mark.parametrize("command", Command)
def test_words_are_texts_and_belong_to_whoever_has_them(command: Command) -> None:
    hints = get_type_hints(SAYINGS[command])
    for name in names(Words) & set(hints):
        assert hints[name] in (str, str | None, RefusingReason)


def test_the_words_of_a_command_are_its_own() -> None:
    said = Reject(reason_code=RefusingReason.OTHER, note="seen")
    assert words_of(said) == Words(reason_code="other", note="seen")
    assert words_of(ParcelAnswered(word=ParcelWord.HELD)) == Words()


def test_a_warehouse_says_its_word_under_the_contracts_name() -> None:
    given = msgspec.json.decode(b'{"result": "too_late"}', type=SHAPES[Command.PARCEL_ANSWERED])
    assert command_of(Command.PARCEL_ANSWERED, given) == ParcelAnswered(word=ParcelWord.TOO_LATE)


@pytest.mark.parametrize(
    ("command", "given", "code", "field"),
    [
        (Command.WITHDRAW, {"fee": 5}, "validation_failed", "fee"),
        (Command.EXTEND, {"note": "wait"}, "validation_failed", "until"),
        (Command.OFFER, {"fee": "5"}, "validation_failed", "fee"),
        (Command.REJECT, {}, "reason_not_allowed", None),
        (Command.REJECT, {"reason_code": "bored"}, "reason_not_allowed", None),
        (Command.OFFER, {"alternative": "send_cash"}, "alternative_not_allowed", None),
        (Command.APPEAL, {}, "comment_required", None),
        (Command.SHIPPED_BACK, {"carrier": "JNE"}, "tracking_number_required", None),
    ],
)
def test_what_is_wrong_with_loose_fields_is_named(
    command: Command, given: dict[str, Any], code: str, field: str | None
) -> None:
    with pytest.raises(Invalid) as invalid:
        command_in(command, given)
    assert invalid.value.code == code
    errors: Any = invalid.value.details.get("errors", [])
    assert [error["field"] for error in errors] == ([field] if field else [])


def test_asking_names_each_line_once() -> None:
    post = msgspec.json.decode(b'{"channel": "app", "reason_code": "other"}', type=AskPost)
    assert ask_of(Kind.RETURN, post).lines is None
    assert ask_of(Kind.RETURN, post).kind is Kind.RETURN
    twice = msgspec.structs.replace(post, lines=(LineWish(line_id="1", quantity=1), LineWish(line_id="1", quantity=2)))
    with pytest.raises(Invalid) as invalid:
        ask_of(Kind.CANCELLATION, twice)
    assert invalid.value.code == "validation_failed"


@pytest.mark.parametrize(
    ("status", "command"), [("succeeded", Command.REFUND_SUCCEEDED), ("failed", Command.REFUND_FAILED)]
)
def test_a_payment_providers_word_is_one_of_two(status: Any, command: Command) -> None:
    said = refund_word_of(RefundEventPost(event_id="e1", status=status, amount=5, at=NOW))
    assert (said.command, said.event_id, said.amount) == (command, "e1", 5)
