"""Parts of a report, office by office, looked at and joined into the one file that the report is."""

from collections.abc import Sequence
from dataclasses import dataclass

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.errors import DeliveryError

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Part:
    """What a file turned out to be: its header, and how many records stand below it.

    ``cut`` says that the last record has not as many fields as the header: it may be half a file.
    """

    header: tuple[str, ...]
    records: int
    cut: bool


def looked_at(content: bytes, called: str) -> Part:
    """Read a report's file as text. DeliveryError for what is none: nothing, HTML, a workbook."""
    found = read_delimited(content, called)
    last = found.read + 1  # the header is record 1
    return Part(found.header, found.read, cut=bool(found.ragged) and found.ragged[-1].row_no == last)


def joined(report: str, parts: Sequence[bytes]) -> bytes:
    """One file of several: the first one's header, then everybody's records. A single part stays byte for byte.

    DeliveryError where they do not belong together, or a record would be lost by it.
    """
    looks = [looked_at(part, report) for part in parts]
    if len(parts) == 1:
        return parts[0]
    if any(look.header != looks[0].header for look in looks):
        raise DeliveryError(
            f"the parts of {report} have different headers: see whether Flowcase was changed meanwhile, and pull again"
        )
    whole = _one_after_the_other(parts)
    if looked_at(whole, report).records != sum(look.records for look in looks):
        raise DeliveryError(f"the parts of {report} cannot be joined without losing records: pull again")
    return whole


def _one_after_the_other(parts: Sequence[bytes]) -> bytes:
    line, separator, _ = parts[0].partition(b"\n")
    end = b"\r\n" if line.endswith(b"\r") else b"\n"
    bodies = [body for part in parts if (body := part.removeprefix(_MARK).partition(b"\n")[2])]
    # A genuine export leaves out the end of its last line.
    whole = b"".join(body if body.endswith(b"\n") else body + end for body in bodies)
    whole = line + (separator or end) + whole
    return whole if not bodies or bodies[-1].endswith(b"\n") else whole.removesuffix(end)
