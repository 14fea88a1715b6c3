"""servicenow-cli (a Rust program): the calls of a terminal user. Its own code decides what it asks the server for."""
import json
import os
import subprocess
import tempfile

from checks import Checks, has, same

mark = os.urandom(4).hex()
c = Checks("servicenow-cli")
home = tempfile.mkdtemp(prefix="servicenow-cli-")
env = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home, SERVICENOW_INSTANCE=os.environ["SERVICENOW_URL"], SERVICENOW_USERNAME=os.environ["SERVICENOW_USER"])


def run(*args, password=None):
    more = {"SERVICENOW_PASSWORD": password} if password else {}
    p = subprocess.run(["servicenow", *args, "--output", "json"], env=env | more, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        raise RuntimeError(f"exit {p.returncode}: {(p.stderr or p.stdout).strip()}")
    return json.loads(p.stdout) if p.stdout.strip().startswith(("{", "[")) else p.stdout


def rows(answer):
    """Its lists come bare or in an envelope."""
    if isinstance(answer, dict):
        for key in ("records", "result", "items", "data", "incidents", "attachments"):
            if key in answer:
                return rows(answer[key]) if isinstance(answer[key], dict) else answer[key]
    return answer


def plain(value):
    return value.get("value", value.get("display_value")) if isinstance(value, dict) else value


def record(answer):
    for key in ("record", "result", "incident", "data"):
        if isinstance(answer, dict) and isinstance(answer.get(key), dict):
            return record(answer[key])
    return answer


def refused(what, act, *words):
    def attempt():
        try:
            answer = act()
        except RuntimeError as error:
            return same(any(w.lower() in str(error).lower() for w in words), True, f"one of {words} in {error}")
        raise AssertionError(f"was not refused but answered {answer!r}")
    return c.check(what, attempt)


c.check("doctor", lambda: run("doctor"))
refused("a wrong password", lambda: run("incidents", "list", "--limit", "1", password="wrong"), "401", "authenticat")
number = c.must("create", lambda: plain(record(run("incidents", "create", "--short-description", f"cli {mark}", "--impact", "2", "--urgency", "2"))["number"]))
show = lambda: record(run("incidents", "show", number))
c.check("show", lambda: same(plain(show()["short_description"]), f"cli {mark}"))
c.check("list by a query", lambda: same([plain(r["number"]) for r in rows(run("incidents", "list", "--query", f"short_descriptionLIKEcli {mark}", "--all"))], [number]))
c.check("a work note", lambda: run("incidents", "note", number, "Looked at the log ✓"))
sys_id = plain((show() or {}).get("sys_id", ""))
c.check("it is in the journal", lambda: same([plain(r["value"]) for r in rows(run("tables", "list", "sys_journal_field", "--query", f"element_id={sys_id}"))], ["Looked at the log ✓"]))
c.check("choices of the state", lambda: has(json.dumps(run("choices", "incident", "state")), "In Progress"))
c.check("assign to oneself", lambda: run("incidents", "assign", number, "--to", os.environ["SERVICENOW_USER"]))
c.check("the owner is set", lambda: same(bool(plain(show()["assigned_to"])), True))
c.check("resolve", lambda: run("incidents", "resolve", number, "--code", "Solution provided", "--notes", "Restarted."))
c.check("it is resolved", lambda: same(plain(show()["state"]) in ("6", "Resolved"), True))
path = os.path.join(home, "trace.txt")
with open(path, "w") as f:
    f.write("one\ntwo\n")
c.check("attach", lambda: run("attachments", "upload", "incident", number, path))
attached = c.check("it is listed", lambda: rows(run("attachments", "list", "incident", number))[0])
back = os.path.join(home, "back.txt")
c.check("download", lambda: (run("attachments", "download", plain(attached["sys_id"]), back), same(open(back).read(), "one\ntwo\n")))
refused("a number that does not exist", lambda: run("incidents", "show", "INC9999999"), "not found", "no ", "404")
c.finish()
