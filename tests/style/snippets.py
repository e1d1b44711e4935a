"""Writes the README's first program of each language to a folder: snippets.py README FOLDER."""

import pathlib
import re
import sys

readme, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir(parents=True, exist_ok=True)
for fence, name in [("cpp", "readme.cpp"), ("c", "readme.c")]:
    block = re.search(rf"^```{fence}\n(.*?)^```$", readme.read_text("utf-8"), re.M | re.S)
    (folder / name).write_text(block.group(1), "utf-8")
