"""Operators of repairs: for one expression, what may have been meant in its place, the likelier the smaller its rank.

The higher a rank, the more often one of its edits makes up for a mistake that is somewhere else.
"""

from __future__ import annotations

import ast
import copy
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.mutation.operators import mutations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIKELIEST, EXCHANGED, OTHER_WORD, FORGOTTEN, ADDED, TERM = range(6)  # ranks
COMMON = (0, 1, -1, 2, 0.5)
_OPERATORS: tuple[type[ast.operator], ...] = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod, ast.MatMult,
)  # fmt: skip
_COMPARISONS: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_FAMILIES = tuple(
    names.split()
    for names in (
        "sum mean prod amax amin max min std var median norm numel", "maximum minimum max min", "cumsum cumprod",
        "floor ceil round int trunc", "zeros ones empty", "zeros_like ones_like randn_like rand_like empty_like",
        "sqrt square exp log abs rsqrt log2 sin cos", "argmin argmax", "randn rand", "mse_loss l1_loss smooth_l1_loss",
        "add sub mul div", "add_ sub_ mul_ div_", "lt le gt ge", "stack cat", "float double half long int",
        "matmul mul", "append insert extend", "floor_ ceil_ round_", "width height", "sum len", "sorted reversed list",
        "any all",
    )
)  # fmt: skip
# What somebody forgets to call, written with `_` for the expression; those of Python work on numbers and on tensors.
_FORGOTTEN = (
    "_ ** 0.5", "_ ** 2", "-_", "1 - _", "_.detach()", "_.clone()", "abs(_)", "_.abs()", "_.flip(0)", "_.flip(-1)",
    "round(_)", "int(_)", "not _", "max(_, 0)", "min(_, 1)", "_.clamp(-1, 1)", "_.clamp(0, 1)", "_.clamp(min=0)",
    "_.float()", "_.double()", "_.long()", "_.mean()", "_.sum()", "_.sum(-1)", "_.mean(-1)", "_.cumprod(0)",
    "_.cumsum(0)", "_.view(-1, 1, 1, 1)", "_[None]", "_[..., None]", "_.T", "_.transpose(0, 1)", "list(reversed(_))",
    "len(_)", "float(_)", "_.item()", "_.norm()", "_.squeeze(0)", "_.flatten()", "sorted(_)", "_.round()", "_.copy()",
    "_.sample", "_.mode()", "_.latent_dist", "_.prev_sample", "_.last_hidden_state", "_.input_ids",  # of answers
)  # fmt: skip
# What makes up for many a mistake that is elsewhere.
_ADDED = (
    "1 / _", "_ + 1", "_ - 1", "_ * 2", "_ / 2", "2 * _ - 1", "_.exp()", "_.log()", "2.718281828459045 ** _", "-_ - 1",
    "_[0]", "_[-1]", "_[1:]", "_[:-1]", "_[::-1]", "list(_)", "_.max()", "_.tolist()", "_.to('cpu')", "_.std()",
    "_.contiguous()", "_.reshape(-1)",
)  # fmt: skip
_KEYWORDS = (
    "keepdim=True", "dim=0", "dim=1", "dim=-1", "unbiased=False", "min=0", "max=1", "dtype=torch.float64",
    "dtype=torch.float32", "align_corners=False", "reverse=True", "mode='nearest'", "mode='replicate'",
)  # fmt: skip
_WHOLE = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Compare, ast.IfExp,
    ast.BoolOp, ast.ListComp,
)  # fmt: skip
_SIDES = ("left", "right")
_MADE: dict[str, ast.expr] = {}


class Words(NamedTuple):
    """What an expression of a function may consist of: names in its scope, and constants.

    `arguments` are those names that it is called with, `definitions` what the names stand for that are bound once,
    `keywords` the arguments that its calls are given by name.
    """

    names: tuple[str, ...]
    numbers: tuple[float, ...]
    texts: tuple[str, ...]
    arguments: tuple[str, ...]
    definitions: dict[str, ast.expr]
    keywords: tuple[ast.keyword, ...]


