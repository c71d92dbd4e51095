"""The small mistakes that can be planted in a module, each in one place of its tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitXor: ast.BitOr,
    ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
CALLED = {
    "any": "all", "all": "any", "min": "max", "max": "min", "startswith": "endswith",
    "endswith": "startswith", "partition": "rpartition", "rpartition": "partition",
    "removeprefix": "removesuffix", "removesuffix": "removeprefix", "match": "search",
    "fullmatch": "search", "search": "match", "lower": "upper", "strip": "lstrip",
    "rstrip": "strip", "lstrip": "strip",
}  # fmt: skip
TRUTH = (ast.Compare, ast.BoolOp, ast.Constant, ast.UnaryOp)


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake: what stands in a field of a node, or in a place of its list, is another."""

    owner: ast.AST
    field: str
    place: int | None
    new: ast.AST
    within: ast.FunctionDef | None

    @property
    def old(self) -> Any:
        """Return what stands there."""
        found = getattr(self.owner, self.field)
        return found if self.place is None else found[self.place]

    def __str__(self) -> str:
        line = getattr(self.old, "lineno", None) or getattr(self.owner, "lineno", 0)
        before, after = (_text(one, self.owner) for one in (self.old, self.new))
        return f"{line}: {before}  ->  {after}"

    def make(self) -> None:
        """Plant it in the tree."""
        if self.place is None:
            setattr(self.owner, self.field, self.new)
        else:
            getattr(self.owner, self.field)[self.place] = self.new


def changes(tree: ast.AST) -> Iterator[Change]:
    """Yield every mistake that can be planted in a tree, in the order of its text."""
    yield from _below(tree, None)


def _below(owner: ast.AST, within: ast.FunctionDef | None) -> Iterator[Change]:
    for field, value in ast.iter_fields(owner):
        if _is_no_decision(owner, field):
            continue
        inside = owner if isinstance(owner, ast.FunctionDef) and field == "body" else within
        many = isinstance(value, list)
        for place, node in enumerate(value if many else [value]):
            if isinstance(node, ast.AST):
                at = place if many else None
                for new in _others(node, owner, field):
                    yield Change(owner, field, at, new, inside)
                yield from _below(node, inside)


def _is_no_decision(owner: ast.AST, field: str) -> bool:
    """Return whether types, decorators, docstrings, imports or `__all__` stand there."""
    if isinstance(owner, (ast.Import, ast.ImportFrom)):
        return True
    if field in {"annotation", "returns", "decorator_list", "format_spec", "ctx"}:
        return True
    if isinstance(owner, ast.Assign) and ast.unparse(owner.targets[0]) == "__all__":
        return True
    if isinstance(owner, ast.JoinedStr):
        return all(isinstance(one, ast.Constant) for one in owner.values)
    return isinstance(owner, ast.Expr) and isinstance(owner.value, ast.Constant)


def _others(node: ast.AST, owner: ast.AST, field: str) -> Iterator[ast.AST]:
    if type(node) in OTHER:
        yield OTHER[type(node)]()
    elif isinstance(node, ast.Constant) and not isinstance(owner, ast.JoinedStr):
        yield from (ast.copy_location(ast.Constant(value), node) for value in _values(node.value))
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(owner, ast.Call):
        yield from _renamed(node, field)
    elif isinstance(node, ast.Raise) or _is_call(node):
        yield ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield ast.copy_location(ast.Return(ast.Constant(None)), node)
    if isinstance(node, ast.expr) and _decides(owner, field) and not isinstance(node, TRUTH):
        yield ast.copy_location(ast.UnaryOp(ast.Not(), node), node)


def _values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif (
        isinstance(value, (str, bytes)) and (b" " if isinstance(value, bytes) else " ") not in value
    ):
        yield (b"x" if isinstance(value, bytes) else "x") + value


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(
        node.value, (ast.Call, ast.Yield, ast.YieldFrom)
    )


def _decides(owner: ast.AST, field: str) -> bool:
    """Return whether what stands there is asked for its truth."""
    return (field == "test" and isinstance(owner, (ast.If, ast.IfExp, ast.While))) or (
        field == "ifs" and isinstance(owner, ast.comprehension)
    )


def _renamed(node: ast.Name | ast.Attribute, field: str) -> Iterator[ast.AST]:
    name = "id" if isinstance(node, ast.Name) else "attr"
    if field == "func" and getattr(node, name) in CALLED:
        other = copy.copy(node)
        setattr(other, name, CALLED[getattr(node, name)])
        yield other


def _text(node: ast.AST, owner: ast.AST) -> str:
    """Return a node as code; of an operator only its name, with what it stands in."""
    if isinstance(node, (ast.expr, ast.stmt)):
        return ast.unparse(node).partition("\n")[0][:90]
    return f"{type(node).__name__} in {ast.unparse(owner)[:70]}"
