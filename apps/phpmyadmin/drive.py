#!/usr/bin/env python3
"""Uses phpMyAdmin as people do, on Marmot and on MySQL, and compares the pages: drive.py URL DATABASE MARMOT [MYSQL]

The configuration has Marmot as server 1 and MySQL as server 2. Root's password on Marmot is in APPS_PASSWORD; MySQL's root has none.
The export of each server is written to the directory APPS_WORK.
"""
import html
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from forms import Page, send  # noqa: E402
from twins import Twins  # noqa: E402
from web import Checks, want  # noqa: E402

BROKEN = re.compile(r"alert alert-danger.{0,900}|<b>(?:Warning|Notice|Deprecated|Fatal error)</b>.{0,300}|Uncaught .{0,300}|errorbox.{0,300}", re.S)
# What is each server's own: versions, times, sizes, tokens.
RULES = [(r"\d+\.\d+\.\d+[\w.-]*( - [^\n]*)?", "VERSION"), (r"took [\d.]+ seconds", "took TIME"), (r"\d\d:\d\d:\d\d(?:\.\d+)?", "CLOCK"), (r"\d\d:\d\d (?:AM|PM)", "CLOCK"), (r"field token = .*", "field token"),
         (r"\n~?[\d,.]+\n(?:B|KiB|MiB)\b", "\nSIZE"), (r"\n[\d,.]+ (?:B|KiB|MiB)\b", "\nSIZE"), (r"root@(?:localhost|%)", "ROOT"), (r"`root`@`(?:localhost|%)`", "`ROOT`"), (r"field server = \d", "field server"),
         (r"&server=\d|%26server%3D\d", ""), (r"\n(?:Marmot|MySQL)\b", "\nNAMED"), (r"InnoDB: [^\n]*", "")]
# Parts of a page that are not compared: the tree, scripts, and the number of values that each server estimates for an index.
STRIP = r"<td>\d+</td>\s*<td>A</td>|<div id=\"pma_navigation\".*?<!-- /?pma_navigation -->|<script.*?</script>|<noscript.*?</noscript>"
SCHEMA = """CREATE TABLE author (id INT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(60) NOT NULL DEFAULT '', born DATE, country CHAR(2) CHARACTER SET ascii DEFAULT 'xx',
 PRIMARY KEY (id), UNIQUE KEY name (name), KEY country_born (country, born)) COMMENT='who writes';
CREATE TABLE book (id INT NOT NULL AUTO_INCREMENT, author_id INT UNSIGNED, title VARCHAR(200) NOT NULL, price DECIMAL(8,2) DEFAULT '9.90', kind ENUM('novel','poem','it''s') DEFAULT 'novel',
 marks SET('a','b','c'), body MEDIUMTEXT, cover BLOB, info JSON, added TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, flags BIT(3), active BOOL NOT NULL DEFAULT 1,
 total DECIMAL(10,2) GENERATED ALWAYS AS (price * 2) VIRTUAL, PRIMARY KEY (id), KEY author_id (author_id), FULLTEXT KEY title (title),
 CONSTRAINT book_author FOREIGN KEY (author_id) REFERENCES author (id) ON DELETE SET NULL ON UPDATE CASCADE, CONSTRAINT dear CHECK (price >= 0));
INSERT INTO author (name, born, country) VALUES ('Ann O''Hara', '1970-02-03', 'ie'), ('Bø', NULL, 'dk'), ('漢字 🐙', '2000-12-31', 'cn');
INSERT INTO book (author_id, title, price, kind, marks, body, cover, info, added, flags) VALUES (1, 'First', 5, 'poem', 'a,c', 'text with <b> & "quotes"', x'00ff10', '{"a": [1, 2]}', '2024-01-02 03:04:05', b'101'),
 (1, 'Second', 19.99, 'it''s', '', NULL, NULL, NULL, '2024-02-03 04:05:06', NULL), (2, 'Third', 3, NULL, 'b', 'x', '', '[]', '2024-03-04 05:06:07', b'0');
CREATE VIEW priced AS SELECT b.id, b.title, a.name, b.price FROM book b LEFT JOIN author a ON a.id = b.author_id WHERE b.price > 1;
CREATE TABLE plain (a INT, b DOUBLE, c YEAR, d TIME(3), e DATETIME(6), f VARBINARY(10), g POINT);
INSERT INTO plain VALUES (1, 1.5, 2024, '10:11:12.5', '2024-01-02 03:04:05.678', x'ff00', ST_GeomFromText('POINT(1 2)'));"""
SERVER_PAGES = ["/", "/server/databases", "/server/collations", "/server/engines", "/server/engines/InnoDB", "/server/plugins", "/server/variables", "/server/status", "/server/status/variables",
                "/server/status/queries", "/server/status/processes", "/server/status/monitor", "/server/privileges", "/server/replication", "/server/export", "/server/import",
                "/server/sql", "/server/user-groups", "/preferences/features", "/preferences/manage"]
