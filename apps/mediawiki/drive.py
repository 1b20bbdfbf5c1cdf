#!/usr/bin/env python3
"""Uses a MediaWiki as people and robots do: installs it through its pages, writes, searches, uploads, deletes and restores.

    drive.py URL install HOST:PORT DATABASE FILE   the installer's pages; the settings go to FILE (root's password in APPS_PASSWORD)
    drive.py URL use|after
"""
import os
import re
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from forms import Page, send  # noqa: E402
from web import Browser, Checks, want  # noqa: E402

USER, PASSWORD = "Admin", "a long pass phrase 17!"
BROKEN = re.compile(r"A database query error|DBQueryError|DBConnectionError|Wikimedia.Rdbms.\w*Error|Fatal (exception|error).{0,300}"
                    r"|<b>(Warning|Notice|Deprecated)</b>.{0,300}|Internal error", re.S)
SPECIAL = """AllPages RecentChanges RecentChanges?days=30&limit=500 WhatLinksHere/Kraken Categories Statistics ListUsers ListFiles NewPages
 NewFiles LongPages ShortPages OrphanedPages LonelyPages UncategorizedPages UnusedCategories WantedPages WantedCategories MostLinkedPages
 MostCategories MostRevisions AncientPages DeadendPages DoubleRedirects BrokenRedirects ProtectedPages BlockList Log Log/delete Log/move
 Contributions/Admin Watchlist Preferences SpecialPages ActiveUsers AllMessages PrefixIndex?prefix=P RandomPage LinkSearch?target=*.example.org
 Undelete Tags MIMESearch ListRedirects PageHistory/Kraken TrackingCategories UserRights/Admin ListGroupRights Interwiki PagesWithProp
 FewestRevisions UnwatchedPages WantedFiles WantedTemplates MostImages MostInterwikis Version FileDuplicateSearch CategoryTree AbuseFilter
 Nuke ReplaceText Listgrants Export ChangeContentModel ComparePages Diff/2 Gadgets BookSources""".split()


def picture(width):
    """A grey PNG of this width, one pixel high."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    header = width.to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(width + 1))) + chunk(b"IEND", b"")


class Wiki:
    """A visit, logged in or not."""

    def __init__(self, url):
        self.browser, self.token = Browser(url), "+\\"

    def sane(self, page, status=(200,)):
        found = BROKEN.search(page.text)
        want(not found, found and f"{page.address}: {found.group(0)[:400]} {page.text[:300]}")
        want(page.status in status, f"{page.address}: {page.status} {page.text[-500:]}")
        return page

    def api(self, refused=None, **fields):
        fields = {"format": "json", "formatversion": "2", **fields}
        answer = self.sane(self.browser.post("/api.php", **{key: value for key, value in fields.items() if value is not None})).json()
        code = answer.get("error", {}).get("code") if isinstance(answer, dict) else None  # opensearch answers a list
        want(code == refused, f"{fields}: {answer}")
        return answer

    def read(self, **fields):
        return self.api(action="query", **fields)["query"]

    def login(self, name, password):
        token = self.read(meta="tokens", type="login")["tokens"]["logintoken"]
        answer = self.api(action="clientlogin", username=name, password=password, logintoken=token, loginreturnurl=self.browser.base)
        want(answer["clientlogin"]["status"] == "PASS", answer)
        self.token = self.read(meta="tokens")["tokens"]["csrftoken"]

    def edit(self, title, text, refused=None, **more):
        return self.api(refused, action="edit", title=title, text=text, token=self.token, **more)

    def text(self, title):
        page = self.read(prop="revisions", titles=title, rvprop="content", rvslots="main")["pages"][0]
        return page["revisions"][0]["slots"]["main"]["content"] if "revisions" in page else None


def install(wiki, server, database, file):
    """Goes through the installer's pages as they come, and takes the settings it offers."""
    answers = {
        "DBConnect": {"DBType": "mysql", "mysql_wgDBserver": server, "mysql_wgDBname": database, "mysql_wgDBprefix": "",
                      "mysql__InstallUser": "root", "mysql__InstallPassword": os.environ.get("APPS_PASSWORD", "")},
        "Name": {"config_wgSitename": "Marmot's café", "config__AdminName": USER, "config__AdminPassword": PASSWORD,
                 "config__AdminPasswordConfirm": PASSWORD, "config__AdminEmail": "", "config__NamespaceType": "site-name"},
        "Options": {"config_wgEnableEmail": "1", "config_wgEnableUploads": "1"},
    }
    page, seen = wiki.sane(wiki.browser.get("/mw-config/index.php")), []
    for _ in range(30):
        named = re.search(r"page=(\w+)", page.address)
        where = named.group(1) if named else "Language"
        seen.append(where)
        if where == "Complete":
            break
        view = Page(page.text)
        error = re.search(r"errorbox[^>]*>(.*?)</div>|mw-message-box-error[^>]*>(.*?)</div>", page.text, re.S)
        want(not error, error and f"{where}: {error.group(0)[:800]}")
        form = view.form_with("submit-continue") if where != "Language" or "submit-continue" in page.text else view.forms[0]
        page = wiki.sane(send(wiki.browser, page.address, form, "submit-continue", **answers.get(where, {})))
    want({"DBConnect", "DBSettings", "Name", "Options", "Install", "Complete"} <= set(seen), f"pages: {seen}")
    settings = wiki.browser.get("/mw-config/index.php?localsettings=1")
    want("$wgDBname" in settings.text, settings.text[:500])
    with open(file, "w", encoding="utf-8") as written:
        written.write(settings.text)


