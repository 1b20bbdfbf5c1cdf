"""Load for a source: load.py PORT PASSWORD SECONDS. Transactions like sysbench's oltp_read_write in three tables, rows of other types in a
fourth, and definitions that change meanwhile. Ends with an error if nothing was written or a definition failed."""

import random
import sys
import threading
import time

import pymysql

port, password, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
THREADS, ROWS = 4, 2000
failures = []


def connect():
    return pymysql.connect(host="127.0.0.1", port=port, user="root", password=password, autocommit=True)


def prepare():
    c = connect().cursor()
    c.execute("CREATE DATABASE load_test")
    for i in (1, 2, 3):
        c.execute(f"CREATE TABLE load_test.sbtest{i} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL DEFAULT 0, "
                  "c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k (k))")
        for _ in range(4):
            c.execute(f"INSERT INTO load_test.sbtest{i} (k, c, pad) VALUES "
                      + ",".join(f"({random.randrange(ROWS)}, '{random.randrange(10**15)}', 'x')" for _ in range(ROWS // 4)))
    c.execute("CREATE TABLE load_test.mix (id BIGINT PRIMARY KEY AUTO_INCREMENT, d DECIMAL(12,3), t DATETIME(6), j JSON, b BLOB, u VARCHAR(40) UNIQUE, f DOUBLE)")


def transaction(c, r):
    t, row = f"load_test.sbtest{r.randrange(1, 4)}", r.randrange(1, ROWS + 1)
    c.execute("BEGIN")
    c.execute(f"UPDATE {t} SET k = k + 1 WHERE id = {r.randrange(1, ROWS + 1)}")
    c.execute(f"UPDATE {t} SET c = '{r.randrange(10**12)}' WHERE id = {r.randrange(1, ROWS + 1)}")
    c.execute(f"DELETE FROM {t} WHERE id = {row}")
    c.execute(f"INSERT INTO {t} (id, k, c, pad) VALUES ({row}, {r.randrange(ROWS)}, 'c{row}', 'p')")
    if r.random() < 0.3:
        c.execute("INSERT INTO load_test.mix (d, t, j, b, u, f) VALUES (%s, NOW(6), %s, %s, %s, %s)",
                  (r.randrange(10**6) / 7, '{"a": [1, "x", %d]}' % r.randrange(10**12), r.randbytes(r.randrange(60)), f"u{r.randrange(10**9)}", r.random() * 1e9))
    if r.random() < 0.05:
        c.execute("DELETE FROM load_test.mix ORDER BY id LIMIT 2")
    if r.random() < 0.01:
        c.execute(f"UPDATE load_test.mix SET b = REPEAT('y', {r.randrange(20000)}) ORDER BY id DESC LIMIT 3")
    c.execute("COMMIT")


def work(number, end, counts):
    r, c = random.Random(number), connect().cursor()
    while time.time() < end:
        try:
            transaction(c, r)
            counts[number] += 1
        except pymysql.err.OperationalError as e:
            if e.args[0] not in (1205, 1213):
                failures.append(str(e))
                return
            c.execute("ROLLBACK")


def define(end):
    c, n = connect().cursor(), 0
    while time.time() + 5 < end:
        time.sleep(min(10, end - time.time()))
        n += 1
        for text in (f"ALTER TABLE mix ADD COLUMN c{n} INT DEFAULT {n}", f"CREATE TABLE made{n} AS SELECT id, k FROM sbtest1 LIMIT 10",
                     f"RENAME TABLE made{n} TO kept{n}", f"CREATE VIEW v{n} AS SELECT id FROM mix", f"CREATE TABLE gone{n} LIKE mix", f"DROP TABLE gone{n}"):
            try:
                c.execute("USE load_test")
                c.execute(text)
            except pymysql.err.Error as e:
                failures.append(f"{text}: {e}")


def main():
    prepare()
    end, counts = time.time() + seconds, [0] * THREADS
    threads = [threading.Thread(target=work, args=(i, end, counts)) for i in range(THREADS)] + [threading.Thread(target=define, args=(end,))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(f"{sum(counts)} transactions in {seconds:.0f} s; {len(failures)} failures: {failures[:3]}")
    sys.exit(1 if failures or sum(counts) == 0 else 0)


main()
