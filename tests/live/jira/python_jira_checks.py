"""python-jira against Cloud (v3, token pages, ADF) or Data Center (v2, offset pages, plain text)."""
import io
import os

import requests
from checks import Checks, has, same
from jira import JIRA

url, kind = os.environ["JIRA_URL"].rstrip("/"), os.environ["JIRA_KIND"]
user, password = os.environ["JIRA_USER"], os.environ["JIRA_PASSWORD"]
project, issue_type = os.environ["JIRA_PROJECT"], os.environ["JIRA_TYPE"]
without = set(filter(None, os.environ.get("JIRA_LEAVE_OUT", "").split(",")))
cloud = kind == "cloud"
mark = "m" + os.urandom(4).hex()
c = Checks(f"python-jira {kind}")


def part(name):
    if name in without:
        print(f"left out: {name}, by JIRA_LEAVE_OUT")
    return name not in without


def connect(password=password):
    return JIRA(server=url, basic_auth=(user, password), options={"rest_api_version": "3" if cloud else "2"}, max_retries=0, timeout=30, get_server_info=True)


def status_of(path):
    return requests.get(url + path, auth=(user, password), timeout=30).status_code


def text(words):
    """What Jira stores for plain words: a document on Cloud, a string on Data Center."""
    if not cloud:
        return words
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in words.split("\n")]}


def words(stored):
    """The words of either sort; python-jira wraps documents into objects of its own."""
    if isinstance(stored, str) or stored is None:
        return stored
    raw = getattr(stored, "raw", None) or stored
    if not isinstance(raw, dict):
        raw = {k: v for k, v in vars(stored).items() if not k.startswith("_")}
    def leaves(node):
        node = node if isinstance(node, dict) else {k: v for k, v in vars(node).items() if not k.startswith("_")}
        return node.get("text", "") if node.get("type") == "text" else "".join(leaves(n) for n in node.get("content", []))
    return "\n".join(leaves(block) for block in raw["content"])


jira = c.must("log in", connect)
c.check("which product it is", lambda: same(jira.server_info()["deploymentType"], "Cloud" if cloud else "Server"))
me = c.must("who am I", lambda: jira.myself())
mine = me["accountId"] if cloud else me["name"]
c.check("my time zone is told", lambda: same(bool(me["timeZone"]), True))
if part("login"):
    c.refused("a wrong password", lambda: connect("wrong").myself(), 401)
c.check("priorities", lambda: same(all(p.id and p.name for p in jira.priorities()), True))
fields = c.must("fields", lambda: {f["name"]: f for f in jira.fields()})
c.check("custom fields say what they are", lambda: same([f["name"] for f in fields.values() if f.get("custom") and not f.get("schema", {}).get("custom")], []))
c.check("the project", lambda: same(jira.project(project).key, project))
c.check("the types of the project", lambda: has([t.name for t in jira.project(project).issueTypes], issue_type))


def create(i):
    return jira.create_issue(fields={"project": {"key": project}, "issuetype": {"name": issue_type}, "summary": f"python {mark} {i}", "description": text("line 1\nline 2 ✓")})


made = [c.must(f"create issue {i}", lambda: create(i)) for i in range(5)]
one = made[0]
read = lambda: jira.issue(one.key)
c.check("its key and id", lambda: same((one.key.split("-")[0], one.id.isdigit()), (project, True)))
c.check("text of several lines survives", lambda: same(words(read().fields.description), "line 1\nline 2 ✓"))
c.check("an instant carries its offset", lambda: same((read().fields.created[10], read().fields.created[-5] in "+-", len(read().fields.created)), ("T", True, 28)))
c.check("a status has a category", lambda: has(["new", "indeterminate"], read().fields.status.statusCategory.key))
c.refused("a record that does not exist", lambda: jira.issue(f"{project}-999999"), 404)
c.refused("an unknown project", lambda: jira.create_issue(fields={"project": {"key": "NOPE"}, "issuetype": {"name": issue_type}, "summary": "x"}), 400, 404)
if part("rules"):
    c.refused("a field that does not exist", lambda: one.update(fields={"customfield_99999": "x"}), 400)
    c.refused("an empty summary", lambda: one.update(fields={"summary": ""}), 400)

