"""How the package is put together, read off its source: nothing is imported, so nothing can hide by not running."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "hrdata_assets"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("cli",),
    ("commands",),
    ("definitions",),
    ("defs",),
    ("exchange",),
    ("overview", "lineage", "verify", "excel", "sync"),
    ("catalogue",),
    ("systems",),
    ("unified",),
    ("quality", "storage", "insight"),
    ("cleaning", "query"),
    ("table", "settings", "quarter", "verdict", "faults"),
    ("rule", "errors", "printing"),
)
"""A module may import those of lower layers, and those of its own folder; of its own layer no other."""

UPWARDS = {
    # Running the whole graph needs the whole graph; the import stands in the function: nothing loads in circles.
    ("hrdata_assets.defs.execution", "hrdata_assets.definitions"),
}

MANY_ARGUMENTS = {
    # A declaration in words: all of them optional, all by name.
    "hrdata_assets.table.column",
    "hrdata_assets.table.Row.__pydantic_init_subclass__",
    "hrdata_assets.rule.rule",
    # A command's arguments are its options.
    "hrdata_assets.commands.systems.pull",
    "hrdata_assets.cli.fake_flowcase",
    "hrdata_assets.commands.letters.list_letters",
    "hrdata_assets.commands.moving.push",
    "hrdata_assets.commands.letters.replay",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A source file."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def unit(self) -> str:
        """Module or folder right below the package; empty for the package itself."""
        return self.name.partition(".")[2].partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))

    def at(self, node: ast.AST) -> str:
        """Where a node stands, to click on."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"

    @cached_property
    def imports(self) -> list[tuple[str, ast.stmt]]:
        """Full names of imported modules (or of what is taken from them), wherever the import stands."""
        found: list[tuple[str, ast.stmt]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, node) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
                found += [(f"{PACKAGE}.{alias.name}", node) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append(("." * node.level + (node.module or ""), node))
        return found

    @property
    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function with its full name, methods and nested ones too."""
        yield from _functions(self.name, self.tree.body)


def _functions(prefix: str, body: Sequence[ast.stmt]) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield f"{prefix}.{node.name}", node
        if isinstance(node, Function | ast.ClassDef):
            yield from _functions(f"{prefix}.{node.name}", node.body)


MODULES = [Module(path) for path in sorted((ROOT / PACKAGE).rglob("*.py"))]
TESTS = [Module(path) for path in sorted((ROOT / "hrdata_assets_tests").rglob("*.py"))]
RANK = {unit: rank for rank, layer in enumerate(LAYERS) for unit in layer}
UNIT = {module.name: module.unit for module in MODULES}


def nodes(kind: type[ast.AST]) -> Iterator[tuple[Module, ast.AST]]:
    return ((module, node) for module in MODULES for node in ast.walk(module.tree) if isinstance(node, kind))


def test_there_is_something_to_read() -> None:
    assert {module.unit for module in MODULES} >= {"cli", "defs", "quality", "storage", "cleaning", "table"}


def test_every_module_has_its_layer() -> None:
    assert {module.unit for module in MODULES} - {""} <= set(RANK)


def test_imports_point_downwards_only() -> None:
    upwards = {
        (module.name, target)
        for module in MODULES
        for target, _ in module.imports
        if target.startswith(f"{PACKAGE}.") and not _allowed(module.unit, target.split(".")[1])
    }
    assert upwards == UPWARDS


def _allowed(unit: str, target: str) -> bool:
    return unit == target or RANK[unit] < RANK[target]


def test_nothing_imports_itself_by_a_detour() -> None:
    edges = {
        module.name: {_module_of(target) for target, _ in module.imports if (module.name, target) not in UPWARDS}
        for module in MODULES
    }
    done: set[str] = set()
    while ready := {name for name in edges if name not in done and not (edges[name] & set(edges)) - done - {name}}:
        done |= ready
    assert sorted(set(edges) - done) == []


def _module_of(target: str) -> str:
    return target if target in UNIT else target.rpartition(".")[0]


def test_imports_are_absolute() -> None:
    assert [module.at(node) for module in MODULES for target, node in module.imports if target.startswith(".")] == []


def test_dagster_is_imported_by_its_own_side_only() -> None:
    importing = {
        module.unit for module in MODULES for target, _ in module.imports if target.split(".")[0].startswith("dagster")
    }
    assert importing == {"defs", "definitions"}


def test_the_command_line_reaches_dagster_only_when_a_command_needs_it() -> None:
    (cli,) = (module for module in MODULES if module.name == f"{PACKAGE}.cli")
    at_once = [node for node in cli.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    heavy = [(target, node) for target, node in cli.imports if target.startswith((f"{PACKAGE}.defs", "dagster"))]
    assert heavy
    assert [cli.at(node) for _, node in heavy if node in at_once] == []


def test_no_module_is_named_for_nothing_in_particular() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "process", "handle", "data"}
    assert [module.name for module in MODULES if vague & set(module.name.split("."))] == []


def test_no_error_is_caught_unnamed() -> None:
    broad = [
        module.at(node)
        for module, node in nodes(ast.ExceptHandler)
        if node.type is None or {"Exception", "BaseException"} & {n.id for n in ast.walk(node.type) if _is_name(n)}
    ]
    assert broad == []


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def test_only_the_command_line_prints() -> None:
    printing = [
        module.at(node)
        for module, node in nodes(ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id == "print" and module.unit not in ("cli", "commands")
    ]
    assert printing == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{module.at(node)} {name}"
        for module in MODULES
        for name, node in module.functions
        if (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert long == []


def test_no_function_takes_more_than_six_arguments() -> None:
    many = {name for module in MODULES for name, node in module.functions if len(_arguments(node)) > 6}
    assert many == MANY_ARGUMENTS


def _arguments(node: Function) -> list[str]:
    found = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument.arg for argument in found if argument.arg not in ("self", "cls")]


def test_every_module_and_everything_public_says_what_it_is() -> None:
    silent = [module.at(module.tree) for module in MODULES if not ast.get_docstring(module.tree)]
    silent += [
        f"{m.at(node)} {name}" for m in MODULES for name, node in _public(m.name, m.tree.body) if not _says(node)
    ]
    assert silent == []


def _public(prefix: str, body: Sequence[ast.stmt]) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(f"{prefix}.{node.name}", node.body)


def _says(node: Function | ast.ClassDef) -> bool:
    """A docstring, or the description that Dagster shows in its place."""
    described = any(
        keyword.arg == "description"
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )
    return described or bool(ast.get_docstring(node))


def test_dagsters_side_does_not_postpone_annotations() -> None:
    postponing = [
        module.at(node)
        for module in MODULES
        if module.unit in ("defs", "definitions")
        for target, node in module.imports
        if target == "__future__"
    ]
    assert postponing == []


STATEMENTS = {"execute", "executemany", "copy", "SQL"}


def test_sql_is_composed_and_never_formatted() -> None:
    formatted = [
        module.at(node)
        for module, node in nodes(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in STATEMENTS and node.args
        if any(_formats(part) for part in _text_of(node.args[0]))
    ]
    assert formatted == []


def _text_of(node: ast.expr) -> Iterator[ast.expr]:
    """A statement's own text, without what is composed into it."""
    yield node
    if isinstance(node, ast.BinOp):
        yield from _text_of(node.left)
        yield from _text_of(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _text_of(node.body)
        yield from _text_of(node.orelse)


def _formats(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod)
    is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return isinstance(node, ast.JoinedStr) or (is_format and isinstance(node.func.value, ast.Constant | ast.JoinedStr))


@pytest.mark.parametrize(
    "text",
    [
        'c.execute(f"select {x}")',
        'c.execute("select %s" % x)',
        'c.execute("select {}".format(x))',
        'c.execute("select 1" + f" where {x}")',
        'sql.SQL(f"select {x}")',
    ],
)
def test_formatted_sql_would_be_found(text: str) -> None:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert any(_formats(part) for part in _text_of(call.args[0]))


def test_composed_sql_is_not_taken_for_formatted() -> None:
    call = ast.parse('c.execute(sql.SQL("select {}").format(x))', mode="eval").body
    assert isinstance(call, ast.Call)
    assert not any(_formats(part) for part in _text_of(call.args[0]))


def test_no_test_mocks() -> None:
    imported = [module.at(node) for module in TESTS for target, node in module.imports if "mock" in target]
    replaced = [
        module.at(node)
        for module in TESTS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("patch.setattr")
        # What a command is called with is as much its surroundings as a variable is.
        and [ast.unparse(argument) for argument in node.args[:2]] != ["sys", "'argv'"]
    ]
    assert (imported, replaced) == ([], [])
