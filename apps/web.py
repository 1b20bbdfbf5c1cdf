"""What the drivers of web applications share: a browser that keeps cookies, and checks that are counted."""
import html
import http.cookiejar
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

SECONDS = 300


class Answer:
    """A page: its status, its address after redirects, and its text."""

    def __init__(self, status, address, body, headers):
        self.status, self.address, self.headers, self.body = status, address, headers, body
        self.text = body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.text)

    def field(self, name):
        """The value of the page's input of this name."""
        for tag in re.findall(r"<input[^>]*>", self.text):
            if re.search(r"""name=["']%s["']""" % re.escape(name), tag):
                found = re.search(r"""value=["']([^"']*)["']""", tag)
                if found:
                    return html.unescape(found.group(1))
        raise AssertionError(f"{self.address} ({self.status}) has no field {name}: {self.text[:500]}")


class Browser:
    """Sends requests with cookies, follows redirects."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def request(self, path, data=None, headers=None, method=None):
        address = urllib.parse.urljoin(self.base, path)
        request = urllib.request.Request(address, data=data, headers=headers or {}, method=method)
        try:
            with self.opener.open(request, timeout=SECONDS) as got:
                return Answer(got.status, got.url, got.read(), got.headers)
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, address, refused.read(), refused.headers)

    def get(self, path):
        return self.request(path)

    def post(self, path, **fields):
        return self.request(path, urllib.parse.urlencode(fields, doseq=True).encode())

    def upload(self, path, fields, name, file, content):
        """A multipart form with one file."""
        edge = uuid.uuid4().hex
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: text/plain\r\n\r\n')
        body = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.request(path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"})


class Checks:
    """Runs named checks and counts how they end."""

    def __init__(self):
        self.passed, self.failed = 0, []

    def run(self, name, action):
        try:
            result = action()
        except Exception as failure:  # a check may fail in any way; each is told of
            self.failed.append(name)
            print(f"FAIL {name}: {failure}")
            return None
        self.passed += 1
        print(f"ok   {name}", flush=True)
        return result

    def finish(self):
        print(f"{self.passed} passed, {len(self.failed)} failed")
        sys.exit(1 if self.failed else 0)


def want(condition, what):
    """An assertion that stays under -O, and names what was seen."""
    if not condition:
        raise AssertionError(what)
