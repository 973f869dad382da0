#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-format, clang-tidy and cppcheck over the sources, and the quick checks of this folder.
# Says what it does; exits 1 when any of them finds something, 2 when it is called wrongly.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: tests/lint/run.sh [options] [BUILD]
  BUILD              a configured build folder, or its compile_commands.json, for clang-tidy and cppcheck;
                     by default the newest build/*/compile_commands.json
  --since REVISION   only files that changed since that git revision (for clang-tidy also the sources
                     that include a changed header)
  --jobs N           parallel clang-tidy and cppcheck processes (default 2)
  --no-format, --no-tidy, --no-cppcheck, --no-quick
                     leave out clang-format, clang-tidy, cppcheck, or the checks that ctest runs as well
  --fix-format       rewrite the files with clang-format instead of checking them
  --help
A full clang-tidy pass takes many minutes; --since origin/main is what one wants while working.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
format=1 tidy=1 cppcheck=1 quick=1 fixFormat=0 since='' jobs=2 build=''
while (($# > 0)); do
    case $1 in
    --since | --jobs)
        if (($# < 2)); then
            echo "run.sh: $1 needs a value" >&2
            exit 2
        fi
        if [[ $1 == --since ]]; then since=$2; else jobs=$2; fi
        shift
        ;;
    --no-format) format=0 ;;
    --no-tidy) tidy=0 ;;
    --no-cppcheck) cppcheck=0 ;;
    --no-quick) quick=0 ;;
    --fix-format) fixFormat=1 ;;
    --help | -h)
        usage
        exit 0
        ;;
    -*)
        echo "run.sh: unknown option $1" >&2
        usage >&2
        exit 2
        ;;
    *) build=$(realpath -- "$1") || exit 2 ;;
    esac
    shift
done
cd "$root" || exit 2

# tool NAME: prints the version 14 of a clang tool, under its versioned name where there is one.
tool() {
    local name
    for name in "$1-14" "$1"; do
        if command -v "$name" >/dev/null && "$name" --version | grep -qE 'version 14\.'; then
            echo "$name"
            return 0
        fi
    done
    echo "run.sh: $1 14 is not installed: run packaging/install-dependencies" >&2
    return 1
}

# All sources of the project; with --since those that differ from that revision, new files included.
if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    echo "run.sh: needs a git checkout, to know which files belong to the project" >&2
    exit 2
fi
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | sort -u)
changed=("${sources[@]}")
if [[ -n $since ]]; then
    if ! git rev-parse --verify --quiet "$since^{commit}" >/dev/null; then
        echo "run.sh: $since is no revision of this repository" >&2
        exit 2
    fi
    mapfile -t changed < <({
        git diff --name-only --diff-filter=d "$since" -- '*.h' '*.cpp'
        git ls-files --others --exclude-standard -- '*.h' '*.cpp'
    } | sort -u)
fi
# A file may be listed and gone.
existing=()
for file in "${changed[@]}"; do
    if [[ -f $file ]]; then existing+=("$file"); fi
done
changed=("${existing[@]}")

failed=()
step() { printf '\n== %s\n' "$*"; }

# The folder with compile_commands.json, or nothing.
compileCommands() {
    if [[ -n $build ]]; then
        if [[ -f $build ]]; then dirname "$build"; else echo "$build"; fi
        return
    fi
    local newest
    newest=$(find build -mindepth 2 -maxdepth 2 -name compile_commands.json -printf '%T@ %h\n' 2>/dev/null |
        sort -rn | head -n 1)
    if [[ -n $newest ]]; then echo "$root/${newest#* }"; fi
}

if ((quick)); then
    for check in layering spdx samples; do
        step "$check"
        "tests/lint/$check.sh" || failed+=("$check")
    done
fi

if ((format)); then
    step "clang-format: ${#changed[@]} files"
    if ! clangFormat=$(tool clang-format); then
        failed+=(clang-format)
    elif ((${#changed[@]} > 0)); then
        if ((fixFormat)); then
            arguments=(-i)
        else
            arguments=(--dry-run -Werror)
        fi
        printf '%s\0' "${changed[@]}" | xargs -0 -n 40 "$clangFormat" --style=file "${arguments[@]}" ||
            failed+=(clang-format)
    fi
fi

commands=
if ((tidy || cppcheck)); then
    commands=$(compileCommands)
    if [[ -z $commands || ! -f $commands/compile_commands.json ]]; then
        echo "run.sh: no compile_commands.json: configure first (cmake --preset dev) or name a build folder" >&2
        exit 2
    fi
fi

# The sources to look at that the build compiles: the changed ones and, with --since, those that include
# a changed header.
mapfile -t compiled < <(
    if ((tidy || cppcheck)); then
        {
            for file in "${changed[@]}"; do
                if [[ $file == *.cpp ]]; then
                    echo "$file"
                elif [[ -n $since ]]; then
                    git grep --untracked -lF "#include \"$file\"" -- '*.cpp'
                fi
            done
        } | sort -u | comm -12 - <(jq -r '.[].file' "$commands/compile_commands.json" |
            sed -n "s|^$root/||p" | sort -u)
    fi
)

if ((tidy)); then
    step "clang-tidy: ${#compiled[@]} sources, $jobs at a time, commands of $commands"
    if ! clangTidy=$(tool clang-tidy); then
        failed+=(clang-tidy)
    elif ((${#compiled[@]} > 0)); then
        printf '%s\0' "${compiled[@]}" |
            xargs -0 -n 1 -P "$jobs" "$clangTidy" -p "$commands" --quiet --warnings-as-errors='*' \
                --extra-arg=-Wno-unknown-warning-option 2> >(grep -vE '^[0-9]+ warnings? (generated|treated)' >&2) ||
            failed+=(clang-tidy)
    fi
fi

if ((cppcheck)); then
    step "cppcheck: ${#compiled[@]} sources, $jobs at a time"
    if ! command -v cppcheck >/dev/null; then
        echo "run.sh: cppcheck is not installed: run packaging/install-dependencies" >&2
        failed+=(cppcheck)
    elif ((${#compiled[@]} > 0)); then
        list=$(mktemp)
        printf '%s\n' "${compiled[@]}" >"$list"
        cppcheck --quiet --error-exitcode=1 -j "$jobs" --std=c++20 --language=c++ --library=qt \
            --enable=warning,performance,portability --inline-suppr --suppressions-list=tests/lint/cppcheck.txt \
            --template='{file}:{line}: {severity}: {message} [{id}]' -I "$root" --file-list="$list" ||
            failed+=(cppcheck)
        rm -f "$list"
    fi
fi

if ((${#failed[@]} > 0)); then
    printf '\nlint: found something: %s\n' "${failed[*]}" >&2
    exit 1
fi
printf '\nlint: all in order\n'
