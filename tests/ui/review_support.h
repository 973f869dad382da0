// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/review/session.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"
#include "studio_window.h"
#include "ui/pages/export/export_page.h"
#include "ui/pages/review/judge_view.h"
#include "ui/pages/review/review_page.h"
#include "ui/widgets/command_registry.h"

#include <QApplication>
#include <QComboBox>

#include <utility>
#include <vector>

namespace scrit::test {

// A workspace of `count` problems with one solution of three steps and one critique each. Every
// critique calls step 2 wrong; self-validation lets every third one through no further.
inline QString manyCritiques(const QTemporaryDir& folder, int count) {
    const QString path = folder.filePath(QStringLiteral("many.scrit"));
    const auto workspace = store::Workspace::create(ui::models::utf8(path));
    if (!workspace) {
        return {};
    }
    const auto done = (*workspace)->write([&](store::Writer& writer) -> base::Expected<void> {
        for (int i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            model::Problem problem;
            problem.key = "problem-" + number;
            problem.source = i % 2 == 0 ? "even" : "odd";
            problem.text = "What is " + number + " + 2?";
            problem.referenceAnswer = std::to_string(i + 2);
            const auto stored = writer.addProblem(problem);
            if (!stored) {
                return base::fail(stored.error());
            }
            model::Solution solution;
            solution.problemId = stored->id;
            solution.key = "solution-" + number;
            solution.author = "pupil";
            solution.text = "Take " + number + ".\n\nAdd 2.\n\nThe answer is " + number + ".";
            const std::size_t second = solution.text.find("Add");
            const std::size_t third = solution.text.find("The answer");
            solution.steps = {{0, second}, {second, third}, {third, solution.text.size()}};
            solution.finalAnswer = number;
            const auto solved = writer.addSolution(solution);
            if (!solved) {
                return base::fail(solved.error());
            }
            model::Critique critique;
            critique.solutionId = solved->id;
            critique.key = "critique-" + number;
            critique.critic = "critic";
            critique.text = "Step 2 is wrong: the sum of " + number + " and 2 is missing.";
            critique.parsed.parser = "test/1";
            critique.parsed.conclusion = model::Conclusion::Incorrect;
            critique.parsed.firstErrorStep = 1;
            critique.parsed.usedEnd = critique.text.size();
            const auto criticised = writer.addCritique(critique);
            if (!criticised) {
                return base::fail(criticised.error());
            }
            model::Verdict verdict;
            verdict.subjectId = criticised->id;
            verdict.verifier = model::verifier::kSelfValidation;
            verdict.protocol = "self-validation/1";
            verdict.outcome = i % 3 == 0 ? model::Outcome::No : model::Outcome::Yes;
            const auto judged = writer.addVerdict(verdict);
            if (!judged) {
                return base::fail(judged.error());
            }
        }
        return {};
    });
    return done ? path : QString();
}

// The window with the Review and Export pages at hand.
struct ReviewStudio : Studio {
    using Studio::Studio;

    pages::ReviewPage& review() const {
        return static_cast<pages::ReviewPage&>(*window.page(QStringLiteral("review")));
    }
    pages::ExportPage& exporting() const {
        return static_cast<pages::ExportPage&>(*window.page(QStringLiteral("export")));
    }
    pages::JudgeView& judging() const { return review().judging(); }
    QAction* action(const char* id) { return window.commands().action(QString::fromLatin1(id)); }
    void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget() != nullptr ? QApplication::focusWidget()
                                                               : &judging(),
                        static_cast<Qt::Key>(key), modifiers);
    }
    bool showing() const { return judging().phase() == pages::JudgeView::Phase::Showing; }
    bool waitShown(int millis = 20000) {
        return QTest::qWaitFor([this] { return showing(); }, millis);
    }
    // Makes a queue by the service and opens it on the page.
    bool openQueue(const models::QueueForm& form) {
        window.showPage(QStringLiteral("review"));
        window.review().createQueue(form);
        return QTest::qWaitFor(
            [this, &form] { return showing() && review().queues().currentText() == form.name; },
            20000);
    }
    bool openQueue(const QString& name, bool blind, int size = 0) {
        models::QueueForm form;
        form.name = name;
        form.strategy = models::QueueStrategy::Everything;
        form.size = size;
        form.blind = blind;
        return openQueue(form);
    }
};

// What is stored for the places of a queue, read by another session.
inline std::vector<review::Item> storedItems(ReviewStudio& studio, const QString& queue,
                                             const QString& annotator = {}) {
    const QString who = annotator.isEmpty() ? studio.window.review().annotator() : annotator;
    auto session = review::Session::open(studio.window.service().workspace(),
                                         ui::models::utf8(queue), ui::models::utf8(who));
    if (!session) {
        qWarning("%s", session.error().text().c_str());
        return {};
    }
    std::vector<review::Item> items;
    const auto progress = (*session)->progress();
    for (std::int64_t at = 0; progress && at < progress->items; ++at) {
        if (auto item = (*session)->goTo(at)) {
            items.push_back(*std::move(item));
        }
    }
    return items;
}

} // namespace scrit::test
