"""`./palm bench [name …]`: run the benchmarks, all of them unless some are named."""

import sys
from importlib import import_module

ALL = ("callback", "requests", "hooks", "fanout", "votes")

if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        import_module(f"benchmarks.{name}").main()
