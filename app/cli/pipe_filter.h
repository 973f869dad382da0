// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/session.h"

#include <functional>
#include <string>

namespace scrit::cli {

// The answer to one input object, without its "id". An Error becomes {"error": …}. Runs on several
// threads at once.
using PipeAnswer = std::function<base::Expected<Json>(const Json& input)>;

// Answers standard input line by line on standard output: one JSON object in, one out, in order,
// with the "id" of the input (a string, number, true, false or null) in front. Lines are answered
// on a few threads; whenever no more input is waiting, everything is answered and flushed, so that
// a program that writes one line and waits gets its answer. Bytes that are not UTF-8 and NUL are
// made visible first, as imports do; offsets count in that text. Returns kOk, kFailed when a line
// was bad (the others are answered all the same, and stderr says how many), kInterrupted.
[[nodiscard]] base::Expected<int> runPipeFilter(Session& session, const PipeAnswer& answer);

// The text under a key; an Error that names the key when it is missing or no text. Numbers are
// taken as they are written.
[[nodiscard]] base::Expected<std::string> textField(const Json& input, const std::string& key);

} // namespace scrit::cli
