"""pysnow: Basic and OAuth, encoded queries, PUT for updates, form-free JSON, attachments by raw body."""
import os
import tempfile
from urllib.parse import urlsplit

import pysnow
from checks import Checks, has, same

url = urlsplit(os.environ["SERVICENOW_URL"])
user, password = os.environ["SERVICENOW_USER"], os.environ["SERVICENOW_PASSWORD"]
mark = os.urandom(4).hex()
c = Checks("pysnow")


def connect(password=password):
    return pysnow.Client(host=url.netloc, user=user, password=password, use_ssl=url.scheme == "https")


client = connect()
incidents = client.resource(api_path="/table/incident")
table = lambda name: client.resource(api_path=f"/table/{name}")

me = c.must("log in and find oneself", lambda: table("sys_user").get(query={"user_name": user}).one())
c.check("an identifier is text", lambda: same((type(me["sys_id"]), len(me["sys_id"])), (str, 32)))
c.refused("a wrong password", lambda: connect("wrong").resource(api_path="/table/incident").get(query={}, limit=1).all(), 401)
c.refused("a table that does not exist", lambda: table("no_such_table").get(query={}, limit=1).all(), 400)
c.refused("a record that does not exist", lambda: incidents.request("GET", path_append="/" + "0" * 32).one(), 404)

made = [c.must(f"create incident {i}", lambda: incidents.create(payload={"short_description": f"pysnow {mark} {i}", "description": "line 1\nline 2 ✓", "urgency": "2", "impact": str(1 + i % 3), "caller_id": me["sys_id"]}).one()) for i in range(5)]
one = made[0]
c.check("its number", lambda: same(one["number"][:3], "INC"))
c.check("all plain values are text", lambda: same({type(v) for v in one.values()} - {str, dict}, set()))
c.check("a reference has link and value", lambda: same((one["caller_id"]["value"], one["caller_id"]["link"].rsplit("/", 1)[-1]), (me["sys_id"],) * 2))
c.check("the state is New", lambda: same(one["state"], "1"))
c.check("the priority is computed", lambda: same([m["priority"] for m in made[:3]], ["2", "3", "4"]))
c.check("find it by number", lambda: same(incidents.get(query={"number": one["number"]}).one()["sys_id"], one["sys_id"]))
c.check("text of several lines survives", lambda: same(incidents.get(query={"sys_id": one["sys_id"]}).one()["description"], "line 1\nline 2 ✓"))

mine = f"short_descriptionLIKEpysnow {mark}"
c.check("an encoded query", lambda: same(len(incidents.get(query=mine).all()), 5))
c.check("OR binds to one condition", lambda: same(len(incidents.get(query=f"{mine}^impact=1^ORimpact=2").all()), 4))
c.check("NQ is an OR of groups", lambda: same(len(incidents.get(query=f"{mine}^impact=1^NQ{mine}^impact=3").all()), 3))
built = pysnow.QueryBuilder().field("short_description").contains(f"pysnow {mark}").AND().field("impact").equals(["1", "3"]).AND().field("sys_id").order_descending()
c.check("a query of the builder, ordered", lambda: same([r["sys_id"] for r in incidents.get(query=built).all()], sorted((m["sys_id"] for m in made if m["impact"] != "2"), reverse=True)))
c.check("an unknown field in a query is ignored", lambda: same(len(incidents.get(query=f"{mine}^no_such_field=1").all()), 5))


def pages():
    seen = []
    for offset in (0, 2, 4, 6):
        seen.append([r["sys_id"] for r in incidents.get(query=mine + "^ORDERBYsys_id", limit=2, offset=offset).all()])
    same([len(p) for p in seen], [2, 2, 1, 0])
    return same(sum(seen, []), sorted(m["sys_id"] for m in made))


c.check("pages", pages)
c.check("the count header", lambda: same(incidents.get(query=mine, limit=2).headers.get("X-Total-Count"), "5"))
c.check("a stream", lambda: same(len(list(incidents.get(query=mine, stream=True).all())), 5))
c.check("only the fields asked for", lambda: same(set(incidents.get(query=mine, fields=["number", "caller_id.name", "no_such_field"], limit=1).all()[0]), {"number", "caller_id.name"}))


def display():
    shown = client.resource(api_path="/table/incident")
    shown.parameters.display_value = True
    row = shown.get(query={"number": one["number"]}).one()
    shown.parameters.display_value = False
    same(row["state"], "New")
    return same(row["caller_id"]["display_value"], me["name"])


c.check("display values", display)


def links():
    bare = client.resource(api_path="/table/incident")
    bare.parameters.exclude_reference_link = True
    row = bare.get(query={"number": one["number"]}).one()
    bare.parameters.exclude_reference_link = False
    return same(row["caller_id"], me["sys_id"])


