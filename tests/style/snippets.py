"""snippets.py FOLDER PAGE...: writes each program in C and C++ that the pages show to the folder, and
prints the names, as operations.cpp and operations_2.cpp of docs/operations.md."""

import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def programs(page):
    found = re.findall(r"^```(cpp|c)\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    count = {"cpp": 0, "c": 0}
    for language, text in found:
        if "int main(" not in text:
            continue
        count[language] += 1
        number = "" if count[language] == 1 else f"_{count[language]}"
        yield folder / f"{page.stem.lower()}{number}.{language}", text


for argument in sys.argv[2:]:
    for file, program in programs(pathlib.Path(argument)):
        if not file.is_file() or file.read_text("utf-8") != program:
            file.write_text(program, "utf-8")
        print(file.name)
