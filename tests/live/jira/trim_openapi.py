#!/usr/bin/env python3
"""trim_openapi.py FULL.json > openapi.json: Atlassian's OpenAPI of Jira Cloud v3, cut to the calls that deskside makes.

Drops all other paths, the schemas that then nobody names, Atlassian's extension keys, examples and prose, and loosens two
things (see `loosen`). Nothing else is changed. See openapi-NOTICE.md."""
import json
import re
import sys

PATHS = """serverInfo myself mypermissions configuration field field/search priority priority/search resolution resolution/search
status statuses/search issuetype issuetype/project project/search project/{projectIdOrKey} project/{projectIdOrKey}/statuses
project/{projectIdOrKey}/components project/{projectIdOrKey}/versions
search/jql search/approximate-count jql/parse jql/match issue issue/bulkfetch issue/createmeta/{projectIdOrKey}/issuetypes
issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId} issue/{issueIdOrKey} issue/{issueIdOrKey}/assignee
issue/{issueIdOrKey}/attachments issue/{issueIdOrKey}/changelog issue/{issueIdOrKey}/comment issue/{issueIdOrKey}/comment/{id}
issue/{issueIdOrKey}/editmeta issue/{issueIdOrKey}/remotelink issue/{issueIdOrKey}/transitions issue/{issueIdOrKey}/watchers
issue/{issueIdOrKey}/worklog issue/{issueIdOrKey}/properties issue/{issueIdOrKey}/properties/{propertyKey}
issueLink issueLink/{linkId} issueLinkType attachment/meta attachment/{id} attachment/content/{id}
user user/search user/assignable/search user/assignable/multiProjectSearch users/search user/groups group/bulk group/member
groups/picker comment/list""".split()

full = json.load(open(sys.argv[1]))
wanted = {"/rest/api/3/" + p for p in PATHS}
missing = wanted - set(full["paths"])
if missing:
    sys.exit(f"not in the specification: {sorted(missing)}")


def clean(node, inside=None):
    """A copy without extension keys, examples and prose. `inside` is the key that held this node: what stands in
    `properties` are names of Jira's fields, and an answer must keep its description to be valid OpenAPI."""
    if isinstance(node, list):
        return [clean(v) for v in node]
    if not isinstance(node, dict):
        return node
    if inside in ("properties", "responses", "paths", "schemas"):
        return {key: clean(value, "answer" if inside == "responses" else None) for key, value in node.items()}
    dropped = {"example", "examples", "externalDocs"} | ({"description"} if inside != "answer" else set())
    return {key: clean(value, key) for key, value in node.items() if key not in dropped and not key.startswith("x-")}


def loosen(operation):
    """Two places where the specification says less than it seems, and Prism takes it at its word: an answer whose content may
    be anything is sent without a body by Jira, and the parts of an upload are described as an array."""
    for answer in operation.get("responses", {}).values():
        if all(not media.get("schema") for media in answer.get("content", {}).values()):
            answer.pop("content", None)
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        if kind.startswith("multipart/"):
            media["schema"] = {"type": "object"}


def names(node):
    return set(re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(node)))


paths = {p: clean(v) for p, v in full["paths"].items() if p in wanted}
for path in paths.values():
    for operation in path.values():
        if isinstance(operation, dict):
            loosen(operation)
keep, todo = set(), names(paths)
while todo:
    name = todo.pop()
    if name not in keep:
        keep.add(name)
        kind, item = name.split("/", 1)
        todo |= names(full["components"][kind][item]) - keep
components = {"securitySchemes": clean(full["components"]["securitySchemes"])}
for name in sorted(keep):
    kind, item = name.split("/", 1)
    components.setdefault(kind, {})[item] = clean(full["components"][kind][item])
out = {k: full[k] for k in ("openapi", "info", "servers")}
out |= {"paths": paths, "components": components}
json.dump(out, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
print()
