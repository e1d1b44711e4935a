"""docstrings.py: each public name of the package says what it is."""

import inspect
import sys

import chatbot.asgi
import chatbot.wsgi


def members(owner, name):
    for key, value in vars(owner).items():
        if key.startswith("_"):
            continue
        function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if inspect.isfunction(function):
            yield f"{name}.{key}", function


def named():
    for name in chatbot.__all__:
        value = getattr(chatbot, name)
        yield name, value
        if inspect.isclass(value):
            yield from members(value, name)
    for module in (chatbot, chatbot.asgi, chatbot.wsgi):
        yield module.__name__, module
    yield from (("asgi.App", chatbot.asgi.App), ("wsgi.App", chatbot.wsgi.App))


found = [name for name, value in named() if not inspect.getdoc(value)]
print("\n".join(found) or "no fault")
sys.exit(1 if found else 0)
