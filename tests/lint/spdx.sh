#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every source file names its licence within its first three lines. Checks this tree or the one given:
#   spdx.sh [ROOT]
set -euo pipefail

root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
cd "$root"

# Scripts without an extension are known by their first line.
mapfile -t files < <(
    find . \( -path ./build -o -path ./.git -o -name node_modules \) -prune -o -type f \
        \( -name '*.h' -o -name '*.cpp' -o -name '*.mm' -o -name '*.js' -o -name '*.cmake' -o -name '*.sh' \
        -o -name '*.sql' -o -name '*.svg' -o -name '*.qss' -o -name '*.qrc' -o -name '*.xml' -o -name '*.xml.in' \
        -o -name '*.desktop' -o -name '*.toml' -o -name '*.h.in' -o -name CMakeLists.txt \) -print
    find . \( -path ./build -o -path ./.git -o -name node_modules \) -prune -o -type f ! -name '*.*' -perm -u+x -print
    find .ci -type f 2>/dev/null
)
mapfile -t files < <(printf '%s\n' "${files[@]}" | sed 's|^\./||' | grep -v '^tests/data/' | sort -u)

missing=$(awk 'FNR <= 3 && /SPDX-License-Identifier: / { named[FILENAME] = 1 }
    FNR == 4 { nextfile }
    END { for (i = 1; i < ARGC; ++i) if (!(ARGV[i] in named))
        print ARGV[i] ": no SPDX-License-Identifier in its first three lines" }' "${files[@]}")
if [[ -n $missing ]]; then
    printf '%s\n' "$missing" >&2
    echo "spdx: $(wc -l <<<"$missing") files without a licence line" >&2
    exit 1
fi
echo "spdx: ${#files[@]} files name their licence"
