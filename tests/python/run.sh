#!/bin/sh
# run.sh PYTHON SCRIPT...: ends with 77, skipped, where this Python has not what the script imports.
python=$1
shift
for module in fastapi flask pip setuptools uvicorn wheel; do
  "$python" -c "import $module" 2>/dev/null || {
    echo "no $module"
    exit 77
  }
done
exec "$python" -B -W error "$@"
