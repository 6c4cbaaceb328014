"""The API's own description as a book to hold answers against: which answers it allows, and which of its properties were seen."""
import json
import subprocess

import jsonschema

import house

METHODS = ("get", "post")
TOLD = ("ETag", "Link", "X-Next-Cursor", "Retry-After", "WWW-Authenticate", "Allow", "Content-Disposition")
ALWAYS = ("Retry-After", "WWW-Authenticate", "Allow", "Content-Disposition")    # where they are described at all


def routes():
    """(method, pattern, role) of every route of the server."""
    text = subprocess.run([house.WEB, "--routes"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [tuple(line.split()[:3]) for line in text.splitlines()]


class Book:
    def __init__(self, octets):
        self.doc = json.loads(octets)
        self.operations = {(method.upper(), path): item[method] for path, item in self.doc["paths"].items()
                           for method in METHODS if method in item}
        self.whole, self.validators, self.seen = {}, {}, set()

    def at(self, ref):
        found = self.doc
        assert ref.startswith("#/"), ref
        for word in ref[2:].split("/"):
            found = found[word]
        return found

    def resolved(self, schema):
        """The schema without references; one that had a name keeps it."""
        if isinstance(schema, list):
            return [self.resolved(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema and isinstance(schema["$ref"], str):
            ref = schema["$ref"]
            if ref not in self.whole:
                self.whole[ref] = dict(self.resolved(self.at(ref)), **{"x-name": ref.split("/")[-1]})
            return dict(self.whole[ref], **{key: value for key, value in schema.items() if key != "$ref"})
        return {key: self.resolved(value) for key, value in schema.items()}

    def response(self, method, path, status):
        told = self.operations[method, path]["responses"].get(str(status))
        assert told is not None, "%s %s answers %d, which is not described" % (method, path, status)
        return self.at(told["$ref"]) if "$ref" in told else told

    def validator(self, method, path, status, kind):
        key = (method, path, status, kind)
        if key not in self.validators:
            schema = self.resolved(self.response(method, path, status)["content"][kind]["schema"])
            self.validators[key] = schema, jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.FormatChecker(["date"]))
        return self.validators[key]

    def hold(self, method, path, answer, tagged=False):
        """The answer is one that is described; gives its JSON.  tagged: entity tags come as described."""
        status, headers, body = answer
        told = self.response(method, path, status)
        described = set(told.get("headers", {}))
        came = {name for name in TOLD if headers.get(name) is not None}
        what = (method, path, status, body[:300])
        assert came <= described, (what, came - described)
        assert {name for name in described if name in ALWAYS} <= came, (what, described)
        if tagged:
            assert ("ETag" in came) == ("ETag" in described), what
        if status == 304:
            return None
        kind = headers["Content-Type"]
        assert kind in told["content"], (what, kind, list(told["content"]))
        schema, validator = self.validator(method, path, status, kind)
        value = json.loads(body) if kind == "application/json" else body.decode("utf-8", "replace")
        for error in validator.iter_errors(value):
            raise AssertionError("%s %s: %s at %s: %s" % (method, path, status, list(error.absolute_path), error.message[:600]))
        if kind == "application/json":
            self.see(schema, value, "")
        return value

    # --- what was seen ---

    def parts(self, schema, name):
        """(name, properties of the object, schema of the items) of what the schema is when it is not null."""
        for choice in schema.get("anyOf", []):
            if choice.get("type") != "null":
                return self.parts(choice, name)
        name = schema.get("x-name", name) if "properties" in schema else name
        return name, schema.get("properties", {}), schema.get("items")

    def see(self, schema, value, name):
        name, properties, items = self.parts(schema, name)
        if isinstance(value, dict):
            for key in value:
                if key in properties:
                    self.seen.add(name + "." + key)
                    if value[key] is not None:
                        self.seen.add(name + "." + key + " known")
                    self.see(properties[key], value[key], name + "." + key)
        elif isinstance(value, list) and items is not None:
            for one in value:
                self.see(items, one, name)

    def described(self):
        """Every property of every answer, as `see` names it."""
        found = set()

        def walk(schema, name):
            name, properties, items = self.parts(schema, name)
            for key, inner in properties.items():
                if name + "." + key not in found:
                    found.add(name + "." + key)
                    walk(inner, name + "." + key)
            if items is not None:
                walk(items, name)
        for (method, path), operation in self.operations.items():
            for status in operation["responses"]:
                for kind in self.response(method, path, status).get("content", {}):
                    walk(self.validator(method, path, int(status), kind)[0], "")
        return found

    # --- what may be asked ---

    def keys(self, method, path):
        return [parameter for parameter in self.operations[method, path]["parameters"] if parameter["in"] == "query"]


def good_values(schema):
    """Some that are allowed, the ends of every range among them."""
    if "anyOf" in schema:
        found = [value for choice in schema["anyOf"] for value in good_values(choice)]
        return found
    if "enum" in schema:
        return schema["enum"]
    if schema["type"] == "boolean":
        return ["true", "false"]
    if schema["type"] == "integer":
        return [schema["minimum"], schema["maximum"]] + ([schema["default"]] if "default" in schema else [])
    return {"date": ["2026-11-23"], "date-time": ["2026-11-23T06:00:00Z", "2026-11-23T06:00:00%2B01:00"]}.get(
        schema.get("format"), [])


def bad_values(schema):
    """Some that are not; of a choice, what none of it allows."""
    if "anyOf" in schema:
        return ["yesterday", "", "-1", schema["anyOf"][0]["maximum"] + 1, "2026-13-01", "1e3"]
    if "enum" in schema:
        return ["no-such-word", schema["enum"][0].upper()] + ([] if "" in schema["enum"] else [""])
    if schema["type"] == "boolean":
        return ["yes", "1", "TRUE", ""]
    if schema["type"] == "integer":
        return [schema["minimum"] - 1, schema["maximum"] + 1, "x", "", "1.5", "%201"]
    if "pattern" in schema:
        return ["2026-47", "week", "2026-W471"]
    return ["x" * (schema["maxLength"] + 1)] + ([""] if schema["minLength"] > 0 else [])
