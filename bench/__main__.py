"""Runs the benches named, or all; exit status 1 when a bar is not met. After `mutation` come the parts that are wanted of it."""

import sys
from importlib import import_module

ALL = (
    "wire", "speed", "use", "house", "memory", "scale", "desk", "paging", "importing", "feed", "charging", "banking", "ledger",
    "letters", "papers", "flood", "link", "rush", "lighthouse",
)  # fmt: skip

if __name__ == "__main__":
    wanted = sys.argv[1:] or ALL
    if wanted[0] == "mutation":
        sys.exit(not import_module("bench.mutation").run(wanted[1:]))
    results = {name: import_module(f"bench.{name}").run() for name in wanted}
    sys.exit(0 if all(results.values()) else 1)
