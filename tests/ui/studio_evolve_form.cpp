// SPDX-License-Identifier: GPL-3.0-or-later
// The form of an evolution in the real window, by keys and clicks.
#include "core/loop/evaluation_set.h"
#include "core/loop/miniature.h"
#include "core/store/evaluation_reader.h"
#include "core/store/reader.h"
#include "rounds_support.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/bridge/evolution_convert.h"
#include "ui/bridge/evolution_service.h"
#include "ui/pages/rounds/evolve_form.h"
#include "ui/pages/rounds/measure_fields.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using pages::EvolveForm;
using pages::RoundsPage;

namespace {

struct FormStudio : Studio {
    using Studio::Studio;

    RoundsPage& rounds() const {
        return static_cast<RoundsPage&>(*window.page(QStringLiteral("rounds")));
    }
    EvolveForm& form() const { return rounds().form(); }
    bool openForm(const QString& path) {
        window.start(path);
        if (!QTest::qWaitFor([this] { return window.service().isOpen(); }, 20000)) {
            return false;
        }
        window.showPage(QStringLiteral("rounds"));
        QSignalSpy choices(&window.evolution(), &bridge::EvolutionService::choicesReady);
        window.commands().action(QStringLiteral("rounds.new"))->trigger();
        return rounds().shown() == RoundsPage::Form &&
               QTest::qWaitFor([&] { return !choices.isEmpty(); }, 20000) &&
               QTest::qWaitFor([this] { return window.models().isLoaded(); }, 20000) &&
               QTest::qWaitFor([this] { return !form().form().recipe.isEmpty(); }, 20000);
    }
    template<typename Input>
    [[nodiscard]] Input* input(const char* name) const {
        const auto all = form().findChildren<Input*>();
        const auto found = std::find_if(all.begin(), all.end(), [name](const Input* one) {
            return one->accessibleName().trimmed() == QLatin1String(name);
        });
        return found == all.end() ? nullptr : *found;
    }
    [[nodiscard]] QAction* start() {
        return window.commands().action(QStringLiteral("rounds.start"));
    }
};

// Everything that can be chosen, each other than usual.
models::EvolutionForm everything() {
    models::EvolutionForm form;
    form.series = QStringLiteral("mine");
    form.recipe = QStringLiteral("scrit");
    form.reference = QStringLiteral("either");
    form.base = QStringLiteral("base");
    form.students = {QStringLiteral("demo-1")};
    form.filter = QStringLiteral("source:gsm8k -evaluation:yes");
    form.limit = 20;
    form.problemsPerRound = 5;
    form.sets = {QStringLiteral("heldout")};
    form.rounds = 2;
    form.trainer = QStringLiteral("command");
    form.commandTemplate = QStringLiteral("trl-lora");
    form.training.epochs = 2;
    form.training.batch = 64;
    form.training.learningRate = 5e-6;
    form.training.loraRank = 0;
    form.training.maxLength = 2048;
    form.training.values = {{QStringLiteral("gpus"), QStringLiteral("2")},
                            {QStringLiteral("note"), QStringLiteral("a = b")}};
    form.fromLast = false;
    form.accumulate = true;
    form.selfValidation = false;
    form.keepCopies = true;
    form.keepLeaks = true;
    form.keepDuplicates = true;
    form.keepOverlaps = true;
    form.examples = 100;
    form.balance = QStringLiteral("1:1");
    form.order = models::EvolutionForm::Order::HardFirst;
    form.suites = {QStringLiteral("cc"), QStringLiteral("clcs")};
    form.samples = 4;
    form.temperature = 0.7;
    form.maxTokens = 512;
    form.caps = {100, 2'000'000, 3.5};
    form.seed = 7;
    form.folder = QStringLiteral("/tmp/some where");
    return form;
}

} // namespace

class TestStudioEvolveForm : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void holdsEverythingThatIsChosen();
    void passesEverythingOn();
    void problemsStandBesideTheirFields();
    void freezesTheFirstSet();
    void freezesAnotherSetByKeys();
    void freezingAllIsRefused();
    void namedValuesAreRead_data();
    void namedValuesAreRead();
    void escapeLeavesTheForm();
    void everyInputHasAName();

private:
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    QString copyOf(const QString& path) {
        const QString target = m_folder.filePath(QStringLiteral("w%1.scrit").arg(++m_copies));
        return QFile::copy(path, target) ? target : QString();
    }
    QTemporaryDir m_folder;
    QString m_rounds;
    QString m_plain; // without an evaluation set
    int m_copies = 0;
};

