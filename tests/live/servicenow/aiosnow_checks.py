"""aiosnow: always sysparm_display_value=all, JSON numbers in bodies, PATCH and DELETE by sys_id, typed reading of answers."""
import asyncio
import os
import tempfile
from urllib.parse import urlsplit

import aiosnow
from aiosnow.models.table.declared.incident import IncidentModel
from aiosnow.models.table.declared.journal import JournalModel
from checks import Checks, same

url = urlsplit(os.environ["SERVICENOW_URL"])
user, password = os.environ["SERVICENOW_USER"], os.environ["SERVICENOW_PASSWORD"]
mark = os.urandom(4).hex()
c = Checks("aiosnow")


async def refused(what, act, *status):
    async def run():
        try:
            answer = await act()
        except Exception as error:
            text = f"{getattr(error, 'status', '')} {error}"
            return same(any(str(s) in text for s in status), True, f"one of {status} in {text!r}")
        raise AssertionError(f"was not refused but answered {answer!r}")

    return await c.check_async(what, run)


async def main():
    client = aiosnow.Client(url.netloc, basic_auth=(user, password), use_ssl=url.scheme == "https")
    async with IncidentModel(client, table_name="incident") as inc, JournalModel(client, table_name="sys_journal_field") as journal:
        made = []
        for i in range(5):
            async def create():
                answer = await inc.create({"short_description": f"aiosnow {mark} {i}", "description": "line 1\nline 2 ✓", "impact": 2, "urgency": 1 + i % 3})
                same(answer.status, 201)
                made.append(answer.data)
                return answer.data
            await c.check_async(f"create incident {i} with JSON numbers", create)
        if len(made) < 5:
            return
        # another one, which no query below may find
        other = (await inc.create({"short_description": f"other {mark[::-1]}x"})).data["sys_id"]
        first = made[0]
        sys_id = first["sys_id"]
        number = first["number"]
        mine = IncidentModel.short_description.contains(f"aiosnow {mark}")

        async def get_one():
            answer = await inc.get_one(IncidentModel.number == number)
            same((answer["sys_id"], answer["description"], answer["state"].key), (sys_id, "line 1\nline 2 ✓", 1))
            return same(answer["state"].value, "New")
        await c.check_async("one by number, typed", get_one)

        async def many():
            answer = await inc.get(mine, limit=10)
            return same(len(answer), 5)
        await c.check_async("many by a query", many)

        async def chunks():
            return same(sorted([r["sys_id"] async for _, r in inc.stream(mine, limit=5, page_size=2)]), sorted(m["sys_id"] for m in made))
        await c.check_async("a stream of pages, led by the Link header", chunks)

        async def update():
            answer = await inc.update(sys_id, {"short_description": f"aiosnow {mark} changed", "urgency": 3})
            same(answer.status, 200)
            answer = await inc.get_one(IncidentModel.sys_id == sys_id)
            return same((answer["short_description"], answer["urgency"].key), (f"aiosnow {mark} changed", 3))
        await c.check_async("update by PATCH", update)

        async def note():
            await inc.update(sys_id, {"work_notes": "Looked at the log ✓"})
            await inc.update(sys_id, {"comments": "Dear caller"})
            answer = await journal.get(JournalModel.element_id == sys_id, limit=10)
            return same(sorted((e["element"], e["value"]) for e in answer.data), [("comments", "Dear caller"), ("work_notes", "Looked at the log ✓")])
        await c.check_async("a work note and a comment in the journal", note)

        async def start():
            await inc.update(sys_id, {"state": 2})
            return same((await inc.get_one(IncidentModel.sys_id == sys_id))["state"].key, 2)
        await c.check_async("start work", start)
        await refused("resolve without a code", lambda: inc.update(sys_id, {"state": 6}), 403, "mandatory")

        async def resolve():
            await inc.update(sys_id, {"state": 6, "close_code": "Solution provided", "close_notes": "Restarted."})
            return same((await inc.get_one(IncidentModel.sys_id == sys_id))["state"].key, 6)
        await c.check_async("resolve", resolve)

        with tempfile.TemporaryDirectory() as folder:
            content = b"one\ntwo\n"
            with open(os.path.join(folder, "trace.txt"), "wb") as f:
                f.write(content)

            async def attach():
                answer = await inc.upload_file(sys_id, os.path.join(folder, "trace.txt"))
                same(answer.status, 201)
                return answer.data["sys_id"]
            attachment = await c.check_async("attach", attach)

            async def download():
                there = os.path.join(folder, "there")
                os.mkdir(there)
                await inc.download_file(aiosnow.models.AttachmentModel.sys_id == attachment, there)
                with open(os.path.join(there, "trace.txt"), "rb") as f:
                    return same(f.read(), content)
            await c.check_async("download", download)

        await refused("a record that does not exist", lambda: inc.update("0" * 32, {"state": 2}), 404, "No Record found")
        wrong = aiosnow.Client(url.netloc, basic_auth=(user, "wrong"), use_ssl=url.scheme == "https")
        async with IncidentModel(wrong, table_name="incident") as closed:
            await refused("a wrong password", lambda: closed.get(mine, limit=1), 401, "not authenticated")
        for m in made:
            async def delete():
                return same((await inc.delete(m["sys_id"])).status, 204)
            await c.check_async("delete", delete)
        await inc.delete(other)


asyncio.run(main())
c.finish()
