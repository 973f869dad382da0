// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/text.h"

#include <memory>
#include <sstream>

namespace scrit::cli {
namespace {

struct ShowArguments {
    std::string workspace;
    std::int64_t id = 0;
    std::string of = "critiques";
    bool json = false;
};

// Text with headings and marks for people; colours only where the terminal has them.
class Page {
public:
    explicit Page(bool colours) : m_colours(colours) {}

    void heading(const std::string& text) {
        m_out << (m_empty ? "" : "\n") << styled("1", text) << "\n";
        m_empty = false;
    }
    // Untrusted text, made safe for the terminal.
    void text(std::string_view body) {
        m_out << base::escapeForTerminal(base::trimmed(body)) << "\n";
    }
    void field(const std::string& name, const std::string& value) {
        if (!value.empty()) {
            m_out << styled("2", name + ": ") << base::escapeForTerminal(value) << "\n";
        }
    }
    // A mark is never colour alone: it has a sign and a word.
    [[nodiscard]] std::string good(const std::string& word) const {
        return styled("34", "\xE2\x9C\x93 " + word);
    }
    [[nodiscard]] std::string bad(const std::string& word) const {
        return styled("33", "\xE2\x9C\x97 " + word);
    }
    [[nodiscard]] std::string open(const std::string& word) const {
        return styled("2", "? " + word);
    }
    [[nodiscard]] std::string outcome(model::Outcome value) const {
        switch (value) {
        case model::Outcome::Yes:
            return good("yes");
        case model::Outcome::No:
            return bad("no");
        case model::Outcome::Undecided:
            break;
        }
        return open("undecided");
    }
    void line(const std::string& markedUp) { m_out << markedUp << "\n"; }
    [[nodiscard]] std::string result() const { return m_out.str(); }

private:
    [[nodiscard]] std::string styled(const std::string& code, const std::string& text) const {
        return m_colours ? "\x1b[" + code + "m" + text + "\x1b[0m" : text;
    }