def pages(wiki):
    """Edits through the API and through the form."""
    for number in range(1, 21):
        wiki.edit(f"Page {number}", f"Line {number} it's \"quoted\" \\ and 100% 漢字 🐙 [[Kraken]] [[Category:Animals {number % 3}]]"
                                    f" http://www.example.org/{number} {{{{Template {number % 2}}}}}\n== Head ==\n[[Page {number + 1}|next]]",
                  summary=f"made {number} ☕")
    wiki.edit("Template:Template 1", "<includeonly>one of a kind</includeonly>")
    wiki.edit("Kraken", "The kraken sleeps.\n[[Category:Animals 1]]")
    got = wiki.edit("Kraken", "The kraken wakes.\n[[Category:Animals 1]]")["edit"]
    want(got["result"] == "Success" and "newrevid" in got, got)
    want("nochange" in wiki.edit("Kraken", "The kraken wakes.\n[[Category:Animals 1]]")["edit"], "the same text is a change")
    wiki.edit("Kraken", "again", "articleexists", createonly="1")
    wiki.edit("Nothing", "x", "missingtitle", nocreate="1")
    wiki.edit("Bad|title", "x", "invalidtitle")
    page = wiki.sane(wiki.browser.get("/index.php?title=By_hand&action=edit"), (200, 404))
    page = wiki.sane(send(wiki.browser, page.address, Page(page.text).form_with("wpTextbox1", "wpSave"), "wpSave",
                          wpTextbox1="Written by hand, 'quoted'.\n\n[[Kraken]]", wpSummary="by hand"))
    want("Written by hand" in page.text, page.text[-800:])
    page = wiki.sane(wiki.browser.get("/index.php?title=By_hand&action=edit&section=0"))
    wiki.sane(send(wiki.browser, page.address, Page(page.text).form_with("wpTextbox1"), "wpSave", wpTextbox1="Shorter.\n[[Kraken]]"))
    want(wiki.text("By hand").startswith("Shorter."), wiki.text("By hand"))
    want(len(wiki.read(list="allpages", aplimit="100")["allpages"]) >= 23, "all pages")


def conflict(wiki):
    """Two edits begin from one revision: other lines merge, the same line conflicts."""
    wiki.edit("Contended", "one\n\ntwo\n\nthree")
    base = wiki.read(prop="revisions", titles="Contended", rvprop="ids|timestamp")["pages"][0]["revisions"][0]["revid"]
    wiki.edit("Contended", "ONE\n\ntwo\n\nthree", baserevid=base)
    other = Wiki(wiki.browser.base)
    other.login("Writer", PASSWORD)
    other.edit("Contended", "1\n\ntwo\n\nthree", "editconflict", baserevid=base)
    want(wiki.text("Contended").startswith("ONE"), wiki.text("Contended"))


