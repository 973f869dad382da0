// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"

#include <string>
#include <string_view>

// Servers repeat what they were sent: error pages, debugging proxies. Nothing that leaves a backend
// holds its API key. Pure functions, any thread.
namespace scrit::backend {

// The text with each occurrence of the key, and a beginning of it that was cut off by "…", replaced
// by "[key]". Keys of fewer than six characters ("none", "EMPTY") are no secrets and stay.
[[nodiscard]] std::string withoutKey(std::string text, std::string_view key);
// The same for every text of a result or an error.
void hideKey(ChatOutcome& outcome, std::string_view key);
void hideKey(ChatError& error, std::string_view key);

} // namespace scrit::backend
