"""Loads a quarter's folder in a child per request, by the steps of the graph; forked, for imports take seconds.

Standard input: a line per request. Standard output: the child's process number when it starts, its status when it ends.
"""

import os
import sys
from pathlib import Path

from hrdata_assets_tests.installation import Installation


def main(url: str, folder: str, quarter: str) -> None:
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            Installation(url, Path(folder)).load(quarter)
            os._exit(0)
        tell(child)
        tell(os.waitpid(child, 0)[1])


def tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
