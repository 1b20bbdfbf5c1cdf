"""Reads the forms and the tables of a page, so that drivers can fill in what a person would and leave the rest as it came."""
import html.parser
import urllib.parse
import uuid


class Form:
    """One form: where it goes, and its fields as they would be sent."""

    def __init__(self, action, method, encoding, identifier):
        self.action, self.method, self.encoding, self.identifier = action, method.lower(), encoding, identifier
        self.fields, self.buttons, self.names = [], {}, set()

    def filled(self, button=None, drop=(), **changes):
        """The fields as pairs, with those given changed or added; a button is sent if it is named."""
        pairs = [(key, value) for key, value in self.fields if key not in changes and key not in drop]
        for key, value in changes.items():
            pairs += [(key, one) for one in (value if isinstance(value, (list, tuple)) else [value])]
        if button:
            pairs.append((button, self.buttons.get(button, "")))
        return pairs


class Page(html.parser.HTMLParser):
    """The forms, tables and texts of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.tables, self.links = [], [], []
        self.form = self.select = self.area = self.option = None
        self.nested = []
        self.hidden = 0
        self.words = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        have = {key: value if value is not None else "" for key, value in attributes}
        if tag in ("script", "style"):
            self.hidden += 1
        elif tag == "form":
            self.form = Form(have.get("action", ""), have.get("method", "get"), have.get("enctype", ""), have.get("id", have.get("name", "")))
            self.forms.append(self.form)
        elif tag == "a" and "href" in have:
            self.links.append(have["href"])
        elif tag == "table":
            self.nested.append([])
            self.tables.append(self.nested[-1])
        elif tag == "tr" and self.nested:
            self.nested[-1].append([])
        elif tag in ("td", "th") and self.nested:
            if not self.nested[-1]:
                self.nested[-1].append([])
            self.nested[-1][-1].append("")
        elif self.form is not None:
            self.field(tag, have)

    def field(self, tag, have):
        name = have.get("name", "")
        if name:
            self.form.names.add(name)
        if tag == "input" and name and "disabled" not in have:
            kind, value = have.get("type", "text").lower(), have.get("value", "")
            if kind in ("submit", "image", "button"):
                self.form.buttons[name] = value
            elif kind in ("checkbox", "radio"):
                if "checked" in have:
                    self.form.fields.append((name, have.get("value", "on")))
            elif kind != "file":
                self.form.fields.append((name, value))
        elif tag == "button" and name:
            self.form.buttons[name] = have.get("value", "")
        elif tag == "textarea" and name:
            self.area = [name, ""]
        elif tag == "select" and name and "disabled" not in have:
            self.select = [name, "multiple" in have, [], []]
        elif tag == "option" and self.select is not None:
            self.finish_option()
            self.option = [have.get("value"), "", "selected" in have]

    def finish_option(self):
        if self.option is not None and self.select is not None:
            value = self.option[0] if self.option[0] is not None else self.option[1].strip()
            self.select[2].append(value)
            if self.option[2]:
                self.select[3].append(value)
        self.option = None

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.hidden = max(0, self.hidden - 1)
        elif tag == "form":
            self.form = None
        elif tag == "table" and self.nested:
            self.nested.pop()
        elif tag == "textarea" and self.area is not None:
            text = self.area[1]
            self.form.fields.append((self.area[0], text[1:] if text.startswith("\n") else text))
            self.area = None
        elif tag == "option":
            self.finish_option()
        elif tag == "select" and self.select is not None:
            self.finish_option()
            name, many, values, chosen = self.select
            if not many:
                chosen = chosen[-1:] or values[:1]
            if self.form is not None:
                self.form.fields += [(name, one) for one in chosen]
            self.select = None

    def handle_data(self, data):
        if self.hidden:
            return
        if self.area is not None:
            self.area[1] += data
            return
        if self.option is not None:
            self.option[1] += data
            return
        if data.strip():
            self.words.append(data)
        for table in self.nested[-1:]:
            if table and table[-1]:
                table[-1][-1] += data

    def form_with(self, *names):
        """The first form that has these fields or buttons."""
        for one in self.forms:
            if all(name in one.names for name in names):
                return one
        raise AssertionError(f"no form with {names}: {[sorted(one.names)[:20] for one in self.forms]}; {' '.join(self.words)[:600]}")

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def send(browser, address, form, button=None, drop=(), file=None, **changes):
    """Sends a form of the page at this address, and gives the answer. A file is (field, name, content)."""
    pairs = form.filled(button, drop, **changes)
    target = urllib.parse.urljoin(address, form.action or address)
    if form.method == "get":
        return browser.get(target.split("?")[0] + "?" + urllib.parse.urlencode(pairs))
    if file is None and "multipart" not in form.encoding:
        return browser.request(target, urllib.parse.urlencode(pairs).encode())
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in pairs]
    if file:
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="{file[1]}"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n".encode() + file[2] + b"\r\n")
    return browser.request(target, b"".join(parts) + f"--{edge}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={edge}"})
