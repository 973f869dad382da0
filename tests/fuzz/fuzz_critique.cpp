// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_parser.h"
#include "core/critique/red_flags.h"
#include "core/critique/step_splitter.h"
#include "core/critique/target.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace scrit;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void checkSpans(const model::ParsedCritique& parsed, std::string_view text) {
    require(parsed.usedEnd <= text.size());
    for (const model::StepCritique& step : parsed.steps) {
        require(step.span.begin < step.span.end && step.span.end <= parsed.usedEnd);
        require(step.index >= critique::kUnmatchedStep);
    }
    for (const auto& part : {parsed.referenceAnalysis, parsed.conclusionSpan, parsed.correction}) {
        require(!part || (part->begin < part->end && part->end <= parsed.usedEnd));
    }
}

} // namespace

// The input is a solution and a critique, separated by the first NUL byte; without one the whole
// input is both. Every promise of the headers that can be checked without knowing the text is
// checked. NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = input.find('\0');
    const std::string_view solution = input.substr(0, cut);
    const std::string_view text = cut == std::string_view::npos ? input : input.substr(cut + 1);

    const auto steps = critique::splitSteps(solution);
    std::size_t at = 0;
    for (const base::Span& step : steps) {
        require(at <= step.begin && step.begin < step.end && step.end <= solution.size());
        at = step.end;
    }
    checkSpans(critique::parseCritique(text), text);
    const auto parsed = critique::parseCritique(text, {solution, steps});
    checkSpans(parsed, text);
    (void)critique::redFlags(parsed, text, {solution, steps, false});
    for (const base::Span& leak : critique::leakSpans(text, parsed)) {
        require(leak.begin < leak.end && leak.end <= parsed.usedEnd);
    }
    (void)critique::renderTarget(text, parsed);
    return 0;
}
