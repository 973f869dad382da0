// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/pipe_filter.h"
#include "core/critique/critique_parser.h"
#include "core/critique/red_flags.h"
#include "core/critique/step_splitter.h"

#include <vector>

namespace scrit::cli {
namespace {

using base::Expected;

struct SolutionInput {
    std::string text;
    std::vector<base::Span> steps;
};

// The solution as given in "solution" or in "steps"; nothing of it when there is neither.
Expected<SolutionInput> solutionOf(const Json& input) {
    SolutionInput out;
    if (const auto steps = input.find("steps"); steps != input.end() && !steps->is_null()) {
        if (!steps->is_array()) {
            return base::fail(base::ErrorCode::Parse, "\"steps\" is not a list");
        }
        for (const Json& step : *steps) {
            if (!step.is_string()) {
                return base::fail(base::ErrorCode::Parse, "\"steps\" is not a list of texts");
            }
            out.text += out.text.empty() ? "" : "\n\n";
            const std::size_t begin = out.text.size();
            out.text += step.get_ref<const std::string&>();
            out.steps.push_back({begin, out.text.size()});
        }
        return out;
    }
    if (const auto solution = input.find("solution");
        solution != input.end() && !solution->is_null()) {
        Expected<std::string> text = textField(input, "solution");
        if (!text) {
            return base::fail(text.error());
        }
        out.text = std::move(*text);
        out.steps = critique::splitSteps(out.text);
    }
    return out;
}

// The steps as the critique itself counts them, which differ from those of the solution where it
// quotes sentences, or names steps that the solution does not have. `alone` was read without the
// solution.
void addStatedSteps(Json& out, const model::ParsedCritique& parsed,
                    const model::ParsedCritique& alone) {
    std::size_t at = 0; // both are in the order of the text
    for (std::size_t i = 0; i < parsed.steps.size(); ++i) {
        const base::Span span = parsed.steps[i].span;
        while (at < alone.steps.size() && alone.steps[at].span.begin < span.begin) {
            ++at;
        }
        const bool same = at < alone.steps.size() && alone.steps[at].span.begin == span.begin;
        out["steps"][i]["stated_step"] = same ? Json(alone.steps[at].index) : Json();
        at += same ? 1 : 0;
    }
    out["stated_first_error"] = valueOrNull(alone.firstErrorStep);
}

Expected<Json> parseOne(const Json& input) {
    const Expected<std::string> text = textField(input, "critique");
    if (!text) {
        return base::fail(text.error());
    }
    const Expected<SolutionInput> solution = solutionOf(input);
    if (!solution) {
        return base::fail(solution.error());
    }
    critique::FlagContext context{solution->text, solution->steps, std::nullopt};
    if (const auto known = input.find("solution_correct");
        known != input.end() && known->is_boolean()) {
        context.solutionCorrect = known->get<bool>();
    }
    model::ParsedCritique parsed =
        critique::parseCritique(*text, {solution->text, solution->steps});
    parsed.flags = critique::redFlags(parsed, *text, context);
    Json out = parsedJson(parsed, *text);
    addStatedSteps(out, parsed, critique::parseCritique(*text));
    return out;
}

Expected<Json> splitOne(const Json& input) {
    const Expected<std::string> text = textField(input, "text");
    if (!text) {
        return base::fail(text.error());
    }
    Json steps = Json::array();
    for (const base::Span step : critique::splitSteps(*text)) {
        steps.push_back({{"begin", step.begin}, {"end", step.end}});
    }
    return Json{{"steps", std::move(steps)}};
}

} // namespace

void addCritique(CLI::App& root, Session& session) {
    CLI::App* group = root.add_subcommand("critique", "Read critiques")
                          ->group(std::string(kPipeGroup))
                          ->require_subcommand(1)
                          ->footer("Examples:\n"
                                   "  scrit critique parse < critiques.jsonl | jq .conclusion");
    CLI::App* parse = group->add_subcommand(
        "parse", "Find steps, verdicts, conclusion and correction: {\"id\",\"critique\"} a line");
    parse->footer(
        "Optional: \"solution\" (a text) or \"steps\" (a list), \"solution_correct\" (for red "
        "flags).\n"
        "Output: {\"id\",\"steps\":[{\"index\",\"verdict\",\"begin\",\"end\",\"stated_step\"}],\n"
        "\"conclusion\",\"first_error_step\",\"correction\",\"correction_begin\",\"correction_"
        "end\",\n"
        "\"answer\",\"problems\",\"flags\",\"stated_first_error\"}. Steps count from 0, -1 = no "
        "error,\n"
        "null = not found in the text; offsets are UTF-8 bytes.\n"
        "\n"
        "index and first_error_step are steps of the solution where it is given: a quoted "
        "sentence\n"
        "is the step that it stands in (a solution that comes as a text is split as by scrit "
        "steps\n"
        "split), and a step that the solution does not have is a problem. stated_step and\n"
        "stated_first_error are the places in the critique's own count, whatever the solution.\n" +
        std::string(kMadeVisibleHelp) +
        "\n"
        "Examples:\n"
        "  scrit critique parse < critiques.jsonl\n"
        "  jq -c '{id, critique, solution}' raw.jsonl | scrit critique parse | jq .problems");
    setAction(*parse, session, [&session] { return runPipeFilter(session, parseOne); });
}

void addSteps(CLI::App& root, Session& session) {
    CLI::App* group = root.add_subcommand("steps", "Work with the steps of solutions")
                          ->group(std::string(kPipeGroup))
                          ->require_subcommand(1)
                          ->footer("Examples:\n"
                                   "  scrit steps split < solutions.jsonl");
    CLI::App* split = group->add_subcommand(
        "split", "Split solutions into their steps: {\"id\",\"text\"} a line");
    split->footer(
        "Output: {\"id\",\"steps\":[{\"begin\",\"end\"}]}, half-open UTF-8 byte offsets into the "
        "text.\n" +
        std::string(kMadeVisibleHelp) +
        "\n"
        "Examples:\n"
        "  printf '%s\\n' '{\"id\":1,\"text\":\"Step 1: 2+2=4\\nStep 2: so 4\"}' | scrit steps "
        "split");
    setAction(*split, session, [&session] { return runPipeFilter(session, splitOne); });
}

} // namespace scrit::cli
