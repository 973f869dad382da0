// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/redact.h"

#include <algorithm>
#include <utility>

namespace scrit::backend {
namespace {

constexpr std::size_t kShortestKey = 6;
constexpr std::string_view kMark = "[key]";
constexpr std::string_view kEllipsis = "…";

} // namespace

std::string withoutKey(std::string text, std::string_view key) {
    if (key.size() < kShortestKey) {
        return text;
    }
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
        text.replace(at, key.size(), kMark);
        at += kMark.size();
    }
    for (std::size_t at = text.find(kEllipsis); at != std::string::npos;
         at = text.find(kEllipsis, at + kEllipsis.size())) {
        for (std::size_t size = std::min(key.size() - 1, at); size >= kShortestKey; --size) {
            if (text.compare(at - size, size, key.substr(0, size)) == 0) {
                text.replace(at - size, size, kMark);
                at = at - size + kMark.size();
                break;
            }
        }
    }
    return text;
}

void hideKey(ChatError& error, std::string_view key) {
    error.error.message = withoutKey(std::move(error.error.message), key);
    error.error.advice = withoutKey(std::move(error.error.advice), key);
    error.serverCode = withoutKey(std::move(error.serverCode), key);
}

void hideKey(ChatOutcome& outcome, std::string_view key) {
    if (!outcome) {
        hideKey(outcome.error(), key);
        return;
    }
    outcome->text = withoutKey(std::move(outcome->text), key);
    outcome->reasoning = withoutKey(std::move(outcome->reasoning), key);
    outcome->model = withoutKey(std::move(outcome->model), key);
    outcome->logprobs = withoutKey(std::move(outcome->logprobs), key);
}

} // namespace scrit::backend
