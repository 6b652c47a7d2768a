"""What an administrator is told when the embedded database does not come up."""

from pathlib import Path

_TAIL_BYTES = 16_384


class PostgresFailed(RuntimeError):
    """The embedded PostgreSQL cannot serve.

    `problem` says what is wrong, `remedy` what to do about it, `log` what PostgreSQL wrote last, if it did.
    """

    def __init__(self, problem: str, remedy: str, log: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        self.log = log
        super().__init__("\n".join(part for part in (problem, remedy, log) if part))


def last_lines(path: Path, since: int = 0, count: int = 15) -> str:
    """The last `count` lines of a log, of those written after byte `since`; empty if there is no log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(since, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])
