"""The `hrdata` command in this process: starting another takes seconds."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from hrdata_assets.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """What it said as JSON."""
        assert self.code == 0, self.err
        return json.loads(self.out)


def hrdata(*arguments: str) -> Answer:
    """Run the command; the environment says for which installation."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["hrdata", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return Answer(int(ended.value.code or 0), out.getvalue(), err.getvalue())
