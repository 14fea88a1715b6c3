"""One line per check, for the client scripts: `ok   client: what` or `FAIL client: what: why`; exit status 1 on any failure."""
import sys
import traceback


class Checks:
    def __init__(self, client):
        self.client = client
        self.failed = 0
        self.done = 0

    def check(self, what, act):
        """Run `act`; an exception fails the check. Returns what it returned, or None."""
        self.done += 1
        try:
            answer = act()
        except Exception as error:  # a client may raise anything; each is a finding
            return self.fail(what, error)
        print(f"ok   {self.client}: {what}", flush=True)
        return answer

    def must(self, what, act):
        """As `check`, for what all later checks need: a failure ends the run."""
        before = self.failed
        answer = self.check(what, act)
        if self.failed > before:
            self.finish()
        return answer

    async def check_async(self, what, act):
        self.done += 1
        try:
            answer = await act()
        except Exception as error:
            return self.fail(what, error)
        print(f"ok   {self.client}: {what}", flush=True)
        return answer

    def fail(self, what, error):
        self.failed += 1
        where = traceback.extract_tb(error.__traceback__)
        line = next((f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in where if f.filename.endswith("_checks.py") and f.name != "check"), "")
        print(f"FAIL {self.client}: {what}: {type(error).__name__}: {str(error)[:400]} {line}", flush=True)
        return None

    def refused(self, what, act, *status):
        """`act` must fail, and its error must mention one of the HTTP statuses."""
        def run():
            try:
                answer = act()
            except Exception as error:
                code = getattr(getattr(error, "response", None), "status_code", None) or getattr(error, "status_code", None) or getattr(error, "status", None)
                text = f"{code} {error}"
                same(any(str(s) in text for s in status), True, f"one of {status} in {text!r}")
                return
            raise AssertionError(f"was not refused but answered {str(answer)[:200]!r}")
        return self.check(what, run)

    def finish(self):
        print(f"{self.client}: {self.done - self.failed} of {self.done} checks passed", flush=True)
        sys.exit(1 if self.failed else 0)


def same(found, wanted, what=""):
    """Fail unless both are equal; answers the found value."""
    if found != wanted:
        raise AssertionError(f"{what + ': ' if what else ''}found {found!r}, wanted {wanted!r}")
    return found


def has(container, item):
    if item not in container:
        raise AssertionError(f"{item!r} is not in {str(container)[:300]!r}")
    return container
