// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/store_support.h"

// Shared by the tests of the lineage and of lists over it: a critique with all that a parser reads,
// and an empty workspace for each test function.
namespace scrit::test {

inline model::Critique parsedCritique(std::int64_t solution, const std::string& text) {
    model::Critique critique = makeCritique(solution, text);
    critique.mode = model::CritiqueMode::Contrastive;
    critique.round = 2;
    critique.seed = 7;
    critique.parsed.parser = "scrit/1";
    critique.parsed.steps = {{0, model::StepVerdict::Correct, {0, 4}},
                             {1, model::StepVerdict::Incorrect, {4, 9}}};
    critique.parsed.conclusion = model::Conclusion::Incorrect;
    critique.parsed.firstErrorStep = 1;
    critique.parsed.correction = base::Span{5, 9};
    critique.parsed.correctionAnswer = "42";
    critique.parsed.problems = {"no-analysis"};
    critique.parsed.usedEnd = 9;
    return critique;
}

class LineageWorkspace : public QObject {
protected:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;

    base::Expected<void> write(const std::function<void(store::Writer&)>& work) {
        return m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            work(writer);
            return {};
        });
    }
    void openNew() {
        m_folder = std::make_unique<QTemporaryDir>();
        SCRIT_TRY(workspace, store::Workspace::create(inside(*m_folder)));
        m_workspace = workspace;
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
    }
    void close() {
        m_reader.reset();
        m_workspace.reset();
    }
};

} // namespace scrit::test
