"""Every table, view, function and column of the warehouse says what it means, and the page about them is current."""

import pytest
from pydantic import SecretStr

from mercado.warehouse.connection import connect
from tests.documentation.catalogue import Catalogue, read_catalogue
from tests.documentation.data_dictionary import PAGE, data_dictionary


@pytest.fixture(scope="module")
def catalogue(migrated_warehouse: SecretStr) -> Catalogue:
    with connect(migrated_warehouse, application="tests") as connection:
        return read_catalogue(connection)


def test_the_data_dictionary_is_current(catalogue: Catalogue) -> None:
    assert PAGE.read_text(encoding="utf-8") == data_dictionary(catalogue), "run `make docs`"


def test_no_schema_table_view_function_or_column_lacks_a_comment(catalogue: Catalogue) -> None:
    things = {f"schema {name}": comment for name, comment in catalogue.schemas.items()}
    for each in (*catalogue.relations, *catalogue.functions):
        things[f"{each.schema}.{each.name}"] = each.comment
    for relation in catalogue.relations:
        things |= {f"{relation.schema}.{relation.name}.{column.name}": column.comment for column in relation.columns}
    assert [name for name, comment in things.items() if not comment.strip()] == []
    assert len(things) > 300


def test_a_comment_is_a_sentence(catalogue: Catalogue) -> None:
    comments = [column.comment for relation in catalogue.relations for column in relation.columns]
    assert [comment for comment in comments if not comment.endswith(".")] == []
