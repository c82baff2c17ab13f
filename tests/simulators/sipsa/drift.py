"""Changes of the contract: fields that are renamed, removed, retyped or new, in the WSDL and in the answers alike."""

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mercado.sipsa import contract
from mercado.sipsa.contract import Operation, XsdType


@dataclass(frozen=True)
class ServedField:
    """A field as it is served.

    Attributes:
        name: Of the element.
        xsd_type: Of its text, as the XSD states it.
        source: Name of the contract's field whose text it has, or ``None`` for a new one.
    """

    name: str
    xsd_type: XsdType
    source: str | None


class Drift(BaseModel):
    """A change of one field.

    - ``rename``: its element is called ``to``; the text stays.
    - ``remove``: it is gone.
    - ``retype``: the XSD states ``xsd_type``; the text stays.
    - ``add``: a new field of type ``xsd_type`` comes last, always with the same text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str = Field(description="Name of the operation.")
    change: Literal["rename", "remove", "retype", "add"] = Field(description="What happens to the field.")
    field: str = Field(description="Name of the field.", pattern=r"^[A-Za-z]\w*$")
    to: str | None = Field(default=None, description="New name of a `rename`.", pattern=r"^[A-Za-z]\w*$")
    xsd_type: XsdType | None = Field(default=None, description="Type of a `retype` or an `add`.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        fields = {operation.name: [field.name for field in operation.fields] for operation in contract.OPERATIONS}
        if self.operation not in fields:
            message = f"no operation {self.operation!r}; there are {', '.join(fields)}"
            raise ValueError(message)
        if (self.field in fields[self.operation]) == (self.change == "add"):
            message = f"{self.change} does not fit field {self.field!r}; the contract has {fields[self.operation]}"
            raise ValueError(message)
        if (self.to is None) == (self.change == "rename"):
            message = "a rename, and nothing else, needs to"
            raise ValueError(message)
        if (self.xsd_type is None) == (self.change in {"retype", "add"}):
            message = "a retype or an add, and nothing else, needs xsd_type"
            raise ValueError(message)
        return self

    def applied_to(self, fields: list[ServedField]) -> list[ServedField]:
        """Return ``fields`` with the change."""
        match self.change:
            case "remove":
                return [field for field in fields if field.source != self.field]
            case "add":
                return [*fields, ServedField(self.field, self.xsd_type or XsdType.STRING, None)]
            case _:
                return [self._changed(field) if field.source == self.field else field for field in fields]

    def _changed(self, field: ServedField) -> ServedField:
        return ServedField(self.to or field.name, self.xsd_type or field.xsd_type, field.source)


def served_fields(operation: Operation, drifts: list[Drift]) -> list[ServedField]:
    """Return the fields of ``operation`` as they are served, in order."""
    fields = [ServedField(field.name, field.xsd_type, field.name) for field in operation.fields]
    for drift in drifts:
        if drift.operation == operation.name:
            fields = drift.applied_to(fields)
    return fields