def history(wiki):
    revisions = wiki.read(prop="revisions", titles="Kraken", rvprop="ids|comment|size|user|sha1", rvlimit="50")["pages"][0]["revisions"]
    want([one["size"] for one in revisions] == [40, 41], revisions)
    page = wiki.sane(wiki.browser.get("/index.php?title=Kraken&action=history"))
    want(page.text.count("data-mw-revid") == 2, "history lacks revisions")
    newest, oldest = revisions[0]["revid"], revisions[1]["revid"]
    page = wiki.sane(wiki.browser.get(f"/index.php?title=Kraken&diff={newest}&oldid={oldest}"))
    want("diff-deletedline" in page.text, "no difference shown")
    got = wiki.api(action="compare", fromrev=oldest, torev=newest)
    want("sleeps" in got["compare"]["body"], got)
    wiki.api(action="edit", title="Kraken", undo=newest, token=wiki.token)
    want("sleeps" in wiki.text("Kraken"), "undo")
    wiki.edit("Kraken", "The kraken wakes again.\n[[Category:Animals 1]]")
    rollback = wiki.read(meta="tokens", type="rollback")["tokens"]["rollbacktoken"]
    wiki.api("onlyauthor", action="rollback", title="Kraken", user=USER, token=rollback)
    page = wiki.sane(wiki.browser.get("/index.php?title=Kraken&action=info"))
    want("Number of" in page.text or "Total number" in page.text, page.text[-500:])
    changes = wiki.read(list="recentchanges", rclimit="100", rcprop="title|sizes|user|tags|loginfo")["recentchanges"]
    want(len(changes) > 20, changes)
    mine = wiki.read(list="usercontribs", ucuser=USER, uclimit="500")["usercontribs"]
    want(len(mine) > 20, mine)
    wiki.sane(wiki.browser.get("/index.php?title=Kraken&feed=atom&action=history"))


def search(wiki):
    want({one["title"] for one in wiki.read(list="search", srsearch="kraken", srlimit="50")["search"]} >= {"Kraken"}, "a word")
    want({one["title"] for one in wiki.read(list="search", srsearch="quoted", srwhat="text", srlimit="50")["search"]}
         >= {"Page 3", "Page 14"}, "words")
    want(wiki.read(list="search", srsearch="nosuchwordatall")["search"] == [], "hits of nothing")
    for text in ("kraken -wakes", '"kraken wakes"', "krak*", "quoted AND kraken", "漢字", "it's 100%", "Line 1", "'", '"', "(", "a -", "+kraken +sleeps", "~x", "@1"):
        for what in ("title", "text"):
            wiki.read(list="search", srsearch=text, srwhat=what)
        wiki.sane(wiki.browser.get("/index.php?title=Special:Search&fulltext=1&search=" + text.replace(" ", "+").replace("%", "%25").replace('"', "%22")
                                   if text.isascii() else "/index.php?title=Special:Search&fulltext=1&search=kraken"))
    want(wiki.read(list="search", srsearch="page", srwhat="title")["search"], "titles")
    got = wiki.read(list="prefixsearch", pssearch="Kra")["prefixsearch"]
    want([one["title"] for one in got] == ["Kraken"], got)
    wiki.api(action="opensearch", search="Pag")


def links(wiki):
    back = wiki.read(list="backlinks", bltitle="Kraken", bllimit="100")["backlinks"]
    want(len(back) == 21, len(back))
    members = wiki.read(list="categorymembers", cmtitle="Category:Animals 1", cmlimit="100", cmsort="sortkey")["categorymembers"]
    want(len(members) == 8, members)
    got = {one["category"]: one["size"] for one in wiki.read(list="allcategories", acprop="size", aclimit="50")["allcategories"]}
    want(got == {"Animals 0": 6, "Animals 1": 8, "Animals 2": 7}, got)
    used = wiki.read(list="embeddedin", eititle="Template:Template 1", eilimit="50")["embeddedin"]
    want(len(used) == 10, used)
    outside = wiki.read(list="exturlusage", euquery="www.example.org", eulimit="100")["exturlusage"]
    want(len(outside) == 20, len(outside))
    page = wiki.sane(wiki.browser.get("/index.php?title=Category:Animals_1"), (200, 404))
    want("Kraken" in page.text and "Page 10" in page.text, "the category's page")
    wiki.edit("Category:Animals 1", "All of [[Category:Beings]]")
    got = wiki.read(titles="Page 1|Page 2|Kraken|Nowhere", prop="categories|links|templates|extlinks|info|pageprops", cllimit="50")["pages"]
    want(len(got) == 4, got)


