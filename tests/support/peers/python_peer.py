"""A peer process on libzmq through Debian's python3-zmq. It speaks the protocol of protocol.ts, one request at a time."""

import base64
import errno
import json
import os
import sys
import threading

import zmq
from zmq.utils.monitor import recv_monitor_message

# A request that waits longer has failed; the test's own deadline comes first.
PATIENCE = 30_000

EVENTS = {
    "accept": zmq.EVENT_ACCEPTED,
    "accept:error": zmq.EVENT_ACCEPT_FAILED,
    "bind": zmq.EVENT_LISTENING,
    "bind:error": zmq.EVENT_BIND_FAILED,
    "close": zmq.EVENT_CLOSED,
    "close:error": zmq.EVENT_CLOSE_FAILED,
    "connect": zmq.EVENT_CONNECTED,
    "connect:delay": zmq.EVENT_CONNECT_DELAYED,
    "connect:retry": zmq.EVENT_CONNECT_RETRIED,
    "disconnect": zmq.EVENT_DISCONNECTED,
    "handshake": zmq.EVENT_HANDSHAKE_SUCCEEDED,
    "handshake:error:auth": zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    "handshake:error:other": zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    "handshake:error:protocol": zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
}
NAMES = {number: name for name, number in EVENTS.items()}
FAILURES = [number for name, number in EVENTS.items() if name.startswith("handshake:error:")]


# Options by the names of zeromq.js.
OPTIONS = {
    "conflate": zmq.CONFLATE,
    "correlate": zmq.REQ_CORRELATE,
    "curvePublicKey": zmq.CURVE_PUBLICKEY,
    "curveSecretKey": zmq.CURVE_SECRETKEY,
    "curveServer": zmq.CURVE_SERVER,
    "curveServerKey": zmq.CURVE_SERVERKEY,
    "handover": zmq.ROUTER_HANDOVER,
    "maxMessageSize": zmq.MAXMSGSIZE,
    "heartbeatTimeout": zmq.HEARTBEAT_TIMEOUT,
    "handshakeInterval": zmq.HANDSHAKE_IVL,
    "invertMatching": zmq.INVERT_MATCHING,
    "linger": zmq.LINGER,
    "mandatory": zmq.ROUTER_MANDATORY,
    "manual": zmq.XPUB_MANUAL,
    "heartbeatInterval": zmq.HEARTBEAT_IVL,
    "noDrop": zmq.XPUB_NODROP,
    "plainPassword": zmq.PLAIN_PASSWORD,
    "plainServer": zmq.PLAIN_SERVER,
    "plainUsername": zmq.PLAIN_USERNAME,
    "probeRouter": zmq.PROBE_ROUTER,
    "reconnectInterval": zmq.RECONNECT_IVL,
    "relaxed": zmq.REQ_RELAXED,
    "routingId": zmq.ROUTING_ID,
    "sendHighWaterMark": zmq.SNDHWM,
    "sendTimeout": zmq.SNDTIMEO,
    "welcomeMessage": zmq.XPUB_WELCOME_MSG,
    "zapDomain": zmq.ZAP_DOMAIN,
}
VERBOSITY = {None: (zmq.XPUB_VERBOSE, 0), "allSubs": (zmq.XPUB_VERBOSE, 1), "allSubsUnsubs": (zmq.XPUB_VERBOSER, 1)}


def to_bytes(frame):
    return frame.encode() if isinstance(frame, str) else base64.b64decode(frame["base64"])


def error_code(error):
    """The name that zeromq.js has for the error, if it is one of libzmq's."""
    number = getattr(error, "errno", None)
    if number in (zmq.EFSM, zmq.ENOCOMPATPROTO):
        return "EFSM" if number == zmq.EFSM else "ENOCOMPATPROTO"
    return errno.errorcode.get(number)


