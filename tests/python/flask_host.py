#!/usr/bin/python3 -B
"""The endpoints mounted in Flask, served by werkzeug, for the contract tests."""

import logging
import signal
import threading

import flask
import hosting
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

import chatbot.wsgi

given = hosting.options()
engine = hosting.engineOf(given)
app = flask.Flask(__name__)


def identify(environ):
    names = ("HTTP_X_USER_ID", "HTTP_X_MANDATE_ID", "HTTP_X_ROLES")
    return hosting.callerOf(*map(environ.get, names))


endpoints = chatbot.wsgi.App(engine, identify)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api/chatbot": endpoints})
logging.getLogger("werkzeug").setLevel(logging.ERROR)
listener = hosting.listenOn(given.listen)
server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
server.daemon_threads = True


def end(*_):
    engine.close()
    threading.Thread(target=server.shutdown).start()


signal.signal(signal.SIGTERM, end)
hosting.announce(listener)
server.serve_forever()
