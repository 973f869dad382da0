// SPDX-License-Identifier: GPL-3.0-or-later
// What the Rounds page says in words and figures: the table of rounds, kinds of scores, the command
// line.
#include "round_score.h"
#include "tests/support/test_program.h"
#include "ui/models/chart_value.h"
#include "ui/models/figures.h"
#include "ui/models/round_models.h"
#include "ui/models/run_list_model.h"
#include "ui/pages/rounds/evolve_command.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <array>
#include <cstdio>

using namespace scrit;
using namespace scrit::ui;
using models::ChartValue;
using models::ScoreKind;
using scrit::test::score;

class TestStudioRoundValues : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void figuresRoundAsTheCommandLineDoes();
    void roundTable();
    void scoreKinds();
    void commandLine();
};

void TestStudioRoundValues::figuresRoundAsTheCommandLineDoes() {
    for (int part = 0; part <= 800; ++part) {
        std::array<char, 32> printed{};
        (void)std::snprintf(printed.data(), printed.size(), "%.1f", part / 800.0 * 100);
        QCOMPARE(models::points(part / 800.0), QString::fromLatin1(printed.data()));
    }
    QCOMPARE(models::points(394.0 / 800), QStringLiteral("49.2"));
    QCOMPARE(models::chartFigure(ChartValue::Unit::Percent, 394.0 / 800), QStringLiteral("49.2 %"));
    QCOMPARE(models::partText(4999, 5000), QStringLiteral("99.98 %"));
    QCOMPARE(models::partText(5000, 5000), QStringLiteral("100.0 %"));
    QCOMPARE(models::partText(999999, 1000000), QStringLiteral("> 99.99 %"));
    QCOMPARE(models::partText(1, 1000000), QStringLiteral("< 0.01 %"));
    QCOMPARE(models::partText(0, 7), QStringLiteral("0.0 %"));
    QCOMPARE(models::partText(1, 0), QString());
}

void TestStudioRoundValues::roundTable() {
    models::RoundTableModel model;
    const QAbstractItemModelTester tester(&model);
    models::RoundInfo base;
    base.id = 1;
    base.state = model::JobState::Done;
    base.scores = {score(0.53, std::nullopt)};
    models::RoundInfo first;
    first.id = 2;
    first.number = 1;
    first.state = model::JobState::Failed;
    first.stage = QStringLiteral("train");
    first.kept = 1234;
    first.scores = {score(0.583, models::RoundDelta{0.053, 0.02, 0.08, true, 12, 3})};
    models::RoundInfo second = first;
    second.id = 3;
    second.number = 2;
    second.scores[0].toPrevious = models::RoundDelta{-0.04, -0.07, -0.01, true, 1, 9};
    second.scores[0].toBase = models::RoundDelta{0.013, -0.01, 0.03, false, 4, 3};
    model.setRounds({base, first, second}, {}, ScoreKind::EiF1);
    using Model = models::RoundTableModel;
    const auto text = [&](int row, int column) {
        return model.index(row, column).data().toString();
    };
    const auto mark = [&](int row, int column) {
        return static_cast<models::Mark>(model.index(row, column).data(models::MarkRole).toInt());
    };
    QCOMPARE(text(0, Model::Cc), QStringLiteral("53.0 (50.0–56.0)"));
    QCOMPARE(text(0, Model::CcToBase), QString());
    QCOMPARE(text(0, Model::Ei), QStringLiteral("–"));
    QCOMPARE(text(1, Model::State), QStringLiteral("failed · train"));
    QCOMPARE(text(1, Model::Examples), QStringLiteral("1,234"));
    QCOMPARE(text(1, Model::CcToBase), QStringLiteral("+5.3 better"));
    QCOMPARE(mark(1, Model::CcToBase), models::Mark::Yes);
    QCOMPARE(text(2, Model::CcToPrevious), QStringLiteral("−4.0 worse"));
    QCOMPARE(mark(2, Model::CcToPrevious), models::Mark::No);
    QCOMPARE(text(2, Model::CcToBase), QStringLiteral("+1.3"));
    QCOMPARE(mark(2, Model::CcToBase), models::Mark::None);
    QVERIFY(model.index(1, Model::CcToBase)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("12 items fixed, 3 broken")));
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    first.kept = 9;
    model.setRounds({base, first, second}, {}, ScoreKind::EiF1);
    QCOMPARE(reset.size(), 0); // selection stays
    QCOMPARE(text(1, Model::Examples), QStringLiteral("9"));
}

void TestStudioRoundValues::scoreKinds() {
    const auto kind = [](const char* protocol, const char* metric) {
        return models::scoreKind(QString::fromLatin1(protocol), QString::fromLatin1(metric));
    };
    QVERIFY(kind("cc/1", "cc_acc") == ScoreKind::CcAcc);
    QVERIFY(kind("ei-scrit/2", "f1") == ScoreKind::EiF1);
    QVERIFY(kind("ei-processbench/1", "f1") == ScoreKind::EiStrict);
    QVERIFY(!kind("cc-own/1", "cc_acc"));
    QVERIFY(!kind("cc/1", "c_to_i"));
}

void TestStudioRoundValues::commandLine() {
    models::EvolutionForm form;
    form.recipe = QStringLiteral("scrit-direct");
    form.base = QStringLiteral("my model");
    form.filter = QStringLiteral("source:gsm8k -evaluation:yes");
    form.sets = {QStringLiteral("heldout")};
    form.trainer = QStringLiteral("command");
    form.commandTemplate = QStringLiteral("trl-sft");
    form.rounds = 2;
    form.fromLast = false;
    form.selfValidation = false;
    form.seed = 7;
    QCOMPARE(pages::evolveCommand(QStringLiteral("/data/it's.scrit"), form),
             QStringLiteral("scrit evolve '/data/it'\\''s.scrit' --rounds 2 --recipe scrit-direct "
                            "--critic 'my model' --filter 'source:gsm8k -evaluation:yes' --set "
                            "heldout --trainer command --template trl-sft --from base "
                            "--no-self-validation --seed 7"));
}

SCRIT_WINDOW_TEST(TestStudioRoundValues)
#include "studio_round_values.moc"
