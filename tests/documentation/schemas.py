"""JSON Schema in words: the type of a value with its bounds, and the table of an object's fields."""

from typing import Any, Final

BOUNDS: Final = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}"}
SIZES: Final = {"characters": ("minLength", "maxLength"), "of them": ("minItems", "maxItems")}


def type_of(schema: dict[str, Any]) -> str:
    """Return what a value is, in Markdown, such as ``integer, ≥ 1, ≤ 1000`` or a link to an object's fields."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(type_of(choice) for choice in choices)
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        kind = f"list of {type_of(schema.get('items', {}))}"
    else:
        kind = schema.get("format") or schema.get("type", "any")
    return ", ".join([kind, *_bounds(schema)])


def _bounds(schema: dict[str, Any]) -> list[str]:
    bounds = [words.format(_number(schema[name])) for name, words in BOUNDS.items() if name in schema]
    for unit, (least, most) in SIZES.items():
        if most in schema:
            bounds.append(
                f"{schema[least]} to {schema[most]} {unit}" if schema.get(least) else f"at most {schema[most]} {unit}"
            )
        elif schema.get(least):
            bounds.append(f"at least {schema[least]} {unit}")
    return [*bounds, f"like `{schema['pattern']}`"] if "pattern" in schema else bounds


def _number(value: float) -> str:
    return f"{value:g}" if (isinstance(value, float) and abs(value) >= 1e15) or value != int(value) else str(int(value))


def field_rows(schema: dict[str, Any]) -> list[str]:
    """Return a row of a table for each field of an object: name, type, default, meaning, example."""
    required = schema.get("required", [])
    return [row(name, details, optional=name not in required) for name, details in schema.get("properties", {}).items()]


def row(name: str, schema: dict[str, Any], *, optional: bool) -> str:
    """Return the row of a field or a parameter."""
    example = next(iter(schema.get("examples", [])), None)
    default = f"default `{_json(schema['default'])}`" if schema.get("default") is not None else "optional"
    meaning = " ".join(schema.get("description", "").split())
    if example is not None:
        meaning += f" Example: `{_json(example)}`."
    cells = [f"`{name}`", type_of(schema), default if optional else "", meaning]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').strip() for cell in cells)} |"


def _json(value: Any) -> str:
    text = str(value).replace("'", '"')
    return text if len(text) <= 60 else f"{text[:57]}…"
