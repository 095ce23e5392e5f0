#!/bin/sh
# Print the path of a CPython 3.11 to 3.13 that starts and can create an environment.
#
#   sh requirements/find_python.sh             searches, newest first
#   sh requirements/find_python.sh PYTHON      checks this one and says what is wrong
#
# A name on PATH is not enough: it may be a version manager's shim that fails, and Debian's Python has
# `ensurepip` in a separate package. Each candidate is therefore run and checked.
set -u

# Prints the path of the executable with exit status 0, or what is missing with 1.
ASK='
import sys
def no(why):
    print(why)
    raise SystemExit(1)
found = "is Python %d.%d" % sys.version_info[:2]
if sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)):
    no(found)
if sys.implementation.name != "cpython":
    no("is not CPython but " + sys.implementation.name)
import sysconfig
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    no("is a free-threaded build, for which not every dependency has a wheel")
for name in ("venv", "ensurepip", "ssl", "ctypes"):
    try:
        __import__(name)
    except ImportError:
        no(found + ", without its module " + name)
print(sys.executable)
'

# Runs a candidate and prints its answer. One that can't start answers with its own words:
# the first line of a shell's message, the last of a Python traceback.
ask() {
    answer=$("$1" -I -c "$ASK" 2>&1) && { printf '%s\n' "$answer" | tail -n 1; return 0; }
    case $answer in
        "") echo "does not start" ;;
        Traceback*) printf '%s\n' "$answer" | tail -n 1 ;;
        *) printf '%s\n' "$answer" | head -n 1 ;;
    esac
    return 1
}

# Every place a candidate may be in, one a line, the newest version first.
candidates() {
    for version in 3.13 3.12 3.11; do
        on_path "python$version"
        for root in "${PYENV_ROOT:-$HOME/.pyenv}/versions" "$HOME/.local/share/uv/python"; do
            for path in "$root"/*"$version".*/bin/"python$version"; do
                [ -x "$path" ] && printf '%s\n' "$path"
            done
        done
        for folder in ${USUAL_FOLDERS-/opt/homebrew/bin /usr/local/bin}; do
            [ -x "$folder/python$version" ] && printf '%s\n' "$folder/python$version"
        done
    done
    on_path python3
    on_path python
}

# All executables of that name on PATH, not the first alone: one may work behind a shim that fails.
on_path() {
    rest=$PATH:
    while [ -n "$rest" ]; do
        folder=${rest%%:*}
        rest=${rest#*:}
        [ -n "$folder" ] && [ -f "$folder/$1" ] && [ -x "$folder/$1" ] && printf '%s\n' "$folder/$1"
    done
    return 0
}

if [ -n "${1:-}" ]; then
    if answer=$(ask "$1"); then
        printf '%s\n' "$answer"
        exit 0
    fi
    {
        echo "PYTHON=$1 can't be used: $answer"
        echo "  Needed: a CPython 3.11, 3.12 or 3.13 with venv and ensurepip."
        echo "  Give another one (make run PYTHON=/path/to/python3.12), or leave PYTHON out to have one looked for."
    } >&2
    exit 1
fi

tried=""
old_ifs=$IFS
IFS='
'
for candidate in $(candidates); do
    IFS=$old_ifs
    if answer=$(ask "$candidate"); then
        printf '%s\n' "$answer"
        exit 0
    fi
    tried="$tried
    $candidate: $answer"
done

{
    echo "No usable Python was found. Needed: a CPython 3.11, 3.12 or 3.13 with venv and ensurepip."
    if [ -n "$tried" ]; then
        echo "  Tried:$tried"
    fi
    echo "  Remedy, one of:"
    echo "    Debian, Ubuntu   apt-get install python3 python3-venv"
    echo "    macOS            brew install python@3.13"
    echo "    pyenv            pyenv install 3.13"
    echo "    elsewhere        make run PYTHON=/path/to/python3.12"
} >&2
exit 1
