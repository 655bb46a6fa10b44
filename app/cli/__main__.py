"""Every command, put together."""

import sys

from app.cli.root import cli

if __name__ == "__main__":
    sys.exit(cli())
