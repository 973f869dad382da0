// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/names.h"
#include "core/store/reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scrit::store {

// Critiques of one round that are alike in all of these.
struct RoundCell {
    std::string source;    // of the problem's data set
    int uniqueAnswers = 0; // different final answers to the problem, as the filter word counts them
    std::string level;     // of the problem, as its data set states it; may be empty
    std::optional<bool> correct; // the solution
    model::CritiqueMode mode = model::CritiqueMode::Direct;
    std::optional<model::Conclusion> conclusion;
    std::optional<int> firstErrorStep; // from 0, −1: none; absent: not readable
    std::optional<model::Outcome> validated;
    std::optional<model::Outcome> answer;
    bool kept = false; // in what the round's training was given
    std::int64_t count = 0;
};

// What a round made, counted once for every chart: validation by source and difficulty, first
// errors, composition, funnel.
struct RoundCounts {
    std::vector<std::int64_t> runs; // of the round, but those of its evaluations; oldest first
    std::int64_t pairs = 0;       // solutions with a reference that these runs set out to criticise
    std::vector<RoundCell> cells; // of the critiques that these runs made, or took from the cache
    // Of the round's newest training: its export, and the examples in it by their solutions (with
    // accumulated data these are more than the round's own).
    std::optional<std::int64_t> exportId;
    std::int64_t trainedCorrect = 0;
    std::int64_t trainedIncorrect = 0;
    std::int64_t trainedUnknown = 0;
};

// Constructed on a Reader, used by the same thread, as long as it lives.
class RoundCharts {
public:
    explicit RoundCharts(Reader& reader);

    // One pass over the round's work items and one over its export; no query per row. A round that
    // is not there, or has no run, gives zeros.
    [[nodiscard]] base::Expected<RoundCounts> counts(std::int64_t roundId);
    // Critiques in an export.
    [[nodiscard]] base::Expected<std::int64_t> exported(std::int64_t exportId);

private:
    Reader& m_reader;
};

} // namespace scrit::store
