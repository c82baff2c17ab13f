"""Whether a command printed what a page shows: the same lines, whatever numbers, ids and dates are in them today."""

import json
import re
from typing import Any, Final

ID: Final = r"[0-9a-f]{32,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Together with the signs around digits, so that a number may lose its sign or gain a thousand.
NUMBER: Final = r"[-+]?\d[\d.,:]*"
WORDS: Final = {"up": "(up|down)", "down": "(up|down)"}
PART: Final = re.compile(rf"(?P<id>\b({ID})\b)|(?P<number>{NUMBER})|(?P<any>…)|(?P<blank>\s+)|(?P<word>\b(up|down)\b)")


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """Return the lines that a page shows and the command did not print."""
    if (expected := _json("\n".join(shown))) is not None:
        return _missing_fields(expected, json.loads(printed), "answer")
    lines = [line.strip() for line in printed.splitlines()]
    return [each for each in shown if not any(re.fullmatch(pattern_of(each), line) for line in lines)]


def pattern_of(line: str) -> str:
    """Return the regular expression of the lines that look like this one."""
    pattern, end = "", 0
    for part in PART.finditer(line.strip()):
        pattern += re.escape(line.strip()[end : part.start()]) + _pattern(part)
        end = part.end()
    return pattern + re.escape(line.strip()[end:])


def _pattern(part: re.Match[str]) -> str:
    if part["id"]:
        return f"({ID})"
    if part["number"]:
        return NUMBER
    if part["any"]:
        return ".*"
    return r"\s+" if part["blank"] else WORDS[part["word"]]


def _json(text: str) -> Any:
    """Return a shown JSON value, or nothing where it is none; what is left out of it (…) may be anything."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    return json.loads(re.sub(r",?\s*…", "", text))


def _missing_fields(shown: Any, printed: Any, place: str) -> list[str]:
    if isinstance(shown, dict) and isinstance(printed, dict):
        absent = [f"{place}.{name}" for name in shown if name not in printed]
        there = [name for name in shown if name in printed]
        return absent + [
            each for name in there for each in _missing_fields(shown[name], printed[name], f"{place}.{name}")
        ]
    if isinstance(shown, list) and isinstance(printed, list):
        return _missing_fields(shown[0], printed[0], f"{place}[0]") if shown and printed else []
    kinds = (int, float) if isinstance(shown, (int, float)) and not isinstance(shown, bool) else type(shown)
    return [] if shown is None or printed is None or isinstance(printed, kinds) else [place]
