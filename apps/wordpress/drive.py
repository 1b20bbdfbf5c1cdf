#!/usr/bin/env python3
"""Uses a WordPress site as people do: installs it through its pages, writes, comments, searches, exports and imports.

    drive.py URL install|use|after
"""
import html
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from web import Browser, Checks, want  # noqa: E402

USER, PASSWORD = "editor", "a long pass phrase 17!"
# A picture of one black point.
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d494844520000000100000001080000000"
                        "03a7e9b550000000a49444154789c6360000000020001e221bc33000000"
                        "0049454e44ae426082")
ADMIN_PAGES = """index.php edit.php edit.php?post_type=page edit-comments.php upload.php upload.php?mode=list users.php
 profile.php user-new.php plugins.php themes.php tools.php export.php import.php options-general.php options-writing.php
 options-reading.php options-discussion.php options-media.php options-permalink.php edit-tags.php?taxonomy=category
 edit-tags.php?taxonomy=post_tag nav-menus.php widgets.php post-new.php site-health.php?tab=debug edit.php?s=kraken
 edit.php?orderby=title&order=asc edit.php?m=202001 users.php?role=administrator edit-comments.php?comment_status=moderated""".split()


class Site:
    """A logged-in visit."""

    def __init__(self, url):
        self.browser = Browser(url)
        self.nonce = ""

    def sane(self, page, status=200):
        want(page.status == status, f"{page.address}: {page.status} {page.text[-400:]}")
        found = re.search(r"WordPress database error.{0,400}|Error establishing a database connection|Fatal error.{0,300}", page.text, re.S)
        want(not found, found and f"{page.address}: {found.group(0)}")
        return page

    def login(self):
        self.browser.get("/wp-login.php")
        page = self.sane(self.browser.post("/wp-login.php", log=USER, pwd=PASSWORD, testcookie="1", redirect_to="/wp-admin/"))
        want("wp-admin" in page.address, f"login led to {page.address}")
        self.nonce = self.sane(self.browser.get("/wp-admin/admin-ajax.php?action=rest-nonce")).text

    def rest(self, path, body=None, method=None, kind="application/json", more=None, status=(200, 201)):
        import json
        data = body if isinstance(body, bytes) else (json.dumps(body).encode() if body is not None else None)
        headers = {"X-WP-Nonce": self.nonce, "Content-Type": kind, **(more or {})}
        path, _, query = path.partition("?")
        page = self.browser.request(f"/index.php?rest_route={path}&{query}", data, headers, method or ("POST" if data else "GET"))
        want(page.status in status, f"{path}: {page.status} {page.text[:500]}")
        return page.json()


def install(site):
    page = site.sane(site.browser.get("/wp-admin/install.php"))
    want("user_name" in page.text or "language" in page.text, "no form to install with")
    page = site.sane(site.browser.post("/wp-admin/install.php?step=2", weblog_title="Marmot's café ☕", user_name=USER, admin_password=PASSWORD,
                                       admin_password2=PASSWORD, pw_weak="1", admin_email="editor@example.org", blog_public="1", language=""))
    want("Success" in page.text, page.text[-600:])


def posts(site):
    made = []
    for number in range(1, 26):
        made.append(site.rest("/wp/v2/posts", {
            "title": f"Post {number} of the kraken 🐙" if number % 5 == 0 else f"Post {number}", "status": "publish",
            "content": f"<p>Line {number} it's \"quoted\" \\ and 100% 漢字</p>", "date": f"2020-{number % 12 + 1:02d}-03T10:20:{number:02d}"})["id"])
    listed = site.rest("/wp/v2/posts?per_page=100&orderby=id&order=asc")
    want([one["id"] for one in listed if one["id"] in made] == made, "posts listed otherwise than made")
    changed = site.rest(f"/wp/v2/posts/{made[0]}", {"title": "Changed", "sticky": True})
    want(changed["title"]["raw"] == "Changed" and changed["sticky"], changed)
    want(len(site.rest(f"/wp/v2/posts/{made[0]}/revisions")) >= 1, "no revision")
    site.rest(f"/wp/v2/posts/{made[1]}", method="DELETE")
    want(site.rest(f"/wp/v2/posts/{made[1]}?context=edit")["status"] == "trash", "not in the trash")
    site.rest(f"/wp/v2/posts/{made[2]}?force=true", method="DELETE")
    site.rest(f"/wp/v2/posts/{made[2]}", status=(404,))
    return made


