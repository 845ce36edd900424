"""Postern's package under systemd: one story in the order in which a sysadmin lives it. Runs inside the container.

Each function whose name starts with `test_` is one test; they run from top to bottom, chapter by chapter, and later
ones stand on what earlier ones did (installed, set up, started).
"""

import sys
import traceback

import failed_logins
import guarding
import installing
import operating
from machine import journal

CHAPTERS = [installing, failed_logins, guarding, operating]


def main() -> int:
    tests = [function for part in CHAPTERS for name, function in vars(part).items() if name.startswith("test_")]
    failed = 0
    for test in tests:
        name = test.__name__.removeprefix("test_").replace("_", " ")
        try:
            test()
            print(f"ok      {name}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
    if failed:
        print("--- the journal's last lines", journal("--lines=60"), sep="\n")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
