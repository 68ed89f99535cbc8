"""What people paste: takes the URL and, where there is one, the key out of it, and says what was around them.

A paste is a URL, a line of an .env file or of a program, or a whole curl command. No text of it is repeated in what is
said, since any of it may be a key. `catalogue/reading.py` then says which base URL the URL is.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from catalogue.key_text import is_unfilled

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00]")
_QUOTES = "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d"
_TYPOGRAPHIC = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d"
_ENDS = ",;:.!)]}|\\\u3002\u3001"
_SCHEME = r"(?:https?|wss?|[hH][tTxX]{1,3}[pP]s?)"
# Every repetition is bounded: a paste may be long, and none may take seconds.
_HOLE = r"\$\{\w{1,60}\}|\{{1,3}[^{}\n]{0,60}\}{1,3}|<[^<>\n/]{0,60}>|\[[^\[\]\n/]{0,60}\]"
_HOLE_ONLY = re.compile(_HOLE)
_START = rf"(?:{_SCHEME}\s*(?:[:;]\s*/{{1,3}}|//)|\b[A-Za-z][A-Za-z0-9+-]{{0,20}}://)"
_URL = re.compile(rf"{_START}\s*(?:{_HOLE}|[^\s{_QUOTES}\\])+", re.IGNORECASE)
_HOST_ALONE = re.compile(
    rf"(?<![\w.@-])(?:[\w.-]{{1,60}}@)?(?:(?:{_HOLE}|[\w$%*-]{{1,63}})\.){{0,6}}aliyuncs\.com[^\s{_QUOTES}\\]*",
    re.IGNORECASE,
)
_IN_HEADER = re.compile(
    r"(?:authorization[\"']?\s*[:=]\s*[\"']?\s*(?:bearer\s+)?(?!bearer|basic)|(?:x-api-key|api-key|x-dashscope-apikey)[\"']?\s*:\s*[\"']?)"
    r"(?P<key>[^\s\"'\\]+)",
    re.IGNORECASE,
)
_IN_LINE = re.compile(
    r"(?:(?<=--)|(?<![\w?&.-]))(?P<name>[A-Za-z_][\w.-]{0,60}?(?:api[_-]?key|auth[_-]?token|apikey|access[_-]?token|_key)|api[_-]?key|apikey)"
    r"[\"']?\s*(?::=|=>|[=:])\s*[\"']?(?P<key>[^\s\"',;&#\\]+)",
    re.IGNORECASE,
)
_IN_QUERY = re.compile(
    r"(?<=[?&])(?:api[_-]?key|apikey|key|access[_-]?token|auth[_-]?token|token|secret|authorization)=(?:bearer(?:%20|\+))?(?P<key>[^&#\s\"']+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?<![\w-])bearer\s+(?P<key>[^\s\"'\\]+)", re.IGNORECASE)
_SETS = re.compile(
    rf"(?:(?<![\w.-])[A-Za-z_][\w.-]{{0,60}}[\"']?\s*(?::=|=>|[=:])|\b[A-Z][A-Z0-9]{{0,30}}_[A-Z0-9_]{{1,60}}(?=\s))\s*[{_QUOTES}]?\s*$",
)
_SHAPED = re.compile(r"(?<![A-Za-z0-9])s[kt]-[\w.%+/=-]+")
_BACKSLASHES = re.compile(r"(?:https?:|aliyuncs\.com)\\+(?=\S)", re.IGNORECASE)
_LONGEST = 20_000
"""Characters that are looked at."""
_MASK = "(key)"
OUT_OF_PLACE = "its text"
"""Where a key was that stands in no header, line or query string."""


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """What a paste holds."""

    url: str
    """The URL in it, without what was around it; the whole text where there is none."""
    key: str = field(default="", repr=False)
    """The key in it; "" where there is none."""
    key_place: str = ""
    """Where in the paste the key was."""
    differences: tuple[str, ...] = ()
    """What was around the URL, a sentence each."""
    rest: str = field(default="", repr=False)
    """The whole text without its keys."""


def take(text: str) -> Pasted:
    """Take URL and key out of a paste. Takes any text."""
    said: list[str] = []
    clean = _cleaned(text, said)
    keys = list(_keys(clean))
    rest = clean
    for _, key in keys:
        rest = rest.replace(key, _MASK)
    is_curl = re.search(r"(?:^|[\s;&|])curl(?:\.exe)?\s", f"{clean} ", re.IGNORECASE) is not None and len(clean) > 6
    if not is_curl and _BACKSLASHES.search(rest):
        rest = rest.replace("\\", "/")
        said.append("it has backslashes, where slashes are right")
    url = _url_of(rest, said, is_curl=is_curl)
    place, key = next(((p, unquote(k)) for p, k in keys if not is_unfilled(k)), ("", ""))
    if keys and not key:
        said.append(f"the place of the key in {keys[0][0]} holds a variable or a placeholder, so it is not used")
    if key:
        said.append(f"it holds a key in {place}: it is not repeated here")
    return Pasted(url=url, key=key, key_place=place, differences=tuple(dict.fromkeys(said)), rest=rest)


def _cleaned(text: str, said: list[str]) -> str:
    clean = text[:_LONGEST].strip()
    if _INVISIBLE.search(clean):
        clean = _INVISIBLE.sub("", clean).strip()
        said.append("it holds invisible characters, which are left out")
    plain = unicodedata.normalize("NFKC", clean).replace("\u3002", ".") if _is_wide(clean) else clean
    if plain != clean:
        clean = plain
        said.append("it has full-width characters, where plain ASCII ones are meant")
    joined = re.sub(r"[\\^`][ \t]*\r?\n\s*", " ", clean)
    if "\\/" in joined:
        joined = joined.replace("\\/", "/")
        said.append("its slashes are escaped, as in JSON")
    return joined.strip()


def _is_wide(text: str) -> bool:
    return any("\uff00" <= char <= "\uffef" or char in "\u3000\u3002" for char in text)


def _keys(text: str) -> Iterator[tuple[str, str]]:
    """Return every key with its place in the paste, those in headers first."""
    for found in _IN_HEADER.finditer(text):
        yield "its header", found["key"]
    for found in _BEARER.finditer(text):
        yield "its header", found["key"]
    for found in _IN_QUERY.finditer(text):
        yield "its query string", found["key"]
    for found in _IN_LINE.finditer(text):
        if not found["key"].lower().startswith(("http:", "https:", "bearer")):
            yield "a line that sets it", found["key"]
    for found in _SHAPED.finditer(text):
        yield OUT_OF_PLACE, found[0]


def _url_of(text: str, said: list[str], *, is_curl: bool) -> str:
    found = _best(list(_URL.finditer(text))) or _best(list(_HOST_ALONE.finditer(text)))
    if found is None:
        return _unquoted(text, said)
    before, url, after = text[: found.start()], found[0], text[found.end() :]
    if is_curl:
        said.append("it is a curl command: its URL is taken")
        return _trimmed(url, before, said)
    rest = re.match(r"\s+([/.:]\S*)", after)
    if rest is None and url.endswith(("/", ".")):
        rest = re.match(r"[ \t]+([\w-]+(?:[./]\S*)?)", after)
    if rest is not None:
        url, after = url + rest[1], after[rest.end() :]
    _say_around(before, after.lstrip("\\"), said)
    if after.startswith("\\"):
        said.append("the punctuation after it is no part of it")
    if rest is not None or re.search(r"\s", _HOLE_ONLY.sub("", url)):
        said.append("it has white space inside, which no URL has")
    return _trimmed(re.sub(r"\s", "", url), before, said)


def _best(found: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the URL that is most likely meant: one of the vendor's, else the first."""
    return next((one for one in found if "aliyuncs.com" in one[0].lower()), found[0] if found else None)