void TestStudioEvolveForm::initTestCase() {
    m_rounds = m_folder.filePath(QStringLiteral("rounds.scrit"));
    const RoundsWorkspace made(m_rounds, 1);
    m_plain = m_folder.filePath(QStringLiteral("plain.scrit"));
    const RoundsWorkspace plain(m_plain, RoundsWorkspace::kNoRounds);
}

void TestStudioEvolveForm::init() {
    QFile::remove(settingsFile());
}

void TestStudioEvolveForm::holdsEverythingThatIsChosen() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_rounds)));
    const models::EvolutionForm wanted = everything();
    studio.form().setForm(wanted);
    const models::EvolutionForm held = studio.form().form();
    QCOMPARE(held.caps, wanted.caps);
    QCOMPARE(held.training, wanted.training);
    QVERIFY(held == wanted);
    QVERIFY2(studio.form().problem().isEmpty(), qPrintable(studio.form().problem()));
    const QString command = studio.form().command();
    for (const char* option : {"--series mine",
                               "--rounds 2",
                               "--reference either",
                               "--student demo-1",
                               "--limit 20",
                               "--problems-per-round 5",
                               "--set heldout",
                               "--template trl-lora",
                               "--epochs 2",
                               "--batch 64",
                               "--learning-rate 5e-06",
                               "--lora-rank 0",
                               "--max-length 2048",
                               "--trainer-value gpus=2",
                               "--trainer-value 'note=a = b'",
                               "--from base",
                               "--data accumulate",
                               "--examples 100",
                               "--balance 1:1",
                               "--order hard-first",
                               "--no-self-validation",
                               "--keep-copies",
                               "--keep-leaks",
                               "--keep-duplicates",
                               "--no-decontamination",
                               "--suite cc,clcs",
                               "--samples 4",
                               "--temperature 0.7",
                               "--max-tokens 512",
                               "--max-requests 100",
                               "--max-run-tokens 2000000",
                               "--max-cost 3.5",
                               "--seed 7",
                               "--folder '/tmp/some where'"}) {
        QVERIFY2(command.contains(QLatin1String(option)),
                 qPrintable(QLatin1String(option) + QStringLiteral(" is not in ") + command));
    }
}

void TestStudioEvolveForm::passesEverythingOn() {
    const auto request = bridge::evolutionRequest(everything(), false);
    QVERIFY2(request.has_value(), request ? "" : request.error().text().c_str());
    QCOMPARE(request->recipe.reference, loop::ReferenceSource::Either);
    QCOMPARE(request->caps.requests, std::int64_t{100});
    QCOMPARE(request->caps.tokens, std::int64_t{2'000'000});
    QCOMPARE(request->caps.cost, 3.5);
    const train::Parameters& parameters = request->trainer.parameters;
    QCOMPARE(parameters.epochs, std::optional(2));
    QCOMPARE(parameters.batch, std::optional(64));
    QCOMPARE(parameters.learningRate, std::optional(5e-6));
    QCOMPARE(parameters.loraRank, std::optional(0));
    QCOMPARE(parameters.maxLength, std::optional(2048));
    QCOMPARE(request->trainer.values.at("note"), std::string("a = b"));
    QVERIFY(request->policy.keepLeaks);
    QVERIFY(!request->policy.dropDuplicates);
    QCOMPARE(request->policy.problemsPerRound, std::int64_t{5});
    QCOMPARE(request->evaluation.samples, 4);
    QCOMPARE(request->evaluation.maxTokens, 512);
    QCOMPARE(request->evaluation.suites,
             (std::vector{loop::Suite::CritiqueCorrect, loop::suiteNamed("clcs").value()}));
    QCOMPARE(request->folder.string(), std::string("/tmp/some where"));
    // What nobody chose is left to recipe and trainer.
    models::EvolutionForm little;
    little.recipe = QStringLiteral("scrit");
    const auto usual = bridge::evolutionRequest(little, false);
    QVERIFY(usual.has_value());
    QVERIFY(usual->trainer.parameters == train::Parameters{});
    QVERIFY(usual->evaluation.suites == loop::EvolutionEvaluation{}.suites);
    QCOMPARE(usual->recipe.text, loop::loadRecipe("scrit")->text);
    QVERIFY(!usual->policy.keepCopies && usual->policy.decontaminate);
    // The miniature's own settings come with its kind.
    const auto small = bridge::evolutionRequest(little, true);
    QVERIFY(small.has_value());
    QVERIFY(small->policy.keepCopies && !small->policy.decontaminate);
    QCOMPARE(small->recipe.text, loop::miniatureRecipe(usual->recipe)->text);
}