DATABASE_PAGES = ["/database/structure", "/database/sql", "/database/search", "/database/multi-table-query", "/database/export", "/database/import", "/database/operations", "/database/routines", "/database/events",
                  "/database/triggers", "/database/data-dictionary", "/database/designer", "/database/central-columns"]
TABLE_PAGES = ["/table/structure", "/sql", "/table/search", "/table/change", "/table/export", "/table/import", "/table/operations", "/table/triggers", "/table/relation", "/table/indexes", "/table/zoom-search",
               "/table/find-replace", "/table/sql"]


class Ajax:
    """The answer to a form that the program's script sends."""

    def __init__(self, answer):
        self.answer = answer
        self.words, self.forms = [], []
        for part in ("message", "error", "sql_query", "sql_data"):
            if isinstance(answer.get(part), str):
                self.words += Page(answer[part]).words


def sorted_stand_in(lines):
    """An export with the columns of the view's stand-in by name: phpMyAdmin reads them from information_schema without ORDER BY, and MySQL gives
    them now by name, now by position."""
    start = lines.index("CREATE TABLE `priced` (") + 1
    end = lines.index(");", start)
    return lines[:start] + sorted(line.lstrip(",") for line in lines[start:end]) + lines[end:]


class Admin:
    """The steps of one database."""

    def __init__(self, url, database, servers):
        self.database, self.twins = database, Twins(url, servers, RULES, STRIP)

    def number(self, visit):
        return self.twins.visits.index(visit) + 1

    def at(self, visit, route, table=None, inside=True, **more):
        place = {"route": route, "server": self.number(visit)}
        if inside:
            place["db"] = self.database
        if table:
            place["table"] = table
        return visit.get("/index.php?" + urllib.parse.urlencode({**place, **more}), BROKEN)

    def token(self, visit):
        return re.search(r'name="token" value="([^"]*)"', visit.page.text).group(1) if 'name="token"' in visit.page.text else self.kept[visit]

    def ask(self, visit, route, refused=False, inside=True, **fields):
        """Sends fields as the program's script does."""
        place = {"route": route, "server": self.number(visit), "ajax_request": "1", "token": self.kept[visit], **({"db": self.database} if inside else {}), **fields}
        page = visit.browser.post("/index.php?route=" + route, **place)
        want(page.status == 200, f"{route}: {page.status} {page.text[:600]}")
        try:
            answer = page.json()
        except json.JSONDecodeError as failure:
            raise AssertionError(f"{route}: {page.text[:600]}") from failure
        want(bool(answer.get("success")) != refused, f"{route} {fields}: {Page(str(answer.get('error') or answer.get('message'))).text[:900]}")
        visit.page, visit.view = page, Ajax(answer)
        return visit.view

    kept = {}

    def login(self, visit):
        visit.get(f"/index.php?route=/&server={self.number(visit)}")
        form = visit.view.form_with("pma_username")
        visit.send(form, None, BROKEN, pma_username="root", pma_password=visit.password, server=str(self.number(visit)))
        want("pma_username" not in visit.page.text, visit.view.text[:600])
        found = re.search(r'token:"([^"]+)"|token=([0-9a-f]+)|name="token" value="([^"]+)"', visit.page.text)
        want(found, visit.page.text[:300])
        self.kept[visit] = html.unescape(next(one for one in found.groups() if one))
        return []

    def command(self, visit, text, refused=False):
        self.ask(visit, "/import", refused, sql_query=text, sql_delimiter=";", is_js_confirmed="0", pos="0", goto="index.php?route=/database/sql", message_to_show="done", show_query="1")
        return [line for line in visit.lines() if not line.startswith("took")]

    def export(self, visit):
        self.at(visit, "/database/export")
        form = visit.view.form_with("what", "export_type")
        answer = send(visit.browser, visit.page.address, form, None, ("asfile",), None, quick_or_custom="custom", output_format="astext", what="sql", **{"table_select[]": ["author", "book", "plain", "priced"],
                      "table_structure[]": ["author", "book", "plain", "priced"], "table_data[]": ["author", "book", "plain"], "sql_procedure_function": "1"})
        area = re.search(r"<textarea[^>]*id=\"textSQLDUMP\"[^>]*>(.*?)</textarea>", answer.text, re.S)
        want(area, Page(answer.text).text[:800])
        text = html.unescape(area.group(1))
        with open(os.path.join(os.environ.get("APPS_WORK", "."), f"phpmyadmin-{self.number(visit) - 1}.sql"), "w", encoding="utf-8") as file:
            file.write(text)
        want("CREATE TABLE" in text and "INSERT INTO" in text, text[:600])
        visit.view = Ajax({})
        visit.view.words = sorted_stand_in([line for line in text.split("\n") if not line.startswith("-- ")])

    def bring(self, visit):
        self.at(visit, "/database/import")
        form = visit.view.form_with("import_file")
        content = "CREATE TABLE brought (a INT);\nINSERT INTO brought VALUES (1),(2);\nDELIMITER ;;\nCREATE PROCEDURE from_file() BEGIN SELECT 1; SELECT 2; END;;\nDELIMITER ;\n"
        visit.take(send(visit.browser, visit.page.address, form, None, (), ("import_file", "more.sql", content.encode()), format="sql"), BROKEN)
        return [line for line in visit.lines() if "queries executed" in line]

    def make_table(self, visit):
        fields = {"table": "made", "num_fields": "4", "tbl_storage_engine": "InnoDB", "tbl_collation": "utf8mb4_general_ci", "comment": "through a form", "do_save_data": "1", "orig_num_fields": "4"}
        for number, (name, kind, length, collation, null) in enumerate((("id", "INT", "", "", ""), ("label", "VARCHAR", "30", "utf8mb4_bin", ""), ("amount", "DECIMAL", "8,2", "", "1"), ("choice", "ENUM", "'x','y'", "", "1"))):
            fields.update({f"field_name[{number}]": name, f"field_type[{number}]": kind, f"field_length[{number}]": length, f"field_collation[{number}]": collation, f"field_attribute[{number}]": "UNSIGNED" if number == 0 else "",
                           f"field_default_type[{number}]": "NONE" if not null else "NULL", f"field_default_value[{number}]": "", f"field_comments[{number}]": f"number {number}", f"field_virtuality[{number}]": "", f"field_expression[{number}]": ""})
            if null:
                fields[f"field_null[{number}]"] = "YES"
        fields.update({"field_extra[0]": "AUTO_INCREMENT", "field_key[0]": "primary_0", "primary_indexes": json.dumps([{"columns": [{"col_index": "0", "size": ""}], "Key_name": "PRIMARY", "Index_choice": "PRIMARY", "Index_comment": ""}]),
                       "unique_indexes": "[]", "indexes": "[]", "fulltext_indexes": "[]", "spatial_indexes": "[]"})
        self.ask(visit, "/table/create", **fields)

    def alter_table(self, visit):
        self.ask(visit, "/table/structure/save", table="made", do_save_data="1", orig_num_fields="1", **{"field_where": "", "field_orig[0]": "label", "field_type_orig[0]": "VARCHAR", "field_length_orig[0]": "30",
                 "field_default_value_orig[0]": "", "field_default_type_orig[0]": "NONE", "field_collation_orig[0]": "utf8mb4_bin", "field_attribute_orig[0]": "", "field_null_orig[0]": "NO", "field_extra_orig[0]": "",
                 "field_comments_orig[0]": "number 1", "field_virtuality_orig[0]": "", "field_expression_orig[0]": "", "field_move_to_orig[0]": "", "field_name[0]": "title", "field_type[0]": "VARCHAR", "field_length[0]": "80",
                 "field_default_type[0]": "USER_DEFINED", "field_default_value[0]": "it's", "field_collation[0]": "utf8mb4_unicode_ci", "field_attribute[0]": "", "field_comments[0]": "renamed", "field_virtuality[0]": "",
                 "field_expression[0]": "", "field_move_to[0]": "amount"})
        self.ask(visit, "/table/add-field", table="made", num_fields="1", field_where="after", after_field="id", do_save_data="1", orig_num_fields="1", **{"field_name[0]": "added", "field_type[0]": "DATETIME", "field_length[0]": "",
                 "field_default_type[0]": "CURRENT_TIMESTAMP", "field_default_value[0]": "", "field_collation[0]": "", "field_attribute[0]": "on update CURRENT_TIMESTAMP", "field_comments[0]": "", "field_virtuality[0]": "", "field_expression[0]": "",
                 "primary_indexes": "[]", "unique_indexes": "[]", "indexes": "[]", "fulltext_indexes": "[]", "spatial_indexes": "[]"})

    def index(self, visit):
        self.ask(visit, "/table/indexes", table="made", do_save_data="1", **{"index[Key_name]": "by_title", "index[Index_choice]": "UNIQUE", "index[Index_comment]": "a comment", "index[Index_type]": "BTREE", "index[Key_block_size]": "",
                 "index[Parser]": "", "index[columns][names][]": ["title", "id"], "index[columns][sub_parts][]": ["10", ""]})

    def insert(self, visit):
        self.at(visit, "/table/change", "made")
        form = next(one for one in visit.view.forms if any(name.startswith("fields[multi_edit][0]") for name in one.names))
        fields = {}
        hashes = {value: key for key, value in form.fields if key.startswith("fields_name[multi_edit][0]")}
        for name, value in (("title", "It's <new> é🐙"), ("amount", "12.50"), ("choice", "y"), ("added", "2024-05-06 07:08:09")):
            code = re.search(r"\[([0-9a-f]{32})\]", hashes[name]).group(1)
            fields[f"fields[multi_edit][0][{code}]"] = value
        pairs = dict(form.filled(None, ("token",), **fields))
        for code in [key for key in pairs if key.startswith("fields_null") and key[-33:-1] in "".join(fields)]:
            pairs.pop(code)
        pairs.pop("insert_ignore_1", None)
        self.ask(visit, "/table/replace", ajax_page_request="true", **{key: value for key, value in pairs.items() if "[multi_edit][1]" not in key and key not in ("server", "ajax_request", "ajax_page_request", "db")})

    def edit(self, visit):
        """Cells changed in place, as the grid sends them."""
        self.ask(visit, "/sql", sql_query=f"UPDATE `made` SET `title` = 'changed \\'it\\'' WHERE `made`.`id` = 1", table="made", inline_edit="true", goto="index.php?route=/sql")
        self.at(visit, "/table/change", "made", where_clause="`made`.`id` = 1", clause_is_unique="1", sql_query="SELECT * FROM `made`", default_action="update")


