"""Runs the benches named, or all; exit status 1 when a bar is not met. After `mutation` come the parts that are wanted of it."""

import subprocess
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
    if len(wanted) == 1:
        sys.exit(not import_module(f"bench.{wanted[0]}").run())
    # Each in a process of its own: what a large one begins would start with that one's peak of memory.
    sys.exit(any([subprocess.run([sys.executable, "-m", "bench", name]).returncode for name in wanted]))