void TestStudioEvolveForm::problemsStandBesideTheirFields() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_rounds)));
    models::EvolutionForm form = studio.form().form();
    form.trainer = QStringLiteral("command");
    form.commandTemplate = QStringLiteral("trl-lora");
    form.base = QStringLiteral("base");
    studio.form().setForm(form);
    QVERIFY2(studio.form().problem().isEmpty(), qPrintable(studio.form().problem()));
    auto* rate = studio.input<QLineEdit>("Learning rate");
    QVERIFY(rate != nullptr);
    QVERIFY(!rate->isVisible()); // what is seldom wanted is folded away …
    rate->setText(QStringLiteral("fast"));
    QVERIFY(rate->isVisible()); // … and seen when it is wrong
    QVERIFY(rate->property("invalid").toBool());
    QVERIFY(rate->accessibleDescription().contains(QStringLiteral("5e-6")));
    QVERIFY(studio.form().problem().contains(QStringLiteral("5e-6")));
    QVERIFY(!studio.start()->isEnabled());
    rate->setText(QStringLiteral("2e-5"));
    QVERIFY(!rate->property("invalid").toBool());
    QCOMPARE(studio.form().form().training.learningRate, std::optional(2e-5));
    auto* values = studio.input<QLineEdit>("Values");
    values->setText(QStringLiteral("gpus=2; partition"));
    QVERIFY(values->property("invalid").toBool());
    QVERIFY(studio.form().problem().contains(QStringLiteral("partition")));
    values->clear();
    form.commandTemplate.clear();
    studio.form().setForm(form);
    QVERIFY(studio.form().problem().contains(QStringLiteral("template")));
}

void TestStudioEvolveForm::freezesTheFirstSet() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_plain)));
    QVERIFY(studio.form().measure().isFreezing()); // without being asked for
    QCOMPARE(studio.form().problem(), QStringLiteral("Freeze an evaluation set first"));
    auto* freeze = studio.input<QPushButton>("Freeze the evaluation set");
    QVERIFY(freeze != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(freeze->isEnabled(), 20000);
    // A fifth of the problems at most.
    const models::FreezeForm offered = studio.form().measure().freezeForm();
    QCOMPARE(offered.name, QStringLiteral("heldout"));
    QCOMPARE(offered.limit, qint64{(RoundsWorkspace::kProblems + RoundsWorkspace::kHeldOut) / 5});
    QVERIFY2(freeze->accessibleDescription().contains(
                 QStringLiteral("%1 solutions of").arg(offered.limit)),
             qPrintable(freeze->accessibleDescription()));
    QTest::mouseClick(freeze, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(studio.form().form().sets, QStringList{QStringLiteral("heldout")},
                              20000);
    QVERIFY(!studio.form().measure().isFreezing());
    QVERIFY(studio.form().problem() != QStringLiteral("Freeze an evaluation set first"));
    const auto reader = must(studio.window.service().workspace()->reader());
    QCOMPARE(must(store::EvaluationReader(*reader).set("heldout")).size, offered.limit);
}

void TestStudioEvolveForm::freezesAnotherSetByKeys() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_rounds)));
    QTRY_COMPARE(studio.form().form().sets, QStringList{QStringLiteral("heldout")});
    QVERIFY(!studio.form().measure().isFreezing());
    const auto buttons = studio.form().findChildren<QPushButton*>();
    const auto another = std::find_if(buttons.begin(), buttons.end(),
                                      [](const auto* button) { return button->isCheckable(); });
    QVERIFY(another != buttons.end());
    (*another)->setFocus();
    QTest::keyClick(*another, Qt::Key_Space);
    QVERIFY(studio.form().measure().isFreezing());
    auto* name = studio.input<QLineEdit>("New set");
    QCOMPARE(name->text(), QStringLiteral("heldout-2")); // the other name is taken
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("heldout"));
    QVERIFY(name->property("invalid").toBool());
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("second"));
    QVERIFY(!name->property("invalid").toBool());
    auto* freeze = studio.input<QPushButton>("Freeze the evaluation set");
    QTRY_VERIFY_WITH_TIMEOUT(freeze->isEnabled(), 20000);
    freeze->setFocus();
    QTest::keyClick(freeze, Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(studio.form().form().sets.contains(QStringLiteral("second")), 20000);
    QVERIFY(studio.form().form().sets.contains(QStringLiteral("heldout")));
}