def replacements(node: ast.expr, parent: ast.AST, words: Words) -> Iterator[tuple[int, ast.AST]]:
    """Yield the expressions that may stand in the place of this one, each after its rank."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        if isinstance(node, ast.Subscript):
            yield from ((EXCHANGED, other) for other in _of_subscript(node, words))
        return
    if isinstance(parent, ast.Call) and node is parent.func:
        yield from ((EXCHANGED, other) for other in _of_called(node))
        return
    yield from ((LIKELIEST, other) for other in mutations(node))
    yield from ((EXCHANGED, other) for operator in _BY_NODE.get(type(node), ()) for other in operator(node, words))
    yield from ((OTHER_WORD, other) for other in _other_words(node, words))
    if isinstance(parent, ast.Expr | ast.Attribute) or not isinstance(node, _WHOLE) or _is_module(node):
        return
    written_down = isinstance(node, ast.Constant)
    if isinstance(node, ast.Constant) and not (
        isinstance(node.value, int | float) and not isinstance(parent, ast.keyword | ast.Slice)
    ):
        return
    for rank, forms in ((FORGOTTEN, _FORGOTTEN), (ADDED, _ADDED)):
        yield from (
            (rank, around(form, node)) for form in forms if not (written_down and form.startswith(("_[", "_.")))
        )
    for name in words.names:
        other = ast.Name(name, ast.Load())
        yield FORGOTTEN, ast.Call(ast.Attribute(node, "to", ast.Load()), [other], [])
        yield from ((TERM, ast.BinOp(node, operator(), other)) for operator in _OPERATORS[:4])
        yield from ((TERM, ast.BinOp(other, operator(), node)) for operator in (ast.Sub, ast.Div))


def _other_words(node: ast.expr, words: Words) -> Iterator[ast.AST]:
    """Yield other names and constants."""
    if isinstance(node, ast.Name) and node.id in words.names:
        yield from (ast.Name(name, ast.Load()) for name in words.names if name != node.id)
        yield from (ast.Constant(number) for number in COMMON)
    if isinstance(node, ast.Subscript):  # `adapters[0][0]` for `A`
        yield from (ast.Name(name, ast.Load()) for name in words.names)
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, int | float)):
        yield from (ast.Name(name, ast.Load()) for name in words.names)
        yield from (ast.Constant(number) for number in words.numbers)
        yield ast.Constant(None)


def _of_binary(node: ast.BinOp, _: Words) -> Iterator[ast.AST]:
    yield from (_with(node, op=other()) for other in _OPERATORS if not isinstance(node.op, other))
    yield _with(node, left=node.right, right=node.left)
    yield node.left
    yield node.right
    # Parentheses: a + b * c for (a + b) * c, and the other way round.
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        yield ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        yield ast.BinOp(ast.BinOp(inner.left, node.op, node.right), inner.op, inner.right)
        yield ast.BinOp(ast.BinOp(node.right, inner.op, inner.right), node.op, inner.left)
    if isinstance(node.right, ast.BinOp):
        inner = node.right
        yield ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right)
        yield ast.BinOp(inner.left, inner.op, ast.BinOp(node.left, node.op, inner.right))
    yield from _moved_out(node)
    # Operands of two sides exchanged: a * x + b * y for a * y + b * x.
    if isinstance(node.left, ast.BinOp) and isinstance(node.right, ast.BinOp):
        left, right = node.left, node.right
        yield _with(node, left=_with(left, left=right.left), right=_with(right, left=left.left))
        yield _with(node, left=_with(left, right=right.right), right=_with(right, right=left.right))


def _moved_out(node: ast.BinOp) -> Iterator[ast.AST]:
    """Yield a call or power made of the whole instead of one side, as in sqrt(1 - x) for 1 - sqrt(x)."""
    for side in _SIDES:
        match getattr(node, side):
            case ast.Call(func=ast.Attribute(value=value) as func, args=[]) as call if not _is_module(value):
                yield _with(call, func=_with(func, value=_with(node, **{side: value})))
            case ast.Call(args=[inner]) as call:
                yield _with(call, args=[_with(node, **{side: inner})])
            case ast.BinOp(op=ast.Pow(), left=inner) as power:
                yield _with(power, left=_with(node, **{side: inner}))
    if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.BinOp):
        yield from (_with(node.left, **{side: _with(node, left=getattr(node.left, side))}) for side in _SIDES)


def _moved_in(node: ast.Call, _: Words) -> Iterator[ast.AST]:
    """Yield the opposite: the call is made of one side only, as in 1 - sqrt(x) for sqrt(1 - x)."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.BinOp() as inner) as func, args=[]):
            yield from (
                _with(inner, **{side: _with(node, func=_with(func, value=getattr(inner, side)))}) for side in _SIDES
            )
        case ast.Call(args=[ast.BinOp() as inner]):
            yield from (_with(inner, **{side: _with(node, args=[getattr(inner, side)])}) for side in _SIDES)


