"""Stores each verified event once. Standard library only."""

import hashlib
import json
import sqlite3
import threading


def event_key(body: bytes) -> tuple[str, str]:
    """Returns the name of the event, and a key that identifies a delivery.

    A repeated delivery has the same name, object ID, and data. The same event
    can also occur again for an object, for example if a payment fails twice.
    """
    event = json.loads(body)
    name, object_id = event["eventName"], event["objectId"]
    if not (isinstance(name, str) and isinstance(object_id, str)):
        raise ValueError("eventName and objectId must be strings")
    parts = json.dumps([name, object_id, event.get("data")], sort_keys=True)
    return name, hashlib.sha256(parts.encode()).hexdigest()


class EventStore:
    """Keeps events in SQLite until they are processed."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS events ("
            "key TEXT PRIMARY KEY, body BLOB NOT NULL, done INTEGER DEFAULT 0)"
        )

    def add(self, key: str, body: bytes) -> bool:
        """Reports whether the event is new."""
        with self._lock, self._db:
            added = self._db.execute(
                "INSERT OR IGNORE INTO events (key, body) VALUES (?, ?)",
                (key, body),
            )
            return added.rowcount == 1

    def pending(self) -> list[tuple[str, bytes]]:
        """Returns events that are stored and not processed, oldest first."""
        with self._lock:
            return self._db.execute(
                "SELECT key, body FROM events WHERE done = 0 ORDER BY rowid"
            ).fetchall()

    def finish(self, key: str) -> None:
        """Marks an event as processed. Its key is kept to detect replays."""
        with self._lock, self._db:
            self._db.execute("UPDATE events SET done = 1 WHERE key = ?", (key,))
