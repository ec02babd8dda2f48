"""Reads one hostile report in a process of its own and tells its peak of memory: ``python -m … KIND``."""

import datetime
import json
import resource
import sys
from collections.abc import Callable, Mapping

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.judge import judge
from hrdata_assets.systems.flowcase.tables import User

MIB = 1 << 20
HEADINGS = b'"CV Partner User ID","CV Partner CV ID","Email","UPN","External User ID"\r\n'

KINDS: Mapping[str, Callable[[], bytes]] = {
    "one record without an end": lambda: HEADINGS + b"a" * (200 * MIB),
    "a quote that never closes": lambda: HEADINGS + b'"' + b"a,\r\n" * (40 * MIB),
    "nothing but quotes": lambda: HEADINGS + b'"' * (150 * MIB),
    "a million columns": lambda: b",".join(b"c%d" % i for i in range(1_000_000)) + b"\r\n",
    "blank lines": lambda: HEADINGS + b"\r\n" * (20 * MIB),
    "records of a thousand fields": lambda: HEADINGS + (b"," * 1000 + b"\r\n") * 100_000,
    "NUL bytes": lambda: HEADINGS + b"\0" * (100 * MIB),
    "bytes that are no text": lambda: HEADINGS + b"\xff\xfe,\xe6,x,y,z\r\n" * 1_000_000,
    "one row two million times": lambda: HEADINGS + b"u1,c1,a@x.org,a,b\r\n" * 2_000_000,
}


def main(kind: str) -> None:
    """Read, clean and judge; a refusal that we documented is an answer, anything else is not."""
    try:
        cleaned = clean(User.table, read_delimited(KINDS[kind](), "user_report.csv"), "user_report.csv")
        judged = judge(cleaned, datetime.date(2026, 3, 31))
        answer = f"{judged.read} read, {judged.kept.height} kept"
    except DeliveryError as error:
        answer = str(error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"answer": answer, "peak": peak}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