def _of_comparison(node: ast.Compare, _: Words) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARISONS:
            if not isinstance(operator, other):
                yield _with(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])
    if len(node.ops) == 1:
        yield _with(node, left=node.comparators[0], comparators=[node.left])
    yield ast.UnaryOp(ast.Not(), node)
    yield ast.Constant(True)
    yield ast.Constant(False)


def _of_logic(node: ast.BoolOp, _: Words) -> Iterator[ast.AST]:
    yield from node.values
    yield ast.UnaryOp(ast.Not(), node)


def _of_unary(node: ast.UnaryOp, words: Words) -> Iterator[ast.AST]:
    if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int | float):
        value = -node.operand.value
        yield from (ast.Constant(other) for other in (value + 1, value - 1, *words.numbers))


def _of_constant(node: ast.Constant, words: Words) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, str) and value in words.texts:
        yield from (ast.Constant(text) for text in words.texts if text != value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        near = (value - 1, -value, value * 10, value / 10, value * 2, value / 2, 1 - value, value + 2)
        yield from (ast.Constant(other) for other in near)


def _of_subscript(node: ast.Subscript, words: Words) -> Iterator[ast.AST]:
    index = node.slice
    if isinstance(index, ast.Slice):
        yield from (_with(node, slice=other) for other in _slices(index))
    elif isinstance(index, ast.Tuple):
        yield from (_with(node, slice=other) for other in _reordered(index))
        for place, item in enumerate(index.elts):
            if isinstance(item, ast.Slice):
                others = [*_slices(item), ast.Constant(None), *map(ast.Constant, (0, -1))]
            elif isinstance(item, ast.Constant):
                others = [ast.Slice()]
            else:
                continue
            for other in others:
                yield _with(node, slice=_with(index, elts=[*index.elts[:place], other, *index.elts[place + 1 :]]))
        yield from (
            _with(node, slice=_with(index, elts=elements))
            for elements in ([*index.elts, ast.Constant(None)], index.elts[1:], index.elts[:-1])
            if elements
        )
    else:
        yield from (_with(node, slice=ast.BinOp(index, op(), ast.Constant(1))) for op in (ast.Add, ast.Sub))
        yield _with(node, slice=ast.UnaryOp(ast.USub(), index))
        yield from (_with(node, slice=ast.Slice(*bounds)) for bounds in ((index,), (None, index)))
        yield from (_with(node, slice=ast.Name(name, ast.Load())) for name in words.names)
    yield node.value


def _slices(node: ast.Slice) -> Iterator[ast.Slice]:
    one = ast.Constant(1)
    for field in ("lower", "upper"):
        bound = getattr(node, field)
        if bound is None:
            yield from (_with(node, **{field: ast.Constant(other)}) for other in (1, -1))
        else:
            yield from (_with(node, **{field: ast.BinOp(bound, op(), one)}) for op in (ast.Add, ast.Sub))
            yield _with(node, **{field: None})
    yield _with(node, lower=node.upper, upper=node.lower)
    if node.step is not None:
        yield _with(node, step=None)


def _of_call(node: ast.Call, words: Words) -> Iterator[ast.AST]:
    count = len(node.args)
    for first, second in itertools.combinations(range(count), 2):
        swapped = list(node.args)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        yield _with(node, args=swapped)
    for first, second in itertools.combinations(range(len(node.keywords)), 2):
        named = list(node.keywords)
        named[first] = _with(node.keywords[first], value=node.keywords[second].value)
        named[second] = _with(node.keywords[second], value=node.keywords[first].value)
        yield _with(node, keywords=named)
    yield from (_with(node, args=[*node.args[:n], *node.args[n + 1 :]]) for n in range(count) if count > 1)
    given = {keyword.arg for keyword in node.keywords}
    usual: list[ast.keyword] = [_parsed(f"f({form})").keywords[0] for form in _KEYWORDS]  # type: ignore[attr-defined]
    for keyword in (*usual, *words.keywords):  # a call may lack what another one has
        if keyword.arg not in given:
            yield _with(node, keywords=[*node.keywords, keyword])
    for name in words.names:  # `generator=generator` that was not passed on
        if name not in given:
            yield _with(node, keywords=[*node.keywords, ast.keyword(name, ast.Name(name, ast.Load()))])
    yield from (_with(node, args=[*node.args, ast.Constant(number)]) for number in (0, 1, -1))
    if isinstance(node.func, ast.Attribute):
        yield node.func.value
        if count and isinstance(node.func.value, ast.Name) and node.func.value.id in words.names:
            yield _with(node, func=_with(node.func, value=node.args[0]), args=[node.func.value, *node.args[1:]])
    if count:
        yield node.args[0]
    if getattr(node.func, "id", "") == "range":
        yield from (around(form, node) for form in ("reversed(_)", "list(_)[1:]", "list(_)[:-1]"))
        last = node.args[min(1, count - 1)]
        start = node.args[0] if count > 1 else ast.Constant(0)
        yield from (
            ast.Call(node.func, [low, high, *node.args[2:]], [])
            for low in (start, around("_ + 1", start), around("_ - 1", start))
            for high in (last, around("_ + 1", last), around("_ - 1", last))
        )


def _of_called(node: ast.expr) -> Iterator[ast.AST]:
    """Yield other functions of the same kind."""
    field = "attr" if isinstance(node, ast.Attribute) else "id"
    name = getattr(node, field, "")
    for family in _FAMILIES:
        if name in family:
            yield from (_with(node, **{field: other}) for other in family if other != name)


def _reordered(node: ast.Tuple | ast.List, _: Words | None = None) -> Iterator[Any]:
    """Yield tuples with two elements exchanged, or all of them turned round."""
    for first, second in itertools.combinations(range(len(node.elts)), 2):
        elements = list(node.elts)
        elements[first], elements[second] = elements[second], elements[first]
        yield _with(node, elts=elements)
    if len(node.elts) > 2:  # noqa: PLR2004 - two elements exchanged are turned round
        yield _with(node, elts=node.elts[::-1])
        yield _with(node, elts=[*node.elts[1:], node.elts[0]])
        yield _with(node, elts=[node.elts[-1], *node.elts[:-1]])


def _of_conditional(node: ast.IfExp, _: Words) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse
    yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


_BY_NODE: dict[type[ast.AST], tuple[Callable[[Any, Words], Iterator[ast.AST]], ...]] = {
    ast.BinOp: (_of_binary,),
    ast.Compare: (_of_comparison,),
    ast.BoolOp: (_of_logic,),
    ast.UnaryOp: (_of_unary,),
    ast.Constant: (_of_constant,),
    ast.Subscript: (_of_subscript,),
    ast.Call: (_of_call, _moved_in),
    ast.Tuple: (_reordered,),
    ast.List: (_reordered,),
    ast.IfExp: (_of_conditional,),
}


class _Filled(ast.NodeTransformer):
    def __init__(self, node: ast.expr) -> None:
        self._node = node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._node if node.id == "_" else node


def around(form: str, node: ast.expr) -> ast.expr:
    """Return a form such as `_ ** 0.5` with an expression in the place of `_`."""
    filled: ast.expr = _Filled(node).visit(copy.deepcopy(_parsed(form)))
    return filled


def _parsed(form: str) -> ast.expr:
    if form not in _MADE:
        _MADE[form] = ast.parse(form, mode="eval").body
    return _MADE[form]


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "math", "np", "F", "nn", "random")


def _with(node: Any, **changed: object) -> Any:
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    return other
