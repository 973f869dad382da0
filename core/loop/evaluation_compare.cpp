// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evaluation.h"
#include "core/loop/score_items.h"
#include "core/store/evaluation_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// One side of a comparison.
struct Sided {
    model::Evaluation evaluation;
    std::vector<Suite> suites;
    Judgements judgements;
};

Expected<Sided> readSide(store::EvaluationReader& evaluations, std::int64_t id) {
    Sided side;
    auto evaluation = evaluations.evaluation(id);
    if (!evaluation) {
        return fail(std::move(evaluation.error()));
    }
    side.evaluation = std::move(*evaluation);
    if (side.evaluation.state != model::JobState::Done) {
        return fail(ErrorCode::Invalid,
                    "evaluation " + std::to_string(id) + " is not finished: it is " +
                        std::string(model::name(side.evaluation.state)),
                    "finish it first; scrit evaluate --list shows where it stands");
    }
    auto suites = suitesNamed(side.evaluation.suites);
    auto items = evaluations.items(id);
    if (!suites || !items) {
        return fail(suites ? items.error() : suites.error());
    }
    side.suites = std::move(*suites);
    side.judgements = bySolution(std::move(*items));
    return side;
}

// Whether critics were asked in the same way. Of stored critiques that is not known.
bool sameSettings(const std::string& one, const std::string& two) {
    const auto a = nlohmann::json::parse(one, nullptr, false);
    const auto b = nlohmann::json::parse(two, nullptr, false);
    constexpr std::array<const char*, 5> kKeys{"samples", "temperature", "top_p", "max_tokens",
                                               "prompt"};
    return a.is_object() && b.is_object() &&
           std::all_of(kKeys.begin(), kKeys.end(), [&](const char* key) {
               return a.contains(key) && b.contains(key) && a[key] == b[key];
           });
}

} // namespace

Expected<EvaluationComparison> compareEvaluations(store::Workspace& workspace, std::int64_t before,
                                                  std::int64_t after, std::uint64_t seed) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::EvaluationReader evaluations(**reader);
    auto one = readSide(evaluations, before);
    if (!one) {
        return fail(std::move(one.error()));
    }
    auto two = readSide(evaluations, after);
    if (!two) {
        return fail(std::move(two.error()));
    }
    EvaluationComparison comparison;
    for (const Suite suite : two->suites) {
        if (std::find(one->suites.begin(), one->suites.end(), suite) == one->suites.end()) {
            continue;
        }
        SuiteChanges changes = compareSuite(suite, one->judgements, two->judgements, seed);
        std::move(changes.differences.begin(), changes.differences.end(),
                  std::back_inserter(comparison.differences));
        std::move(changes.items.begin(), changes.items.end(), std::back_inserter(comparison.items));
    }
    if (comparison.differences.empty() && comparison.items.empty()) {
        return fail(ErrorCode::Invalid,
                    "evaluations " + std::to_string(before) + " and " + std::to_string(after) +
                        " have no suite and solution in common",
                    "compare evaluations on the same set");
    }
    comparison.sameSet = one->evaluation.setId && one->evaluation.setId == two->evaluation.setId;
    comparison.sameSettings = sameSettings(one->evaluation.settings, two->evaluation.settings);
    comparison.before = std::move(one->evaluation);
    comparison.after = std::move(two->evaluation);
    return comparison;
}

} // namespace scrit::loop