void TestStudioEvolveForm::freezingAllIsRefused() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_plain)));
    auto* freeze = studio.input<QPushButton>("Freeze the evaluation set");
    QTRY_VERIFY_WITH_TIMEOUT(freeze->isEnabled(), 20000);
    auto* most = studio.input<QSpinBox>("At most");
    const auto all = studio.form().findChildren<QSpinBox*>();
    for (QSpinBox* box : all) { // that of the set, not that of the problems
        if (box->accessibleName().startsWith(QLatin1Char(' '))) {
            most = box;
        }
    }
    QVERIFY(most != nullptr);
    most->setFocus();
    most->selectAll();
    QTest::keyClicks(most, QStringLiteral("0"));
    QTRY_VERIFY_WITH_TIMEOUT(
        freeze->accessibleDescription().contains(QStringLiteral("Nothing would be left")), 20000);
    QVERIFY(!freeze->isEnabled());
}

void TestStudioEvolveForm::namedValuesAreRead_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("again");
    QTest::addColumn<bool>("fine");
    QTest::newRow("none") << QString() << QString() << true;
    QTest::newRow("one") << QStringLiteral("a=1") << QStringLiteral("a=1") << true;
    QTest::newRow("spaces") << QStringLiteral(" a = 1 ;; b = x=y ") << QStringLiteral("a=1; b=x=y")
                            << true;
    QTest::newRow("empty value") << QStringLiteral("a=") << QStringLiteral("a=") << true;
    QTest::newRow("no value") << QStringLiteral("a=1;b") << QStringLiteral("a=1") << false;
    QTest::newRow("no name") << QStringLiteral("=1") << QString() << false;
    QTest::newRow("blank name") << QStringLiteral("  =1") << QString() << false;
}

void TestStudioEvolveForm::namedValuesAreRead() {
    QFETCH(QString, line);
    QFETCH(QString, again);
    QFETCH(bool, fine);
    QCOMPARE(widgets::namedValuesLine(widgets::namedValues(line)), again);
    QCOMPARE(widgets::namedValuesProblem(line).isEmpty(), fine);
}

void TestStudioEvolveForm::escapeLeavesTheForm() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_rounds)));
    auto* name = studio.input<QLineEdit>("Name");
    QVERIFY(name->hasFocus());
    QTest::keyClick(name, Qt::Key_Escape);
    QVERIFY(studio.rounds().shown() != RoundsPage::Form);
}

void TestStudioEvolveForm::everyInputHasAName() {
    FormStudio studio(settingsFile());
    QVERIFY(studio.openForm(copyOf(m_rounds)));
    // All folds by the keyboard, then once around with Tab: nothing that can be changed is left
    // out, and each says what it is.
    for (QToolButton* head : studio.form().grid().findChildren<QToolButton*>()) {
        head->setFocus();
        QTest::keyClick(head, Qt::Key_Space);
    }
    QSet<const QWidget*> reached;
    studio.form().focusFirst();
    for (int i = 0; i < 200 && !reached.contains(QApplication::focusWidget()); ++i) {
        reached << QApplication::focusWidget();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (const QWidget* one : studio.form().grid().findChildren<QWidget*>()) {
        const bool input = qobject_cast<const QComboBox*>(one) != nullptr ||
                           qobject_cast<const QAbstractSpinBox*>(one) != nullptr ||
                           qobject_cast<const QListWidget*>(one) != nullptr ||
                           (qobject_cast<const QLineEdit*>(one) != nullptr &&
                            qobject_cast<const QAbstractSpinBox*>(one->parentWidget()) == nullptr &&
                            qobject_cast<const QComboBox*>(one->parentWidget()) == nullptr);
        if (input && one->isVisible()) {
            QVERIFY(!one->accessibleName().isEmpty());
            const bool here = reached.contains(one) || reached.contains(one->focusProxy());
            const auto inside = one->findChildren<QLineEdit*>();
            const bool within = std::any_of(inside.begin(), inside.end(), [&](const auto* line) {
                return reached.contains(line);
            });
            QVERIFY2(here || within, qPrintable(one->accessibleName()));
        }
    }
}

SCRIT_WINDOW_TEST(TestStudioEvolveForm)
#include "studio_evolve_form.moc"
