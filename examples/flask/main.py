"""A chatbot in a Flask application. A thread answers."""

import threading
import time

import chatbot.wsgi
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = Flask(__name__)
engine = chatbot.Engine("threads.sqlite", responder="host")


def identify(environ):
    """Takes the caller from a header; a real server looks at a session or a token."""
    user = environ.get("HTTP_X_USER")
    return chatbot.Identity(user, "acme", ["user"]) if user else None


def answer():
    """Any number of these share the work. A real one asks a model, and passes on what comes."""
    while turn := engine.take():
        with turn:
            for word in f"You said: {turn.prompt}".split():
                turn.delta(word + " ")
                time.sleep(0.05)
            turn.message(status="last")


endpoints = chatbot.wsgi.App(engine, identify)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api/chatbot": endpoints})
threading.Thread(target=answer, daemon=True).start()
