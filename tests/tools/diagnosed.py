"""`python -m tools.diagnose`, called as from a script: nobody is at a terminal unless a test puts somebody there."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest import mock

from tools.diagnose.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "sk-ws-test.a1"
PLAN_KEY = "sk-sp-test.a1"
SHARED = "https://dashscope.aliyuncs.com/compatible-mode/v1"
CODING = "https://coding-intl.dashscope.aliyuncs.com/v1"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: str, key: str = "", env: Mapping[str, str] | None = None, stdin: io.StringIO | None = None) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "stdin", stdin or io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(arguments, {**({"MODEL_STUDIO_KEY": key} if key else {}), **(env or {})})
    return Done(code, out.getvalue(), err.getvalue())