def files(wiki):
    for width in (1, 2):
        answer = send_file(wiki, "Grey.png", picture(width), "first" if width == 1 else "second", width == 2)
        want(answer["upload"]["result"] == "Success", answer)
    got = wiki.read(titles="File:Grey.png", prop="imageinfo", iiprop="size|sha1|user|comment|mime|metadata", iilimit="10")["pages"][0]["imageinfo"]
    want([one["width"] for one in got] == [2, 1], got)
    again = send_file(wiki, "Other.png", picture(2), "a copy", False)
    want("duplicate" in again["upload"].get("warnings", {}), again)
    wiki.edit("Kraken", "The kraken sleeps.\n[[File:Grey.png]]\n[[Category:Animals 1]]")
    used = wiki.read(list="imageusage", iutitle="File:Grey.png")["imageusage"]
    want([one["title"] for one in used] == ["Kraken"], used)
    want(len(wiki.read(list="allimages")["allimages"]) == 1, "all images")
    wiki.sane(wiki.browser.get("/index.php?title=File:Grey.png"))
    wiki.api(action="delete", title="File:Grey.png", reason="gone", token=wiki.token)
    want(wiki.read(list="allimages")["allimages"] == [], "a deleted file is listed")
    wiki.api(action="undelete", title="File:Grey.png", token=wiki.token)
    got = wiki.read(titles="File:Grey.png", prop="imageinfo", iiprop="size", iilimit="10")["pages"][0]["imageinfo"]
    want([one["width"] for one in got] == [2, 1], got)


def send_file(wiki, name, content, comment, ignore):
    fields = {"format": "json", "formatversion": "2", "action": "upload", "filename": name, "comment": comment, "token": wiki.token}
    if ignore:
        fields["ignorewarnings"] = "1"
    return wiki.sane(wiki.browser.upload("/api.php", fields, "file", name, content)).json()


def accounts(wiki):
    """Registration through the form and the API, groups, a block."""
    visitor = Wiki(wiki.browser.base)
    page = visitor.sane(visitor.browser.get("/index.php?title=Special:CreateAccount"))
    page = visitor.sane(send(visitor.browser, page.address, Page(page.text).form_with("wpName", "wpPassword"), "wpCreateaccount",
                             wpName="Writer", wpPassword=PASSWORD, retype=PASSWORD, email=""))
    want("Writer" in page.text and 'name="retype"' not in page.text, page.text[-1500:])
    visitor.token = visitor.read(meta="tokens")["tokens"]["csrftoken"]
    visitor.edit("User:Writer", "I write. é")
    token = wiki.read(meta="tokens", type="createaccount")["tokens"]["createaccounttoken"]
    made = wiki.api(action="createaccount", username="Ünï", password=PASSWORD, retype=PASSWORD, createtoken=token, createreturnurl=wiki.browser.base)
    want(made["createaccount"]["status"] == "PASS", made)
    made = wiki.api(action="createaccount", username="Writer", password=PASSWORD, retype=PASSWORD, createtoken=token, createreturnurl=wiki.browser.base)
    want(made["createaccount"]["status"] == "FAIL", made)
    rights = wiki.read(meta="tokens", type="userrights")["tokens"]["userrightstoken"]
    wiki.api(action="userrights", user="Ünï", add="bot|sysop", token=rights)
    want({one["name"] for one in wiki.read(list="allusers", augroup="sysop")["allusers"]} == {USER, "Ünï", "Abuse filter"}, "sysops")
    wiki.api(action="userrights", user="Ünï", remove="sysop", token=rights)
    wiki.api(action="block", user="Ünï", expiry="1 day", reason="a test", token=wiki.token)
    blocked = Wiki(wiki.browser.base)
    blocked.login("Ünï", PASSWORD)
    blocked.edit("Kraken", "blocked", "blocked")
    want(len(wiki.read(list="blocks")["blocks"]) == 1, "blocks")
    wiki.api(action="unblock", user="Ünï", token=wiki.token)
    blocked.edit("User:Ünï", "free again")
    wrong = Wiki(wiki.browser.base)
    token = wrong.read(meta="tokens", type="login")["tokens"]["logintoken"]
    answer = wrong.api(action="clientlogin", username="Writer", password="wrong", logintoken=token, loginreturnurl="http://127.0.0.1/")
    want(answer["clientlogin"]["status"] == "FAIL", answer)
    wiki.api(action="options", change="gender=unknown|skin=vector|usebetatoolbar=0", token=wiki.token)


