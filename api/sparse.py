"""Answers that leave fields out, and still say in their schema which there are."""

from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic.json_schema import JsonSchemaValue


class Sparse(BaseModel):
    """An answer without those fields of `if_any` that hold nothing. Each of them has a default, so
    that the schema does not require it.
    """

    if_any: ClassVar[tuple[str, ...]] = ()

    def left_out(self) -> set[str]:
        """The fields that this answer does not have."""
        return {name for name in self.if_any if not getattr(self, name)}

    @model_serializer(mode="wrap")
    def _without(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        unshown = self.left_out()
        shown: dict[str, Any] = write(self)
        return {name: value for name, value in shown.items() if name not in unshown}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: Any, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Of the fields: all that is known of what the serializer returns is that it has names."""
        return handler({key: part for key, part in schema.items() if key != "serialization"})