def terms(site, made):
    parent = site.rest("/wp/v2/categories", {"name": "Animals", "description": "with ' quotes"})["id"]
    child = site.rest("/wp/v2/categories", {"name": "Rodents", "parent": parent})["id"]
    tag = site.rest("/wp/v2/tags", {"name": "été"})["id"]
    site.rest("/wp/v2/tags", {"name": "été"}, status=(400,))
    for one in made[3:9]:
        site.rest(f"/wp/v2/posts/{one}", {"categories": [child], "tags": [tag]})
    want(site.rest(f"/wp/v2/categories/{child}")["count"] == 6, "count of the category")
    want(len(site.rest(f"/wp/v2/posts?tags={tag}&categories={child}&per_page=50")) == 6, "posts of the tag")
    want(len(site.rest(f"/wp/v2/posts?categories_exclude={child}&per_page=100")) == 18, "posts of the others")
    page = site.sane(site.browser.get(f"/?cat={parent}"))
    want("Rodents" in page.text, "the archive lacks its category")


def comments(site, made):
    for number in range(3):
        page = site.browser.post("/wp-comments-post.php", comment=f"Comment {number} it's ☃", author="Reader", email="reader@example.org",
                                 url="", comment_post_ID=str(made[4]), comment_parent="0")
        want(page.status == 200, f"comment {number}: {page.status} {page.text[-300:]}")
    page = site.browser.post("/wp-comments-post.php", comment="Comment 2 it's ☃", author="Reader", email="reader@example.org",
                             comment_post_ID=str(made[4]), comment_parent="0")
    want(page.status == 409, f"a duplicate comment: {page.status}")
    listed = site.rest(f"/wp/v2/comments?post={made[4]}&context=edit&status=any")
    want(len(listed) == 3, f"{len(listed)} comments")
    one = listed[0]["id"]
    for status in ("hold", "approved", "spam", "approved"):
        site.rest(f"/wp/v2/comments/{one}", {"status": status})
    site.rest(f"/wp/v2/comments/{listed[1]['id']}?force=true", method="DELETE")
    page = site.sane(site.browser.get(f"/?p={made[4]}"))
    want("Comment" in page.text, "the page has no comment")


def search(site):
    page = site.sane(site.browser.get("/?s=kraken"))
    want("kraken" in page.text, "no hit")
    want(len(site.rest("/wp/v2/posts?search=KRAKEN+post&per_page=50")) == 5, "hits by words")
    want(site.rest("/wp/v2/search?search=nothing+here") == [], "hits of nothing")
    site.sane(site.browser.get("/?m=202003"))
    site.sane(site.browser.get("/?paged=2"))
    site.sane(site.browser.get("/?feed=rss2"))
    site.sane(site.browser.get("/index.php?sitemap=index"))


def options(site):
    site.rest("/wp/v2/settings", {"title": "Renamed 'site'", "posts_per_page": 7})
    title = html.unescape(site.rest("/wp/v2/settings")["title"])
    want(title == "Renamed 'site'", title)
    form = site.sane(site.browser.get("/wp-admin/options-reading.php"))
    site.sane(site.browser.post("/wp-admin/options.php", option_page="reading", action="update", _wpnonce=form.field("_wpnonce"),
                                posts_per_page="9", posts_per_rss="11", show_on_front="posts", blog_charset="UTF-8", rss_use_excerpt="0", blog_public="1"))
    want(site.rest("/wp/v2/settings")["posts_per_page"] == 9, "posts_per_page")


