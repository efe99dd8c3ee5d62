"""``python -m archcalc``, and what the command ``archcalc`` calls."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; an interrupt while it is still imported is no traceback either."""
    try:
        from archcalc.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
