"""Holds what was asked and answered against docs/openapi.json: nothing may be answered that is not written there."""

import json
import pathlib
import re
import threading
import urllib.parse

import jsonschema

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.json"
UNREAD = (400, 414, 417, 431, 501, 505)     # of what is no proper HTTP, in plain text, whatever the path


class Undescribed(AssertionError):
    pass


class Description:
    """An OpenAPI document, and what it has to say about one exchange after the other. `seen` are the pairs of an
    operation's id and a status that came so far."""

    def __init__(self, document):
        self.document, self.seen = document, set()
        self._resolver = jsonschema.RefResolver.from_schema(document)
        self._lock = threading.Lock()       # the resolver remembers where it is
        self._paths = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), self.meant(item))
                       for path, item in document["paths"].items()]

    def meant(self, value):
        while "$ref" in value:
            value = self._resolver.resolve(value["$ref"])[1]
        return value

    def item(self, path):
        """What is written of a path, if anything is."""
        return next((item for pattern, item in self._paths if pattern.fullmatch(path)), None)

    def check(self, method, target, fields, body, answer):
        """Raises Undescribed if anything about this exchange is not as it is written."""
        def must(condition, what):
            if not condition:
                raise Undescribed(f"{method} {target}: {what} docs/openapi.json\n{answer!r}")

        media_type = media_type_of(answer["Content-Type"])
        if media_type == "text/plain" and answer.status in UNREAD:
            return
        item = self.item(target.partition("?")[0])
        if item is None:
            must(answer.status == 404, "is answered, though it is not in")
            return
        operation = item.get(method.lower()) or (method == "HEAD" and item.get("get"))
        if not operation:
            must(answer.status == 405 and answer["Allow"], "is answered, though there is no such method in")
            return

        self.seen.add((operation["operationId"], answer.status))
        must(str(answer.status) in operation["responses"], f"status {answer.status} is not in")
        written = self.meant(operation["responses"][str(answer.status)])
        for name, header in written.get("headers", {}).items():
            self.check_field(must, name, self.meant(header), answer[name])
        content = written.get("content", {})
        must(media_type in content or not (content or media_type),
             f"{media_type or 'no media type'} of status {answer.status} is not in")
        if method != "HEAD" and content:
            self.check_body(must, "the answer", content[media_type], media_type, answer.body)
        else:
            must(not answer.body, f"a body of status {answer.status} is not in")
        if answer.status < 300 and not is_partly_refused(media_type, answer):
            self.check_request(must, operation, fields, body)

    def check_field(self, must, name, header, value):
        must(value is not None or not header.get("required"), f"there is no {name}, unlike in")
        if value is not None:
            integer = header["schema"].get("type") == "integer"
            self.check_value(must, name, header["schema"], int(value) if integer and value.isdigit() else value)

    def check_request(self, must, operation, fields, body):
        """What was accepted has to be what is asked for."""
        if body is None:
            must("requestBody" not in operation, "was accepted without the body of")
            return
        must("requestBody" in operation, "was accepted with a body that is not in")
        content = operation["requestBody"]["content"]
        media_type = media_type_of({name.lower(): value for name, value in fields.items()}.get("content-type"))
        must(media_type in content, f"was accepted as {media_type}, which is not in")
        self.check_body(must, "the request", content[media_type], media_type, body)

    def check_body(self, must, what, content, media_type, body):
        text = body.decode() if isinstance(body, bytes) else body
        if media_type == "application/x-www-form-urlencoded":
            value = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        else:
            value = json.loads(text) if media_type.endswith("json") else text
        self.check_value(must, what, content["schema"], value)

    def check_value(self, must, what, schema, value):
        with self._lock:
            validator = jsonschema.Draft202012Validator(schema, resolver=self._resolver)
            trouble = next(validator.iter_errors(value), None)
        must(trouble is None, trouble and f"{what} is not as it is in (at {trouble.json_path}: {trouble.message})")


def media_type_of(field):
    return (field or "").partition(";")[0].strip().lower()


def is_partly_refused(media_type, answer):
    """A list of which some were refused: those are answered one by one."""
    return media_type == "application/json" and answer.body and answer.json is not None \
        and isinstance(answer.json, dict) and answer.json.get("success") is False


DESCRIPTION = Description(json.loads(DOCUMENT.read_text()))
