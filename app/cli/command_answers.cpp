// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/pipe_filter.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/text.h"
#include "core/loop/disagreements.h"
#include "core/math/answer.h"
#include "core/math/equivalence.h"

#include <chrono>
#include <cmath>
#include <mutex>
#include <set>

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

// What stands in configurations and means nothing here, over all lines; several threads add to it.
class PassedOver {
public:
    void add(const std::string& what) {
        const std::scoped_lock lock(m_mutex);
        m_names.insert(base::excerpt(what, 40));
    }
    void tell() const {
        constexpr std::size_t kShown = 10;
        std::string names;
        std::size_t count = 0;
        for (const std::string& name : m_names) {
            names += ++count > kShown ? "" : (count > 1 ? ", " : "") + name;
        }
        if (count > 0) {
            printNote("in \"config\" these mean nothing here: " + names +
                      (count > kShown ? " and more" : ""));
        }
    }

private:
    std::mutex m_mutex;
    std::set<std::string> m_names;
};

// "NativeLetters", the letters of a multiple-choice problem, alone: nothing else is an answer.
Expected<void> readMatchTypes(const Json& value, math::ExtractOptions& extract,
                              PassedOver& passedOver) {
    if (!value.is_array()) {
        return base::fail(badConfig("match_types", "a list"));
    }
    bool formulas = false;
    bool numbers = false;
    bool letters = false;
    for (const Json& type : value) {
        formulas = formulas || type == "latex";
        numbers = numbers || type == "expr";
        letters = letters || type == "NativeLetters";
        if (type != "latex" && type != "expr" && type != "NativeLetters") {
            passedOver.add("match_types " + type.dump());
        }
    }
    if (formulas || numbers || letters) {
        extract.formulas = formulas;
        extract.numbers = numbers;
    }
    if (letters && !formulas && !numbers) {
        extract.choices = math::ChoiceMode::Only;
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

// Keys that mean nothing here are passed over and named: such objects carry notes of their makers.
// Answers are found in all languages alike, so that "language" asks for nothing.
Expected<CheckConfig> configOf(const Json& input, PassedOver& passedOver) {
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
            if (auto read = readMatchTypes(value, config.extract, passedOver); !read) {
                return base::fail(read.error());
            }
        } else if (key == "choices") {
            if (auto read = readChoices(value, config); !read) {
                return base::fail(read.error());
            }
        } else if (key != "language") {
            passedOver.add(key);
        }
    }
    return config;
}