c.check("references without links", links)

by_number = {"number": one["number"]}
update = lambda **values: incidents.update(query=by_number, payload=values).one()
c.check("update by PUT", lambda: same(update(short_description=f"pysnow {mark} changed")["short_description"], f"pysnow {mark} changed"))
c.check("PUT leaves the rest", lambda: same(incidents.get(query=by_number).one()["description"], "line 1\nline 2 ✓"))
c.check("the change counter rises", lambda: same(int(update(urgency="3")["sys_mod_count"]) > int(one["sys_mod_count"]), True))
group = c.must("a group", lambda: table("sys_user_group").get(query={}, limit=1).all()[0])
c.check("assign", lambda: same(update(assignment_group=group["sys_id"], assigned_to=me["sys_id"])["assigned_to"]["value"], me["sys_id"]))

journal = lambda kind: [e["value"] for e in table("sys_journal_field").get(query=f"element_id={one['sys_id']}^element={kind}^ORDERBYsys_created_on").all()]
c.check("a work note", lambda: update(work_notes="Looked at the log.\nNothing."))
c.check("a second work note", lambda: update(work_notes="Looked again."))
c.check("both are in the journal", lambda: same(journal("work_notes"), ["Looked at the log.\nNothing.", "Looked again."]))
c.check("a comment", lambda: update(comments="Dear caller ✓"))
c.check("it is in the journal", lambda: same(journal("comments"), ["Dear caller ✓"]))
c.check("a plain read shows no journal", lambda: same(incidents.get(query=by_number).one()["work_notes"], ""))

c.check("start work", lambda: same(update(state="2")["state"], "2"))
c.refused("resolve without a code", lambda: update(state="6"), 403)
c.check("which changed nothing", lambda: same(incidents.get(query=by_number).one()["state"], "2"))
c.check("resolve", lambda: same(update(state="6", close_code="Solution provided", close_notes="Restarted.")["state"], "6"))
c.check("the time of resolution is kept", lambda: same(len(incidents.get(query=by_number).one()["resolved_at"]), 19))

with tempfile.TemporaryDirectory() as folder:
    path, content = os.path.join(folder, "trace ✓.txt"), "one\ntwo ✓\n".encode()
    with open(path, "wb") as f:
        f.write(content)
    got = c.must("attach", lambda: incidents.attachments.upload(sys_id=one["sys_id"], file_path=path).one())
    c.check("its name and size", lambda: same((got["file_name"], got["size_bytes"], got["table_sys_id"]), ("trace ✓.txt", str(len(content)), one["sys_id"])))
    c.check("it is listed", lambda: same([a["sys_id"] for a in incidents.attachments.get(sys_id=one["sys_id"])], [got["sys_id"]]))
    c.check("download", lambda: same(client.session.get(f"{client.base_url}/api/now/attachment/{got['sys_id']}/file").content, content))
    c.check("delete the attachment", lambda: same(client.session.delete(f"{client.base_url}/api/now/attachment/{got['sys_id']}").status_code, 204))
    c.check("it is gone", lambda: same(list(incidents.attachments.get(sys_id=one["sys_id"])), []))

if os.environ.get("SERVICENOW_CLIENT_ID"):
    oauth = pysnow.OAuthClient(client_id=os.environ["SERVICENOW_CLIENT_ID"], client_secret=os.environ["SERVICENOW_CLIENT_SECRET"], host=url.netloc, use_ssl=url.scheme == "https")
    token = c.check("OAuth: a token for a password", lambda: oauth.generate_token(user, password))
    c.check("OAuth: kind and life", lambda: same((token["token_type"], int(token["expires_in"]) > 60), ("Bearer", True)))
    c.check("OAuth: log in with it", lambda: (oauth.set_token(token), same(len(oauth.resource(api_path="/table/incident").get(query=mine).all()), 5)))

    def renewed():
        kept = []
        old = dict(token, access_token="stale", expires_in=-10, expires_at=1.0)
        oauth.token_updater = kept.append
        oauth.set_token(old)
        same(len(oauth.resource(api_path="/table/incident").get(query=mine).all()), 5)
        return same(len(kept), 1, "tokens renewed")

    c.check("OAuth: an old token is renewed", renewed)
    c.refused("OAuth: a wrong password", lambda: oauth.generate_token(user, "wrong"), "denied", "invalid", 401)
else:
    print("left out: OAuth, because SERVICENOW_CLIENT_ID is not set")

for m in made:
    c.check("delete", lambda: same(incidents.delete(query={"number": m["number"]})["status"], "record deleted"))
c.check("none is left", lambda: same(incidents.get(query=mine).all(), []))
c.finish()
