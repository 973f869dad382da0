// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/formats.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/critique/step_splitter.h"
#include "core/math/answer.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace scrit::format {
namespace {

constexpr std::string_view kStepSeparator = "\n\n";
constexpr std::int64_t kMostSteps = 1'000'000; // no text has more; keeps labels inside an int

std::string letterPrefix(std::string_view option, char letter) {
    for (const std::string_view form : {"(x) ", "x) ", "x. ", "x: "}) {
        std::string prefix(form);
        prefix[prefix.find('x')] = letter;
        if (option.starts_with(prefix)) {
            return prefix;
        }
    }
    return {};
}

void dropLetters(std::vector<std::string>& options) {
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < options.size(); ++i) {
        lengths.push_back(letterPrefix(options[i], static_cast<char>('A' + i)).size());
    }
    if (options.size() > 26 || std::find(lengths.begin(), lengths.end(), 0U) != lengths.end()) {
        return;
    }
    for (std::size_t i = 0; i < options.size(); ++i) {
        options[i].erase(0, lengths[i]);
    }
}

void finishSolution(ImportedSolution& item, const model::Problem& problem) {
    model::Solution& solution = item.solution;
    solution.source = solution.source.empty() ? problem.source : solution.source;
    if (!solution.stepsGiven && solution.steps.empty()) {
        solution.steps = critique::splitSteps(solution.text);
    }
    if (solution.finalAnswer.empty()) {
        if (const auto answer = math::extractAnswer(solution.text)) {
            solution.finalAnswer = answer->text;
        }
    }
    if (!problem.choices.empty()) { // "(B)" and "B. two" say the same as "B"
        if (const auto letter = math::choiceLetter(solution.finalAnswer, problem.choices.size())) {
            solution.finalAnswer = *letter;
        }
    }
    solution.key = solutionKey(problem.key, solution);
    for (model::Verdict& label : item.labels) {
        label.source = label.source.empty() ? solution.source : label.source;
    }
}

} // namespace

const std::vector<ProblemFormat>& problemFormats() {
    static const std::vector<ProblemFormat> formats{
        {{"prm800k", "PRM800K lines (phase 1 and 2) with step ratings"},
         matchesPrm800k,
         convertPrm800k},
        {{"scrit", "this program's own problems with candidates"}, matchesScrit, convertScrit},
        {{"realcritic", "RealCritic: a question with one candidate solution"},
         matchesRealcritic,
         convertRealcritic},
        {{"processbench", "ProcessBench and its relatives: steps with the first wrong one"},
         matchesProcessbench,
         convertProcessbench},
        {{"gsm8k", "GSM8K problems (####) or labelled model solutions"},
         matchesGsm8k,
         convertGsm8k},
        {{"math", "MATH and MATH-500: problem, solution, subject, level"},
         matchesMath,
         convertMath},
        {{"generic", "any JSON Lines, JSON or CSV file; fields are guessed or mapped"},
         matchesGeneric,
         convertGeneric},
    };
    return formats;
}

std::string fileStem(std::string_view file) {
    if (file == "-") {
        return "stdin";
    }
    std::filesystem::path name = std::filesystem::path(file).filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        name = name.stem();
    }
    return name.has_extension() ? name.stem().string() : name.string();
}

std::string placeId(const RecordContext& context) {
    return fileStem(context.plan.file) + ":" + std::to_string(context.line);
}

std::string splitIn(std::string_view name) {
    const std::string lower = base::lowerAscii(name);
    std::size_t begin = 0;
    while (begin <= lower.size()) {
        const std::size_t end = std::min(lower.find_first_of("-_./: ", begin), lower.size());
        const std::string_view word = std::string_view(lower).substr(begin, end - begin);
        if (word == "train" || word == "test" || word == "dev") {
            return std::string(word);
        }
        if (word == "val" || word == "valid" || word == "validation") {
            return "validation";
        }
        begin = end + 1;
    }
    return {};
}

void setGivenSteps(model::Solution& solution, const std::vector<std::string>& steps) {
    solution.text.clear();
    solution.steps.clear();
    for (const std::string& step : steps) {
        if (!solution.steps.empty()) {
            solution.text += kStepSeparator;
        }
        const std::size_t begin = solution.text.size();
        solution.text += step;
        solution.steps.push_back({begin, solution.text.size()});
    }
    solution.stepsGiven = true;
}

