#!/usr/bin/env python3
"""Uses Adminer as people do, on Marmot and on MySQL, and compares the pages: drive.py URL DATABASE MARMOT [MYSQL]

Root's password on Marmot is in APPS_PASSWORD; MySQL's root has none. The export of each server is written to the directory APPS_WORK.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from forms import Page  # noqa: E402
from twins import Twins  # noqa: E402
from web import Checks, want  # noqa: E402

BROKEN = re.compile(r"<p class='error'>.*?</p>|<div class='error'>.*?</div>|<b>(?:Warning|Notice|Deprecated|Fatal error)</b>.{0,300}", re.S)
# What is each server's own: versions, times, sizes, tokens.
RULES = [(r"\d+\.\d+\.\d+[\w.-]*", "VERSION"), (r"\(\d+\.\d+ s\)", "(TIME)"), (r"\d+\.\d{3} s", "TIME"), (r"field token = .*", "field token"),
         (r"\d\d:\d\d:\d\d(?:\.\d\d\b)?", "CLOCK"), (r"[\d,]+ (?:B|KB|kB|MB)\b", "SIZE"), (r"\n(?:16|32|48|64|80|96|112)[,\d]*384?\b", "\nSIZE"), (r"root@(?:localhost|%)", "ROOT"),
         (r"`root`@`(?:localhost|%)`", "`ROOT`"), (r"\n\d+\nmore", "\nmore"),
         # the number of values that each server estimates for an index, and time and checksum of a file in a tar archive
         (r"\nA\n\d+\n", "\nA\nESTIMATE\n"), (r"\b1\d{10}\x00\d{6}\x00", "TIME")]
# The plans that Adminer asks for beside each query.
PLANS = r"<div id='explain-\d+' class='hidden'>.*?</div>"
SCHEMA = """CREATE TABLE author (id INT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(60) NOT NULL DEFAULT '', born DATE, country CHAR(2) CHARACTER SET ascii DEFAULT 'xx',
 PRIMARY KEY (id), UNIQUE KEY name (name), KEY country_born (country, born)) COMMENT='who writes';
CREATE TABLE book (id INT NOT NULL AUTO_INCREMENT, author_id INT UNSIGNED, title VARCHAR(200) NOT NULL, price DECIMAL(8,2) DEFAULT '9.90', kind ENUM('novel','poem','it''s') DEFAULT 'novel',
 marks SET('a','b','c'), body MEDIUMTEXT, cover BLOB, info JSON, added TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, flags BIT(3), active TINYINT(1) NOT NULL DEFAULT 1,
 total DECIMAL(10,2) GENERATED ALWAYS AS (price * 2) VIRTUAL, PRIMARY KEY (id), KEY author_id (author_id), FULLTEXT KEY title (title),
 CONSTRAINT book_author FOREIGN KEY (author_id) REFERENCES author (id) ON DELETE SET NULL ON UPDATE CASCADE, CONSTRAINT dear CHECK (price >= 0));
INSERT INTO author (name, born, country) VALUES ('Ann O''Hara', '1970-02-03', 'ie'), ('Bø', NULL, 'dk'), ('漢字 🐙', '2000-12-31', 'cn');
INSERT INTO book (author_id, title, price, kind, marks, body, cover, info, added, flags) VALUES (1, 'First', 5, 'poem', 'a,c', 'text with <b> & "quotes"', x'00ff10', '{"a": [1, 2]}', '2024-01-02 03:04:05', b'101'),
 (1, 'Second', 19.99, 'it''s', '', NULL, NULL, NULL, '2024-02-03 04:05:06', NULL), (2, 'Third', 3, NULL, 'b', 'x', '', '[]', '2024-03-04 05:06:07', b'0');
