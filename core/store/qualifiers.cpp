// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/qualifiers.h"

#include "core/model/flags.h"

#include <cstddef>

namespace scrit::store {
namespace {

using Choices = std::vector<std::pair<std::string, std::string>>;
using Form = Qualifier::Form;

// Columns of one name in the tables of problems, solutions and critiques.
enum Where { P = 1, S = 2, C = 4 };

Qualifier make(Form form, std::string name, std::string description, std::string example,
               const std::string& column, int where, Choices choices = {}) {
    Qualifier qualifier;
    qualifier.form = form;
    qualifier.info.name = std::move(name);
    qualifier.info.description = std::move(description);
    qualifier.info.example = std::move(example);
    const auto in = [&](Where list) {
        return (where & list) != 0 ? column : std::string();
    };
    qualifier.problems = in(P);
    qualifier.solutions = in(S);
    qualifier.critiques = in(C);
    qualifier.choices = std::move(choices);
    return qualifier;
}

const Choices& yesNo() {
    static const Choices kChoices = {{"yes", "$ <> 0"}, {"no", "$ = 0"}};
    return kChoices;
}
const Choices& outcomes() {
    static const Choices kChoices = {
        {"yes", "$ = 0"}, {"no", "$ = 1"}, {"undecided", "$ = 2"}, {"none", "$ IS NULL"}};
    return kChoices;
}
const Choices& stepWords() {
    static const Choices kChoices = {{"none", "$ = -1"}, {"unknown", "$ IS NULL"}};
    return kChoices;
}

std::vector<Qualifier> lineageQualifiers() {
    Qualifier source =
        make(Form::Term, "source",
             "data set the row comes from; math will do for ProcessBench/math, and * stands for "
             "any characters",
             "source:gsm8k", "r.source_term", P | S | C);
    source.moreProblems = "SELECT problem_id FROM problem_source WHERE source_term";
    return {
        std::move(source),
        make(Form::Term, "split", "split of the problem in its data set", "split:train",
             "r.split_term", P | S | C),
        make(Form::Term, "subject", "subject of the problem", "subject:algebra", "r.subject_term",
             P | S | C),
        make(Form::Level, "level",
             "difficulty as the data set states it; where that is a number, 3 and \"Level 3\" are "
             "the same and ranges compare",
             "level:>=3", "r.level_term", P | S | C),
        make(Form::Term, "student", "who wrote the solution", "student:qwen*", "r.student_term",
             S | C),
        make(Form::Choice, "correct",
             "the solution's final answer is right (a person's verdict, else the answer match, "
             "else the data set's label)",
             "correct:no", "r.correct", S | C,
             {{"yes", "$ = 1"}, {"no", "$ = 0"}, {"unknown", "$ IS NULL"}}),
        make(Form::Step, "label-step",
             "steps count from 0: first wrong step as the data set labels it; none: no wrong step",
             "label-step:2..4", "r.label_step", S | C, stepWords()),
        make(Form::Choice, "mode", "how the critique was made", "mode:contrastive", "r.mode", C,
             {{"direct", "$ = 0"},
              {"bug-injection", "$ = 1"},
              {"contrastive", "$ = 2"},
              {"recorded", "$ = 3"}}),
        make(Form::Term, "critic", "model or person that wrote the critique", "critic:gpt-4",
             "r.critic_term", C),
        make(Form::Number, "round", "evolution round the critique was made in; 0: imported",
             "round:>=2", "r.round", C),
        make(Form::Choice, "verdict", "the critique's conclusion about the solution",
             "verdict:incorrect", "r.conclusion", C,
             {{"correct", "$ = 0"}, {"incorrect", "$ = 1"}, {"none", "$ IS NULL"}}),
        make(Form::Step, "first-error",
             "steps count from 0: first wrong step the critique names; none: it says there is no "
             "wrong step, unknown: it does not say",
             "first-error:2..4", "r.first_error", C, stepWords()),
        make(Form::Choice, "parsed", "conclusion and first error step could both be read",
             "parsed:no", "(r.conclusion IS NOT NULL AND r.first_error IS NOT NULL)", C, yesNo()),
    };
}

std::vector<Qualifier> judgementQualifiers() {
    Choices flags = {{"any", "$ <> 0"}, {"none", "$ = 0"}};
    for (const model::Flag flag : model::allFlags()) {
        flags.emplace_back(model::name(flag), "");
    }
    Qualifier arithmetic = make(Form::Choice, "arithmetic", "the equations inside the steps hold",
                                "arithmetic:no", "r.arithmetic", S, outcomes());
    arithmetic.critiques = "ifnull(r.arithmetic, r.solution_arithmetic)";
    Qualifier evaluation =
        make(Form::Choice, "evaluation",
             "its problem belongs to a frozen evaluation set and is never trained on",
             "evaluation:no", "(r.problem_id IN (SELECT problem_id FROM frozen_problem))", S | C,
             {{"yes", "$"}, {"no", "NOT $"}});
    evaluation.problems = "(r.id IN (SELECT problem_id FROM frozen_problem))";
    Qualifier frozen = make(Form::Frozen, "set",
                            "the row, or the solution of the critique, is a member of this frozen "
                            "set; of a set of problems, its problem is",
                            "set:heldout", "r.solution_id", C);
    frozen.solutions = "r.id";
    frozen.problems = "r.id";
    return {
        make(Form::Choice, "validated", "newest self-validation of the critique", "validated:yes",
             "r.validated", C, outcomes()),
        make(Form::Choice, "answer",
             "newest comparison of the final answer with the reference answer (of the correction, "
             "in lists of critiques)",
             "answer:mismatch", "r.answer", S | C,
             {{"match", "$ = 0"},
              {"mismatch", "$ = 1"},
              {"undecided", "$ = 2"},
              {"none", "$ IS NULL"}}),
        std::move(arithmetic),
        make(Form::Flags, "flag", "a red flag of the critique", "flag:rubber-stamp", "r.flags", C,
             std::move(flags)),
        make(Form::Choice, "annotated", "a person has annotated the row", "annotated:no",
             "r.annotated", P | S | C, yesNo()),
        // The test of `annotated` lets the partial index of critiques serve.
        make(Form::Choice, "label", "newest agreement of a person with the self-validation",
             "label:disagree", "r.label", P | S | C,
             {{"agree", "(r.annotated <> 0 AND $ = 0)"},
              {"disagree", "(r.annotated <> 0 AND $ = 1)"},
              {"unsure", "(r.annotated <> 0 AND $ = 2)"},
              {"none", "$ IS NULL"}}),
        make(Form::Tag, "tag", "a tag given by a person", "tag:\"check me\"", "r.id", P | S | C),
        make(Form::Person, "annotator", "a person who has annotated the row", "annotator:ada",
             "r.id", P | S | C),
        make(Form::Plan, "plan", "the row is an item of this review plan", "plan:audit", "r.id", C),
        std::move(evaluation),
        std::move(frozen),
        make(Form::Amount, "tokens", "tokens the critique's completion cost", "tokens:>1000",
             "r.tokens", C, {{"unknown", "$ = 0"}}),
    };
}

std::vector<Qualifier> idQualifiers() {
    Qualifier problem =
        make(Form::Number, "problem", "number of the problem", "problem:12", "r.problem_id", S | C);
    problem.problems = "r.id";
    Qualifier solution =
        make(Form::Number, "solution", "number of the solution", "solution:12", "r.solution_id", C);
    solution.solutions = "r.id";
    Qualifier id = make(Form::Number, "id", "number of the row", "id:100..200", "r.id", P | S | C);
    id.items = "r.id";
    Qualifier stage = make(Form::Term, "stage", "what the work item does", "stage:critique", "", 0);
    stage.items = "r.stage_term";
    Qualifier state = make(Form::Choice, "state", "state of the work item", "state:failed", "", 0,
                           {{"planned", "$ = 'planned'"},
                            {"running", "$ = 'running'"},
                            {"done", "$ = 'done'"},
                            {"failed", "$ = 'failed'"},
                            {"skipped", "$ = 'skipped'"}});
    state.items = "r.state";
    Qualifier error = make(Form::Text, "error", "why the work item failed or was skipped",
                           "error:timeout", "", 0);
    error.items = "r.error_code";
    Qualifier run =
        make(Form::Run, "run", "number of the run that made the row", "run:3", "r.id", S | C);
    run.items = "r.run_id";
    Qualifier answers =
        make(Form::Number, "unique-answers",
             "how many different final answers the candidates gave to the problem: the more, the "
             "harder it is",
             "unique-answers:>=4", uniqueAnswersSql("r.problem_id"), S | C);
    answers.problems = uniqueAnswersSql("r.id");
    Qualifier scored =
        make(Form::Scored, "scored", "the row was scored in the evaluation of this number",
             "scored:3", "r.id", S | C);
    Qualifier exported =
        make(Form::Exported, "exported",
             "the critique was written by the export of this number; a training is given one",
             "exported:2", "r.id", C);
    return {std::move(problem), std::move(solution), std::move(id),  std::move(stage),
            std::move(state),   std::move(error),    std::move(run), std::move(answers),
            std::move(scored),  std::move(exported)};
}

} // namespace

std::string uniqueAnswersSql(const std::string& problem) {
    // Bare answers have no space, so that "= " stands for the right ones alone.
    return "(SELECT count(DISTINCT iif(q.answer = 0, '= ', nullif(bare_answer(s.final_answer), "
           "''))) FROM solution_row q JOIN solution s ON s.id = q.id WHERE q.problem_id = " +
           problem +
           " AND q.student_term NOT IN (SELECT id FROM term WHERE text = 'reference' OR text LIKE "
           "'%+bug'))";
}

const std::string& Qualifier::column(ListOf of) const {
    switch (of) {
    case ListOf::Problems:
        return problems;
    case ListOf::Solutions:
        return solutions;
    case ListOf::Critiques:
        return critiques;
    case ListOf::Items:
        break;
    }
    return items;
}

const std::vector<Qualifier>& qualifierTable() {
    static const std::vector<Qualifier> kTable = [] {
        std::vector<Qualifier> all = lineageQualifiers();
        for (auto* part : {&judgementQualifiers, &idQualifiers}) {
            for (Qualifier& qualifier : part()) {
                all.push_back(std::move(qualifier));
            }
        }
        for (Qualifier& qualifier : all) {
            for (const auto& choice : qualifier.choices) {
                qualifier.info.values.push_back(choice.first);
            }
            qualifier.info.forProblems = !qualifier.problems.empty();
            qualifier.info.forSolutions = !qualifier.solutions.empty();
            qualifier.info.forCritiques = !qualifier.critiques.empty();
            qualifier.info.forItems = !qualifier.items.empty();
        }
        return all;
    }();
    return kTable;
}

const std::vector<QualifierInfo>& qualifiers() {
    static const std::vector<QualifierInfo> kInfos = [] {
        std::vector<QualifierInfo> infos;
        for (const Qualifier& qualifier : qualifierTable()) {
            infos.push_back(qualifier.info);
        }
        return infos;
    }();
    return kInfos;
}

const Qualifier* findQualifier(std::string_view name) {
    for (const Qualifier& qualifier : qualifierTable()) {
        if (qualifier.info.name == name) {
            return &qualifier;
        }
    }
    return nullptr;
}

std::string_view rowTable(ListOf of) {
    switch (of) {
    case ListOf::Problems:
        return "problem_row";
    case ListOf::Solutions:
        return "solution_row";
    case ListOf::Critiques:
        return "critique_row";
    case ListOf::Items:
        break;
    }
    return "work_item";
}

std::string_view rowName(ListOf of) {
    switch (of) {
    case ListOf::Problems:
        return "problem";
    case ListOf::Solutions:
        return "solution";
    case ListOf::Critiques:
        return "critique";
    case ListOf::Items:
        break;
    }
    return "item";
}

} // namespace scrit::store
