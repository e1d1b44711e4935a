"""readme.py BUILD ROOT: what the READMEs show of Go builds, as one program."""

import re
import subprocess
import sys
from pathlib import Path

build, root = Path(sys.argv[1]), Path(sys.argv[2])


def snippetsOf(readme, count):
    text = (root / readme).read_text(encoding="utf-8")
    found = re.findall(r"^```go\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(found) == count, f"{readme} has other snippets"
    return found


statements = snippetsOf("README.md", 1)[0].replace("http.Handle", "if err != nil {\n\tpanic(err)\n}\nhttp.Handle")
snippets = [*snippetsOf("capi/go/README.md", 2), f"func mount() {{\n{statements}}}\n"]

IMPORTS = ("context", "fmt", "net/http", "strings", "chatbot")
folder = build / "go/readme"
folder.mkdir(parents=True, exist_ok=True)
lines = "".join(f'\t"{name}"\n' for name in IMPORTS)
program = f"package main\n\nimport (\n{lines})\n\n" + "\n".join(snippets)
program += "\nvar _, _ = talk, mount\n\nfunc main() { panic(serve()) }\n"
(folder / "main.go").write_text(program)
module = (root / "examples/go/go.mod").read_text().replace("../../capi/go", str(root / "capi/go"))
(folder / "go.mod").write_text(module)
run = root / "tests/go/run.sh"
command = ["sh", run, build, folder, "build", "-o", folder / "program", "."]
sys.exit(subprocess.run(command, check=False).returncode)
