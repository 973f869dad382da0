// SPDX-License-Identifier: GPL-3.0-or-later
// An evolution started from the real window: the miniature criticises, is trained and evaluated.
#include "core/loop/miniature_demo.h"
#include "core/loop/recipe.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/bridge/evolution_service.h"

#include <QSignalSpy>
#include <QTemporaryDir>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;

class TestStudioEvolution : public QObject {
    Q_OBJECT
    // One solution a problem: the reference is the problem's own.
    static QString recipeWithReferences(const QTemporaryDir& folder) {
        const auto shipped = loop::loadRecipe("scrit");
        if (!shipped) {
            return {};
        }
        QString text = QString::fromStdString(shipped->text);
        text.replace(QStringLiteral("both_classes = true"), QStringLiteral("both_classes = false"));
        text.replace(QStringLiteral("reference = \"solutions\""),
                     QStringLiteral("reference = \"problem\""));
        QFile file(folder.filePath(QStringLiteral("own.toml")));
        return file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) > 0 ? file.fileName()
                                                                                : QString();
    }

private Q_SLOTS:
    void evolvesTheMiniature() {
        if (const auto can = loop::canRunMiniatureDemo(); !can) {
            QSKIP(can.error().text().c_str());
        }
        QTemporaryDir folder;
        loop::MiniatureDemoSettings settings = loop::quickMiniatureDemo();
        settings.folder = models::utf8(folder.path());
        settings.problemsPerRound = 48;
        settings.pairs = 32;
        const auto demo = loop::runMiniatureDemo(settings, {});
        QVERIFY2(demo.has_value(), demo ? "" : demo.error().text().c_str());

        Studio studio(folder.filePath(QStringLiteral("s.ini")));
        QVERIFY(studio.open(QString::fromStdString(demo->workspace.string())));
        bridge::EvolutionService& evolution = studio.window.evolution();
        QSignalSpy failed(&evolution, &bridge::EvolutionService::startFailed);
        QSignalSpy ended(&evolution, &bridge::EvolutionService::ended);
        models::EvolutionForm form;
        form.series = QStringLiteral("mine");
        form.recipe = recipeWithReferences(folder);
        form.base = QStringLiteral("miniature");
        form.filter = QStringLiteral("-evaluation:yes");
        form.sets = {QStringLiteral("heldout")};
        form.rounds = 1;
        form.trainer = QStringLiteral("builtin");
        form.balance = QStringLiteral("any");
        form.selfValidation = false; // so that few problems are enough
        form.keepCopies = true;
        form.keepOverlaps = true;
        form.seed = 3;
        evolution.start(form);
        QTRY_VERIFY_WITH_TIMEOUT(!ended.isEmpty() || !failed.isEmpty(), 120000);
        QVERIFY2(failed.isEmpty(),
                 qPrintable(failed.isEmpty() ? QString()
                                             : failed[0][0].value<models::Trouble>().message));
        const models::EvolutionStatus& status = evolution.status();
        QVERIFY2(status.trouble.message.isEmpty(), qPrintable(status.trouble.message));
        QCOMPARE(status.round, 1);
        QVERIFY(!status.stopped);
        const auto state = loop::readEvolution(*studio.window.service().workspace(), "mine");
        QVERIFY(state.has_value());
        QVERIFY(state->done);
        QCOMPARE(state->reports.size(), std::size_t{2});
        QVERIFY(state->reports[1].kept.value_or(0) > 0);
        QVERIFY(!state->reports[1].scores.empty());
    }
};

SCRIT_WINDOW_TEST(TestStudioEvolution)
#include "studio_evolution.moc"
