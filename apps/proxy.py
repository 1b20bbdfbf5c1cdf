#!/usr/bin/env python3
"""Passes MySQL connections on to one of several servers in turn, and writes down the statements that pass.

    proxy.py --listen PORT --to HOST:PORT[,HOST:PORT…] [--log FILE]

A server that refuses the connection is passed over. The log has one JSON object a line: {"connection": n, "text": …} for a query,
with "database" in place of "text" for a change of the default database, "prepared" for a statement that is prepared, "closed" at the
end. It is what replay.py reads.
"""
import argparse
import asyncio
import itertools
import json

COMMAND_QUERY, COMMAND_DATABASE, COMMAND_PREPARE = 3, 2, 22
HEADER = 4
TLS_REQUEST = 32  # bytes of a handshake response that ends where TLS begins
PORTION = 1 << 16
# CLIENT_CONNECT_WITH_DB, CLIENT_SECURE_CONNECTION and CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA of the handshake response.
WITH_DATABASE, SECURE, LENGTH_ENCODED = 1 << 3, 1 << 15, 1 << 21


class Reader:
    """Cuts a client's bytes into packets and notes the commands among them."""

    def __init__(self, note):
        self.note = note
        self.bytes = bytearray()
        self.greeted = False

    def feed(self, portion):
        self.bytes += portion
        while len(self.bytes) >= HEADER:
            length = int.from_bytes(self.bytes[:3], "little")
            if len(self.bytes) < HEADER + length:
                return
            sequence, payload = self.bytes[3], bytes(self.bytes[HEADER:HEADER + length])
            del self.bytes[:HEADER + length]
            self.packet(sequence, payload)

    def packet(self, sequence, payload):
        if not self.greeted:
            if len(payload) == TLS_REQUEST:
                self.bytes.clear()
                self.feed = lambda portion: None  # what follows cannot be read here
                return
            self.greeted = True
            database = first_database(payload)
            if database:
                self.note({"database": database})
        elif sequence == 0 and payload:
            text = payload[1:].decode("utf-8", "surrogateescape")
            if payload[0] == COMMAND_QUERY:
                self.note({"text": text})
            elif payload[0] == COMMAND_DATABASE:
                self.note({"database": text})
            elif payload[0] == COMMAND_PREPARE:
                self.note({"prepared": text})


def first_database(payload):
    """The database that a handshake response names."""
    flags = int.from_bytes(payload[:4], "little")
    if not flags & WITH_DATABASE:
        return None
    rest = payload[32:]
    rest = rest[rest.index(0) + 1:]
    if flags & (LENGTH_ENCODED | SECURE):
        rest = rest[rest[0] + 1:]
    else:
        rest = rest[rest.index(0) + 1:]
    return rest[:rest.index(0)].decode()


class Proxy:
    """Takes connections and hands each to the next server."""

    def __init__(self, servers, log):
        self.turn = itertools.cycle(servers)
        self.count = len(servers)
        self.log = log
        self.numbers = itertools.count(1)

    async def connect(self):
        for _ in range(self.count):
            host, port = next(self.turn).rsplit(":", 1)
            try:
                return await asyncio.open_connection(host, int(port))
            except OSError:
                continue
        return None, None

    async def serve(self, reader, writer):
        number = next(self.numbers)
        upstream, downstream = await self.connect()
        if upstream is None:
            writer.close()
            return

        def note(entry):
            if self.log:
                self.log.write(json.dumps({"connection": number, **entry}) + "\n")
                self.log.flush()

        client = Reader(note)
        await asyncio.gather(pass_on(reader, downstream, lambda portion: client.feed(portion)), pass_on(upstream, writer, lambda portion: None))
        note({"closed": True})


async def pass_on(reader, writer, see):
    try:
        while portion := await reader.read(PORTION):
            see(portion)
            writer.write(portion)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--listen", type=int, required=True)
    options.add_argument("--to", required=True)
    options.add_argument("--log")
    given = options.parse_args()
    log = open(given.log, "a", encoding="utf-8") if given.log else None
    server = await asyncio.start_server(Proxy(given.to.split(","), log).serve, "127.0.0.1", given.listen)
    async with server:
        await server.serve_forever()


asyncio.run(main())
