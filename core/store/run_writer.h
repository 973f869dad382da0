// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/run.h"
#include "core/store/writer.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scrit::store {

// How one work item ended.
struct ItemEnd {
    std::int64_t itemId = 0;
    model::ItemState state =
        model::ItemState::Done; // Done, Failed, Skipped; Planned: try again later
    int attempts = 0;
    std::string errorCode;
    std::string error;
    std::int64_t nextTryAt = 0;
    std::string resultKind;
    std::int64_t resultId = 0;
};

// A rendered prompt as it is stored. Making one (compressing it) is most of the work of storing it.
struct EncodedPrompt {
    std::string hash;
    std::string encoding;
    std::string bytes;
};
// Pure, any thread.
[[nodiscard]] EncodedPrompt encodePrompt(std::string hash, std::string_view text);

// Models, runs, work items and completions: what one write transaction can store about runs. Made
// from the Writer of Workspace::write() and valid as long; same thread. Ending an item and storing
// its result belong into one transaction. Statements are prepared once per workspace.
class RunWriter {
public:
    explicit RunWriter(Writer& writer);

    // Exists when a model that is not retired has this name; one that is retired is offered again
    // with the new kind and settings, under its old id.
    [[nodiscard]] base::Expected<std::int64_t> addModel(const model::Model& model);
    // Replaces kind and settings (new settings are another model identity for the cache); NotFound.
    [[nodiscard]] base::Expected<void> updateModel(const model::Model& model);
    [[nodiscard]] base::Expected<void> retireModel(std::int64_t modelId, bool retired);

    [[nodiscard]] base::Expected<std::int64_t> addRun(const model::Run& run);
    // Sets started_at the first time it runs, and finished_at when it is done or failed; any other
    // state takes finished_at back. NotFound.
    [[nodiscard]] base::Expected<void> setRunState(std::int64_t runId, model::RunState state,
                                                   std::string_view error = {});
    // Replaces the settings of a run, for example with higher caps. NotFound.
    [[nodiscard]] base::Expected<void> setRunSettings(std::int64_t runId,
                                                      const std::string& settings);

    // Adds items that are not there yet (unique key); gives how many were new. Id, state and
    // attempts of `items` are filled in, also of those that were there.
    [[nodiscard]] base::Expected<std::int64_t> planItems(std::span<model::WorkItem> items);
    // Marks planned items as running. Internal when one has ended already.
    [[nodiscard]] base::Expected<void> startItems(std::span<const std::int64_t> itemIds);
    // Ends an item that is planned or running. A failed item without a code gets "unknown".
    // Internal, and nothing of the transaction is stored, when it has ended already; NotFound.
    [[nodiscard]] base::Expected<void> endItem(const ItemEnd& end);
    // Items that a killed process left running are planned again; how many.
    [[nodiscard]] base::Expected<std::int64_t> requeueRunning(std::int64_t runId);
    // Failed items are planned again, attempts from 0: those of one error code, or all; how many.
    [[nodiscard]] base::Expected<std::int64_t>
    retryFailed(std::int64_t runId, std::optional<std::string_view> errorCode = std::nullopt);

    // Identified by cacheKey: the first answer stays. A new one adds its tokens and cost to the
    // usage of its run. With `replace` (--fresh) the new answer takes the key and the old one stays
    // under a key that no request has.
    [[nodiscard]] base::Expected<Stored> addCompletion(const model::Completion& completion,
                                                       bool replace = false);
    // Remembers a rendered prompt by its hash; twice adds nothing.
    [[nodiscard]] base::Expected<void> addPrompt(std::string_view hash, std::string_view text);
    [[nodiscard]] base::Expected<void> addPrompt(const EncodedPrompt& prompt);
    [[nodiscard]] base::Expected<Stored> addPair(std::int64_t runId, std::int64_t solutionId,
                                                 std::int64_t referenceId);

private:
    Connection& m_connection;
};

} // namespace scrit::store
