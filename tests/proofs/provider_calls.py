"""Every call that an adapter can make of its provider, read from the adapters' own sources: so that a new one is missed
by the proofs until they make it."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

from chalicelib.adapters.providers import doku, midtrans, stripe, xendit, xendit_payouts

_ADAPTERS: tuple[ModuleType, ...] = (midtrans, xendit, stripe, doku, xendit_payouts)


def every_call() -> frozenset[str]:
    """As `<provider>.<method> <place>`, with `{}` in places for what the call is about."""
    return frozenset(
        f"{module.__name__.rpartition('.')[2]}.{each}" for module in _ADAPTERS for each in calls_in(module)
    )


def calls_in(module: ModuleType) -> Iterator[str]:
    """`<method> <place>` of each call. Raises ValueError for one whose place cannot be read."""
    tree = ast.parse(inspect.getsource(module))
    constants = _assigned(tree.body)
    for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        known = {**constants, **_assigned(ast.walk(function))}
        own = {each.arg for each in function.args.args}
        for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("call", "_get"):
                continue
            method, place = ("GET", call.args[0]) if call.func.attr == "_get" else _said(*call.args[:2])
            if isinstance(place, ast.Name) and place.id in own:
                # It is handed on by whoever calls this function.
                continue
            for path in _places(place, known):
                yield f"{method} {path.partition('?')[0]}"


def _said(method: ast.expr, place: ast.expr) -> tuple[str, ast.expr]:
    return str(ast.literal_eval(method)), place


def _assigned(body: object) -> dict[str, ast.expr]:
    assert isinstance(body, Iterator | list)
    simple = (each for each in body if isinstance(each, ast.Assign) and len(each.targets) == 1)
    return {each.targets[0].id: each.value for each in simple if isinstance(each.targets[0], ast.Name)}


def _places(place: ast.expr, known: dict[str, ast.expr]) -> Iterator[str]:
    match place:
        case ast.Constant(value=str(path)):
            yield path
        case ast.Name(id=name) if name in known:
            yield from _places(known[name], known)
        case ast.IfExp(body=first, orelse=other):
            yield from _places(first, known)
            yield from _places(other, known)
        case ast.JoinedStr(values=pieces):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in pieces)
        case _:
            raise ValueError(f"a call goes to {ast.unparse(place)}, which cannot be read here")