if part("jql"):
    ours = f'project = {project} AND summary ~ "{mark}"'
    keys = [i.key for i in made]
    c.check("search", lambda: same(sorted(i.key for i in jira.search_issues(f"{ours} ORDER BY key ASC", fields="summary")), sorted(keys)))
    c.check("only the fields asked for", lambda: same(set(jira.search_issues(ours, fields="summary,status", maxResults=1, json_result=True)["issues"][0]["fields"]), {"summary", "status"}))
    c.check("ordered", lambda: same([i.key for i in jira.search_issues(f"{ours} ORDER BY created DESC, key DESC", fields="summary")], keys[::-1]))
    c.check("keys in a list", lambda: same(sorted(i.key for i in jira.search_issues(f"key in ({keys[0]}, {keys[1]})", fields="summary")), sorted(keys[:2])))
    c.check("nothing found", lambda: same(list(jira.search_issues(f'{ours} AND summary ~ "nothingofthesort"', fields="summary")), []))
    c.check("the category of the status", lambda: same(len(jira.search_issues(f"{ours} AND statusCategory != Done", fields="summary")), 5))
    c.check("changed lately", lambda: same(len(jira.search_issues(f'{ours} AND updated >= "-15m"', fields="summary")), 5))
    c.check("not changed long ago", lambda: same(len(jira.search_issues(f'{ours} AND updated < "-15m"', fields="summary")), 0))
    c.refused("a broken query", lambda: jira.search_issues("project = AND", fields="summary"), 400)
    c.refused("a field that does not exist, in a query", lambda: jira.search_issues("nosuchfield = 1", fields="summary"), 400)
    if cloud:
        def token_pages():
            seen, token = [], None
            for _ in range(6):
                page = jira.enhanced_search_issues(f"{ours} ORDER BY key ASC", maxResults=2, fields="summary", nextPageToken=token, json_result=True)
                same("total" in page or "startAt" in page, False, "token pages have no total")
                seen += [i["key"] for i in page["issues"]]
                token = page.get("nextPageToken")
                same(bool(token), not page["isLast"])
                if not token:
                    break
            return same(seen, keys)
        c.check("pages by token", token_pages)
        c.check("all pages at once", lambda: same(len(jira.enhanced_search_issues(ours, maxResults=0, fields="summary")), 5))
        c.check("by POST", lambda: same(len(jira.enhanced_search_issues(ours, maxResults=10, fields="summary", use_post=True)), 5))
        c.check("an approximate count", lambda: same(jira.approximate_issue_count(ours), 5))
        c.refused("an unbounded query", lambda: jira.search_issues("ORDER BY key", fields="summary"), 400)
        c.check("the old search is gone", lambda: same(status_of("/rest/api/3/search?jql=project%3D" + project), 410))
    else:
        def offset_pages():
            seen = []
            for start in (0, 2, 4, 6):
                page = jira.search_issues(f"{ours} ORDER BY key ASC", startAt=start, maxResults=2, fields="summary", json_result=True)
                same((page["total"], page["startAt"]), (5, start))
                seen += [i["key"] for i in page["issues"]]
            return same(seen, keys)
        c.check("pages by offset", offset_pages)
        c.check("by POST", lambda: same(len(jira.search_issues(ours, fields="summary", use_post=True)), 5))

c.check("edit", lambda: one.update(fields={"summary": f"python {mark} changed"}, notify=True))
c.check("it is stored", lambda: same(read().fields.summary, f"python {mark} changed"))
if part("update"):
    c.check("a label", lambda: one.update(update={"labels": [{"add": "vpn"}]}))
    c.check("it is added", lambda: same(read().fields.labels, ["vpn"]))
c.check("assign to oneself", lambda: one.update(fields={"assignee": {"accountId" if cloud else "name": mine}}))
c.check("the owner is set", lambda: same((read().fields.assignee.accountId if cloud else read().fields.assignee.name), mine))
c.check("the text is whole after the edits", lambda: same(words(read().fields.description), "line 1\nline 2 ✓"))

c.check("a comment", lambda: jira.add_comment(one.key, text("Dear caller ✓")))
c.check("it is listed", lambda: same([words(x.body) for x in jira.comments(one.key)], ["Dear caller ✓"]))
if part("comments"):
    c.check("an internal comment", lambda: jira.add_comment(one.key, text("Looked at the log"), is_internal=True))
    def kinds():
        found = {}
        for x in jira.comments(one.key, expand="properties"):
            internal = any(p["key"] == "sd.public.comment" and str(p["value"]["internal"]).lower() == "true" for p in x.raw.get("properties", []))
            found[words(x.body)] = internal
            if cloud:
                same(x.raw["jsdPublic"], not internal)
        return same(found, {"Dear caller ✓": False, "Looked at the log": True})
    c.check("each is told apart", kinds)

c.check("a link", lambda: jira.create_issue_link("Relates", one.key, made[1].key))
def linked():
    link = read().fields.issuelinks[0]
    other = getattr(link, "outwardIssue", None) or getattr(link, "inwardIssue", None)
    return same((link.type.name, other.key), ("Relates", made[1].key))
c.check("it is there", linked)
c.check("take it away", lambda: jira.delete_issue_link(read().fields.issuelinks[0].id))
c.check("it is gone", lambda: same(read().fields.issuelinks, []))

content = "one\ntwo ✓\n".encode()
put = c.must("attach", lambda: jira.add_attachment(one.key, io.BytesIO(content), "trace.txt"))
c.check("it is listed", lambda: same([(a.filename, a.size) for a in read().fields.attachment], [("trace.txt", len(content))]))
c.check("download", lambda: same(read().fields.attachment[0].get(), content))
c.check("take the attachment away", lambda: jira.delete_attachment(put.id))

moves = c.must("the moves offered", lambda: jira.transitions(one.key, expand="transitions.fields"))
c.check("each leads to a status", lambda: same(all(m["id"] and m["to"]["name"] and m["to"]["statusCategory"]["key"] for m in moves), True))
if part("rules"):
    c.refused("a move that is not offered", lambda: jira.transition_issue(one.key, "999999"), 400)


def move():
    """Walk until done: the first move into the category done, else into work."""
    for _ in range(4):
        offered = jira.transitions(one.key, expand="transitions.fields")
        best = next((m for m in offered if m["to"]["statusCategory"]["key"] == "done" and "ancel" not in m["to"]["name"]), None) or next(m for m in offered if m["to"]["statusCategory"]["key"] == "indeterminate")
        values = {"resolution": {"name": "Done"}} if "resolution" in best.get("fields", {}) else None
        jira.transition_issue(one.key, best["id"], fields=values)
        now = read().fields.status
        same(now.name, best["to"]["name"])
        if now.statusCategory.key == "done":
            return now.name
    raise AssertionError("never done")


c.check("move it until it is done", move)
c.check("the changes are recorded", lambda: has([i.field for h in jira.issue(one.key, expand="changelog").changelog.histories for i in h.items], "status"))
for m in made:
    c.check("delete", lambda: m.delete())
c.refused("it is gone", read, 404)
c.finish()
