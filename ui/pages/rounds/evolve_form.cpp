// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/evolve_form.h"

#include "ui/bridge/evolution_service.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/run_preview_model.h"
#include "ui/models/words.h"
#include "ui/pages/filter_input.h"
#include "ui/pages/page.h"
#include "ui/pages/rounds/evolve_command.h"
#include "ui/pages/rounds/measure_fields.h"
#include "ui/pages/rounds/training_fields.h"
#include "ui/pages/runs/cap_fields.h"
#include "ui/widgets/fact_list.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::EvolutionService;

namespace {

constexpr int kMostRounds = 1000;
constexpr int kMostModels = 3; // shown at once

} // namespace

EvolveForm::EvolveForm(PageContext& context, QAction* start, QWidget* parent)
    : QWidget(parent), m_context(context), m_start(start),
      m_frame(new FormFrame(tr("New evolution"), tr("What it will do"), start, this)),
      m_grid(&m_frame->grid()) {
    m_kept.recipe =
        m_context.settings.value(QStringLiteral("rounds/recipe"), QStringLiteral("scrit"))
            .toString();
    m_kept.base = m_context.settings.value(QStringLiteral("rounds/base")).toString();
    m_kept.trainer = m_context.settings.value(QStringLiteral("rounds/trainer")).toString();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_frame);
    m_frame->setIntro(tr("A model criticises solutions, keeps what validates itself, is trained on "
                         "it and measured, round by round."));
    buildFields();
    buildPreview();
    m_training->setForm(m_kept);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connectFields();
}

void EvolveForm::buildFields() {
    buildSource();
    m_measure = new MeasureFields(*m_grid, m_context);
    m_rounds = numberBox(m_grid, {});
    m_rounds->setRange(1, kMostRounds);
    m_rounds->setValue(m_kept.rounds);
    m_grid->addRow(tr("R&ounds"), m_rounds);
    m_training = new TrainingFields(*m_grid);
    m_measure->addMeasurement();
    buildRest();
}

void EvolveForm::buildSource() {
    m_series = new QLineEdit(m_grid);
    m_series->setPlaceholderText(tr("the recipe's name"));
    m_recipe = choiceBox(m_grid);
    m_reference = choiceBox(m_grid);
    m_reference->addItem(tr("as the recipe says"), QString());
    m_reference->addItem(tr("another correct solution"), QStringLiteral("solutions"));
    m_reference->addItem(tr("the problem's own solution"), QStringLiteral("problem"));
    m_reference->addItem(tr("that where there is one, else another"), QStringLiteral("either"));
    m_reference->setToolTip(tr("What a contrastive critic is shown beside the solution"));
    m_base = choiceBox(m_grid);
    m_students = tickList(m_grid);
    m_filter = new FilterEdit(m_grid);
    serveFilter(*m_filter, models::ListKind::Problems, m_context);
    m_filter->setFilter(QStringLiteral("-evaluation:yes"));
    m_limit = numberBox(m_grid, tr("all of them"));
    m_grid->addRow(tr("&Name"), m_series);
    m_recipeRow = m_grid->addRow(tr("&Recipe"), m_recipe);
    m_grid->addRow(tr("Referen&ce"), m_reference);
    m_baseRow = m_grid->addRow(tr("&Model"), m_base,
                               tr("Criticises, validates, and is trained round by round."));
    m_grid->addRow(tr("S&tudents"), m_students, tr("None: only the solutions that are there."));
    m_filterRow = m_grid->addRow(tr("&Problems"), m_filter);
    m_grid->addRow(tr("At mo&st"), m_limit);
}

void EvolveForm::buildRest() {
    m_grid->addFold(tr("Caps, seed and folder"));
    m_perRound = numberBox(m_grid, tr("all of them, each time"));
    m_grid->addRow(tr("New problems"), m_perRound, tr("So many of the problems in each round."));
    m_caps = new CapFields(*m_grid);
    m_seed = seedLine(m_grid, QStringLiteral("0"));
    m_seedRow = m_grid->addRow(tr("See&d"), m_seed);
    m_folder = new QLineEdit(m_grid);
    m_folder->setPlaceholderText(tr("beside the workspace"));
    auto* browse = new QPushButton(tr("Choose…"), m_grid);
    browse->setToolTip(tr("Where data sets and trained models go"));
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(
            this, tr("Where data sets and trained models go"), m_folder->text());
        if (!folder.isEmpty()) {
            m_folder->setText(folder);
        }
    });
    m_grid->addRow(tr("Folder"), QVector<QWidget*>{m_folder, browse},
                   tr("For data sets and trained models."));
    m_grid->endFold();
}