def _say_around(before: str, after: str, said: list[str]) -> None:
    first, last = before.strip()[-1:], after.strip()[:1]
    if _SETS.search(before) and re.search(r"\w", before):
        said.append("it is a line that sets a variable or a field: its value is taken")
    elif re.search(r"\w", before) or re.search(r"\w", after):
        said.append("there are other words around it, which are left out")
    for char in (first, last):
        if char and char in _QUOTES and "it is a line that sets a variable or a field: its value is taken" not in said:
            said.append("it stands in quotes, which are no part of it")
        if char and char in _TYPOGRAPHIC:
            said.append("the quotes are typographic ones, which no shell or program takes for quotes")


def _trimmed(url: str, before: str, said: list[str]) -> str:
    """Return a URL without what closes a bracket, a sentence or a list."""
    short = url
    while short and short[-1] in _ENDS:
        opening = {"}": "{", "]": "[", ")": "("}.get(short[-1])
        if opening and short.count(opening) >= short.count(short[-1]):
            break
        short = short[:-1]
    if short.endswith(">") and short.count("<") < short.count(">"):
        short = short.rstrip(">")
    if short != url and before.strip()[-1:] in ("<", "(", "[", "{"):
        said.append("it stands in brackets, which are no part of it")
    elif short != url:
        said.append("the punctuation after it is no part of it")
    return short


def _unquoted(text: str, said: list[str]) -> str:
    short = text.strip(f"{_QUOTES}<> \t")
    if short != text:
        said.append("it stands in quotes or brackets, which are no part of it")
    return short
