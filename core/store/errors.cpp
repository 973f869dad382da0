// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/errors.h"

#include <sqlite3.h>

namespace scrit::store {
namespace {

using base::Error;
using base::ErrorCode;

Error ioError(int extendedCode, std::string_view detail, const std::string& file) {
    switch (extendedCode) {
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
        return {ErrorCode::Corrupt, file + " is damaged",
                "restore a backup copy, or rescue what can be read with: sqlite3 FILE .recover",
                false};
    case SQLITE_IOERR_NOMEM:
        return {ErrorCode::Limit, "out of memory while reading " + file,
                "close other programs and try again", true};
    default:
        return {ErrorCode::Io,
                "the operating system failed to read or write " + file + " (" +
                    std::string(detail) + ")",
                "check the disk or the network share", false};
    }
}

} // namespace

Error sqliteError(int code, int extendedCode, std::string_view detail, std::string_view path) {
    const std::string file(path);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {ErrorCode::Locked, file + " is being written by another program",
                "close the other program or open read-only", true};
    case SQLITE_FULL:
        return {ErrorCode::DiskFull, "no space left for " + file,
                "free some space and try again; what was stored before is kept", true};
    case SQLITE_READONLY:
        return {ErrorCode::ReadOnly, file + " cannot be written",
                "open it read-only, or copy it to a place that can be written", false};
    case SQLITE_CORRUPT:
        return {ErrorCode::Corrupt, file + " is damaged",
                "restore a backup copy, or rescue what can be read with: sqlite3 FILE .recover",
                false};
    case SQLITE_NOTADB:
        return {ErrorCode::Corrupt, file + " is not a workspace",
                "choose a file made by 'scrit new'", false};
    case SQLITE_CANTOPEN:
        return {ErrorCode::Permission, file + " cannot be opened",
                "check that the file and its folder can be read and written", false};
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {ErrorCode::Permission, "no permission to use " + file,
                "check the rights of the file and its folder", false};
    case SQLITE_IOERR:
        return ioError(extendedCode, detail, file);
    case SQLITE_NOMEM:
        return {ErrorCode::Limit, "out of memory", "close other programs and try again", true};
    case SQLITE_TOOBIG:
        return {ErrorCode::Limit, "a text is larger than a workspace can hold (1 GB)",
                "leave this record out", false};
    case SQLITE_INTERRUPT:
        return {ErrorCode::Cancelled, "cancelled", {}, true};
    case SQLITE_CONSTRAINT:
        if (extendedCode == SQLITE_CONSTRAINT_FOREIGNKEY) {
            return {
                ErrorCode::NotFound, "it refers to a row that is not in the workspace", {}, false};
        }
        return {ErrorCode::Invalid, std::string(detail), {}, false};
    case SQLITE_ERROR:
        // Our statements are right for our schema, so this file has another one.
        if (detail.starts_with("no such table") || detail.starts_with("no such column")) {
            return {ErrorCode::Corrupt,
                    file + " is not a whole workspace (" + std::string(detail) + ")",
                    "choose a file made by 'scrit new', or restore a backup copy", false};
        }
        return {ErrorCode::Internal, std::string(detail), {}, false};
    default:
        return {ErrorCode::Internal, std::string(detail), {}, false};
    }
}

} // namespace scrit::store
