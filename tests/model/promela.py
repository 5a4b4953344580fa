"""The same relation as a program for SPIN: each step, for each of its parameters, one choice of one loop.

It reads the source of the steps. It knows numbers, names of numbers, lists of the world, comparisons, `and`, `or`,
`not`, `in` of a tuple, sums and bits; `if`, assignments, `return` of a guard, and calls of what several steps have in
common. Anything else is an error here, so that the two can't say different things.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import product
from typing import Any

from tests.model import relation
from tests.model.relation import IN_THE_END_NEVER, NEVER, STEPS, Rules, World

_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<"}
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="}


def program(rules: Rules, world: World) -> str:
    """A Promela program that looks through all that can happen from this world on."""
    lines = [f"byte {each.name}[{len(getattr(world, each.name))}];" for each in fields(World)]
    lines.append("active proctype all() {\n  d_step {")
    for each in fields(World):
        values = getattr(world, each.name)
        lines += [f"    {each.name}[{place}] = {value};" for place, value in enumerate(values) if value]
    lines.append("  }\n  do")
    holds = " && ".join(f"!({_returned(each, rules, given)})" for each in NEVER for given in parameters(each))
    for step in STEPS:
        for given in parameters(step):
            reader = _Reader(rules, given)
            guard, body = reader.step(_tree(step))
            if guard == "0":
                continue
            named = f"{step.__name__}({', '.join(map(str, given.values()))})"
            lines.append(f"  :: d_step {{ {guard} -> /* {named} */ {body} }}")
    ends = " && ".join(f"!({_returned(each, rules, given)})" for each in IN_THE_END_NEVER for given in parameters(each))
    lines.append(f"  :: else -> assert({ends}); break\n  od\n}}")
    lines.append(f"active proctype watch() {{\nend:\n  !({holds}) -> assert(false)\n}}")
    return "\n".join(lines) + "\n"


@cache
def parameters(step: Callable[..., bool]) -> Sequence[Mapping[str, int]]:
    """Each way to call a step or a question: its parameters beside world and rules, of all that they may be."""
    asked = {name: each.default for name, each in inspect.signature(step).parameters.items() if name not in ("s", "r")}
    return [dict(zip(asked, values, strict=True)) for values in product(*asked.values())]


@cache
def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(found, ast.FunctionDef)
    return found


def _returned(question: Callable[..., bool], rules: Rules, given: Mapping[str, int]) -> str:
    last = _tree(question).body[-1]
    assert isinstance(last, ast.Return)
    return _Reader(rules, given).expression(last.value)


class _Reader:
    """Writes one function in Promela, its parameters replaced by what they are."""

    def __init__(self, rules: Rules, given: Mapping[str, int | str]) -> None:
        self.rules, self.given = rules, given

    def step(self, tree: ast.FunctionDef) -> tuple[str, str]:
        """What must be so that the step can happen, and what it does."""
        guards, rest = [], []
        for each in tree.body:
            if isinstance(each, ast.If) and len(each.body) == 1 and isinstance(each.body[0], ast.Return):
                test = each.test
                can = test.operand if isinstance(test, ast.UnaryOp) else ast.UnaryOp(ast.Not(), test)
                guards.append(self.expression(can))
            else:
                rest.append(each)
        guard = "0" if "0" in guards else " && ".join(f"({each})" for each in guards if each != "1")
        return guard or "1", self.block(rest)

    def block(self, statements: Sequence[ast.stmt]) -> str:
        return " ".join(self.statement(each) for each in statements)

    def statement(self, node: ast.stmt) -> str:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Return():
                return ""
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=args)):
                function = _tree(getattr(relation, name))
                asked = [each.arg for each in function.args.args][2:]
                values = [self.expression(each) for each in args[2:]]
                return _Reader(self.rules, dict(zip(asked, values, strict=True))).block(function.body)
            case ast.For(target=ast.Name(id=name), iter=ast.Name(id=among), body=body):
                every = getattr(relation, among)
                return " ".join(_Reader(self.rules, {**self.given, name: each}).block(body) for each in every)
            case ast.Assign(targets=[target], value=value):
                return f"{self.expression(target)} = {self.expression(value)};"
            case ast.AugAssign(target=target, op=op, value=value):
                place = self.expression(target)
                return f"{place} = {place} {_BINARY[type(op)]} ({self.expression(value)});"
            case ast.If(test=test, body=body, orelse=orelse):
                asked_for = self.expression(test)
                if asked_for in ("0", "1"):
                    return self.block(body if asked_for == "1" else orelse)
                return f"if :: {asked_for} -> {self.block(body)} skip :: else -> {self.block(orelse)} skip fi;"
        raise AssertionError(ast.unparse(node))

    def expression(self, node: ast.expr | None) -> str:
        match node:
            case ast.Constant(value=int(value)):
                return str(value)
            case ast.Name(id=name):
                return str(self.given[name] if name in self.given else getattr(relation, name))
            case ast.Attribute(value=ast.Name(id="r"), attr=name):
                return str(getattr(self.rules, name))
            case ast.Attribute(value=ast.Name(id="s"), attr=name):
                return name
            case ast.Subscript(value=value, slice=place):
                return f"{self.expression(value)}[{self.expression(place)}]"
            case ast.BinOp(left=left, op=op, right=right):
                return _known(f"({self.expression(left)} {_BINARY[type(op)]} {self.expression(right)})")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _known(f"!({self.expression(operand)})")
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return f"(~({self.expression(operand)}))"
            case ast.BoolOp(op=op, values=values):
                return self.joined(isinstance(op, ast.And), [self.expression(each) for each in values])
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Name(id=name)]):
                return str(int(int(self.expression(left)) in getattr(relation, name)))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _known(f"({self.expression(left)} {_COMPARE[type(op)]} {self.expression(right)})")
        raise AssertionError(ast.dump(node) if node else "nothing")

    @staticmethod
    def joined(all_of: bool, parts: Sequence[str]) -> str:
        """`and` and `or`, without what is known."""
        settles, moot = ("0", "1") if all_of else ("1", "0")
        if settles in parts:
            return settles
        left = [each for each in parts if each != moot]
        return (" && " if all_of else " || ").join(f"({each})" for each in left) if left else moot


def _known(text: str) -> str:
    """A number instead of an expression of numbers alone."""
    try:
        return str(int(eval(text.replace("!(", " not ("), {"__builtins__": {}})))
    except (NameError, SyntaxError):
        return text