void EvolveForm::buildPreview() {
    QVBoxLayout* column = &m_frame->preview();
    QWidget* panel = column->parentWidget();
    m_facts = new FactList(panel);
    column->addWidget(m_facts);
    m_tableTitle = mutedLabel(tr("The critiques of the first round:"), panel);
    column->addWidget(m_tableTitle);
    m_preview = new models::RunPreviewModel(this);
    m_table = new PlainTable(tr("Preview of the first round: calls, tokens and cost"), panel);
    m_table->setModel(m_preview);
    m_table->setWidths({0, 60, 80, 84, 68});
    constexpr int kRows = 6;
    m_table->setRowsShown(kRows);
    column->addWidget(m_table);
    showCalls({});
    m_warnings = plainLabel({}, panel);
    m_warnings->setWordWrap(true);
    setTone(*m_warnings, Tone::Problem);
    m_warnings->hide();
    column->addWidget(m_warnings);
    m_frame->addBesidePreview(buildCommand());
}

QWidget* EvolveForm::buildCommand() {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::kHalf);
    column->addWidget(mutedLabel(tr("The same on the command line:"), box));
    auto* line = new QHBoxLayout;
    m_command = new QLineEdit(box);
    m_command->setReadOnly(true);
    m_command->setFont(Theme::current().monoFont());
    m_command->setAccessibleName(tr("The same on the command line"));
    auto* copy = new QPushButton(tr("Copy"), box);
    connect(copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_command->text());
        m_context.remark(tr("Copied"));
    });
    line->addWidget(m_command, 1);
    line->addWidget(copy);
    column->addLayout(line);
    return box;
}

void EvolveForm::connectFields() {
    connect(&m_pause, &QTimer::timeout, this, &EvolveForm::askPreview);
    connect(m_frame, &FormFrame::cancelled, this, &EvolveForm::cancelled);
    for (QComboBox* box : {m_recipe, m_reference, m_base}) {
        connect(box, &QComboBox::currentIndexChanged, this, &EvolveForm::changed);
    }
    connect(m_students, &QListWidget::itemChanged, this, &EvolveForm::changed);
    for (QSpinBox* box : {m_limit, m_perRound, m_rounds}) {
        connect(box, &QSpinBox::valueChanged, this, &EvolveForm::changed);
    }
    for (QLineEdit* line : {m_series, m_seed, m_folder}) {
        connect(line, &QLineEdit::textChanged, this, &EvolveForm::changed);
    }
    connect(m_caps, &CapFields::changed, this, &EvolveForm::changed);
    connect(m_measure, &MeasureFields::changed, this, &EvolveForm::changed);
    connect(m_training, &TrainingFields::changed, this, &EvolveForm::changed);
    connect(m_filter, &FilterEdit::filterChanged, this, &EvolveForm::changed);
    showFilterProblem(*m_filter, *m_grid, m_filterRow);
    connect(m_filter, &FilterEdit::errorChanged, this, &EvolveForm::updateStart);
    connect(&m_context.runs, &bridge::RunService::recipesReady, this, &EvolveForm::setRecipes);
    connect(&m_context.modelList, &bridge::ModelService::modelsChanged, this, [this] {
        if (!isHidden()) { // also while its page is only about to be shown
            fillModels();
            changed();
        }
    });
    EvolutionService& evolution = m_context.evolution;
    connect(&evolution, &EvolutionService::choicesReady, this, &EvolveForm::setChoices);
    connect(&evolution, &EvolutionService::previewReady, this,
            [this](quint64 token, const models::EvolutionPreview& preview) {
                if (token == m_token) {
                    showPreview(preview);
                }
            });
    connect(&evolution, &EvolutionService::previewFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_previewOk = false;
                    m_frame->setPreviewState(tr("cannot start like this"));
                    showCalls({});
                    m_facts->setFacts({});
                    m_warnings->setText(QStringLiteral("✗ ") + troubleText(trouble));
                    m_warnings->show();
                    updateStart();
                }
            });
    connect(&evolution, &EvolutionService::activeChanged, this, &EvolveForm::updateStart);
}