    bool m_colours;
    bool m_empty = true;
    std::ostringstream m_out;
};

std::string stepName(int step) {
    return step == model::kNoError ? "none" : "step " + std::to_string(step + 1);
}

// The first wrong step and who says so: a label of the source before the critique.
std::pair<std::optional<int>, std::string> firstError(const store::TraceRecord& record) {
    for (const model::Verdict& verdict : record.verdicts) {
        if (verdict.subject == model::SubjectKind::Solution &&
            verdict.verifier == model::verifier::kLabel && verdict.step) {
            return {verdict.step, "label"};
        }
    }
    if (record.critique && record.critique->parsed.firstErrorStep) {
        return {record.critique->parsed.firstErrorStep, "critique"};
    }
    return {std::nullopt, ""};
}

void showProblem(Page& page, const store::TraceRecord& record) {
    const model::Problem& problem = record.problem;
    page.heading("Problem " + std::to_string(problem.id) + "  " +
                 base::escapeForTerminal(base::excerpt(problem.source, 60)));
    page.text(problem.text);
    for (std::size_t i = 0; i < problem.choices.size(); ++i) {
        page.text("(" + std::string(1, static_cast<char>('A' + i % 26)) + ") " +
                  problem.choices[i]);
    }
    for (const store::OtherSource& other : record.otherSources) {
        page.field("also in", other.source + (other.split.empty() ? "" : ", split " + other.split) +
                                  (other.externalId.empty() ? "" : ", id " + other.externalId));
    }
    page.field("subject", problem.subject);
    page.field("level", problem.level);
    if (!problem.referenceSolution.empty() || !problem.referenceAnswer.empty() ||
        record.statedAnswer) {
        page.heading("Reference");
        if (!problem.referenceSolution.empty()) {
            page.text(problem.referenceSolution);
        }
        page.field("answer", problem.referenceAnswer);
        if (record.statedAnswer) {
            page.field("answer before its repair", *record.statedAnswer);
        }
    }
    if (record.reference) {
        page.heading("Reference shown to the critic, solution " +
                     std::to_string(record.reference->id));
        page.text(record.reference->text);
    }
}

void showSolution(Page& page, const store::TraceRecord& record) {
    const model::Solution& solution = *record.solution;
    const auto [wrongStep, sayer] = firstError(record);
    page.heading("Candidate " + std::to_string(solution.id) + "  " +
                 base::escapeForTerminal(base::excerpt(solution.author, 60)) + "  " +
                 (!record.solutionCorrect   ? page.open("not decided")
                  : *record.solutionCorrect ? page.good("answer correct")
                                            : page.bad("answer incorrect")));
    for (std::size_t i = 0; i < solution.steps.size(); ++i) {
        const bool wrong = wrongStep == static_cast<int>(i);
        page.line("[" + std::to_string(i + 1) + "]" +
                  (wrong ? " " + page.bad("first wrong step (" + sayer + ")") : ""));
        page.text(base::slice(solution.text, solution.steps[i]));
    }
    if (solution.steps.empty()) {
        page.text(solution.text);
    }
    page.field("answer", solution.finalAnswer);
    if (wrongStep == model::kNoError) {
        page.field("first wrong step (" + sayer + ")", "none");
    }
}

void showCritique(Page& page, const store::TraceRecord& record) {
    const model::Critique& critique = *record.critique;
    const model::ParsedCritique& parsed = critique.parsed;
    page.heading("Critique " + std::to_string(critique.id) + "  " +
                 base::escapeForTerminal(base::excerpt(critique.critic, 60)) + "  " +
                 std::string(model::name(critique.mode)) + "  round " +
                 std::to_string(critique.round));
    page.text(std::string_view(critique.text)
                  .substr(0, parsed.usedEnd > 0 ? parsed.usedEnd : std::string::npos));
    page.heading("What was read");
    page.line("conclusion: " + (!parsed.conclusion ? page.open("not stated")
                                : *parsed.conclusion == model::Conclusion::Correct
                                    ? page.good("correct")
                                    : page.bad("incorrect")));
    page.field("first error",
               parsed.firstErrorStep ? stepName(*parsed.firstErrorStep) : "not stated");
    for (const model::Flag flag : model::flagsIn(parsed.flags)) {
        page.field("red flag",
                   std::string(model::name(flag)) + ": " + std::string(model::explanation(flag)));
    }
    for (const std::string& problem : parsed.problems) {
        page.field("missing or odd", problem);
    }
    page.heading("Correction outcome");
    if (!critique.correctionText.empty()) {
        page.text(critique.correctionText);
    }
    page.field("answer", parsed.correctionAnswer);
    for (const model::Verdict& verdict : record.verdicts) {
        if (verdict.subject == model::SubjectKind::Critique &&
            verdict.verifier == model::verifier::kAnswerMatch) {
            page.line("matches the reference answer: " + page.outcome(verdict.outcome) + " (" +
                      base::escapeForTerminal(verdict.rule) + ")");
            break; // the newest
        }
    }
}

void showVerdicts(Page& page, const store::TraceRecord& record) {
    if (!record.verdicts.empty()) {
        page.heading("Verdicts");
    }
    for (const model::Verdict& verdict : record.verdicts) {
        std::string line = std::string(model::name(verdict.subject)) + "  " +
                           base::escapeForTerminal(verdict.verifier) + "  " +
                           page.outcome(verdict.outcome);
        if (verdict.step) {
            line += "  first wrong: " + stepName(*verdict.step);
        }
        for (const std::string* part : {&verdict.rule, &verdict.protocol, &verdict.source}) {
            line += part->empty() ? "" : "  " + base::escapeForTerminal(*part);
        }
        page.line(line);
    }
    if (!record.annotations.empty()) {
        page.heading("Annotations");
    }
    for (const model::Annotation& annotation : record.annotations) {
        page.field(annotation.annotator + " " + annotation.kind,
                   annotation.value +
                       (annotation.comment.empty() ? "" : "  " + annotation.comment));
    }
    if (!record.siblings.empty()) {
        std::string ids;
        for (const store::TraceRow& sibling : record.siblings) {
            ids += (ids.empty() ? "" : ", ") + std::to_string(sibling.critiqueId);
        }
        page.heading("Other critiques of this candidate");
        page.text(ids);
    }
}

base::Expected<int> show(const ShowArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const store::ListOf of = arguments.of == "problems"    ? store::ListOf::Problems
                             : arguments.of == "solutions" ? store::ListOf::Solutions
                                                           : store::ListOf::Critiques;
    const auto record = (*reader)->record(of, arguments.id);
    if (!record) {
        base::Error error = record.error();
        if (error.code == base::ErrorCode::NotFound && error.advice.empty()) {
            error.advice = "scrit list --of " + arguments.of + " shows which there are";
        }
        return base::fail(std::move(error));
    }
    if (arguments.json) {
        printJson(recordJson(*record));
        return kOk;
    }
    Page page(coloursWanted());
    showProblem(page, *record);
    if (record->solution) {
        showSolution(page, *record);
    }
    if (record->critique) {
        showCritique(page, *record);
    }
    showVerdicts(page, *record);
    print(page.result());
    return kOk;
}

} // namespace

void addShow(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ShowArguments>();
    CLI::App* command =
        root.add_subcommand("show", "Show one critique with its problem, candidate and verdicts")
            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    command->add_option("id", arguments->id, "The row, as scrit list prints it")
        ->type_name("ID")
        ->required()
        ->check(wholeFrom(1));
    addChoice(*command, session, "--of", arguments->of, {"problems", "solutions", "critiques"},
              "What the id is of (default: critiques)");
    addJson(*command, arguments->json, "Print the whole lineage as one JSON object");
    command->footer("Examples:\n"
                    "  scrit show study.scrit 17\n"
                    "  scrit show study.scrit 4 --of solutions\n"
                    "  scrit show study.scrit 17 --json | jq .critique.parsed");
    setAction(*command, session, [arguments] { return show(*arguments); });
}

} // namespace scrit::cli
