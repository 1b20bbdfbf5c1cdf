"""Does the same with a program on Marmot and, if there is one, on MySQL, and compares what the pages show."""
import difflib
import os
import re

from forms import Page, send
from web import Browser, want

SHOWN = 8


class Visit:
    """One browser in front of one server; the program sees the server under its own address."""

    def __init__(self, base, server, password, rules, strip):
        self.strip = re.compile(strip, re.S)
        self.browser, self.server, self.password = Browser(base), server, password
        self.rules = [(re.compile(pattern, re.S), by) for pattern, by in rules]
        self.page = self.view = None

    def take(self, page, broken, status=(200,)):
        """Looks at a page: its status, whether it shows an error that nobody asked for."""
        want(page.status in status, f"{page.address}: {page.status} {Page(page.text).text[:600]}")
        plain = self.strip.sub("", page.text)
        found = broken.search(plain) if broken else None
        want(not found, found and f"{page.address}: {found.group(0)[:900]}")
        self.page, self.view = page, Page(plain)
        return self.view

    def get(self, path, broken=None):
        return self.take(self.browser.get(path), broken)

    def send(self, form, button=None, broken=None, drop=(), file=None, **changes):
        return self.take(send(self.browser, self.page.address, form, button, drop, file, **changes), broken)

    def lines(self, view=None):
        """What a page says, line by line, without what is each server's own."""
        view = view or self.view
        lines = [" ".join(word.split()) for word in view.words]
        for form in view.forms:
            lines += [f"field {name} = {value}" for name, value in form.fields]
        text = "\n".join(lines)
        for pattern, by in self.rules:
            text = pattern.sub(by, text)
        return [line for line in text.split("\n") if line.strip()]


class Twins:
    """The visits to the servers that are compared."""

    def __init__(self, base, servers, rules, strip="(?!)"):
        self.visits = []
        for server, password in servers:
            own = [(re.escape(server), "SERVER"), (re.escape(server.rsplit(":", 1)[1]), "PORT")]
            self.visits.append(Visit(base, server, password, own + list(rules), strip))

    def run(self, step):
        """Runs a step on each server, and compares what it returns: a list of lines, or None for what the last page says."""
        answers = []
        for visit in self.visits:
            got = step(visit)
            answers.append(visit.lines() if got is None else [str(line) for line in got])
        if len(answers) == 2:
            want(answers[0] == answers[1], "\n    ".join(difference(answers[1], answers[0])))
        return answers[0]


def difference(mysql, marmot):
    """The lines that differ, MySQL's with a minus, Marmot's with a plus."""
    found = [line for line in difflib.unified_diff(mysql, marmot, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
    more = [f"and {len(found) - SHOWN} more lines"] if len(found) > SHOWN and not os.environ.get("APPS_ALL") else []
    return ["the pages differ (- MySQL, + Marmot):"] + [line[:400] for line in (found if os.environ.get("APPS_ALL") else found[:SHOWN])] + more
