// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/world_support.h"

#include "core/backend/model_settings.h"
#include "core/critique/step_splitter.h"
#include "core/format/importer.h"
#include "core/loop/verify.h"
#include "core/store/run_writer.h"
#include "core/store/writer.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtGlobal>

namespace scrit::test {
namespace {

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

constexpr int kStudents = 4;

// The first and the third student are right.
std::string solutionOf(const std::string& problem, int number, int student) {
    const int steps = testing::worldSteps(problem);
    const int wrongStep = student % 2 == 0 ? -1 : 1 + (number + student) % (steps - 1);
    return testing::worldSolution(problem, wrongStep, static_cast<std::uint64_t>(student));
}

} // namespace

void addWorldProblems(store::Workspace& workspace, int count, bool withSolutions) {
    must(workspace.write([&](store::Writer& writer) -> base::Expected<void> {
        for (int number = 0; number < count; ++number) {
            model::Problem problem;
            problem.source = "world";
            problem.externalId = std::to_string(number);
            problem.text = testing::worldProblem(static_cast<std::uint64_t>(number));
            problem.referenceAnswer = std::to_string(testing::worldAnswer(problem.text));
            problem.key = format::problemKey(problem);
            problem.id = must(writer.addProblem(problem)).id;
            for (int student = 0; withSolutions && student < kStudents; ++student) {
                model::Solution solution;
                solution.problemId = problem.id;
                solution.author = "student-" + std::to_string(student);
                solution.text = solutionOf(problem.text, number, student);
                solution.steps = critique::splitSteps(solution.text);
                const auto answer = testing::judgeSolution(problem.text, solution.text).answer;
                solution.finalAnswer = std::to_string(answer.value_or(-1));
                solution.key = format::solutionKey(problem.key, solution);
                solution.id = must(writer.addSolution(solution)).id;
                must(writer.addVerdict(*loop::answerMatchOfSolution(problem, solution, {})));
            }
        }
        return {};
    }));
}

void addWorldModel(store::Workspace& workspace, const WorldModel& world) {
    backend::ModelSettings settings;
    settings.urls = {world.url};
    settings.modelId = world.name;
    settings.largestWindow = world.inFlight;
    settings.stream = world.stream;
    settings.keyVariable = world.keyVariable;
    settings.deadlines.firstByte = world.firstByteMillis;
    settings.deadlines.stall = world.stallMillis;
    model::Model row;
    row.name = world.name;
    row.kind = backend::name(backend::ModelKind::OpenAi);
    row.settings = backend::settingsJson(backend::ModelKind::OpenAi, settings);
    must(workspace.write([&](store::Writer& writer) -> base::Expected<void> {
        must(store::RunWriter(writer).addModel(row));
        return {};
    }));
}

std::map<std::string, std::int64_t> knownFunnel(int count, const testing::Behaviour& behaviour) {
    using testing::PromptRole;
    std::map<std::string, std::int64_t> known;
    known["problems"] = count;
    for (int number = 0; number < count; ++number) {
        testing::BehaviourPrompt prompt;
        prompt.problem = testing::worldProblem(static_cast<std::uint64_t>(number));
        for (int student = 0; student < kStudents; ++student) {
            ++known["solutions"];
            ++known[student % 2 == 0 ? "solutions_correct" : "solutions_incorrect"];
            ++known["pairs"];
            ++known["critiques"];
            ++known["items.done"]; // the critique
            prompt.role = PromptRole::ContrastiveCritic;
            prompt.solution = solutionOf(prompt.problem, number, student);
            const testing::BehaviourAnswer critique = behaviour.answer(prompt);
            const bool matched = critique.correctionAnswer == testing::worldAnswer(prompt.problem);
            known["answer_matched"] += matched ? 1 : 0;
            known["critiques_parsed"] += critique.saysCorrect && critique.firstErrorStep ? 1 : 0;
            if (!critique.saysCorrect) {
                ++known["items.skipped"]; // there is nothing to validate
                continue;
            }
            ++known["items.done"];
            prompt.role = PromptRole::Validator;
            if (!*critique.saysCorrect) {
                prompt.solution = critique.correction;
            }
            const testing::BehaviourAnswer judged = behaviour.answer(prompt);
            if (!judged.saysCorrect) {
                continue; // undecided
            }
            known["self_validated"] += *judged.saysCorrect ? 1 : 0;
            ++known[std::string("validation_2x2.") +
                    (*judged.saysCorrect ? "validated_" : "rejected_") +
                    (matched ? "match" : "mismatch")];
        }
        ++known["items.done"]; // the selection
    }
    for (const char* key : {"items.planned", "items.running", "items.failed", "would_be_lost"}) {
        known[key] = 0;
    }
    return known;
}

int requestsOf(const testing::BehaviourServer& server) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(server.stats()))
        .object()[text("requests")]
        .toInt();
}

} // namespace scrit::test
