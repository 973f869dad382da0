// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The fast way to read the protocol's JSON: servers send one object for each token, all of one
// shape, and building a tree for each costs ten times what is read from it. Pure; never throws.
namespace scrit::backend {

// What matters in a chunk of a stream, or in a whole answer.
struct ChatPiece {
    std::string model;
    std::string content;   // of the first choice's delta or message
    std::string reasoning; // its reasoning_content
    std::string finishReason;
    bool hasChoice = false;
    bool hasUsage = false;
    std::optional<std::int64_t> promptTokens;
    std::optional<std::int64_t> completionTokens;
};

// Reads a chunk (`textKey` is "delta") or a whole answer ("message"). Nothing when the text is not
// one well-formed JSON object, or has anything that is not read here: an error, log probabilities,
// escapes in keys, unpaired surrogates, numbers that are no plain integers where tokens are
// counted. Then a full parser has to look. `json` must be valid UTF-8.
[[nodiscard]] std::optional<ChatPiece> readChatPiece(std::string_view json,
                                                     std::string_view textKey);

// Appends `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

} // namespace scrit::backend
