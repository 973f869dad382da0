// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/backend/model_handle.h"
#include "core/loop/selection.h"
#include "core/model/lineage.h"
#include "core/model/run.h"
#include "core/store/run_writer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The values that a work item passes through: OpenItem while it waits (ids only), Task while it is
// worked on (with its texts), Outcome until it is stored.
namespace scrit::loop {

// A work item that is not done, as small as it can be: a run may have a million.
struct OpenItem {
    std::int64_t id = 0;
    std::int64_t subjectId = 0;
    std::int32_t sample = 0;
    std::int16_t stage = 0; // position in RunPlan::stages
    std::uint8_t attempts = 0;
    std::uint8_t losses = 0; // requests that ended because their endpoint went away
};

// What preparing requests needs to know about the model of a stage.
struct ModelFacts {
    std::int64_t modelId = 0;
    std::string name;
    std::string identity;
    std::optional<std::int64_t> contextTokens;
};

// The largest that a request can become: every token has at least one byte.
struct RequestSize {
    std::int64_t promptTokensMost = 0;
    std::int64_t completionTokensMost = 0;
    std::int64_t promptTokensGuess = 0; // bytes / 4
};

// An item that is worked on. Texts are let go as soon as nobody needs them any more.
struct Task {
    OpenItem item;
    model::Problem problem;
    model::Solution solution;    // the one that is criticised, or replaced by an injected one
    model::Solution reference;   // shown to a contrastive critic, or given a bug
    std::optional<bool> correct; // of `solution`
    std::int64_t critiqueId = 0; // validate
    std::string judged;          // validate: what the validator is shown
    std::string judgedWhat;      // "correction" or "solution"
    std::vector<base::Span> judgedSteps;
    std::string subjectKey; // content key of the item's subject: what its seed hangs on

    backend::ChatRequest request;
    std::string promptText;      // the messages as one text, for the reader's eye
    store::EncodedPrompt prompt; // that text made ready to be stored
    std::string promptHash;
    std::string cacheKey;
    std::int64_t seed = 0;
    RequestSize size;
    std::size_t bytes = 0;       // of memory while it waits to be sent
    std::int64_t preparedAt = 0; // steady milliseconds
};

// Another item that becomes possible because of an outcome.
struct NextItem {
    std::int16_t stage = 0;
    std::int64_t subjectId = 0; // 0: the row that this outcome stores
    std::int32_t sample = 0;
};

// How an item ended and what is to be stored with it, in one transaction.
struct Outcome {
    OpenItem item;
    model::ItemState state = model::ItemState::Done; // Planned: try again later
    std::string errorCode;
    std::string error;
    std::int64_t nextTryAt = 0; // unix milliseconds
    std::int64_t retryAt = 0;   // the same by the steady clock
    bool wasSent = false;       // counted as running
    bool fromCache = false;
    std::optional<model::Completion> completion; // id 0: to be stored; else it was there already
    std::optional<model::Solution> solution;
    std::optional<model::Critique> critique;
    std::vector<model::Verdict> verdicts; // subjectId 0: the row that this outcome stores
    std::vector<NextItem> next;
};

// The selection of one problem: its pairs end its select item.
struct Selected {
    OpenItem item;
    std::vector<Pairing> pairs;
};

} // namespace scrit::loop
