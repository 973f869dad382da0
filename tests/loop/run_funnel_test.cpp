// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;

namespace {

std::int64_t numberAt(const QJsonObject& object, const std::string& path) {
    const QString text = QString::fromStdString(path);
    const qsizetype dot = text.indexOf(QLatin1Char('.'));
    const QJsonValue value = dot < 0 ? object[text] : object[text.left(dot)][text.mid(dot + 1)];
    return value.isDouble() ? value.toInteger() : -1;
}

} // namespace

// `scrit run` against a server whose every answer is known beforehand.
class RunFunnelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void statusTellsTheTruth_data() {
        QTest::addColumn<int>("seed");
        QTest::addColumn<bool>("stream");
        QTest::newRow("streamed") << 1 << true;
        QTest::newRow("whole answers") << 2 << false;
    }
    void statusTellsTheTruth() {
        QFETCH(int, seed);
        QFETCH(bool, stream);
        constexpr int kProblems = 60;
        BehaviourOptions options;
        options.seed = static_cast<std::uint64_t>(seed);
        BehaviourServer server(options);
        Bench bench(0);
        addWorldProblems(*bench.workspace, kProblems, true);
        WorldModel model;
        model.name = "critic";
        model.url = server.url();
        model.stream = stream;
        addWorldModel(*bench.workspace, model);
        bench.workspace.reset();

        const QString file = bench.folder.filePath(QStringLiteral("w.scrit"));
        const cli_support::Result run = cli_support::runScrit(
            {QStringLiteral("run"), file, QStringLiteral("--critic"), QStringLiteral("critic")});
        QVERIFY2(run.code == 0, run.err.constData());
        const cli_support::Result status =
            cli_support::runScrit({QStringLiteral("status"), file, QStringLiteral("--json")});
        QVERIFY2(status.code == 0, status.err.constData());
        const Behaviour behaviour(options.seed, options.shares);
        QStringList wrong;
        for (const auto& [path, value] : knownFunnel(kProblems, behaviour)) {
            if (const std::int64_t told = numberAt(status.json(), path); told != value) {
                wrong << QStringLiteral("%1 is %2 instead of %3")
                             .arg(QString::fromStdString(path))
                             .arg(told)
                             .arg(value);
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QStringLiteral("; "))));
    }

    // The shares are met, so that the funnel above has something of each kind in it.
    void sharesAreMet() {
        const BehaviourShares shares;
        const Behaviour behaviour(7, shares);
        std::map<CritiqueKind, int> kinds;
        constexpr int kCount = 4000;
        for (int number = 0; number < kCount; ++number) {
            BehaviourPrompt prompt;
            prompt.role = PromptRole::ContrastiveCritic;
            prompt.problem = worldProblem(static_cast<std::uint64_t>(number));
            prompt.solution = worldSolution(prompt.problem, number % 2 == 0 ? -1 : 1);
            ++kinds[behaviour.answer(prompt).kind];
        }
        for (int kind = 0; kind < kCritiqueKinds; ++kind) {
            const double share = kinds[static_cast<CritiqueKind>(kind)] / double{kCount};
            QVERIFY2(std::abs(share - shares.critique[kind]) < 0.03,
                     std::string(name(static_cast<CritiqueKind>(kind))).c_str());
        }
    }
};

SCRIT_TEST(RunFunnelTest)
#include "run_funnel_test.moc"
