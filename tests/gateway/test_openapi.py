"""Many services, one document."""

import copy
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.openapi import merge
from gateway.own_api import OWN_API


def document(
    path: str, *, schemas: dict[str, Any], uses: str = "Thing", operation: str = "get_thing"
) -> dict[str, Any]:
    answer = {"schema": {"$ref": f"#/components/schemas/{uses}"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": path, "version": "1", "description": f"about {path}"},
        "paths": {
            path: {
                "get": {
                    "operationId": operation,
                    "tags": ["things"],
                    "security": [{"bearer": []}],
                    "responses": {"200": {"description": "ok", "content": {"application/json": answer}}},
                }
            }
        },
        "components": {"schemas": schemas, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


PROBLEM = {"type": "object", "properties": {"code": {"type": "string"}}}


def test_equal_components_appear_once() -> None:
    merged = merge(
        {
            "points": document("/a", schemas={"Problem": PROBLEM}, uses="Problem"),
            "property": document("/b", schemas={"Problem": PROBLEM}, uses="Problem"),
        }
    )
    assert merged["components"]["schemas"] == {"Problem": PROBLEM}
    validate(merged)


def test_different_components_carry_the_services_name() -> None:
    merged = merge(
        {
            "points": document("/a", schemas={"Thing": {"type": "string"}}),
            "property": document("/b", schemas={"Thing": {"type": "integer"}}),
        }
    )
    assert merged["components"]["schemas"] == {"PointsThing": {"type": "string"}, "PropertyThing": {"type": "integer"}}
    answer = merged["paths"]["/b"]["get"]["responses"]["200"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/PropertyThing"}
    validate(merged)


def test_equal_texts_that_refer_to_different_things_are_different() -> None:
    page = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    merged = merge(
        {
            "points": document("/a", schemas={"Page": page, "Item": {"type": "string"}}, uses="Page"),
            "property": document("/b", schemas={"Page": page, "Item": {"type": "integer"}}, uses="Page"),
        }
    )
    assert set(merged["components"]["schemas"]) == {"PointsItem", "PointsPage", "PropertyItem", "PropertyPage"}
    assert merged["components"]["schemas"]["PropertyPage"]["items"]["$ref"] == "#/components/schemas/PropertyItem"
    validate(merged)


def test_a_component_that_contains_itself() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    merged = merge(
        {
            "points": document("/a", schemas={"Tree": tree}, uses="Tree"),
            "property": document("/b", schemas={"Tree": tree}, uses="Tree"),
        }
    )
    assert merged["components"]["schemas"] == {"Tree": tree}


def test_security_schemes_that_differ_are_renamed_where_they_are_used() -> None:
    points, other = document("/a", schemas={"Thing": PROBLEM}), document("/b", schemas={"Thing": PROBLEM})
    other["components"]["securitySchemes"]["bearer"] = {"type": "apiKey", "in": "header", "name": "x"}
    merged = merge({"points": points, "property": other})
    assert merged["paths"]["/b"]["get"]["security"] == [{"PropertyBearer": []}]
    validate(merged)


def test_discriminators_follow_a_renamed_component() -> None:
    either = {
        "oneOf": [{"$ref": "#/components/schemas/Thing"}],
        "discriminator": {"propertyName": "kind", "mapping": {"thing": "#/components/schemas/Thing"}},
    }
    points = document("/a", schemas={"Thing": {"type": "object"}, "Either": either}, uses="Either")
    merged = merge({"points": points, "property": document("/b", schemas={"Thing": {"type": "string"}})})
    mapping = merged["components"]["schemas"]["Either"]["discriminator"]["mapping"]
    assert mapping == {"thing": "#/components/schemas/PointsThing"}


def test_operation_ids_are_unique_and_tell_the_service() -> None:
    merged = merge(
        {
            "points": document("/a", schemas={"Thing": PROBLEM}),
            "property": document("/b", schemas={"Thing": PROBLEM}),
            "media": document("/c", schemas={"Thing": PROBLEM}, operation="media_get"),
        }
    )
    operations = [item["get"] for item in merged["paths"].values()]
    assert [o["operationId"] for o in operations] == ["points_get_thing", "property_get_thing", "media_get"]
    assert [o["tags"] for o in operations] == [["points", "things"], ["property", "things"], ["media", "things"]]
    assert [tag["name"] for tag in merged["tags"]] == ["points", "property", "media"]


def test_the_same_path_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="property claims /a"):
        merge(
            {
                "points": document("/a", schemas={"Thing": PROBLEM}),
                "property": document("/a", schemas={"Thing": PROBLEM}),
            }
        )


def test_merging_changes_nothing_it_was_given() -> None:
    given = {
        "points": document("/a", schemas={"Thing": {"type": "string"}}),
        "property": document("/b", schemas={"Thing": {"type": "integer"}}),
    }
    before = copy.deepcopy(given)
    merge(given)
    assert given == before


def test_the_doors_own_document_is_valid() -> None:
    validate(merge({"gateway": OWN_API}))