void addAnswerLabel(ImportedSolution& to, bool correct, std::string evidence) {
    model::Verdict label;
    label.subject = model::SubjectKind::Solution;
    label.verifier = model::verifier::kLabel;
    label.protocol = "label/answer";
    label.outcome = correct ? model::Outcome::Yes : model::Outcome::No;
    label.evidence = std::move(evidence);
    to.labels.push_back(std::move(label));
}

void addFirstErrorLabel(ImportedSolution& to, std::int64_t step, const Fields& fields,
                        std::string_view key, std::string evidence) {
    const auto count = static_cast<std::int64_t>(to.solution.steps.size());
    const bool tooFar = to.solution.stepsGiven ? step >= count : step > kMostSteps;
    if (step < model::kNoError || tooFar) {
        fields.fail(key, "names step " + std::to_string(step) + ", but there are " +
                             std::to_string(count) + " steps (counted from 0, -1 = no error)");
        return;
    }
    model::Verdict label;
    label.subject = model::SubjectKind::Solution;
    label.verifier = model::verifier::kLabel;
    label.protocol = "label/first-error";
    label.outcome = step == model::kNoError ? model::Outcome::Yes : model::Outcome::No;
    label.step = static_cast<int>(step);
    label.evidence = std::move(evidence);
    to.labels.push_back(std::move(label));
}

std::optional<std::string> answerAfterHash(std::string_view text) {
    const std::size_t at = text.rfind("####");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view answer = base::trimmed(text.substr(at + 4));
    return answer.empty() ? std::nullopt : std::optional<std::string>(answer);
}

std::optional<std::string> statedAnswer(std::string_view text) {
    math::ExtractOptions options;
    options.lastResort = false;
    const std::optional<math::Answer> answer = math::extractAnswer(text, options);
    if (!answer ||
        (answer->kind != math::AnswerKind::Boxed && answer->kind != math::AnswerKind::Hash)) {
        return std::nullopt;
    }
    return answer->text;
}

std::vector<std::string> choicesIn(const Fields& fields, std::string_view key) {
    if (fields.isObject(key)) {
        const Fields object = *fields.object(key);
        if (object.has("text")) {
            return object.texts("text").value_or(std::vector<std::string>{});
        }
        std::vector<std::string> letters = object.keys();
        std::sort(letters.begin(), letters.end());
        std::vector<std::string> options;
        options.reserve(letters.size());
        for (const std::string& letter : letters) {
            options.push_back(object.scalar(letter));
        }
        return options;
    }
    std::vector<std::string> options = fields.texts(key).value_or(std::vector<std::string>{});
    dropLetters(options);
    return options;
}

void finishProblem(ImportedProblem& item, const RecordContext& context,
                   std::string_view defaultSource, bool splitStated) {
    const ImportOptions& options = context.plan.options;
    model::Problem& problem = item.problem;
    problem.text = base::trimmed(problem.text);
    if (!options.source.empty()) {
        problem.source = options.source;
    } else if (problem.source.empty()) {
        problem.source = defaultSource;
    }
    if (!options.split.empty()) {
        problem.split = options.split;
    } else if (problem.split.empty() && !splitStated) {
        problem.split = splitIn(fileStem(context.plan.file));
    }
    if (problem.externalId.empty()) {
        problem.externalId = placeId(context);
    }
    problem.key = problemKey(problem);
    for (ImportedSolution& solution : item.solutions) {
        if (!options.source.empty()) {
            solution.solution.source = options.source;
        }
        finishSolution(solution, problem);
    }
}

std::string problemKey(const model::Problem& problem) {
    std::string choices;
    for (const std::string& choice : problem.choices) {
        choices += &choice == &problem.choices.front() ? "" : "\n";
        choices += choice;
    }
    return base::contentHash({"problem", problem.text, choices});
}

std::string solutionKey(std::string_view problemKey, const model::Solution& solution) {
    return base::contentHash({"solution", problemKey, solution.author, solution.text});
}

} // namespace scrit::format
