"""snowloader: pages by offset and by key, counts from the statistics call, changes since a time, journals, attachments."""
import os
import socket
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import requests
from checks import Checks, has, same
from snowloader import SnowConnection
from snowloader.loaders.attachments import AttachmentLoader
from snowloader.loaders.incidents import IncidentLoader

address = os.environ["SERVICENOW_URL"].rstrip("/")
url = urlsplit(address)
user, password = os.environ["SERVICENOW_USER"], os.environ["SERVICENOW_PASSWORD"]
mark = os.urandom(4).hex()
c = Checks("snowloader")

# It takes only addresses that look like a public host; give it one and lead that home.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(url.hostname if host == "instance.deskside-check.test" else host, *rest, **more)
front = f"{url.scheme}://instance.deskside-check.test:{url.port or 80}"


def connect(**more):
    return SnowConnection(front, **({"username": user, "password": password, "page_size": 2, "max_retries": 0} | more))


web = requests.Session()
web.auth = (user, password)
web.trust_env = False


def create(i):
    answer = web.post(f"{address}/api/now/table/incident", json={"short_description": f"snowloader {mark} {i}", "impact": "2", "urgency": "2"})
    same(answer.status_code, 201)
    has(answer.headers["Location"], answer.json()["result"]["sys_id"])
    return answer.json()["result"]


before = datetime.now(timezone.utc) - timedelta(hours=1)
made = [c.must(f"create incident {i}", lambda: create(i)) for i in range(5)]
ids = sorted(m["sys_id"] for m in made)
mine = f"short_descriptionLIKEsnowloader {mark}"
sn = connect()
got = lambda **more: sorted(str(r["sys_id"]) if isinstance(r["sys_id"], str) else r["sys_id"]["value"] for r in sn.get_records("incident", query=mine, **more))

c.check("count", lambda: same(sn.get_count("incident", mine), 5))
c.check("pages by offset, verified", lambda: same(got(verify=True), ids))
c.check("pages by key", lambda: same(got(keyset=True, verify=True), ids))
c.check("pages in parallel", lambda: same(sorted(str(r["sys_id"]) for r in sn.concurrent_get_records("incident", query=mine, max_workers=3)), ids))
c.check("a limit", lambda: same(len(got(limit=3)), 3))
c.check("changed since an hour ago", lambda: same(got(since=before), ids))
c.check("changed since tomorrow", lambda: same(got(since=datetime.now(timezone.utc) + timedelta(days=1)), []))
c.check("only some fields", lambda: same({frozenset(r) for r in sn.get_records("incident", query=mine, fields=["sys_id", "number"])}, {frozenset({"sys_id", "number"})}))
c.check("one record", lambda: same(sn.get_record("incident", ids[0])["sys_id"], ids[0]))
c.refused("a record that does not exist", lambda: sn.get_record("incident", "0" * 32), 404)
c.refused("a table that does not exist", lambda: list(sn.get_records("no_such_table")), 400)
c.refused("a wrong password", lambda: list(connect(password="wrong").get_records("incident", limit=1)), 401)
c.check("display values", lambda: same({r["state"] for r in sn.get_records("incident", query=mine, fields=["sys_id", "state"])}, {"New"}))
both = connect(display_value="all")
c.check("values of both sorts", lambda: same([r["state"] for r in both.get_records("incident", query=mine, limit=1)], [{"display_value": "New", "value": "1"}]))

patch = lambda sys_id, **values: same(web.patch(f"{address}/api/now/table/incident/{sys_id}", json=values).status_code, 200)
c.check("a work note and a comment", lambda: (patch(ids[0], work_notes=f"note {mark}"), patch(ids[0], comments=f"comment {mark}")))


def documents():
    loaded = IncidentLoader(both, query=f"sys_id={ids[0]}", include_journals=True).load()
    same(len(loaded), 1)
    has(loaded[0].page_content, f"note {mark}")
    return has(loaded[0].page_content, f"comment {mark}")


c.check("an incident as a document with its journal", documents)
content = bytes(range(256)) * 40
put = c.must("attach", lambda: web.post(f"{address}/api/now/attachment/file", params={"table_name": "incident", "table_sys_id": ids[0], "file_name": "blob.bin"}, data=content, headers={"Content-Type": "application/octet-stream"}).json()["result"])
c.check("it is listed", lambda: same([d.metadata["sys_id"] for d in AttachmentLoader(sn, query=f"table_name=incident^table_sys_id={ids[0]}").load()], [put["sys_id"]]))
c.check("download", lambda: same(sn.get_attachment(put["sys_id"]), content))
c.refused("an attachment that does not exist", lambda: sn.get_attachment("0" * 32), 404)

if os.environ.get("SERVICENOW_CLIENT_ID"):
    keys = {"client_id": os.environ["SERVICENOW_CLIENT_ID"], "client_secret": os.environ["SERVICENOW_CLIENT_SECRET"]}
    c.check("OAuth: password grant", lambda: same(connect(**keys).get_count("incident", mine), 5))
    c.check("OAuth: client credentials", lambda: same(connect(**keys, username=None, password=None).get_count("incident", mine), 5))
    c.refused("OAuth: a wrong secret", lambda: connect(client_id=keys["client_id"], client_secret="wrong").get_count("incident", mine), 401)
    c.refused("a wrong bearer token", lambda: connect(username=None, password=None, token="wrong").get_count("incident", mine), 401)
else:
    print("left out: OAuth, because SERVICENOW_CLIENT_ID is not set")

for sys_id in ids:
    c.check("delete", lambda: same(web.delete(f"{address}/api/now/table/incident/{sys_id}").status_code, 204))
c.check("none is left", lambda: same(sn.get_count("incident", mine), 0))
c.finish()
