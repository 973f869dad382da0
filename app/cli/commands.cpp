// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/command_tree.h"

namespace scrit::cli {

void addCommands(CLI::App& root, Session& session) {
    root.require_subcommand(1);
    addNew(root, session);
    addImport(root, session);
    addVerify(root, session);
    addExport(root, session);
    addModel(root, session);
    addRun(root, session);
    addResume(root, session);
    addRuns(root, session);
    addTrain(root, session);
    addEvolve(root, session);
    addRounds(root, session);
    addSweep(root, session);
    addReview(root, session);
    addStatus(root, session);
    addList(root, session);
    addShow(root, session);
    addEvaluate(root, session);
    addReport(root, session);
    addAnswers(root, session);
    addCritique(root, session);
    addSteps(root, session);
    addDemo(root, session);
    addDoctor(root, session);
    addCompletion(root, session);
}

base::Expected<std::shared_ptr<store::Workspace>> openToWrite(const std::string& path) {
    return store::Workspace::open(path, store::OpenMode::ReadWrite);
}

base::Expected<std::shared_ptr<store::Workspace>> openToRead(const std::string& path) {
    return store::Workspace::open(path, store::OpenMode::ReadOnly);
}

} // namespace scrit::cli
