"""What does workflow code tell Temporal to do, and in which order? An outline read off the source.

`python -m tests.guards.fingerprints` writes the outline down as the one that stands from now on.

The outline of a function keeps each call that makes a command (a timer, an activity, a change of
search attributes) or leads to a function that does, with the conditions and loops around it, and
nothing else: comments, names of locals and log lines may change freely.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Set
from pathlib import Path

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
BASELINE = Path(__file__).with_name("fingerprints.txt")

COMMANDS = frozenset(
    f"workflow.{name}"
    for name in (
        "continue_as_new",
        "deprecate_patch",
        "execute_activity",
        "execute_activity_method",
        "execute_child_workflow",
        "execute_local_activity",
        "execute_local_activity_method",
        "patched",
        "random",
        "sleep",
        "start_activity",
        "start_activity_method",
        "start_child_workflow",
        "start_local_activity",
        "start_local_activity_method",
        "upsert_memo",
        "upsert_search_attributes",
        "uuid4",
        "wait",
        "wait_condition",
    )
) | {
    "asyncio.create_task",
    "asyncio.gather",
    "asyncio.sleep",
    "asyncio.timeout",
    "asyncio.wait_for",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef

TEACHING = """\
The commands of workflow code have changed:

{changes}

Why this matters: a case waits for days or weeks, and when its worker starts again Temporal replays
its history through the code of today. Where that asks for another command than the history holds,
the case stops with a nondeterminism error, and everybody's money with it, until the code is mended.

What to do:
- A function that is new and called by no open case (a new kind, say): nothing to fear. Go on below.
- Anything else: keep the old way for cases that are on it, and give the new one a name:

      if workflow.patched("ask-the-carrier-first"):
          ...the new way...
      else:
          ...the old way, to be deleted once no open case is older than the change...

- Not sure? `pytest tests/histories` replays a recorded case of every kind of end. It does not see
  a change behind the point that a history has reached, so an answer "it replays" is not enough.

Then record a history of the new way, and renew the outline:

    python -m tests.histories.record NAME_OF_THE_PATH
    python -m tests.guards.fingerprints
"""


def outlines(sources: Mapping[str, str]) -> dict[str, str]:
    """The outline of each function that leads to a command, by `file: Class.function`."""
    functions = {
        f"{file}: {name}": function
        for file, source in sources.items()
        for name, function in _functions(ast.parse(source), "")
    }
    leading = _leading_to_commands(functions.values())
    found = {
        name: "\n".join(_outline(function.body, leading, "    "))
        for name, function in functions.items()
    }
    return {name: outline for name, outline in found.items() if outline}


def of_today() -> dict[str, str]:
    """The outlines of the workflows as they stand."""
    return outlines({path.name: path.read_text() for path in sorted(WORKFLOWS.glob("*.py"))})


def written(outlines: Mapping[str, str]) -> str:
    return "".join(f"{name}\n{outline}\n\n" for name, outline in sorted(outlines.items()))


def read(text: str) -> dict[str, str]:
    """The inverse of `written`."""
    blocks = (block.split("\n", 1) for block in text.strip().split("\n\n"))
    return {name: outline.rstrip("\n") for name, outline in blocks}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What changed, function by function; empty if nothing did."""
    parts = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        what = "new" if old is None else "gone" if new is None else "changed"
        lines = [f"{name} ({what})"]
        lines += [f"  - {line.strip()}" for line in _only(old, new)]
        lines += [f"  + {line.strip()}" for line in _only(new, old)]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _only(of: str | None, other: str | None) -> list[str]:
    rest = (other or "").splitlines()
    return [line for line in (of or "").splitlines() if line not in rest] or ["(another order)"]


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{node.name}.")


def _leading_to_commands(functions: Collection[Function]) -> frozenset[str]:
    """The names by which commands come about: theirs, and those of functions that call them."""
    leading = set(COMMANDS)
    while True:
        more = {
            function.name
            for function in functions
            if function.name not in leading
            and any(_leads(node, leading) for node in ast.walk(function))
        }
        if not more:
            return frozenset(leading)
        leading |= more


def _leads(node: ast.AST, leading: Set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in leading or called.rpartition(".")[2] in leading


def _outline(body: list[ast.stmt], leading: frozenset[str], indent: str) -> list[str]:
    lines: list[str] = []
    for statement in body:
        lines += _of_statement(statement, leading, indent)
    return lines


def _of_statement(statement: ast.stmt, leading: frozenset[str], indent: str) -> list[str]:
    """The statement's own commands, then what is in its blocks, under the statement's head."""
    own: list[str] = []
    inner: list[str] = []
    for part in ast.iter_child_nodes(statement):
        if isinstance(part, ast.stmt | ast.excepthandler | ast.match_case | Function):
            continue
        own += [f"{indent}{_command(call)}" for call in _calls(part, leading)]
    for name in ("body", "orelse", "finalbody"):
        block = _outline(getattr(statement, name, []), leading, indent + "    ")
        if block:
            inner += [f"{indent}{name}:", *block] if name != "body" else block
    for branch in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        block = _outline(branch.body, leading, indent + "    ")
        if block:
            inner += [f"{indent}{ast.unparse(branch).splitlines()[0]}", *block]
    head = ast.unparse(statement).splitlines()[0]
    return [*own, f"{indent}{head}", *inner] if inner else own


def _calls(node: ast.AST, leading: frozenset[str]) -> list[ast.Call]:
    """Calls that lead to commands, in the order of the source."""
    every = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    found = [call for call in every if _leads(call, leading)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _command(call: ast.Call) -> str:
    """What is called; of an activity, which one and under which id."""
    called = ast.unparse(call.func)
    if "activity" not in called:
        named = [ast.unparse(arg) for arg in call.args if isinstance(arg, ast.Constant)]
        return " ".join([called, *named[:1]])
    ids = [ast.unparse(word.value) for word in call.keywords if word.arg == "activity_id"]
    return " ".join([called, ast.unparse(call.args[0]), *ids])


if __name__ == "__main__":
    BASELINE.write_text(written(of_today()))
