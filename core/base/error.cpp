// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <cerrno>
#include <system_error>

namespace scrit::base {

std::string_view codeName(ErrorCode code) {
    switch (code) {
    case ErrorCode::Invalid:
        return "invalid";
    case ErrorCode::NotFound:
        return "not-found";
    case ErrorCode::Exists:
        return "exists";
    case ErrorCode::Locked:
        return "locked";
    case ErrorCode::NewerSchema:
        return "newer-schema";
    case ErrorCode::Corrupt:
        return "corrupt";
    case ErrorCode::DiskFull:
        return "disk-full";
    case ErrorCode::ReadOnly:
        return "read-only";
    case ErrorCode::Permission:
        return "permission";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::Parse:
        return "parse";
    case ErrorCode::Limit:
        return "limit";
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::Network:
        return "network";
    case ErrorCode::Server:
        return "server";
    case ErrorCode::Auth:
        return "auth";
    case ErrorCode::Unavailable:
        return "unavailable";
    case ErrorCode::Internal:
        return "internal";
    }
    return "internal";
}

std::string Error::text() const {
    return advice.empty() ? message : message + ": " + advice;
}

Error Error::withContext(std::string_view context) const {
    Error copy = *this;
    copy.message = std::string(context) + ": " + message;
    return copy;
}

Error systemError(int errnoValue, std::string_view operation, std::string_view path) {
    Error error;
    error.message = std::string(operation) + " " + std::string(path) + ": " +
                    std::generic_category().message(errnoValue);
    switch (errnoValue) {
    case ENOENT:
        error.code = ErrorCode::NotFound;
        error.advice = "check the path";
        break;
    case EACCES:
    case EPERM:
        error.code = ErrorCode::Permission;
        error.advice = "check the permissions of the file and its folder";
        break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: // a limit on file sizes (ulimit -f)
        error.code = ErrorCode::DiskFull;
        error.advice = "free some space and try again";
        error.retryable = true;
        break;
    case EROFS:
        error.code = ErrorCode::ReadOnly;
        error.advice = "choose a place that can be written";
        break;
    case EISDIR:
        error.code = ErrorCode::Invalid;
        error.advice = "name a file, not a folder";
        break;
    case EEXIST:
        error.code = ErrorCode::Exists;
        error.advice = "choose another name";
        break;
    default:
        error.code = ErrorCode::Io;
        break;
    }
    return error;
}

} // namespace scrit::base
