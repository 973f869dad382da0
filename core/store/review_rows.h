// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Review plans, their items and what was done at them, as the workspace keeps them. Plain values;
// what they mean is core/review's business.
namespace scrit::store {

struct ReviewPlanRow {
    std::int64_t id = 0;
    std::string uid; // empty: given when stored
    std::string name;
    std::string filter;
    std::string strategy;
    std::string settings; // JSON
    std::uint64_t seed = 0;
    bool blind = false;
    std::int64_t createdAt = 0;
    std::int64_t items = 0;
    std::int64_t goldItems = 0;
    std::int64_t done = 0; // items that somebody has judged
};

struct ReviewItemRow {
    std::int64_t position = 0;
    std::int64_t critiqueId = 0;
    std::int64_t solutionId = 0; // read only, as problemId
    std::int64_t problemId = 0;
    std::string stratum;
    double weight = 1;
    std::string gold; // the known answer; empty: no gold item
};

enum class ReviewMarkState { Done, Skipped };
struct ReviewMark {
    std::int64_t position = 0;
    ReviewMarkState state = ReviewMarkState::Done;
    std::int64_t entryId = 0;
    std::string entryUid;
    std::int64_t entryAt = 0;
    std::optional<int> gold; // of a judged gold item: 0 wrong, 1 right, 2 cannot be compared
};

struct ReviewProgressRow {
    std::string annotator;
    std::int64_t position = -1; // of the newest judgement or skip
    std::int64_t done = 0;
    std::int64_t skipped = 0;
    std::int64_t goldSeen = 0;
    std::int64_t goldRight = 0;
};

// One entry of the append-only log of a plan.
struct ReviewEntry {
    std::int64_t id = 0;
    std::string uid; // empty: given when stored
    std::int64_t planId = 0;
    std::int64_t position = 0;
    std::string annotator;
    std::string kind;      // "judge", "skip", "undo"
    std::string undoesUid; // of an undo
    std::int64_t createdAt = 0;
};

// What lists and machines say about a critique.
struct CritiqueFacts {
    std::int64_t critiqueId = 0;
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    std::string source;
    std::string student;
    std::string critic;
    model::CritiqueMode mode = model::CritiqueMode::Recorded;
    int round = 0;
    std::optional<model::Conclusion> conclusion;
    std::optional<int> firstError;
    std::optional<model::Outcome> validated;
    std::optional<model::Outcome> answerMatch;
    model::Flags flags;
    std::optional<int> labelStep; // first wrong step as the data set labels it
};

} // namespace scrit::store
