// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/pipe_filter.h"
#include "core/math/answer.h"
#include "core/math/equivalence.h"

#include <chrono>
#include <cmath>

namespace scrit::cli {
namespace {

using base::Expected;

struct CheckConfig {
    math::EquivalenceSettings settings;
    math::ExtractOptions extract;
};

base::Error badConfig(const std::string& key, const std::string& expected) {
    return {base::ErrorCode::Parse, "\"config\": \"" + key + "\" is not " + expected, ""};
}

Expected<void> readMatchTypes(const Json& value, math::ExtractOptions& extract) {
    if (!value.is_array()) {
        return base::fail(badConfig("match_types", "a list"));
    }
    extract.formulas = false;
    extract.numbers = false;
    for (const Json& type : value) {
        if (type == "latex") {
            extract.formulas = true;
        } else if (type == "expr") {
            extract.numbers = true;
        } else {
            return base::fail(badConfig("match_types", "a list of \"latex\" and \"expr\""));
        }
    }
    return {};
}

Expected<void> readChoices(const Json& value, CheckConfig& config) {
    if (!value.is_array()) {
        return base::fail(badConfig("choices", "a list of texts"));
    }
    for (const Json& choice : value) {
        if (!choice.is_string()) {
            return base::fail(badConfig("choices", "a list of texts"));
        }
        config.settings.choices.push_back(choice.get<std::string>());
    }
    config.extract.choiceCount = std::min<std::size_t>(config.settings.choices.size(), 26);
    return {};
}

// Keys that mean nothing here are passed over: such objects carry notes of their makers.
Expected<CheckConfig> configOf(const Json& input) {
    CheckConfig config;
    const auto found = input.find("config");
    if (found == input.end() || found->is_null()) {
        return config;
    }
    if (!found->is_object()) {
        return base::fail(base::ErrorCode::Parse, "\"config\" is not an object");
    }
    for (const auto& [key, value] : found->items()) {
        if (key == "precision") {
            if (!value.is_number_integer() || value < 0 || value > 50) {
                return base::fail(badConfig(key, "a number of decimal places from 0 to 50"));
            }
            config.settings.precision = value.get<int>();
        } else if (key == "strict" || key == "allow_set_relation_comp") {
            if (!value.is_boolean()) {
                return base::fail(badConfig(key, "true or false"));
            }
            (key == "strict" ? config.settings.strict : config.settings.setAgainstRelation) =
                value.get<bool>();
        } else if (key == "percent") {
            if (value == "value-or-unit") {
                config.settings.percent = math::PercentRule::ValueOrUnit;
            } else if (value == "value") {
                config.settings.percent = math::PercentRule::Value;
            } else if (value == "unit") {
                config.settings.percent = math::PercentRule::Unit;
            } else {
                return base::fail(badConfig(key, "\"value-or-unit\", \"value\" or \"unit\""));
            }
        } else if (key == "match_types") {
            if (auto read = readMatchTypes(value, config.extract); !read) {
                return base::fail(read.error());
            }
        } else if (key == "choices") {
            if (auto read = readChoices(value, config); !read) {
                return base::fail(read.error());
            }
        }
    }
    return config;
}

Expected<Json> extractOne(const Json& input) {
    const Expected<std::string> text = textField(input, "text");
    if (!text) {
        return base::fail(text.error());
    }
    const Expected<CheckConfig> config = configOf(input);
    if (!config) {
        return base::fail(config.error());
    }
    const std::optional<math::Answer> answer = math::extractAnswer(*text, config->extract);
    if (!answer) {
        return Json{{"answer", nullptr}, {"rule", nullptr}};
    }
    return Json{{"answer", answer->text},
                {"rule", answer->rule},
                {"begin", answer->span.begin},
                {"end", answer->span.end}};
}

Expected<Json> checkOne(const Json& input) {
    const Expected<std::string> gold = textField(input, "gold");
    if (!gold) {
        return base::fail(gold.error());
    }
    const Expected<std::string> pred = textField(input, "pred");
    if (!pred) {
        return base::fail(pred.error());
    }
    const Expected<CheckConfig> config = configOf(input);
    if (!config) {
        return base::fail(config.error());
    }
    const auto before = std::chrono::steady_clock::now();
    const math::AnswerCheck check =
        math::checkAnswers(*gold, *pred, config->settings, config->extract);
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    return Json{{"verdict", math::name(check.verdict.equality)},
                {"rule", math::name(check.verdict.rule)},
                {"gold_answer", textOrNull(check.goldAnswer)},
                {"pred_answer", textOrNull(check.predAnswer)},
                {"ms", std::round(took.count() * 1000.0) / 1000.0}};
}

} // namespace

void addAnswers(CLI::App& root, Session& session) {
    CLI::App* group = root.add_subcommand("answers", "Find and compare final answers")
                          ->group(std::string(kPipeGroup))
                          ->require_subcommand(1);
    CLI::App* extract = group->add_subcommand(
        "extract", "Find the final answer in texts: {\"id\",\"text\"} a line");
    extract->footer("Output: {\"id\",\"answer\",\"rule\"}, answer null when there is none.\n"
                    "\n"
                    "Examples:\n"
                    "  echo '{\"id\":1,\"text\":\"So \\\\boxed{42}.\"}' | scrit answers extract\n"
                    "  jq -c '{id, text: .solution}' solutions.jsonl | scrit answers extract");
    setAction(*extract, session, [&session] { return runPipeFilter(session, extractOne); });

    CLI::App* check = group->add_subcommand(
        "check", "Decide whether two answers say the same: {\"id\",\"gold\",\"pred\"} a line");
    check->footer(
        "gold and pred may be bare answers or whole texts. Optional \"config\": precision, "
        "strict,\n"
        "percent (value-or-unit, value, unit), choices, match_types, allow_set_relation_comp.\n"
        "Output: "
        "{\"id\",\"verdict\":\"equal|different|undecided\",\"rule\",\"gold_answer\",\"pred_"
        "answer\",\"ms\"}.\n"
        "\n"
        "Examples:\n"
        "  echo '{\"id\":1,\"gold\":\"1/2\",\"pred\":\"0.5\"}' | scrit answers check\n"
        "  scrit answers check < pairs.jsonl | jq -r .verdict | sort | uniq -c");
    setAction(*check, session, [&session] { return runPipeFilter(session, checkOne); });
}

} // namespace scrit::cli
