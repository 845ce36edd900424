"""An application that speaks WebSocket (RFC 6455), by a library that nobody here wrote."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.sync.server import ServerConnection, serve


@contextmanager
def websocket(talk: Callable[[ServerConnection], None]) -> Iterator[int]:
    """Calls `talk` for each WebSocket after its handshake; gives the port."""
    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join(20)