def media(site):
    made = site.rest("/wp/v2/media", PICTURE, kind="image/png", more={"Content-Disposition": 'attachment; filename="point.png"'})
    site.rest(f"/wp/v2/media/{made['id']}", {"title": "A point", "alt_text": "black", "caption": "it's"})
    got = site.rest(f"/wp/v2/media/{made['id']}")
    want(got["media_details"]["width"] == 1 and got["alt_text"] == "black", got)
    want(len(site.rest("/wp/v2/media?media_type=image")) >= 1, "no picture listed")


def users(site):
    made = site.rest("/wp/v2/users", {"username": "writer", "email": "writer@example.org", "password": PASSWORD, "roles": ["author"], "name": "Ünï"})["id"]
    site.rest("/wp/v2/users", {"username": "writer", "email": "other@example.org", "password": PASSWORD}, status=(500, 400))
    want(len(site.rest("/wp/v2/users?roles=author")) == 1, "authors")
    site.rest(f"/wp/v2/users/{made}", {"meta": {}, "description": "x"})
    site.rest(f"/wp/v2/users/{made}?force=true&reassign=1", method="DELETE")


def plugins(site):
    listed = {one["plugin"] for one in site.rest("/wp/v2/plugins")}
    want({"akismet/akismet", "marmot-import/marmot-import"} <= listed, listed)
    for status in ("active", "inactive", "active"):
        site.rest("/wp/v2/plugins/akismet/akismet", {"status": status})
        site.rest("/wp/v2/plugins/marmot-import/marmot-import", {"status": status})
    site.sane(site.browser.get("/wp-admin/plugins.php"))


def pages(site):
    for path in ADMIN_PAGES:
        site.sane(site.browser.get("/wp-admin/" + path))
    site.sane(site.browser.get("/wp-cron.php?doing_wp_cron"))


def transfer(site):
    """Exports everything as WXR, deletes it and imports it again."""
    exported = site.sane(site.browser.get("/wp-admin/export.php?download=true&content=all"))
    want("wxr_version>" in exported.text and "kraken" in exported.text, "no WXR")
    before = sorted(one["title"]["rendered"] for one in site.rest("/wp/v2/posts?per_page=100"))
    for one in site.rest("/wp/v2/posts?per_page=100"):
        site.rest(f"/wp/v2/posts/{one['id']}?force=true", method="DELETE")
    want(site.rest("/wp/v2/posts") == [], "posts left")
    report = site.rest("/marmot/v1/import", exported.body, kind="text/xml")
    want(report["posts"] >= len(before) and report["comments"] >= 1, report)
    after = sorted(one["title"]["rendered"] for one in site.rest("/wp/v2/posts?per_page=100"))
    want(before == after, f"imported {len(after)} of {len(before)}: {set(before) ^ set(after)}")


def main():
    checks, site = Checks(), Site(sys.argv[1])
    what = sys.argv[2]
    if what == "install":
        checks.run("install through the pages", lambda: install(site))
    checks.run("login", site.login)
    if what == "after":
        made = checks.run("a post after the loss of a node", lambda: site.rest("/wp/v2/posts", {"title": "After", "status": "publish"}))
        checks.run("it is read back, again and again", lambda: [want(site.rest(f"/wp/v2/posts/{made['id']}")["title"]["rendered"] == "After", "gone") for _ in range(6)])
        checks.run("front page", lambda: site.sane(site.browser.get("/")))
        checks.finish()
    made = checks.run("posts: made, listed, changed, revised, trashed, deleted", lambda: posts(site)) or []
    checks.run("categories and tags", lambda: terms(site, made))
    checks.run("options", lambda: options(site))
    checks.run("comments: posted, moderated, deleted", lambda: comments(site, made))
    checks.run("search, archives, feeds, site map", lambda: search(site))
    checks.run("media", lambda: media(site))
    checks.run("users", lambda: users(site))
    checks.run("plugins", lambda: plugins(site))
    checks.run(f"{len(ADMIN_PAGES)} pages of the administration, cron", lambda: pages(site))
    checks.run("WXR: exported, deleted, imported", lambda: transfer(site))
    checks.finish()


main()
