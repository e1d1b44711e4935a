"""What the hosts of the contract tests share: their options, their callers, their engine."""

import argparse
import os
import socket

import chatbot


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--db", required=True)
    parser.add_argument("--responder", default="echo")
    parser.add_argument("--rate-limit", type=int, default=120)
    parser.add_argument("--trust-identity-headers", action="store_true")
    return parser.parse_args()


def engineOf(given):
    # Some servers see only by a keepalive that a reader has gone.
    more = {} if "CHATBOT_TEST_LONG" in os.environ else {"keepaliveMs": 5000}
    return chatbot.Engine(given.db, responder=given.responder, rateLimit=given.rate_limit, **more)


def listenOn(place):
    address, port = place.rsplit(":", 1)
    return socket.create_server((address, int(port)), backlog=1024)


def announce(listener):
    print(f"chatbot-host: http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)


def callerOf(user, mandate, roles):
    """From identity headers as they came; None without a user."""
    if not user:
        return None
    names = [role.strip() for role in (roles or "").split(",")]
    try:
        return chatbot.Identity(utf8(user), utf8(mandate or ""), [name for name in names if name])
    except UnicodeDecodeError:
        return None


def utf8(header):
    return header.encode("latin-1").decode()
