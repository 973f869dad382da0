#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks what the desktop reads: the desktop entry, the MIME type (a database with our application_id and a
# file called *.scrit are both recognised) and, where appstreamcli is installed, the software description.
# Exits 77 (skipped) where the tools are missing.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../packaging/desktop" && pwd)
id=org.scritstudio.ScritStudio
type=application/vnd.scrit-workspace
for tool in desktop-file-validate update-mime-database; do
    if ! command -v "$tool" >/dev/null; then
        echo "desktop: skipped, $tool is not installed"
        exit 77
    fi
done

desktop-file-validate "$folder/$id.desktop"
if ! grep -qE "^MimeType=.*$type;" "$folder/$id.desktop"; then
    echo "desktop: the desktop entry does not open $type" >&2
    exit 1
fi

data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
mkdir -p "$data/mime/packages"
cp "$folder/$id.mime.xml" "$data/mime/packages/$id.xml"
XDG_DATA_DIRS=$data update-mime-database "$data/mime"
if ! grep -qx "50:$type:\*\.scrit" "$data/mime/globs2"; then
    echo "desktop: *.scrit is not known as $type" >&2
    exit 1
fi
if ! grep -qaF "$type" "$data/mime/magic"; then
    echo "desktop: there is no magic for $type" >&2
    exit 1
fi

if command -v appstreamcli >/dev/null; then
    appstreamcli validate --no-net "$folder/$id.metainfo.xml"
fi
echo "desktop: entry, MIME type and description are in order"
