"""The lists that the gate reads: allowed nodes, refused attributes, and what to write instead."""

from __future__ import annotations

import ast

NODES: frozenset[type[ast.AST]] = frozenset(
    {
        *(ast.Module, ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.Pass, ast.Assert, ast.Nonlocal),
        *(ast.FunctionDef, ast.Return, ast.Lambda, ast.arguments, ast.arg, ast.Import, ast.ImportFrom, ast.alias),
        *(ast.If, ast.For, ast.While, ast.Break, ast.Continue, ast.Try, ast.ExceptHandler, ast.Raise),
        *(ast.Match, ast.match_case, ast.MatchValue, ast.MatchSingleton, ast.MatchSequence, ast.MatchMapping, ast.MatchStar),
        *(ast.MatchAs, ast.MatchOr),
        *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.keyword, ast.Starred),
        *(ast.Dict, ast.Set, ast.List, ast.Tuple, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Name, ast.Attribute),
        *(ast.Subscript, ast.Slice, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension),
        *(ast.Load, ast.Store, ast.Del, ast.And, ast.Or, ast.Not, ast.UAdd, ast.USub, ast.Invert),
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
        *(ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor),
        *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
    }
)

NODE_HINTS = {
    "ClassDef": "no classes; use functions, tuples and dicts",
    "AsyncFunctionDef": "no async code; write a plain def",
    "Await": "no async code; write a plain def",
    "Yield": "no generators; build a list, or use a generator expression",
    "YieldFrom": "no generators; build a list, or use a generator expression",
    "Global": "no `global`; keep state in `memory`",
    "With": "no `with`; there is nothing here to open",
    "AsyncFor": "no async code; write a plain for",
    "AsyncWith": "no `with`; there is nothing here to open",
    "TryStar": "no `except*`; use `except`",
    "MatchClass": "no class patterns in `match`; compare values",
    "TypeAlias": "no type statements; annotate with the types themselves",
    "TemplateStr": "no template strings; use an f-string",
}

_FRAMES = (
    *("gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code", "ag_await"),
    *("tb_frame", "tb_next", "tb_lasti", "tb_lineno", "f_back", "f_builtins", "f_code", "f_globals", "f_lasti", "f_lineno"),
    *("f_locals", "f_trace", "func_code", "func_globals", "func_defaults", "co_code", "co_consts", "co_names", "mro"),
    *("with_traceback", "add_note"),
)
_FILES = ("tofile", "fromfile", "dump", "dumps", "tobytes", "tostring", "ctypes", "data", "base", "flags", "setflags", "getfield")
_MEMORY = ("setfield", "byteswap", "newbyteorder", "view", "resize", "memmap", "frombuffer", "ctypeslib", "testing")

FORBIDDEN_ATTRIBUTES = {
    **dict.fromkeys(_FRAMES, ""),
    **dict.fromkeys((*_FILES, *_MEMORY), ""),
    "repeat": "use np.repeat",
    "format": "write an f-string",
    "format_map": "write an f-string",
    **dict.fromkeys(("ljust", "rjust", "center", "zfill", "expandtabs"), "write an f-string with a width"),
    **dict.fromkeys(("replace", "translate", "maketrans"), "build the text with join"),
    **dict.fromkeys(("encode", "decode", "to_bytes", "from_bytes", "hex", "fromhex"), "work with numbers and text"),
    "popitem": "use pop with a key",
}
"""Attribute: what to use instead, where there is something."""

NAME_HINTS = {
    "print": "nobody reads it: return the action, and keep notes in `memory`",
    "open": "scripts have no files",
    "input": "scripts read `observation` alone",
    "eval": "write the expression itself",
    "exec": "write the code itself",
    "compile": "write the code itself",
    "getattr": "write `object.name`, or use a dict",
    "setattr": "use a dict",
    "delattr": "use a dict",
    "hasattr": "compare values instead",
    "type": "use isinstance",
    "id": "it differs from run to run: compare values",
    "hash": "it differs from run to run: use the value itself as a key",
    "globals": "keep state in `memory`",
    "locals": "use a dict",
    "vars": "use a dict",
    "dir": "the names are known: write them",
    "object": "use None or a text as a marker",
    "super": "no classes here",
    "random": "take `rng` as a parameter of policy and pass it on",
    "np": "write `import numpy as np` at the top",
    "math": "write `import math` at the top",
    "BaseException": "catch Exception, or better the error you expect",
    "MemoryError": "it is not for scripts to handle",
    "RecursionError": "it is not for scripts to handle; use a loop",
}
