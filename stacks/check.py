"""`python -m stacks.check FILE...`: check stack files, all problems at once, without engine, credentials or cloud.

`-` is standard input. One line for each thing: file, line, column, place, what is wrong and what would be right.
Encrypted values are left alone, and no key is printed. Exit code: 0 fine, warnings or not; 1 problems; 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provider.client.shapes import as_object
from stacks.findings import KEY, Finding, config_names, findings, keys_in, masked
from stacks.source import Secure, Source, SourceError, below, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROBLEMS, USAGE = 1, 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is printed of one file."""

    text: str
    is_warning: bool


def check(text: str, name: str) -> list[Line]:
    """Return all that is to be said of the text of a stack file."""
    try:
        whole = read(text)
    except SourceError as problem:
        where = f"{name}:{problem.line}:{problem.column}" if problem.line else name
        return [Line(text=masked(f"{where}: {problem}"), is_warning=False)]
    config = as_object(as_object(whole.value).get("config"))
    if isinstance(config.get(KEY), Secure):
        return [Line(text=f"{name}: warning: {KEY} is encrypted, nothing in it was checked", is_warning=True)]
    if not isinstance(config.get(KEY), dict):
        wrong = "must be a mapping" if KEY in config else "is missing"
        return [Line(text=f"{name}: config.{KEY} {wrong}; see README.md for an example", is_warning=False)]
    lines = [
        Line(
            text=f"{_where(name, whole, ('config', *path))}: config.{masked('.'.join(map(str, path)))}: holds a key in "
            "clear: treat it as leaked, and set another one with `pulumi config set --secret`",
            is_warning=False,
        )
        for path in keys_in({entry: value for entry, value in config.items() if entry != KEY}, ())
    ]
    source = below(whole, ("config", KEY))
    _, found = findings(source.value)
    found = [*(Finding(path, wrong) for path, wrong in source.problems), *found]
    found += _config_values(source.value, config)
    found.sort(key=lambda f: _position(source, f))
    lines += [
        Line(text=f"{_where(name, source, f.path)}: {f.line}", is_warning=f.is_warning) for f in dict.fromkeys(found)
    ]
    return lines


def _config_values(raw: object, config: dict[str, object]) -> Iterator[Finding]:
    """Return what is wrong with the values of the configuration that services name."""
    for path, name in config_names(raw):
        given = config.get(f"model-studio:{name}")
        how = f"run `pulumi config set --secret model-studio:{name}` and type the key when asked"
        if given is None:
            yield Finding(path, f"model-studio:{name} is not set in this file; {how}", is_warning=True)
        elif not isinstance(given, Secure):
            yield Finding(path, f"model-studio:{name} is in this file in clear, treat it as leaked; {how}")


def _position(source: Source, finding: Finding) -> tuple[int, int]:
    mark = source.at(finding.path)
    return (mark.line, mark.column) if mark else (0, 0)


def _where(name: str, source: Source, path: tuple[int | str, ...]) -> str:
    mark = source.at(path)
    return f"{name}:{mark.line}:{mark.column}" if mark else name


def main(argv: Sequence[str] | None = None) -> int:
    """Check the files and print what is to be said."""
    parser = argparse.ArgumentParser(
        prog="python -m stacks.check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a stack file, such as stacks/Pulumi.dev.yaml, or -")
    code = 0
    for name in parser.parse_args(argv).files:
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "not UTF-8"
            sys.stderr.write(f"{name}: cannot be read: {reason}\n")
            code = USAGE
            continue
        lines = check(text, "<stdin>" if name == "-" else name)
        sys.stdout.writelines(f"{line.text}\n" for line in lines)
        if code != USAGE and not all(line.is_warning for line in lines):
            code = PROBLEMS
    return code


if __name__ == "__main__":
    sys.exit(main())
