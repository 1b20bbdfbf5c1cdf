"""Asks servers the checks of checks.py through a driver and compares what they show.

    drive.py --mysql HOST:PORT --marmot HOST:PORT [--nodes] DRIVER…

root's password on Marmot is APPS_PASSWORD, on MySQL there is none. With --nodes the address of Marmot hands its connections to several
nodes in turn. APPS_PREFIX begins the names of databases.
"""
import argparse
import logging
import os
import re
import sys
import traceback

import checks
import drivers

LONGEST = 400


def ask(driver, one, database):
    """What a check shows, as text. The database's name and numbers of connections are left out."""
    plain = driver.connect(autocommit=True)
    session = checks.Session(driver, database)
    try:
        for sql in (f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}"):
            session.run(plain, sql)
        seen = repr(one(session))
    except Exception as error:
        seen = "".join(traceback.format_exception_only(error)) + traceback.format_tb(error.__traceback__)[-1]
    finally:
        session.close()
        session.run(plain, f"DROP DATABASE IF EXISTS {database}")
        plain.close()
    return re.sub(r"'root'@'[^']*'", "'root'@'host'", seen)


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    at = max(0, at - LONGEST // 4)
    return f"  MySQL:  {a[at:at + LONGEST]}\n  Marmot: {b[at:at + LONGEST]}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--mysql", required=True)
    options.add_argument("--marmot", required=True)
    options.add_argument("--nodes", action="store_true")
    options.add_argument("drivers", nargs="+")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)  # asyncmy writes every warning of the server there
    passed = failed = 0
    asked = checks.CHECKS + ([] if given.nodes else checks.ONE_SERVER)
    for name in given.drivers:
        servers = [drivers.DRIVERS[name](int(address.rsplit(":", 1)[1]), password)
                   for address, password in ((given.mysql, ""), (given.marmot, os.environ["APPS_PASSWORD"]))]
        for one in asked:
            database = f"{os.environ.get('APPS_PREFIX', '')}python"
            mysql, marmot = (ask(server, one, database) for server in servers)
            if mysql == marmot:
                passed += 1
                print(f"ok   {name}: {one.__name__}")
            else:
                failed += 1
                print(f"FAIL {name}: {one.__name__}\n{first_difference(mysql, marmot)}")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
