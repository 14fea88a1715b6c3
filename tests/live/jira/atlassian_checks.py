"""atlassian-python-api: its plain Jira client for a few calls, and its service desk client for queues, requests, comments,
service levels, approvals and attachments (rest/servicedeskapi, the same on Cloud and Data Center)."""
import os
import tempfile

from atlassian import Jira, ServiceDesk
from checks import Checks, has, same

url, kind = os.environ["JIRA_URL"].rstrip("/"), os.environ["JIRA_KIND"]
user, password = os.environ["JIRA_USER"], os.environ["JIRA_PASSWORD"]
project, issue_type = os.environ["JIRA_PROJECT"], os.environ["JIRA_TYPE"]
without = set(filter(None, os.environ.get("JIRA_LEAVE_OUT", "").split(",")))
cloud = kind == "cloud"
mark = "m" + os.urandom(4).hex()
c = Checks(f"atlassian {kind}")


def part(name):
    if name in without:
        print(f"left out: {name}, by JIRA_LEAVE_OUT")
    return name not in without


jira = Jira(url, username=user, password=password, cloud=cloud, api_version="3" if cloud else "2", timeout=30)
desk = ServiceDesk(url, username=user, password=password, cloud=cloud, timeout=30)
me = c.must("who am I", lambda: jira.myself())
mine = me["accountId"] if cloud else me["name"]
if part("login"):
    c.refused("a wrong password", lambda: Jira(url, username=user, password="wrong", cloud=cloud, api_version="3" if cloud else "2").myself(), 401, "uthor")

desks = c.must("service desks", lambda: desk.get_service_desks())
ours = c.must("that of the project", lambda: next(d for d in desks if d["projectKey"] == project))
c.check("its id is text and its own", lambda: same((type(ours["id"]), desk.get_service_desk_by_id(ours["id"])["projectKey"]), (str, project)))
kinds = c.must("request types", lambda: desk.get_request_types(ours["id"])["values"])


def simple():
    for kind in kinds:
        fields = desk.get_request_type_fields(ours["id"], kind["id"])["requestTypeFields"]
        if {f["fieldId"] for f in fields if f["required"]} <= {"summary"}:
            return kind
    raise AssertionError("no request type with only a summary required")


easy = c.must("one that needs a summary only", simple)
made = c.must("raise a request", lambda: desk.create_customer_request(ours["id"], easy["id"], {"summary": f"atlassian {mark}", "description": "line 1\nline 2 ✓"}))
key = made["issueKey"]
c.check("its shape", lambda: same((made["serviceDeskId"], made["requestTypeId"], str(made["issueId"]).isdigit(), "epochMillis" in made["createdDate"]), (ours["id"], easy["id"], True, True)))
values = lambda: {f["fieldId"]: f["value"] for f in desk.get_customer_request(key)["requestFieldValues"]}
c.check("its fields, as plain text", lambda: same((values()["summary"], values()["description"]), (f"atlassian {mark}", "line 1\nline 2 ✓")))
c.check("its status", lambda: has(["NEW", "INDETERMINATE"], desk.get_customer_request(key)["currentStatus"]["statusCategory"]))
c.check("it is an issue", lambda: same(jira.issue(key, fields="summary")["fields"]["summary"], f"atlassian {mark}"))
c.refused("a request type that does not exist", lambda: desk.create_customer_request(ours["id"], "99999", {"summary": "x"}), 400, 404, "equest")
c.refused("a request that does not exist", lambda: desk.get_customer_request(f"{project}-999999"), 404, "exist", "ermission")


def queue():
    """The first queue that shows our request; every page ends with isLastPage."""
    page = desk.get_queues(ours["id"], include_count=True)
    has(page, "isLastPage")
    for q in page["values"]:
        same((type(q["id"]), type(q["issueCount"]), type(q["fields"])), (str, int, list))
        start, keys = 0, []
        while True:
            rows = desk.get_issues_in_queue(ours["id"], q["id"], start=start, limit=50)
            keys += [i["key"] for i in rows["values"]]
            start += len(rows["values"])
            if rows["isLastPage"] or not rows["values"]:
                break
        same(len(keys), q["issueCount"], q["name"])
        if key in keys:
            return q
    raise AssertionError(f"{key} is in no queue")


