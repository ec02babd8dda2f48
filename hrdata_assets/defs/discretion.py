"""No value of a row in Dagster's records: unforeseen errors are told by kind and place, whoever started the process."""

import logging
import os
import traceback

import dagster as dg

_DAGSTER_LOGGER = "dagster.redacted_errors"


class KindAndPlace(logging.Filter):
    """Rewrites what Dagster would log of an error it keeps out of its records: Python's texts may quote a cell."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop errors that told their own sentence already; of others keep type, file and line."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, dg.Failure | dg.RetryRequested):
            return False
        if error is not None:
            places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
            record.msg = f"{record.msg}: {type(error).__name__} at\n  " + "\n  ".join(places)
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def be_discreet() -> None:
    """Switch Dagster's redaction on in this process and those it starts; a second time changes nothing."""
    os.environ.setdefault("DAGSTER_REDACT_USER_CODE_ERRORS", "1")
    logger = logging.getLogger(_DAGSTER_LOGGER)
    if not any(isinstance(f, KindAndPlace) for f in logger.filters):
        logger.addFilter(KindAndPlace())
