// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/base/error.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::backend {

// One line of a file of recorded completions, a JSON object:
//   "text"         the answer, needed
//   "prompt_hash"  the prompt it answers (32 hex digits, as stored with each critique), or
//   "problem"      and, if it matters, "solution": texts that the prompt contains
//   "seed", "finish_reason", "model", "prompt_tokens", "completion_tokens", "reasoning"  optional
// Other keys are notes of the file's maker and are passed over.
struct RecordedCompletion {
    std::string promptHash;
    std::string problem;
    std::string solution;
    std::optional<std::int64_t> seed;
    ChatResult result;
};
// Errors (Parse) say what is missing; pure.
[[nodiscard]] base::Expected<RecordedCompletion> recordedCompletion(std::string_view line);

// The identity of a prompt: the chain of base::contentHash that critique::promptHash also makes, so
// that the hashes in a workspace and in recorded files agree.
[[nodiscard]] std::string promptHashOf(const std::vector<ChatMessage>& messages);

// Answers from files instead of a model. A record answers the prompt with its hash, else the prompt
// whose messages contain its problem (and solution); one that names a seed answers only that seed.
// Several records of one prompt are its samples: they are given in order, then from the start. A
// prompt without a record is an Error of code NotFound that is not retryable. One thread,
// "scrit-recorded", looks answers up and calls back.
class RecordedBackend final : public Backend {
public:
    // Errors: NotFound, Io, Parse with file and line; Parse also when no line holds a record.
    [[nodiscard]] static base::Expected<std::shared_ptr<RecordedBackend>>
    open(const std::vector<std::string>& files);
    explicit RecordedBackend(std::vector<RecordedCompletion> records);
    ~RecordedBackend() override;

    RequestId complete(const ChatRequest& request, Done done) override;
    void cancel(RequestId id) override;
    [[nodiscard]] std::size_t size() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace scrit::backend