void EvolveForm::prepare() {
    m_frame->hideTrouble();
    fillModels();
    m_context.runs.requestRecipes(
        m_context.settings.value(QStringLiteral("runs/recipes")).toStringList());
    m_context.evolution.requestChoices();
    changed();
}

void EvolveForm::fillModels() {
    const QSignalBlocker quietBase(m_base);
    const QSignalBlocker quietStudents(m_students);
    const QString chosen = m_base->currentData().toString();
    const QStringList students = m_students->count() > 0 ? tickedOf(*m_students) : m_kept.students;
    m_base->clear();
    m_students->clear();
    for (const models::ModelEntry& entry : m_context.modelList.models()) {
        if (!entry.retired) {
            m_base->addItem(entry.form.name, entry.form.name);
            offerTick(*m_students, entry.form.name, entry.form.name,
                      students.contains(entry.form.name));
        }
    }
    choose(*m_base, chosen.isEmpty() ? m_kept.base : chosen);
    fitRows(*m_students, kMostModels);
}

void EvolveForm::setRecipes(const QVector<models::RecipeInfo>& recipes) {
    const QSignalBlocker quiet(m_recipe);
    const QString chosen = m_recipe->currentData().toString();
    m_recipe->clear();
    for (const models::RecipeInfo& recipe : recipes) {
        if (recipe.error.isEmpty()) {
            m_recipe->addItem(recipe.name, recipe.choice);
            m_recipe->setItemData(m_recipe->count() - 1, recipe.description, Qt::ToolTipRole);
        }
    }
    choose(*m_recipe, chosen.isEmpty() ? m_kept.recipe : chosen);
    changed();
}

void EvolveForm::setChoices(const models::EvolutionChoices& choices) {
    m_training->setChoices(choices);
    m_measure->setChoices(choices);
    changed();
}

models::EvolutionForm EvolveForm::form() const {
    models::EvolutionForm form;
    form.series = m_series->text().trimmed();
    form.recipe = m_recipe->currentData().toString();
    form.reference = m_reference->currentData().toString();
    form.base = m_base->currentData().toString();
    form.students = tickedOf(*m_students);
    form.filter = m_filter->text().trimmed();
    form.limit = m_limit->value();
    form.problemsPerRound = m_perRound->value();
    form.rounds = m_rounds->value();
    m_measure->fill(form);
    m_training->fill(form);
    form.caps = m_caps->caps();
    form.seed = seedOf(*m_seed);
    form.folder = m_folder->text().trimmed();
    return form;
}

void EvolveForm::setForm(const models::EvolutionForm& form) {
    m_kept = form;
    m_series->setText(form.series);
    choose(*m_recipe, form.recipe);
    choose(*m_reference, form.reference);
    choose(*m_base, form.base);
    setTicked(*m_students, form.students);
    m_filter->setFilter(form.filter);
    m_limit->setValue(static_cast<int>(form.limit));
    m_perRound->setValue(static_cast<int>(form.problemsPerRound));
    m_rounds->setValue(form.rounds);
    m_measure->setForm(form);
    m_training->setForm(form);
    m_caps->setCaps(form.caps);
    m_seed->setText(form.seed ? QString::number(*form.seed) : QString());
    m_folder->setText(form.folder);
    changed();
}

QString EvolveForm::problem() const {
    return m_context.evolution.isActive()
               ? tr("Another evolution goes on; stop it or wait for its end")
               : m_problem;
}

bool EvolveForm::baseIsMiniature() const {
    const models::ModelEntries& entries = m_context.modelList.models();
    return std::any_of(entries.begin(), entries.end(), [this](const models::ModelEntry& entry) {
        return entry.form.kind == models::ModelKind::Builtin &&
               entry.form.name == m_base->currentData().toString();
    });
}

