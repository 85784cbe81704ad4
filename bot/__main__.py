"""The door: `vigie`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Whatever goes wrong, a person sees a sentence and never a traceback."""
    from bot.cli import run
    from bot.terminal import set_up

    set_up()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
