// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/session.h"

#include <functional>
#include <string>
#include <string_view>

namespace scrit::cli {

// The answer to one input object, without its "id". An Error becomes {"error": …}. Runs on several
// threads at once.
using PipeAnswer = std::function<base::Expected<Json>(const Json& input)>;

// For the help of filters whose answers are about places in a text.
inline constexpr std::string_view kMadeVisibleHelp =
    "A line with bytes that are not UTF-8, NUL or half a character (\\ud800) has them made "
    "visible\n"
    "first, as \\xff; its answer has the \"text\" as it was read, which offsets count in.\n";

// Answers standard input line by line on standard output: one JSON object in, one out, in order,
// with the "id" of the input (a string, number, true, false or null) in front; a number comes back
// byte for byte. Lines are answered
// on a few threads; whenever no more input is waiting, everything is answered and flushed, so that
// a program that writes one line and waits gets its answer. Bytes that are not UTF-8, NUL and
// escapes of half a character are made visible first, as imports do; offsets count in that text,
// which such a line gets back as "text". Returns kOk, kFailed when a line was bad (the others are
// answered all the same, and stderr says how many) or the output could not be written,
// kInterrupted.
[[nodiscard]] base::Expected<int> runPipeFilter(Session& session, const PipeAnswer& answer);

// The text under a key; an Error that names the key when it is missing or no text. Numbers are
// taken as they are written.
[[nodiscard]] base::Expected<std::string> textField(const Json& input, const std::string& key);

} // namespace scrit::cli