Expected<Json> extractOne(const Json& input, PassedOver& passedOver) {
    const Expected<std::string> text = textField(input, "text");
    if (!text) {
        return base::fail(text.error());
    }
    const Expected<CheckConfig> config = configOf(input, passedOver);
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

Expected<Json> checkOne(const Json& input, PassedOver& passedOver) {
    const Expected<std::string> gold = textField(input, "gold");
    if (!gold) {
        return base::fail(gold.error());
    }
    const Expected<std::string> pred = textField(input, "pred");
    if (!pred) {
        return base::fail(pred.error());
    }
    const Expected<CheckConfig> config = configOf(input, passedOver);
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

Expected<int> runAnswerFilter(Session& session,
                              Expected<Json> (*answer)(const Json&, PassedOver&)) {
    PassedOver passedOver;
    Expected<int> code =
        runPipeFilter(session, [&](const Json& input) { return answer(input, passedOver); });
    if (!session.quiet) {
        passedOver.tell();
    }
    return code;
}

struct BenchArguments {
    std::string workspace;
    std::string of = "solutions";
    std::vector<std::string> verifiers;
    std::vector<std::string> protocols;
    std::string filter;
    bool undecided = false;
    std::int64_t limit = -1; // rows; negative: all
    bool json = false;
};

Json judgementJson(const model::Verdict& verdict) {
    return Json{{"verifier", verdict.verifier},         {"protocol", verdict.protocol},
                {"source", textOrNull(verdict.source)}, {"outcome", model::name(verdict.outcome)},
                {"rule", textOrNull(verdict.rule)},     {"evidence", embedded(verdict.evidence)}};
}

// What was compared, from the evidence of the one that has it.
std::string comparedText(const loop::Disagreement& found, const char* key) {
    for (const model::Verdict* verdict : {&found.newer, &found.older}) {
        const Json evidence = embedded(verdict->evidence);
        if (evidence.is_object() && evidence.contains(key) && evidence[key].is_string()) {
            return evidence[key].get<std::string>();
        }
    }
    return {};
}

std::string judgementText(const model::Verdict& verdict) {
    const std::string rule = verdict.rule.empty() ? "" : " (" + verdict.rule + ")";
    const bool known = verdict.verifier == model::verifier::kAnswerMatch ||
                       verdict.verifier == model::verifier::kLabel;
    return std::string(model::name(verdict.outcome)) + rule + ", " +
           (known ? verdict.protocol : verdict.verifier + " " + verdict.protocol);
}

std::string benchCell(std::string_view text) {
    return base::escapeForTerminal(base::excerpt(text, 32));
}

Expected<int> disagreements(const Session& session, const BenchArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    if (arguments.limit == 0) {
        return kOk;
    }
    loop::DisagreementOptions options;
    options.of = arguments.of == "solutions" ? store::ListOf::Solutions : store::ListOf::Critiques;
    options.verifiers = arguments.verifiers;
    options.protocols = arguments.protocols;
    options.filter = arguments.filter;
    options.undecided = arguments.undecided;
    Table table({{"id", true}, {"gold"}, {"answer"}, {"older verdict"}, {"newer verdict"}});
    std::int64_t left = arguments.limit;
    const Expected<void> read = loop::forEachDisagreement(
        **reader, options,
        [&](const store::TraceRecord& record, const loop::Disagreement& found) -> Expected<bool> {
            const std::string& gold = record.problem.referenceAnswer;
            const std::string answer = comparedText(found, "answer");
            if (arguments.json) {
                printJson(Json{{"subject", model::name(found.subject)},
                               {"id", found.subjectId},
                               {"problem_id", found.problemId},
                               {"gold", textOrNull(gold)},
                               {"answer", textOrNull(answer)},
                               {"older", judgementJson(found.older)},
                               {"newer", judgementJson(found.newer)}});
            } else {
                table.add({std::to_string(found.subjectId), benchCell(gold), benchCell(answer),
                           judgementText(found.older), judgementText(found.newer)});
            }
            return left < 0 || --left > 0;
        },
        session.cancel);
    if (!read) {
        return base::fail(read.error());
    }
    if (!arguments.json) {
        table.finish();
    }
    return kOk;
}

struct DecideArguments {
    std::string workspace;
    std::vector<std::int64_t> ids;
    std::string of = "solutions";
    std::string answer;
    std::string person;
    bool json = false;
};

Expected<int> decideAnswers(const DecideArguments& arguments) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const model::SubjectKind subject =
        arguments.of == "solutions" ? model::SubjectKind::Solution : model::SubjectKind::Critique;
    const model::Outcome outcome = arguments.answer == "right"   ? model::Outcome::Yes
                                   : arguments.answer == "wrong" ? model::Outcome::No
                                                                 : model::Outcome::Undecided;
    for (const std::int64_t id : arguments.ids) {
        const Expected<void> done =
            loop::decideAnswer(**workspace, subject, id, outcome, arguments.person);
        if (!done) {
            return base::fail(done.error());
        }
        if (arguments.json) {
            printJson(Json{{"subject", model::name(subject)},
                           {"id", id},
                           {"outcome", model::name(outcome)},
                           {"person", arguments.person}});
        }
    }
    return kOk;
}

void addDecide(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<DecideArguments>();
    CLI::App* command = group.add_subcommand(
        "decide", "Say whether final answers are right; counts more than what machines say");
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("id", arguments->ids, "Solutions, as scrit answers disagreements lists them")
        ->type_name("ID")
        ->required();
    addChoice(*command, session, "--answer", arguments->answer, {"right", "wrong", "unsure"},
              "What you say; unsure takes back what you said before")
        ->required();
    addChoice(*command, session, "--of", arguments->of, {"solutions", "critiques"},
              "Whose final answers (default: solutions)");
    command->add_option("--as", arguments->person, "Your name")->type_name("NAME")->required();
    addJson(*command, arguments->json, "One JSON object an answer");
    command->footer("Nothing is overwritten: the decision is one more verdict, of verifier human.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit answers decide study.scrit 12 --answer right --as ada\n"
                    "  scrit answers decide study.scrit 12 13 --answer unsure --as ada");
    setAction(*command, session, [arguments] { return decideAnswers(*arguments); });
}

void addDisagreements(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<BenchArguments>();
    CLI::App* command = group.add_subcommand(
        "disagreements", "List what two protocols or verifiers of a workspace judge differently");
    addWorkspace(*command, arguments->workspace);
    addChoice(*command, session, "--of", arguments->of, {"solutions", "critiques"},
              "Whose final answers (default: solutions)");
    addChoices(*command, session, "--verifier", arguments->verifiers,
               {"answer_match", "human", "label", "self_validation"},
               "Only between these; may be repeated (default: all)");
    command
        ->add_option("--protocol", arguments->protocols,
                     "Only between these protocols; may be repeated (default: all)")
        ->type_name("ID");
    command->add_option("--filter", arguments->filter, "Only rows that this filter takes")
        ->type_name("EXPR");
    command->add_flag("--undecided", arguments->undecided,
                      "Undecided against yes or no counts as well");
    command->add_option("--limit", arguments->limit, "At most N rows (default: all)")
        ->type_name("N")
        ->check(wholeFrom(0));
    addJson(*command, arguments->json, "One JSON object a pair of verdicts");
    command->footer("Of each verifier and protocol the newest verdict counts.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit verify study.scrit --protocol 'answer-match/3;precision=3'\n"
                    "  scrit answers disagreements study.scrit\n"
                    "  scrit answers disagreements study.scrit --verifier answer_match \\\n"
                    "      --verifier label --json");
    setAction(*command, session,
              [&session, arguments] { return disagreements(session, *arguments); });
}

} // namespace