def watching(wiki):
    token = wiki.read(meta="tokens", type="watch")["tokens"]["watchtoken"]
    wiki.api(action="watch", titles="Kraken|Page 1", expiry="1 week", token=token)
    wiki.api(action="watch", titles="Page 1", unwatch="1", token=token)
    writer = Wiki(wiki.browser.base)
    writer.login("Writer", PASSWORD)
    writer.edit("Kraken", "The kraken sleeps.\n[[File:Grey.png]]\nand dreams\n[[Category:Animals 1]]")
    seen = wiki.read(list="watchlist", wllimit="50", wlprop="title|user")["watchlist"]
    want(any(one["title"] == "Kraken" for one in seen), seen)
    want("Kraken" in {one["title"] for one in wiki.api(action="query", list="watchlistraw", wrlimit="500")["watchlistraw"]}, "raw watch list")


def moves(wiki):
    wiki.api(action="move", **{"from": "Page 20", "to": "Page twenty"}, reason="it's a word", movetalk="1", token=wiki.token)
    want("Page twenty" in wiki.text("Page 20") and wiki.text("Page 20").startswith("#REDIRECT"), wiki.text("Page 20"))
    wiki.api("articleexists", action="move", **{"from": "Page twenty", "to": "Page 1"}, token=wiki.token)
    wiki.api(action="protect", title="Page 1", protections="edit=sysop|move=sysop", expiry="infinite", token=wiki.token)
    writer = Wiki(wiki.browser.base)
    writer.login("Writer", PASSWORD)
    writer.edit("Page 1", "no", "protectedpage")
    wiki.api(action="purge", titles="Page 1|Page 2", forcelinkupdate="1")


def deletion(wiki):
    wiki.api(action="delete", title="Page 2", reason="no longer", token=wiki.token)
    want(wiki.text("Page 2") is None, "a deleted page is there")
    gone = wiki.read(list="alldeletedrevisions", adrlimit="50")["alldeletedrevisions"]
    want(any(one["title"] == "Page 2" for one in gone), gone)
    page = wiki.sane(wiki.browser.get("/index.php?title=Special:Undelete/Page_2"))
    page = wiki.sane(send(wiki.browser, page.address, Page(page.text).form_with("wpComment", "restore"), "restore", wpComment="back"))
    want(wiki.text("Page 2").startswith("Line 2"), "not restored")
    wiki.edit("Page 3", "changed 3")
    first = wiki.read(prop="revisions", titles="Page 3", rvprop="ids", rvdir="newer", rvlimit="1")["pages"][0]["revisions"][0]["revid"]
    wiki.api(action="revisiondelete", type="revision", target="Page 3", ids=first, hide="content|comment", token=wiki.token)
    hidden = wiki.read(prop="revisions", revids=first, rvprop="ids|comment")["pages"][0]["revisions"][0]
    want("commenthidden" in hidden, hidden)
    log = wiki.read(list="logevents", lelimit="100")["logevents"]
    want({"delete", "move", "protect", "block", "rights", "upload", "newusers"} <= {one["type"] for one in log}, sorted({one["type"] for one in log}))


