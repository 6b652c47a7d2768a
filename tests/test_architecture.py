"""The layout holds: imports run one way, clocks and SQL stay in their places."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("chizheng.kernel", "personnel", "chizheng.clearance", "courses", "exams", "chizheng.service")
FOLDERS = {
    "chizheng.kernel": ROOT / "src/chizheng/kernel",
    "personnel": ROOT / "personnel",
    "chizheng.clearance": ROOT / "src/chizheng/clearance",
    "courses": ROOT / "courses",
    "exams": ROOT / "exams",
    "chizheng.service": ROOT / "src/chizheng/service",
}
# what each room of a noun may not import from its own package (architecture.md §2)
CLOSED_TO = {
    "tables.py": {"rules", "queries", "actions", "api", "pages"},
    "rules.py": {"tables", "queries", "actions", "api", "pages"},
    "queries.py": {"actions", "api", "pages"},
    "actions.py": {"api", "pages"},
}
DATABASE = {"chizheng.kernel.db", "asyncpg", "piccolo"}
CLOCK = ROOT / "src/chizheng/kernel/clock.py"
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
    "datetime.datetime.now", "datetime.date.today",
}  # fmt: skip


def _modules() -> Iterator[tuple[str, Path]]:
    for layer, folder in FOLDERS.items():
        for path in sorted(folder.rglob("*.py")):
            yield layer, path


MODULES = list(_modules())
IDS = [str(path.relative_to(ROOT)) for _, path in MODULES]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError(f"{path}: relative imports hide the layer; write the whole name")
    return names


def _layer_of(name: str) -> str | None:
    return next((layer for layer in LAYERS if name == layer or name.startswith(f"{layer}.")), None)


@pytest.mark.parametrize(("layer", "path"), MODULES, ids=IDS)
def test_imports_run_one_way(layer: str, path: Path) -> None:
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    wrong = {name for name in _imported(path) if (found := _layer_of(name)) and found not in allowed}
    assert not wrong, (
        f"{layer} may import only {', '.join(allowed)}: the gate reads facts, never the other way round"
    )


@pytest.mark.parametrize(("layer", "path"), MODULES, ids=IDS)
def test_rooms_of_a_noun_keep_their_order(layer: str, path: Path) -> None:
    closed = CLOSED_TO.get(path.name, set())
    own = ".".join(path.relative_to(ROOT / "src" if "src" in path.parts else ROOT).parts[:-1])
    wrong = {name for name in _imported(path) if any(name.startswith(f"{own}.{room}") for room in closed)}
    assert not wrong, (
        "tables and rules know nothing of queries, queries nothing of actions, actions nothing of pages"
    )


@pytest.mark.parametrize(
    "path",
    [path for _, path in MODULES if path.name == "rules.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_rules_are_pure(path: Path) -> None:
    wrong = {name for name in _imported(path) if any(name == d or name.startswith(f"{d}.") for d in DATABASE)}
    assert not wrong, "a rule decides over facts it is given; it never reads the database"


@pytest.mark.parametrize(
    "path",
    [path for _, path in MODULES if path.name in ("pages.py", "api.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_pages_and_api_hold_no_sql(path: Path) -> None:
    wrong = {name for name in _imported(path) if any(name == d or name.startswith(f"{d}.") for d in DATABASE)}
    assert not wrong, "pages and API parse, call and render; SQL lives in queries and actions"


@pytest.mark.parametrize(("layer", "path"), MODULES, ids=IDS)
def test_only_the_clock_reads_the_clock(layer: str, path: Path) -> None:
    if path == CLOCK:
        return
    calls = [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
    ]
    assert not calls, "days are Shanghai days: take now or today as an argument, or ask chizheng.kernel.clock"


def test_the_top_level_is_the_agreed_one() -> None:
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert tracked <= {
        "src", "personnel", "courses", "exams", "migrations", "static", "tests", "docs", "pyproject.toml",
        "requirements.txt", "requirements-dev.txt", "README.md", "README.zh-CN.md", "Makefile",
    }  # fmt: skip
