// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/base/error.h"
#include "core/mini/network.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace scrit::backend {

// The checkpoint that the settings mean: the given file, or the shipped one for an empty text.
// NotFound when there is none.
[[nodiscard]] base::Expected<std::filesystem::path> builtinCheckpoint(const std::string& file);
// Reads it. Also Invalid when it is of another vocabulary than this program's miniature.
[[nodiscard]] base::Expected<std::shared_ptr<const mini::Network>>
loadBuiltin(const std::string& file);
// What identifies such a model to the completion cache: its weights, wherever they lie.
[[nodiscard]] std::string builtinIdentity(const mini::Network& network);

// The miniature as a model: prompts of its own world become tokens, are continued by the network in
// this process, and come back as text (core/mini/language.h). Nothing goes over the network. A
// request about anything else fails with Invalid, not retryable. Requests that wait are sampled
// together on one thread, "scrit-mini"; what one is answered does not depend on the others. A
// request without a seed gets one from its messages, so that it is answered the same each time. The
// last owner must not let go of it in a callback.
class BuiltinBackend final : public Backend {
public:
    explicit BuiltinBackend(std::shared_ptr<const mini::Network> network);
    ~BuiltinBackend() override;

    RequestId complete(const ChatRequest& request, Done done) override;
    void cancel(RequestId id) override;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace scrit::backend
