"""The command line. `chizheng --help` lists every command."""

from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 done, 1 failed, 2 typed wrongly, 130 interrupted."""
    try:
        # here, because loading takes a second, and Ctrl-C within it should not print a trace either
        from chizheng.service.cli.endings import run_and_exit
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run_and_exit(arguments)
