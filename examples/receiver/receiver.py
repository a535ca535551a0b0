"""Receives Wingspan webhooks. Standard library only.

    WEBHOOK_SECRET           shared secret of the webhook
    WEBHOOK_SECRET_PREVIOUS  also accepted, during a rotation
    SIGNATURE_HEADER         header with the signature; if it isn't set, the
                             receiver rejects events and logs the header
    SIGNATURE_ENCODING       hex (default) or base64
    EVENTS_DATABASE          SQLite file, default events.db
    PORT                     default 8080
"""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events import EventStore, event_key
from signature import ENCODINGS, find_signature, is_genuine

MAX_BODY = 256 * 1024


def log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def process(body: bytes) -> None:
    """Replace with your code. It must tolerate a second run after a crash."""
    log(f"processed {event_key(body)[0]}")


class Receiver(BaseHTTPRequestHandler):
    timeout = 10  # Seconds that a client may take to send a request.

    secrets: list[str]
    header: str
    encoding: str
    store: EventStore
    wake: threading.Event

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return self.reply(411)
        if int(length) > MAX_BODY:
            return self.reply(413)
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            return self.reply(400)

        if not self.header:
            found = find_signature(dict(self.headers), body, self.secrets)
            log(
                "set SIGNATURE_HEADER={} SIGNATURE_ENCODING={}".format(*found)
                if found
                else "no header contains a signature with this secret"
            )
            return self.reply(401)
        signature = self.headers.get(self.header, "")
        if not is_genuine(body, signature, self.secrets, self.encoding):
            return self.reply(401)

        try:
            name, key = event_key(body)
        except (ValueError, KeyError, TypeError, RecursionError):
            return self.reply(400)
        if self.store.add(key, body):
            self.wake.set()
        else:
            log(f"ignored a repeated delivery of {name}")
        return self.reply(200)

    def reply(self, status: int) -> None:
        # The body may be unread, so the connection can't be used again.
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass  # The default logs request lines, which senders choose.


def work(store: EventStore, wake: threading.Event) -> None:
    while True:
        wake.clear()
        for key, body in store.pending():
            try:
                process(body)
                store.finish(key)
            except Exception as error:  # Retried with the next event.
                log(f"could not process {key}: {type(error).__name__}")
        wake.wait()


def main() -> None:
    env = os.environ
    names = ("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS")
    Receiver.secrets = [env[name] for name in names if env.get(name)]
    Receiver.header = env.get("SIGNATURE_HEADER", "")
    Receiver.encoding = env.get("SIGNATURE_ENCODING", "hex")
    if not env.get("WEBHOOK_SECRET") or Receiver.encoding not in ENCODINGS:
        sys.exit(__doc__)
    Receiver.store = EventStore(env.get("EVENTS_DATABASE", "events.db"))
    Receiver.wake = threading.Event()
    threading.Thread(
        target=work, args=(Receiver.store, Receiver.wake), daemon=True
    ).start()
    server = ThreadingHTTPServer(
        ("127.0.0.1", int(env.get("PORT", "8080"))), Receiver
    )
    log(f"listening on http://127.0.0.1:{server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
