// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/eval/intervals.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Scores of critiques that are stored already: no model is asked.
namespace scrit::loop {

enum class Suite {
    ErrorIdentification, // "ei": the first wrong step, under both protocols of core/eval
    CritiqueCorrect,     // "cc": the correction's final answer
    ConfidenceCritique,  // "clcs": right before and after, question by question
};
// "ei", "cc", "clcs"; Invalid with the list for another name.
[[nodiscard]] base::Expected<Suite> suiteNamed(std::string_view name);
// Several with commas between them, each once, in the order given.
[[nodiscard]] base::Expected<std::vector<Suite>> suitesNamed(std::string_view names);
[[nodiscard]] std::string_view name(Suite suite);

struct EvaluateOptions {
    std::vector<Suite> suites{Suite::ErrorIdentification};
    std::string filter;                 // of critiques
    std::string set;                    // only solutions of this frozen set; empty: all
    std::optional<std::string> against; // another filter: what is compared with it, solution by
                                        // solution, on those that both have
    std::uint64_t seed = 0;             // of the bootstrap
};

// One figure. `value` is absent where its denominator is empty; it is never 0 then.
struct Score {
    std::string protocol;
    std::string dataset; // empty: all
    std::string metric;  // "f1", "cc_acc", "c_to_i", "cl" …
    std::int64_t n = 0;  // its denominator
    std::optional<double> value;
    std::optional<eval::Interval> interval; // 95 %
};

// The same metric of two selections on the solutions that both judged, and their paired difference.
struct Difference {
    std::string protocol;
    std::string dataset;
    std::string metric; // "f1", "erroneous_acc", "cc_acc", "i_to_c", "cl" …
    std::int64_t n = 0;
    double before = 0; // of `against`
    double after = 0;  // of `filter`
    eval::Interval interval;
    bool significant = false; // the interval of after − before leaves out 0
    // Critiques of `filter` that are worse than their counterpart, and better, of the solutions
    // that the metric is about. Metrics of whole questions ("cl" …) tell none.
    bool tellsItems = false;
    std::vector<std::int64_t> broken;
    std::vector<std::int64_t> fixed;
};

struct Evaluation {
    std::int64_t critiques = 0;  // that the filter gave
    std::int64_t judgements = 0; // after several critiques of one critic and solution voted
    // Judgements left out because nothing says what is right for the solution; with several suites
    // of the one that leaves out most.
    std::int64_t unlabelled = 0;
    std::vector<Score> scores;
    std::vector<Difference> differences; // with `against`
};

// Several critiques of one solution by one critic and round are one judgement: the majority of
// their steps (the earlier wins a tie) under "ei"; under "cc" and "clcs" each counts for itself.
// The same workspace and seed give the same figures. Errors: Invalid (filter), NotFound (set),
// those of the workspace.
[[nodiscard]] base::Expected<Evaluation> evaluateStored(store::Workspace& workspace,
                                                        const EvaluateOptions& options);

} // namespace scrit::loop