def transfer(wiki):
    """Exports pages as XML, deletes them and imports them again."""
    exported = wiki.sane(wiki.browser.post("/index.php?title=Special:Export&action=submit", pages="Page 4\nPage 5\nKraken", history="1"))
    want(exported.text.count("<page>") == 3, exported.text[:500])
    before = [wiki.text(f"Page {number}") for number in (4, 5)]
    for number in (4, 5):
        wiki.api(action="delete", title=f"Page {number}", token=wiki.token)
    fields = {"format": "json", "formatversion": "2", "action": "import", "interwikiprefix": "x", "token": wiki.token}
    answer = wiki.sane(wiki.browser.upload("/api.php", fields, "xml", "pages.xml", exported.body)).json()
    want("error" not in answer, answer)
    want([wiki.text(f"Page {number}") for number in (4, 5)] == before, "imported otherwise")


def rendering(wiki):
    got = wiki.api(action="parse", text="'''bold''' {{Template 1}} {{PAGESINCATEGORY:Animals 1}} {{NUMBEROFARTICLES}} <ref>x</ref> {{#if:a|b|c}}", title="X")
    want("one of a kind" in got["parse"]["text"], got)
    for page in ("Main_Page", "Kraken", "Page_7", "User:Writer", "Talk:Kraken", "Template:Template_1", "MediaWiki:Sidebar"):
        wiki.sane(wiki.browser.get("/index.php?title=" + page), (200, 404))
    wiki.read(meta="siteinfo", siprop="statistics|general|namespaces|interwikimap|usergroups")
    wiki.sane(wiki.browser.get("/load.php?modules=startup&only=scripts&lang=en&skin=vector"))
    wiki.sane(wiki.browser.get("/rest.php/v1/page/Kraken"))
    wiki.sane(wiki.browser.get("/rest.php/v1/search/page?q=kraken"))
    wiki.sane(wiki.browser.get("/rest.php/v1/page/Kraken/history"))


def special(wiki):
    for one in SPECIAL:
        path, _, query = one.partition("?")
        wiki.sane(wiki.browser.get(f"/index.php?title=Special:{path}&{query}"), (200, 404) if path.startswith(("Diff", "WhatLinks")) else (200,))


def main():
    checks, wiki, what = Checks(), Wiki(sys.argv[1]), sys.argv[2]
    if what == "install":
        checks.run("install through the pages", lambda: install(wiki, *sys.argv[3:6]))
        checks.finish()
    checks.run("login", lambda: wiki.login(USER, PASSWORD))
    if what == "after":
        checks.run("a page after the loss of a node", lambda: wiki.edit("After", "The lighthouse stands."))
        checks.run("it is read back, again and again", lambda: [want(wiki.text("After") == "The lighthouse stands.", "gone") for _ in range(6)])
        checks.run("search", lambda: want(wiki.read(list="search", srsearch="lighthouse", srwhat="text")["search"], "not found"))
        checks.run("the front page", lambda: wiki.sane(wiki.browser.get("/")))
        checks.finish()
    checks.run("pages: made, edited through API and form, refused", lambda: pages(wiki))
    checks.run("accounts: registered, groups, blocked, wrong password", lambda: accounts(wiki))
    checks.run("two edits of one revision", lambda: conflict(wiki))
    checks.run("history, differences, undo, contributions", lambda: history(wiki))
    checks.run("links, categories, templates, addresses", lambda: links(wiki))
    checks.run("files: uploaded, replaced, a duplicate, deleted, restored", lambda: files(wiki))
    checks.run("search, by words and titles", lambda: search(wiki))
    checks.run("watch list", lambda: watching(wiki))
    checks.run("moves, protection", lambda: moves(wiki))
    checks.run("deletion, restoration, hidden revisions, logs", lambda: deletion(wiki))
    checks.run("XML: exported, deleted, imported", lambda: transfer(wiki))
    checks.run("rendering, REST", lambda: rendering(wiki))
    checks.run(f"{len(SPECIAL)} special pages", lambda: special(wiki))
    checks.finish()


main()