// Says beside each field what is wrong with it; the first problem.
QString EvolveForm::check() {
    m_training->suitMiniature(baseIsMiniature());
    const QString noModel = m_base->count() > 0 ? QString()
                            : m_context.modelList.isLoaded()
                                ? tr("Add a model first, on the page Models")
                                : tr("The models are being read…");
    const QString noRecipe = m_recipe->currentIndex() < 0 ? tr("Choose a recipe") : QString();
    const QString badFilter = m_filter->hasError() ? m_grid->problem(m_filterRow) : QString();
    const QString badSeed = seedProblem(*m_seed);
    m_grid->setProblem(m_baseRow, noModel);
    m_grid->setProblem(m_seedRow, badSeed);
    const QString measured = m_measure->check();
    const QString trained = m_training->check();
    for (const QString& wrong : {noModel, badFilter, noRecipe, measured, trained, badSeed}) {
        if (!wrong.isEmpty()) {
            return wrong;
        }
    }
    return {};
}

void EvolveForm::changed() {
    m_problem = check();
    m_command->setText(command());
    m_command->setCursorPosition(0);
    m_previewOk = false;
    m_frame->setPreviewState(tr("counting…"));
    updateStart();
    m_pause.start();
}

QString EvolveForm::command() const {
    return evolveCommand(m_context.service.info().path, form());
}

void EvolveForm::askPreview() {
    const QString wrong = problem();
    if (!wrong.isEmpty() && !m_context.evolution.isActive()) {
        m_frame->setPreviewState({});
        showCalls({});
        m_facts->setFacts({});
        m_warnings->setText(wrong);
        m_warnings->show();
        return; // each field says what is wrong with it
    }
    if (m_context.service.isOpen()) {
        m_token = m_context.evolution.requestPreview(form());
    }
}

void EvolveForm::showCalls(const models::RunPreview& run) {
    m_preview->setPreview(run);
    m_table->updateGeometry();
    m_table->setVisible(!run.stages.isEmpty());
    m_tableTitle->setVisible(!run.stages.isEmpty());
}

void EvolveForm::showPreview(const models::EvolutionPreview& preview) {
    m_previewOk = true;
    m_frame->setPreviewState({});
    FactList::Facts facts{
        {tr("Series"), preview.exists ? tr("%1, which is there and goes on").arg(preview.series)
                                      : preview.series},
        {tr("Problems"), preview.problemsInRound == preview.problems
                             ? models::grouped(preview.problems)
                             : tr("%1, in each round %2")
                                   .arg(models::grouped(preview.problems),
                                        models::grouped(preview.problemsInRound))},
        {tr("Then, each round"), tr("curate, train, measure")},
        {tr("Training"),
         preview.training.isEmpty() ? tr("as the trainer chooses") : preview.training},
    };
    const models::EvolutionForm wanted = form();
    for (const auto& [name, size] : preview.sets) {
        facts << qMakePair(tr("Measured on"),
                           tr("%1: %2 critiques before training and after each "
                              "round")
                               .arg(name, models::grouped(size * wanted.samples)));
    }
    m_facts->setFacts(facts);
    showCalls(preview.run);
    QStringList lines;
    for (const QString& warning : preview.warnings + preview.run.warnings) {
        lines << QStringLiteral("⚠ ") + warning;
    }
    lines.removeDuplicates();
    m_warnings->setText(lines.join(QLatin1Char('\n')));
    m_warnings->setVisible(!lines.isEmpty());
    updateStart();
}

QString EvolveForm::previewText() const {
    QStringList lines{m_facts->text()};
    for (int row = 0; row < m_preview->rowCount(); ++row) {
        lines << m_preview->index(row, 0).data().toString();
    }
    if (!m_warnings->isHidden()) {
        lines << m_warnings->text();
    }
    return lines.join(QLatin1Char('\n'));
}

void EvolveForm::updateStart() {
    m_problem = check();
    m_start->setEnabled(canStart());
    m_frame->setProblem(problem());
}

void EvolveForm::showTrouble(const models::Trouble& trouble) {
    m_frame->showTrouble(trouble);
}

void EvolveForm::focusFirst() {
    m_series->setFocus();
}

void EvolveForm::saveState() const {
    if (m_recipe->currentIndex() >= 0) {
        m_context.settings.setValue(QStringLiteral("rounds/recipe"), m_recipe->currentData());
        m_context.settings.setValue(QStringLiteral("rounds/base"), m_base->currentData());
        m_context.settings.setValue(QStringLiteral("rounds/trainer"), m_training->trainer());
    }
}

} // namespace scrit::ui::pages
