// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace scrit::base {

// What kind of thing went wrong. Callers branch on the code, people read the message.
enum class ErrorCode {
    Invalid,     // the caller's input makes no sense (usage, filter syntax, unknown name)
    NotFound,    // a file, row or name is not there
    Exists,      // something is already there and would have to be overwritten
    Locked,      // another process holds the workspace
    NewerSchema, // written by a newer version of this program
    Corrupt,     // a file's contents are damaged
    DiskFull,    // no space left
    ReadOnly,    // the medium or the connection cannot be written
    Permission,  // the operating system refuses
    Io,          // any other failure of the operating system
    Parse,       // input text that could not be read
    Limit,       // a bound on size, depth or time was reached
    Cancelled,   // somebody asked to stop
    Network,     // connection, TLS or protocol failure
    Server,      // a server answered with an error
    Auth,        // a server refused our key
    Unavailable, // a program or library that is needed is missing
    Internal,    // a bug of ours
};

// Stable lower-case name of a code, as it appears in JSON output ("disk-full").
[[nodiscard]] std::string_view codeName(ErrorCode code);

// An error is a value: what happened, what the user can do about it, and whether trying again may
// help. It carries no stack and no errno; functions add context on the way up with withContext().
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message; // what happened, no trailing full stop
    std::string advice;  // what to do; may be empty
    bool retryable = false;

    // "message: advice", or the message alone.
    [[nodiscard]] std::string text() const;
    // The same error with "context: " put in front of the message.
    [[nodiscard]] Error withContext(std::string_view context) const;
};

template<typename T>
using Expected = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string advice = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(advice), false});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

// The Error for an errno value of an operation on a path, with advice for the common cases.
[[nodiscard]] Error systemError(int errnoValue, std::string_view operation, std::string_view path);

} // namespace scrit::base
