"""Makes a wheel with the shared library inside: the one that CHATBOT_LIBRARY names, or a build of
this tree by CMake. It needs no compiler where it is installed, but the libraries that the shared
library was linked to."""

import atexit
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from wheel.bdist_wheel import bdist_wheel

ROOT = Path(__file__).resolve().parents[2]
FOLDER = tempfile.mkdtemp()  # nothing is written into the tree
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def version():
    header = (ROOT / "capi/include/chatbot.h").read_text(encoding="utf-8")
    parts = ("MAJOR", "MINOR", "PATCH")
    return [re.search(rf"CHATBOT_VERSION_{part} (\d+)", header).group(1) for part in parts]


def library():
    named = os.environ.get("CHATBOT_LIBRARY")
    if named:
        return named
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DCHATBOT_EXAMPLES=OFF", "-DCHATBOT_TESTS=OFF"]
    subprocess.run(["cmake", "-S", ROOT, "-B", f"{FOLDER}/cmake", *options], check=True)
    subprocess.run(["cmake", "--build", f"{FOLDER}/cmake", "--parallel"], check=True)
    return f"{FOLDER}/cmake/capi/libchatbot.so"


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        major, minor, _ = version()
        soname = f"libchatbot.so.{major}.{minor}" if major == "0" else f"libchatbot.so.{major}"
        shutil.copyfile(library(), Path(self.build_lib, "chatbot", soname))


class PlatformWheel(bdist_wheel):
    """For any Python 3, but for one kind of machine."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(
    version=".".join(version()),
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel},
    options={"build": {"build_base": FOLDER}, "egg_info": {"egg_base": FOLDER}},
)
