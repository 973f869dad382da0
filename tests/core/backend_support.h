// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>

// What tests of models and their servers share.
namespace scrit::backend {

// The fake llama-server of tests/support.
inline const std::string kFakeServer = SCRIT_BINARY_DIR "/tests-bin/fake_llama_server";

// JSON that was written with ' for ".
inline std::string quoted(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

inline std::future<ChatOutcome> send(Backend& backend, const ChatRequest& request) {
    const auto promise = std::make_shared<std::promise<ChatOutcome>>();
    backend.complete(request,
                     [promise](ChatOutcome&& outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
}

} // namespace scrit::backend