c.check("it stands in a queue, and counts agree", queue)
c.check("a public comment", lambda: same(desk.create_request_comment(key, "Dear caller ✓", public=True)["public"], True))
c.check("an internal comment", lambda: same(desk.create_request_comment(key, "Looked at the log", public=False)["public"], False))
said = lambda **which: [(x["body"], x["public"]) for x in desk.get_request_comments(key, **which)]
c.check("both are listed", lambda: same(sorted(said()), [("Dear caller ✓", True), ("Looked at the log", False)]))
c.check("only the public one", lambda: same(said(internal=False), [("Dear caller ✓", True)]))
c.check("only the internal one", lambda: same(said(public=False), [("Looked at the log", False)]))

levels = c.must("service levels", lambda: desk.get_sla(key))


def level():
    same(levels != [], True, "no service level at all")
    for s in levels:
        same((type(s["id"]), type(s["name"]), type(s["completedCycles"])), (str, str, list))
        cycle = s.get("ongoingCycle")
        if cycle:
            same({type(cycle[k]) for k in ("breached", "paused", "withinCalendarHours")}, {bool})
            same({type(cycle[k]["millis"]) for k in ("goalDuration", "elapsedTime", "remainingTime")}, {int})
    return True


c.check("their shape", level)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "trace.txt")
    with open(path, "w") as f:
        f.write("one\ntwo\n")
    c.check("attach for the agents only", lambda: desk.create_attachment(ours["id"], key, path, public=False, comment="see the trace"))
attached = lambda: jira.issue(key, fields="attachment")["fields"]["attachment"]
c.check("it is on the issue", lambda: same([(a["filename"], a["size"]) for a in attached()], [("trace.txt", 8)]))
c.check("its comment is internal", lambda: same([x[1] for x in said() if "see the trace" in x[0]], [False]))

waiting = os.environ.get("JIRA_APPROVAL")
if waiting:
    pending = c.must("a pending approval", lambda: next(a for a in desk.get_approvals(waiting) if a["finalDecision"] == "pending"))
    c.check("mine to answer", lambda: same(pending["canAnswerApproval"], True))
    c.check("approve", lambda: same(desk.answer_approval(waiting, pending["id"], "approve")["finalDecision"], "approved"))
    c.check("it is decided", lambda: same(desk.get_approval_by_id(waiting, pending["id"])["finalDecision"], "approved"))
    c.refused("a second answer", lambda: desk.answer_approval(waiting, pending["id"], "decline"), 400, 403, 409, "pproval")
else:
    print("left out: approvals, because JIRA_APPROVAL is not set")

if part("jql"):
    if cloud:
        c.check("search by token", lambda: same([i["key"] for i in jira.enhanced_jql(f'project = {project} AND summary ~ "{mark}"', fields="summary")["issues"]], [key]))
    else:
        c.check("search by offset", lambda: same([i["key"] for i in jira.jql(f'project = {project} AND summary ~ "{mark}"', fields="summary")["issues"]], [key]))
c.check("assign to oneself", lambda: jira.assign_issue(key, mine))
c.check("the owner is set", lambda: same(jira.issue(key, fields="assignee")["fields"]["assignee"]["accountId" if cloud else "name"], mine))
moves = c.must("the moves offered", lambda: jira.get_issue_transitions(key))
c.check("move it", lambda: jira.set_issue_status_by_transition_id(key, moves[0]["id"]))
c.check("it is there", lambda: same(jira.issue(key, fields="status")["fields"]["status"]["name"], moves[0]["to"]))
c.check("delete", lambda: jira.delete_issue(key))
c.finish()