void addAnswers(CLI::App& root, Session& session) {
    CLI::App* group = root.add_subcommand("answers", "Find and compare final answers")
                          ->group(std::string(kPipeGroup))
                          ->require_subcommand(1)
                          ->footer("Examples:\n"
                                   "  scrit answers extract < texts.jsonl\n"
                                   "  scrit answers check < pairs.jsonl | jq -r .verdict\n"
                                   "  scrit answers disagreements study.scrit");
    CLI::App* extract = group->add_subcommand(
        "extract", "Find the final answer in texts: {\"id\",\"text\"} a line");
    extract->footer(
        "Output: {\"id\",\"answer\",\"rule\"}, answer null when there is none.\n" +
        std::string(kMadeVisibleHelp) +
        "\n"
        "Examples:\n"
        "  printf '%s\\n' '{\"id\":1,\"text\":\"So \\\\boxed{42}.\"}' | scrit answers extract\n"
        "  jq -c '{id, text: .solution}' solutions.jsonl | scrit answers extract");
    setAction(*extract, session, [&session] { return runAnswerFilter(session, extractOne); });

    CLI::App* check = group->add_subcommand(
        "check", "Decide whether two answers say the same: {\"id\",\"gold\",\"pred\"} a line");
    check->footer(
        "gold and pred may be bare answers or whole texts. Optional \"config\": precision, "
        "strict,\n"
        "percent (value-or-unit, value, unit), choices, match_types (latex, expr, NativeLetters),\n"
        "allow_set_relation_comp; what else stands there is named and passed over.\n"
        "Output: "
        "{\"id\",\"verdict\":\"equal|different|undecided\",\"rule\",\"gold_answer\",\"pred_"
        "answer\",\"ms\"}.\n"
        "\n"
        "Examples:\n"
        "  printf '%s\\n' '{\"id\":1,\"gold\":\"1/2\",\"pred\":\"0.5\"}' | scrit answers check\n"
        "  scrit answers check < pairs.jsonl | jq -r .verdict | sort | uniq -c");
    setAction(*check, session, [&session] { return runAnswerFilter(session, checkOne); });
    addDisagreements(*group, session);
    addDecide(*group, session);
}

} // namespace scrit::cli