CREATE VIEW priced AS SELECT b.id, b.title, a.name, b.price FROM book b LEFT JOIN author a ON a.id = b.author_id WHERE b.price > 1;
CREATE TABLE plain (a INT, b DOUBLE, c YEAR, d TIME(3), e DATETIME(6), f VARBINARY(10), g POINT);"""


class Adminer:
    """The steps of one database."""

    def __init__(self, url, database, servers):
        self.database, self.twins = database, Twins(url, servers, RULES, PLANS)

    def at(self, visit, query, database=True):
        place = f"/?server={visit.server}&username=root" + (f"&db={self.database}" if database else "")
        return visit.get(f"{place}&{query}", BROKEN)

    def login(self, visit):
        visit.get("/")
        form = visit.view.form_with("auth[username]")
        view = visit.send(form, None, BROKEN, **{"auth[driver]": "server", "auth[server]": visit.server, "auth[username]": "root", "auth[password]": visit.password, "auth[db]": ""})
        want("Logout" in visit.page.text, view.text[:500])
        return []

    def make_database(self, visit):
        self.at(visit, "database=", False)
        visit.send(visit.view.form_with("name", "collation"), None, BROKEN, name=self.database, collation="utf8mb4_unicode_ci")
        want("Database has been created" in visit.page.text, visit.view.text[:500])

    def command(self, visit, text, broken=BROKEN):
        self.at(visit, "sql=")
        visit.send(visit.view.form_with("query"), None, broken, query=text)
        return visit.lines()

    def make_table(self, visit):
        self.at(visit, "create=")
        form = visit.view.form_with("name", "fields[1][field]")
        fields = {"name": "made", "Engine": "InnoDB", "Collation": "utf8mb4_general_ci", "Comment": "through a form", "auto_increment_col": "1", "Auto_increment": "5"}
        columns = [("id", "int", "10", "", "unsigned"), ("label", "varchar", "30", "utf8mb4_bin", ""), ("amount", "decimal", "8,2", "", ""), ("choice", "enum", "'x','y'", "", ""), ("at", "datetime", "", "", "")]
        for number, (name, kind, length, collation, unsigned) in enumerate(columns, 1):
            fields.update({f"fields[{number}][field]": name, f"fields[{number}][type]": kind, f"fields[{number}][length]": length, f"fields[{number}][collation]": collation,
                           f"fields[{number}][unsigned]": unsigned, f"fields[{number}][orig]": "", f"fields[{number}][comment]": f"number {number}"})
            if number in (3, 4):
                fields[f"fields[{number}][null]"] = "1"
        visit.send(form, None, BROKEN, **fields)
        want("Table has been created" in visit.page.text, visit.view.text[:800])

    def alter_table(self, visit):
        self.at(visit, "create=made")
        form = visit.view.form_with("name", "fields[1][field]")
        visit.send(form, None, BROKEN, drop=("drop",), **{"name": "remade", "fields[2][field]": "title", "fields[2][length]": "80", "fields[3][has_default]": "1", "fields[3][default]": "1.5",
                   "fields[5.5][field]": "more", "fields[5.5][type]": "text", "fields[5.5][null]": "1", "fields[5.5][orig]": "", "fields[5.5][length]": "", "fields[5.5][comment]": "", "Comment": "altered"})
        want("Table has been altered" in visit.page.text, visit.view.text[:800])

    def indexes(self, visit):
        self.at(visit, "indexes=remade")
        form = visit.view.form_with("indexes[1][type]")
        visit.send(form, None, BROKEN, **{"indexes[2][type]": "UNIQUE", "indexes[2][columns][1]": "title", "indexes[2][lengths][1]": "10", "indexes[2][name]": "by_title", "indexes[3][type]": "INDEX",
                   "indexes[3][columns][1]": "amount", "indexes[3][columns][2]": "at", "indexes[3][descs][2]": "1", "indexes[3][lengths][1]": "", "indexes[3][lengths][2]": "", "indexes[3][name]": ""})
        want("Indexes have been altered" in visit.page.text, visit.view.text[:800])

    def foreign(self, visit):
        self.command(visit, "ALTER TABLE remade ADD author INT UNSIGNED")
        self.at(visit, "foreign=remade")
        form = visit.view.form_with("table", "source[0]")
        visit.send(form, None, BROKEN, table="author", **{"source[0]": "author", "target[0]": "id", "on_delete": "CASCADE", "on_update": "SET NULL"})
        want("Foreign key has been created" in visit.page.text, visit.view.text[:800])

    def insert(self, visit):
        self.at(visit, "edit=remade")
        visit.send(visit.view.form_with("fields[title]"), None, BROKEN, **{"fields[title]": "It's <new> é🐙", "fields[amount]": "12.50", "fields[choice]": "2", "fields[at]": "2024-05-06 07:08:09", "fields[author]": "1"})
        want("has been inserted" in visit.page.text, visit.view.text[:800])

    def edit(self, visit):
        self.at(visit, "edit=remade&where%5Bid%5D=5")
        before = visit.lines()
        visit.send(visit.view.form_with("fields[title]"), None, BROKEN, **{"fields[title]": "changed", "function[more]": "", "fields[more]": "two\nlines"})
        want("has been updated" in visit.page.text, visit.view.text[:800])
        return before + visit.lines()

    def bulk(self, visit):
        self.command(visit, "INSERT INTO remade (title, at) VALUES ('a', NOW()), ('b', NOW()), ('c', NOW())")
        self.at(visit, "select=remade")
        visit.send(visit.view.form_with("check[]"), "delete", BROKEN, **{"check[]": ["where%5Bid%5D=6", "where%5Bid%5D=7"]})
        want("affected" in visit.page.text or "deleted" in visit.page.text, visit.view.text[:800])
        self.at(visit, "select=remade&columns[0][col]=title")

    def program(self, visit, kind, fields, done):
        self.at(visit, kind)
        visit.send(visit.view.form_with(next(iter(fields))), None, BROKEN, **fields)
        want(done in visit.page.text, visit.view.text[:800])

    def export(self, visit, format="sql"):
        self.at(visit, "dump=")
        form = visit.view.form_with("output", "format")
        from forms import send
        answer = send(visit.browser, visit.page.address, form, None, (), None, output="text", format=format, db_style="", table_style="DROP+CREATE", data_style="INSERT", routines="1", events="1", triggers="1",
                      **{"tables[]": ["author", "book", "remade", "plain", "priced"], "data[]": ["author", "book", "remade", "plain"]})
        want(answer.status == 200 and "<html" not in answer.text[:300], answer.text[:300])
        if format == "sql":
            with open(os.path.join(os.environ.get("APPS_WORK", "."), f"adminer-{self.twins.visits.index(visit)}.sql"), "wb") as file:
                file.write(answer.body)
        visit.page = answer
        return [line for line in visit.lines(PlainText(answer.text))]

    def bring(self, visit):
        self.at(visit, "import=")
        visit.send(visit.view.form_with("sql_file[]"), None, BROKEN, file=("sql_file[]", "more.sql", "CREATE TABLE brought (a INT);\nINSERT INTO brought VALUES (1),(2);\n"
                   "DELIMITER ;;\nCREATE PROCEDURE from_file() BEGIN SELECT 1; SELECT 2; END;;\nDELIMITER ;\nSELECT * FROM brought;".encode()))


class PlainText:
    """A text that is no page."""

    def __init__(self, text):
        self.words, self.forms = [line for line in text.split("\n") if not line.startswith("-- ")], []


def main():
    checks = Checks()
    url, database, marmot = sys.argv[1:4]
    servers = [(marmot, os.environ.get("APPS_PASSWORD", ""))] + [(one, "") for one in sys.argv[4:5]]
    one = Adminer(url, database, servers)

    def both(name, step):
        return checks.run(name, lambda: one.twins.run(step))

    def page(name, query, inside=True):
        both(name, lambda visit: (one.at(visit, query, inside), None)[1])

    both("login", one.login)
    both("a database made through the form", one.make_database)
    both("a schema by SQL", lambda visit: one.command(visit, SCHEMA))
    page("the tables", "")
    for table in ("author", "book", "plain", "priced"):
        page(f"structure of {table}", f"table={table}" if table != "priced" else "view=priced")
        page(f"rows of {table}", f"select={table}")
    page("indexes of book", "indexes=book")
    page("the form of book", "create=book")
    page("foreign keys of book", "foreign=book&name=book_author")
    page("rows found and sorted", "select=book&where[0][col]=title&where[0][op]=LIKE+%25%25&where[0][val]=ir&order[0]=price&desc[0]=1&limit=2")
    page("rows grouped", "select=book&columns[0][fun]=count&columns[0][col]=id&columns[1][col]=kind&order[0]=kind")
    page("rows by full text", "select=book&fulltext[0]=first")
    page("one row", "edit=book&where%5Bid%5D=1")
    both("a table made through the form", one.make_table)
    page("its structure", "table=made")
    both("a table altered through the form", one.alter_table)
    page("its structure after", "table=remade")
    both("indexes made through the form", one.indexes)
    both("a foreign key made through the form", one.foreign)
    both("a row inserted", one.insert)
    both("a row edited", one.edit)
    both("rows deleted", one.bulk)
    both("a view made", lambda visit: one.program(visit, "view=", {"name": "cheap", "select": "SELECT title, price FROM book WHERE price < 10"}, "View has been created"))
    both("a procedure made", lambda visit: one.program(visit, "procedure=", {"name": "raise", "fields[1][inout]": "IN", "fields[1][field]": "n", "fields[1][type]": "int", "fields[1][length]": "",
         "definition": "BEGIN\nUPDATE book SET price = price + n;\nSELECT COUNT(*) AS c FROM book;\nEND"}, "Routine has been created"))
    both("a function made", lambda visit: one.program(visit, "function=", {"name": "twice", "fields[1][field]": "n", "fields[1][type]": "int", "fields[1][length]": "", "returns[type]": "bigint", "returns[length]": "",
         "definition": "DETERMINISTIC\nRETURN n * 2"}, "Routine has been created"))
    both("a trigger made", lambda visit: one.program(visit, "trigger=author", {"Trigger": "author_bi", "Timing": "BEFORE", "Event": "INSERT", "Type": "FOR EACH ROW", "Statement": "SET NEW.name = TRIM(NEW.name)"}, "Trigger has been created"))
    both("an event made", lambda visit: one.program(visit, "event=", {"EVENT_NAME": "nightly", "INTERVAL_VALUE": "1", "INTERVAL_FIELD": "DAY", "STARTS": "2030-01-01 00:00:00", "ENDS": "", "STATUS": "DISABLED",
         "EVENT_DEFINITION": "DELETE FROM remade", "EVENT_COMMENT": "a comment"}, "Event has been created"))
    page("routines, events, views listed", "")
    page("the trigger's page", "trigger=author&name=author_bi")
    page("the procedure's page", "procedure=raise&name=raise")
    page("the function's page", "function=twice&name=twice")
    page("the event's page", "event=nightly")
    both("a procedure called", lambda visit: (one.at(visit, "call=raise&name=raise"), visit.send(visit.view.form_with("fields[n]"), None, BROKEN, **{"fields[n]": "1"}), None)[2])
    both("a function called", lambda visit: (one.at(visit, "callf=twice&name=twice"), visit.send(visit.view.form_with("fields[n]"), None, BROKEN, **{"fields[n]": "21"}), None)[2])
    both("SQL of many kinds", lambda visit: one.command(visit, "SELECT 1 AS a, 'é' AS b, NULL AS c;\nSHOW TABLES;\nDESCRIBE book;\nSHOW CREATE TABLE book;\nSHOW INDEX FROM author;\nUPDATE book SET price = 7 WHERE id = 1;\n"
         "SHOW TRIGGERS;\nSELECT * FROM priced ORDER BY id;\nSHOW CREATE VIEW priced;\nSHOW FULL COLUMNS FROM book;\nSET @x = 5;\nSELECT @x + 1;\nCHECK TABLE book;\nANALYZE TABLE author"))
    both("wrong SQL", lambda visit: one.command(visit, "SELECT nowhere FROM book;\nSELEC 1;\nINSERT INTO book (id, title) VALUES (1, 'x');\nSELECT 1", None))
    page("the schema's picture", "schema=")
    page("the export's form", "dump=")
    both("exported as SQL", one.export)
    both("exported as CSV", lambda visit: one.export(visit, "csv"))
    both("a file imported", one.bring)
    page("variables", "variables=", False) if len(servers) == 1 else checks.run("variables", lambda: [one.at(visit, "variables=", False) for visit in one.twins.visits])
    checks.run("status", lambda: [one.at(visit, "status=", False) for visit in one.twins.visits])
    checks.run("processes", lambda: [one.at(visit, "processlist=", False) for visit in one.twins.visits])
    checks.run("accounts", lambda: [one.at(visit, "privileges=", False) for visit in one.twins.visits])
    both("an account made", lambda visit: (one.at(visit, "user=", False), visit.send(visit.view.form_with("user", "host"), None, BROKEN, host="%", user=database + "_u", **{"pass": "a Secret-17",
         "objects[0]": f"{database}.*", "grants[0][SELECT]": "1", "grants[0][INSERT]": "1"}), ["User has been created" in visit.page.text])[2])
    both("the account's page", lambda visit: (one.at(visit, f"user={database}_u&host=%25", False), [line for line in visit.lines() if line.startswith("field grants") or line.startswith("field objects")])[1])
    both("the account dropped", lambda visit: (visit.send(visit.view.form_with("user", "host"), "drop", BROKEN), ["dropped" in visit.page.text])[1])
    both("tables emptied, moved, dropped", lambda visit: (one.at(visit, ""), visit.send(visit.view.form_with("tables[]"), "truncate", BROKEN, **{"tables[]": ["plain", "remade"]}),
         visit.send(visit.view.form_with("tables[]"), "drop", BROKEN, **{"tables[]": ["plain", "brought"]}), None)[3])
    checks.finish()


main()
