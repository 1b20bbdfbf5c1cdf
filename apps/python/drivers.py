"""The drivers that checks.py asks, each behind the same few methods."""
import asyncio

HOST, USER = "127.0.0.1", "root"


class Driver:
    """A driver that follows Python's DB-API. Options of connect: database, autocommit, charset, init, mode, found, multi, infile."""

    name = module = ""

    def __init__(self, port, password):
        self.port, self.password = port, password

    def connect(self, **options):
        raise NotImplementedError

    def cursor(self, connection, kind=""):
        """kind: "" reads everything at once, "stream" row by row, "dict" gives dictionaries."""
        raise NotImplementedError

    def ping(self, connection):
        connection.ping(True)

    def more(self, cursor):
        """Goes on to the next result; tells whether there is one."""
        return bool(cursor.nextset())


class PyMySQL(Driver):
    name = "pymysql"

    def __init__(self, port, password):
        super().__init__(port, password)
        import pymysql
        import pymysql.cursors
        self.module = pymysql

    def connect(self, database=None, autocommit=False, charset="utf8mb4", init=None, mode=None, found=False, multi=False, infile=False):
        flags = (self.module.constants.CLIENT.FOUND_ROWS if found else 0) | (self.module.constants.CLIENT.MULTI_STATEMENTS if multi else 0)
        return self.module.connect(host=HOST, port=self.port, user=USER, password=self.password, database=database, autocommit=autocommit, charset=charset,
                                   init_command=init, sql_mode=mode, client_flag=flags, local_infile=infile)

    def cursor(self, connection, kind=""):
        kinds = self.module.cursors
        return connection.cursor({"": kinds.Cursor, "stream": kinds.SSCursor, "dict": kinds.DictCursor}[kind])


class MySQLClient(Driver):
    name = "mysqlclient"

    def __init__(self, port, password):
        super().__init__(port, password)
        import MySQLdb
        import MySQLdb.constants.CLIENT
        import MySQLdb.cursors
        self.module = MySQLdb

    def connect(self, database=None, autocommit=False, charset="utf8mb4", init=None, mode=None, found=False, multi=False, infile=False):
        given = {"host": HOST, "port": self.port, "user": USER, "password": self.password, "database": database, "autocommit": autocommit, "charset": charset,
                 "init_command": init, "sql_mode": mode, "client_flag": self.module.constants.CLIENT.FOUND_ROWS if found else 0, "multi_statements": multi,
                 "local_infile": int(infile)}
        return self.module.connect(**{key: value for key, value in given.items() if value is not None})

    def cursor(self, connection, kind=""):
        kinds = self.module.cursors
        return connection.cursor({"": kinds.Cursor, "stream": kinds.SSCursor, "dict": kinds.DictCursor}[kind])

    def ping(self, connection):
        connection.ping()


class Connector(Driver):
    """Oracle's driver. Its packages on PyPI may come without the C library, so it is the one written in Python that is asked."""

    name = "connector"

    def __init__(self, port, password):
        super().__init__(port, password)
        import mysql.connector
        self.module = mysql.connector

    def connect(self, database=None, autocommit=False, charset="utf8mb4", init=None, mode=None, found=False, multi=False, infile=False):
        flag = self.module.constants.ClientFlag
        given = {"host": HOST, "port": self.port, "user": USER, "password": self.password, "database": database, "autocommit": autocommit, "charset": charset,
                 "init_command": init, "sql_mode": mode, "client_flags": [flag.FOUND_ROWS if found else -flag.FOUND_ROWS], "allow_local_infile": infile,
                 "use_pure": True}
        return self.module.connect(**{key: value for key, value in given.items() if value is not None})

    def cursor(self, connection, kind=""):
        return connection.cursor(buffered=kind != "stream", dictionary=kind == "dict")

    def ping(self, connection):
        connection.ping(reconnect=True, attempts=3, delay=0)


class Waiting:
    """An object of an asynchronous driver whose coroutines are run to their end."""

    def __init__(self, loop, inner):
        self._loop, self._inner = loop, inner

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*arguments, **options):
            result = value(*arguments, **options)
            if asyncio.iscoroutine(result) or asyncio.isfuture(result):
                result = self._loop.run_until_complete(result)
            return result

        return call


class AioMySQL(Driver):
    name = "aiomysql"

    def __init__(self, port, password):
        super().__init__(port, password)
        self.loop = asyncio.new_event_loop()
        self.module = self.load()

    def load(self):
        import aiomysql
        self.cursors = aiomysql
        return aiomysql

    def connect(self, database=None, autocommit=False, charset="utf8mb4", init=None, mode=None, found=False, multi=False, infile=False):
        flags = (1 << 1 if found else 0) | (1 << 16 if multi else 0)
        given = {"host": HOST, "port": self.port, "user": USER, "password": self.password, "db": database, "autocommit": autocommit, "charset": charset,
                 "init_command": init, "sql_mode": mode, "client_flag": flags, "local_infile": infile}
        opening = self.module.connect(**{key: value for key, value in given.items() if value is not None})

        async def opened():
            return await opening

        return Waiting(self.loop, self.loop.run_until_complete(opened()))

    def cursor(self, connection, kind=""):
        cursor = connection._inner.cursor({"": self.cursors.Cursor, "stream": self.cursors.SSCursor, "dict": self.cursors.DictCursor}[kind])

        async def opened():
            return await cursor if hasattr(cursor, "__await__") else cursor

        return Waiting(self.loop, self.loop.run_until_complete(opened()))


class AsyncMy(AioMySQL):
    name = "asyncmy"

    def load(self):
        import asyncmy
        import asyncmy.cursors
        self.cursors = asyncmy.cursors
        return asyncmy


DRIVERS = {driver.name: driver for driver in (PyMySQL, MySQLClient, Connector, AioMySQL, AsyncMy)}
