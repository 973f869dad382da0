// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/problems.h"

#include "core/base/hash.h"
#include "core/mini/language.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace scrit::mini {
namespace {

// Steps of our own solutions stand between blank lines.
std::vector<base::Span> stepSpans(std::string_view text) {
    constexpr std::string_view kBlankLine = "\n\n";
    std::vector<base::Span> steps;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(kBlankLine, at), text.size());
        steps.push_back({at, end});
        at = end + kBlankLine.size();
    }
    return steps;
}

} // namespace

ProblemItem problemItem(const Problem& problem) {
    ProblemItem item;
    item.meaning = problem;
    const std::vector<int> prices = truePrices(problem);
    model::Problem& row = item.problem;
    row.source = kSource;
    row.split = splitOf(problem) == Split::Test ? "test" : "train";
    row.text = problemText(problem);
    row.key = base::contentHash({"problem", row.text, ""});
    row.externalId = row.key.substr(0, 12);
    row.referenceSolution = solutionText(problem, solutionOf(prices));
    row.referenceAnswer = std::to_string(coinsAfter(problem, prices));
    row.subject = "shopping";
    row.level = "contested " + std::to_string(contestedCount(problem));
    row.licence = "GPL-3.0-or-later";
    model::Solution& reference = item.reference;
    reference.author = kReferenceAuthor;
    reference.source = kSource;
    reference.externalId = row.externalId;
    reference.text = row.referenceSolution;
    reference.steps = stepSpans(reference.text);
    reference.finalAnswer = row.referenceAnswer;
    reference.key = base::contentHash({"solution", row.key, reference.author, reference.text});
    return item;
}

std::vector<ProblemItem> makeProblems(std::uint64_t seed, std::size_t count, Split split) {
    Random random(seed);
    std::set<std::string> seen;
    std::vector<ProblemItem> made;
    while (made.size() < count) {
        ProblemItem item = problemItem(nextProblem(random, split));
        if (seen.insert(item.problem.key).second) {
            made.push_back(std::move(item));
        }
    }
    return made;
}

} // namespace scrit::mini