class End:
    """One socket; its methods are what a test can call."""

    def __init__(self, context, type, options):
        self.socket = context.socket(getattr(zmq, type))
        self.socket.rcvtimeo = self.socket.sndtimeo = PATIENCE
        # Reporting an event overwrites the error of the call that causes it (libzmq's errno).
        unwatched = options.pop("unwatched", False)
        for option, value in {"linger": 0, **options}.items():
            self.set(option, value)
        if unwatched:
            self.monitor = None
            return
        self.monitor = self.socket.get_monitor_socket()
        self.monitor.rcvtimeo = PATIENCE
        self.counts = {}
        self.names = []

    def bind(self, endpoint):
        self.socket.bind(endpoint)
        return self.socket.last_endpoint.decode()

    def unbind(self, endpoint):
        self.socket.unbind(endpoint)

    def connect(self, endpoint):
        self.socket.connect(endpoint)

    def disconnect(self, endpoint):
        self.socket.disconnect(endpoint)

    def set(self, option, value):
        if option == "verbosity":
            self.socket.setsockopt(*VERBOSITY[value])
        else:
            self.socket.setsockopt(OPTIONS[option], int(value) if isinstance(value, (bool, int)) else to_bytes(value))

    def look(self):
        # libzmq processes commands of its peers in this call.
        self.socket.getsockopt(zmq.EVENTS)

    def send(self, message):
        self.socket.send_multipart([to_bytes(frame) for frame in message])

    def receive(self):
        return [{"base64": base64.b64encode(frame).decode()} for frame in self.socket.recv_multipart()]

    def property(self, name):
        return self.socket.recv(copy=False).get(name)

    def subscribe(self, topic):
        self.socket.subscribe(to_bytes(topic))

    def unsubscribe(self, topic):
        self.socket.unsubscribe(to_bytes(topic))

    def seen(self, event, count):
        wanted = FAILURES if event == "handshake:error" else [EVENTS[event]]
        while sum(self.counts.get(number, 0) for number in wanted) < count:
            self.note(recv_monitor_message(self.monitor)["event"])

    def note(self, event):
        self.counts[event] = self.counts.get(event, 0) + 1
        self.names.append(NAMES[event])

    def history(self):
        while self.monitor.poll(0):
            self.note(recv_monitor_message(self.monitor)["event"])
        return self.names

    def lastWords(self):
        self.socket.close()
        while (event := recv_monitor_message(self.monitor)["event"]) != zmq.EVENT_MONITOR_STOPPED:
            self.note(event)
        self.monitor.close(0)
        return self.names

    def close(self):
        if self.monitor:
            self.socket.disable_monitor()
            self.monitor.close(0)
        self.socket.close()


class ZapHandler:
    """Accepts the clients of the last admission (admission.ts)."""

    def __init__(self, context):
        self.socket = context.socket(zmq.REP)
        self.socket.bind("inproc://zeromq.zap.01")
        self.admission = {}
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            version, request, _, _, _, mechanism, *credentials = self.socket.recv_multipart()
            status = 200 if self.admits(mechanism, credentials) else self.admission.get("otherwise", 400)
            self.socket.send_multipart([version, request, str(status).encode(), b"", b"", b""])

    def admits(self, mechanism, credentials):
        if mechanism == b"PLAIN":
            username, password = (part.decode() for part in credentials)
            return self.admission.get("users", {}).get(username) == password
        if mechanism == b"CURVE":
            return credentials[0] in [to_bytes(key) for key in self.admission.get("keys", [])]
        return True


def main():
    context = zmq.Context()
    handler = None
    sockets = {}
    for line in sys.stdin:
        ask = json.loads(line)
        answer = {"id": ask["id"]}
        try:
            if ask["call"] == "admit":
                handler = handler or ZapHandler(context)
                handler.admission = ask["args"][0]
            elif ask["call"] == "open":
                sockets[ask["socket"]] = End(context, *ask["args"])
            else:
                answer["result"] = getattr(sockets[ask["socket"]], ask["call"])(*ask["args"])
        except Exception as error:
            answer["error"] = {"message": f"{type(error).__name__}: {error}", "code": error_code(error)}
        try:
            print(json.dumps(answer), flush=True)
        except BrokenPipeError:
            break
    # Does not wait, even if messages are unsent.
    os._exit(0)


main()
