"""Holds every JSON answer that boto3 receives against botocore's service models: what AWS says that its operations answer."""

import base64
import binascii
import json
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

# Errors that every operation of AWS may answer, so that no model lists them:
# https://docs.aws.amazon.com/awsquerylanguage/latest/dev/CommonErrors.html. NotImplemented is the local AWS's own.
COMMON_ERRORS = {"ValidationException", "ThrottlingException", "AccessDeniedException", "NotImplemented"}
ERROR_MEMBERS = {"__type", "message", "Message", "Type"}


class Contract:
    """What was called, and where an answer was not what the service's model says."""

    def __init__(self, services: set[str]) -> None:
        self.operations: set[str] = set()
        self.violations: list[str] = []
        self._services = services

    def watch(self, events: Any) -> None:
        """Looks at each answer before botocore reads it, which leaves out what it does not know."""
        events.register("before-parse.*.*", self._look)

    def _look(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
        service = operation_model.service_model.service_name
        if service not in self._services:
            return
        name = f"{service}.{operation_model.name}"
        if response_dict["status_code"] < 300:
            self.operations.add(name)
            found = list(answer_violations(operation_model.output_shape, response_dict))
        else:
            found = list(error_violations(operation_model, response_dict))
        self.violations += [f"{name}: {violation}" for violation in found]


def answer_violations(shape: StructureShape | None, response: dict[str, Any]):
    if shape is None:
        return
    payload = shape.serialization.get("payload")
    if payload is None:
        body = parsed(response["body"])
    else:
        payload_shape = shape.members[payload]
        # A payload that is no structure is the caller's own bytes.
        body = {payload: parsed(response["body"])} if isinstance(payload_shape, StructureShape) else {payload: ""}
    elsewhere = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        header = response["headers"].get(member.serialization.get("name", name))
        if location == "statusCode":
            elsewhere[name] = response["status_code"]
        elif location == "header" and header is not None:
            elsewhere[name] = from_header(member, header)
    yield from structure_violations(shape, {**body, **elsewhere}, "")


def error_violations(operation: OperationModel, response: dict[str, Any]):
    body = parsed(response["body"])
    code = body.get("__type", "").split("#")[-1]
    shapes = {shape.name: shape for shape in operation.error_shapes}
    shape = shapes.get(code)
    if shape is None:
        if code not in COMMON_ERRORS:
            yield f"answers error {code!r}, which is not one of {sorted(shapes)}"
        return
    status = shape.metadata.get("error", {}).get("httpStatusCode")
    if status is not None and status != response["status_code"]:
        yield f"{code} has HTTP status {status}, got {response['status_code']}"
    members = {member.serialization.get("name", name) for name, member in shape.members.items()}
    for name in body.keys() - members - ERROR_MEMBERS:
        yield f"{code} has no member {name}"


def violations(shape: Shape, value: Any, path: str):
    if isinstance(shape, StructureShape):
        yield from structure_violations(shape, value, path) if isinstance(value, dict) else [f"{path}: no structure"]
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        for index, item in enumerate(value):
            yield from violations(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield f"{path}: no map"
            return
        for key, item in value.items():
            yield from violations(shape.key, key, f"{path}.{key} (its key)")
            yield from violations(shape.value, item, f"{path}.{key}")
    elif not is_of_type(shape, value):
        yield f"{path}: no {shape.type_name}: {value!r}"
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not one of {shape.enum}"


def structure_violations(shape: StructureShape, value: dict[str, Any], path: str):
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    # A member outside the body goes by its own name here.
    members |= {name: member for name, member in shape.members.items() if "location" in member.serialization}
    for name in shape.required_members:
        if name not in value and shape.members[name].serialization.get("name", name) not in value:
            yield f"{path}.{name} is missing"
    for name, item in value.items():
        if name in members:
            yield from violations(members[name], item, f"{path}.{name}")
        else:
            yield f"{path}.{name} is not a member"


def is_of_type(shape: Shape, value: Any) -> bool:
    match shape.type_name:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "long":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float" | "double":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "timestamp":
            is_text = shape.serialization.get("timestampFormat") == "iso8601"
            return isinstance(value, str) if is_text else isinstance(value, (int, float)) and value < 1e11
        case "blob":
            return isinstance(value, str) and is_base64(value)
        case _:
            raise ValueError(f"botocore has a type that this program does not know: {shape.type_name}")


def is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True


def from_header(shape: Shape, text: str) -> Any:
    return text if shape.type_name == "string" else json.loads(text)


def parsed(body: bytes) -> Any:
    return json.loads(body) if body else {}