def main():
    checks = Checks()
    url, database, marmot = sys.argv[1:4]
    servers = [(marmot, os.environ.get("APPS_PASSWORD", ""))] + [(one, "") for one in sys.argv[4:5]]
    one = Admin(url, database, servers)

    def both(name, step):
        return checks.run(name, lambda: one.twins.run(step))

    def page(route, table=None, **more):
        both(f"{route} {table or ''}{more or ''}", lambda visit: (one.at(visit, route, table, **more), None)[1])

    both("login", one.login)
    for route in SERVER_PAGES:  # they show each server's own state
        checks.run(route, lambda route=route: [one.at(visit, route, inside=False) for visit in one.twins.visits])
    checks.run("/server/status/advisor", lambda: one.at(one.twins.visits[0], "/server/status/advisor", inside=False))  # its rules fit 8.4, not 9.7
    both("a database made", lambda visit: (one.ask(visit, "/server/databases/create", inside=False, new_db=database, db_collation="utf8mb4_unicode_ci"), None)[1])
    both("a schema by SQL", lambda visit: one.command(visit, SCHEMA))
    for route in DATABASE_PAGES:
        page(route)
    for table in ("author", "book", "plain"):
        for route in TABLE_PAGES:
            page(route, table)
    for route in ("/table/structure", "/sql", "/table/search", "/table/change", "/table/export"):
        page(route, "priced")
    page("/sql", "book", sql_query="SELECT * FROM `book` ORDER BY `book`.`price` DESC", session_max_rows="25", pos="0")
    page("/table/change", "book", where_clause="`book`.`id` = 1", clause_is_unique="1", sql_query="SELECT * FROM `book`", default_action="update")
    both("a table made through the form", lambda visit: (one.make_table(visit), None)[1])
    page("/table/structure", "made")
    both("a table altered through the form", lambda visit: (one.alter_table(visit), None)[1])
    both("an index made through the form", lambda visit: (one.index(visit), None)[1])
    page("/table/structure", "made")
    both("a row inserted", lambda visit: (one.insert(visit), None)[1])
    both("a row edited", lambda visit: (one.edit(visit), None)[1])
    both("a routine made", lambda visit: (one.ask(visit, "/database/routines", add_item="1", editor_process_add="1", item_name="raise", item_type="PROCEDURE", item_definer="", item_definition="BEGIN UPDATE book SET price = price + n; SELECT COUNT(*) AS c FROM book; END",
         item_comment="a comment", item_securitytype="DEFINER", item_sqldataaccess="MODIFIES SQL DATA", item_returntype="", item_returnlength="", item_returnopts_num="", item_returnopts_text="",
         **{"item_param_dir[0]": "IN", "item_param_name[0]": "n", "item_param_type[0]": "INT", "item_param_length[0]": "", "item_param_opts_num[0]": "", "item_param_opts_text[0]": ""}), None)[1])
    both("a trigger made", lambda visit: (one.ask(visit, "/database/triggers", add_item="1", editor_process_add="1", item_name="author_bi", item_table="author", item_timing="BEFORE", item_event="INSERT", item_definition="SET NEW.name = TRIM(NEW.name)", item_definer=""), None)[1])
    both("an event made", lambda visit: (one.ask(visit, "/database/events", add_item="1", editor_process_add="1", item_name="nightly", item_status="DISABLED", item_type="RECURRING", item_execute_at="", item_interval_value="1", item_interval_field="DAY",
         item_starts="2030-01-01 00:00:00", item_ends="", item_definition="DELETE FROM made", item_preserve="ON", item_definer="", item_comment="a comment"), None)[1])
    both("a view made", lambda visit: (one.ask(visit, "/view/create", createview="1", **{"view[name]": "cheap", "view[as]": "SELECT title, price FROM book WHERE price < 10", "view[algorithm]": "UNDEFINED", "view[definer]": "", "view[sql_security]": "",
         "view[column_names]": "", "view[or_replace]": ""}), None)[1])
    for route in ("/database/routines", "/database/triggers", "/database/events", "/database/structure", "/database/designer"):
        page(route)
    page("/table/triggers", "author")
    both("a routine called", lambda visit: (one.ask(visit, "/database/routines", execute_routine="1", item_name="raise", item_type="PROCEDURE", **{"params[n]": "1", "funcs[n]": ""}), None)[1])
    both("SQL of many kinds", lambda visit: one.command(visit, "UPDATE book SET price = 7 WHERE id = 1;\nSHOW CREATE TABLE book;\nSET @x = 5;\nSELECT @x + 1 AS y"))
    for text in ("SHOW TABLES", "DESCRIBE book", "SHOW CREATE TABLE book", "SELECT * FROM priced ORDER BY id", "SHOW FULL COLUMNS FROM book", "SELECT 1 AS a, 'é' AS b, NULL AS c", "CHECK TABLE book", "CALL raise(1)",
                 "SELECT a.name, COUNT(*) AS n FROM author a JOIN book b ON b.author_id = a.id GROUP BY a.name ORDER BY n", "SELECT * FROM book WHERE MATCH (title) AGAINST ('first')"):
        both(text, lambda visit, text=text: one.command(visit, text))
    for text in ("SELECT nowhere FROM book", "SELEC 1", "INSERT INTO book (id, title) VALUES (1, 'x')", "DROP TABLE nothing"):
        both(f"refused: {text}", lambda visit, text=text: one.command(visit, text, True))
    both("search in the database", lambda visit: (one.ask(visit, "/database/search", criteriaSearchString="irs", criteriaSearchType="1", submit_search="Go", **{"criteriaTables[]": ["author", "book"]}), None)[1])
    both("exported", one.export)
    both("a file imported", one.bring)
    for what in ("analyze", "check", "optimize", "repair"):
        both(f"maintenance: {what}", lambda visit, what=what: (one.ask(visit, f"/table/maintenance/{what}", **{"selected_tbl[]": ["author", "book"]}), None)[1])
    both("a table copied", lambda visit: (one.ask(visit, "/table/operations", table="book", submit_copy="Go", target_db=database, new_name="book_copy", what="data", add_constraints="1", sql_auto_increment="1"), None)[1])
    page("/table/structure", "book_copy")
    both("an account made", lambda visit: (one.ask(visit, "/server/privileges", inside=False, adduser_submit="1", pred_username="userdefined", username=database + "_u", pred_hostname="any", hostname="%", pred_password="userdefined", pma_pw="a Secret-17",
         pma_pw2="a Secret-17", authentication_plugin="caching_sha2_password", Select_priv="Y", Insert_priv="Y", max_questions="0", max_updates="0", max_connections="0", max_user_connections="0", ssl_type="NONE", grant_count="2"), [])[1])
    both("the account's page", lambda visit: (one.at(visit, "/server/privileges", inside=False, username=database + "_u", hostname="%", viewing_mode="server"), [line for line in visit.lines() if "_priv" in line])[1])
    both("the account dropped", lambda visit: (one.ask(visit, "/server/privileges", inside=False, delete="1", **{"selected_usr[]": f"{database}_u&amp;#27;%"}), [])[1])
    both("tables dropped", lambda visit: (one.ask(visit, "/sql", sql_query="DROP TABLE `plain`, `brought`", is_js_confirmed="1", goto="index.php?route=/database/structure"), None)[1])
    checks.finish()


main()
