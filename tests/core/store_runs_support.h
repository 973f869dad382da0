// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"

#include <map>

// Shared by the tests of runs and of completions: small objects, and for each test function a
// workspace with a problem, two solutions, a model and a run.
namespace scrit::test {

using base::Expected;
using model::ItemState;
using model::SubjectKind;
using store::ItemEnd;
using store::RunReader;
using store::RunWriter;
using store::Workspace;
using store::Writer;

// The value of an Expected inside a write; throws the error's text, which fails the write.
template<typename T>
T must(Expected<T> value) {
    if (!value) {
        throw std::runtime_error(value.error().text());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

inline model::Model makeModel(const std::string& name) {
    model::Model model;
    model.name = name;
    model.kind = "openai";
    model.settings = R"({"model":"m"})";
    return model;
}

inline model::Run makeRun(const std::string& recipe = "scrit") {
    model::Run run;
    run.recipe = recipe;
    run.recipeText = "text of " + recipe;
    run.settings = R"({"critic":"m"})";
    run.filter = "source:gsm8k";
    run.seed = 18446744073709551615ULL;
    return run;
}

inline model::WorkItem makeItem(std::int64_t runId, std::int64_t subjectId, int sample = 0,
                                std::string_view stage = model::stage::kCritique) {
    model::WorkItem item;
    item.runId = runId;
    item.stage = stage;
    item.subject = SubjectKind::Solution;
    item.subjectId = subjectId;
    item.sample = sample;
    return item;
}

inline std::string hexKey(int number) {
    return base::contentHash({"completion", std::to_string(number)});
}

inline model::Completion makeCompletion(std::int64_t runId, int number) {
    model::Completion completion;
    completion.cacheKey = hexKey(number);
    completion.runId = runId;
    completion.modelId = 1;
    completion.finishReason = "stop";
    completion.promptTokens = 100;
    completion.completionTokens = 10;
    completion.cost = 0.25;
    completion.text = "answer " + std::to_string(number);
    return completion;
}

inline ItemEnd failedItem(std::int64_t id, const std::string& code, const std::string& message) {
    ItemEnd end;
    end.itemId = id;
    end.state = ItemState::Failed;
    end.attempts = 3;
    end.errorCode = code;
    end.error = message;
    return end;
}

// "stage/state count" of each row.
inline std::map<std::string, std::int64_t> drawn(const std::vector<store::StageCount>& counts) {
    std::map<std::string, std::int64_t> lines;
    for (const store::StageCount& count : counts) {
        lines[count.stage + "/" + std::string(model::name(count.state))] = count.count;
    }
    return lines;
}

using Counts = std::map<std::string, std::int64_t>;

class RunsWorkspace : public QObject {
protected:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::int64_t m_run = 0;

    // Runs `work` in one transaction with both writers.
    template<typename Work>
    Expected<void> write(Work&& work) {
        return m_workspace->write([&](Writer& writer) -> Expected<void> {
            RunWriter runs(writer);
            work(writer, runs);
            return {};
        });
    }
    // Plans `count` critique items of solution 1.
    std::vector<std::int64_t> plan(int count) {
        std::vector<model::WorkItem> items;
        for (int i = 0; i < count; ++i) {
            items.push_back(makeItem(m_run, 1, i));
        }
        must(write([&](Writer&, RunWriter& runs) { must(runs.planItems(items)); }));
        std::vector<std::int64_t> ids;
        for (const model::WorkItem& item : items) {
            ids.push_back(item.id);
        }
        return ids;
    }
    std::vector<model::WorkItem> openItems() {
        std::vector<model::WorkItem> items;
        must(RunReader(*m_reader).forEachOpenItem(m_run, [&](const model::WorkItem& item) {
            items.push_back(item);
            return true;
        }));
        return items;
    }
    void openNew() {
        m_folder = std::make_unique<QTemporaryDir>();
        SCRIT_TRY(workspace, Workspace::create(inside(*m_folder)));
        m_workspace = workspace;
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            const auto problem = idOf(writer.addProblem(makeProblem("One and one?")));
            idOf(writer.addSolution(makeSolution(problem, "Two.")));
            idOf(writer.addSolution(makeSolution(problem, "Three.", "student-b")));
            must(runs.addModel(makeModel("first")));
            m_run = must(runs.addRun(makeRun()));
        }));
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
    }
    void close() {
        m_reader.reset();
        m_workspace.reset();
        m_folder.reset();
    }
};

} // namespace scrit::test
