"""Maxwell's lines of a file, without what differs from server to server, each once: lines.py FILE. A Maxwell that was killed repeats the last ones."""

import json
import sys

seen = set()
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    if event.get("database") == "maxwell" and event.get("table") != "bootstrap":
        continue
    for key in ("ts", "xid", "position", "gtid", "server_id", "thread_id", "xoffset", "commit"):
        event.pop(key, None)
    if event.get("table") == "bootstrap":
        continue
    text = json.dumps(event, sort_keys=True, ensure_ascii=False)
    if text not in seen:
        seen.add(text)
        print(text)
