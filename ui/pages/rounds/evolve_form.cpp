// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/evolve_form.h"

#include "ui/bridge/evolution_service.h"
#include "ui/bridge/filter_language.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/run_preview_model.h"
#include "ui/models/words.h"
#include "ui/pages/rounds/evolve_command.h"
#include "ui/widgets/fact_list.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpression>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::EvolutionService;

namespace {

constexpr int kPreviewMillis = 400;
constexpr int kMostRounds = 1000;

void choose(QComboBox& box, const QString& data) {
    const int at = box.findData(data);
    if (at >= 0) {
        box.setCurrentIndex(at);
    }
}

QComboBox* choiceBox(QWidget* parent) {
    auto* box = new QComboBox(parent);
    constexpr int kShortest = 12;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(kShortest);
    return box;
}

QSpinBox* numberBox(QWidget* parent, const QString& zero) {
    auto* box = new QSpinBox(parent);
    box->setSpecialValueText(zero);
    box->setGroupSeparatorShown(true);
    box->setAlignment(Qt::AlignRight);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setMaximum(std::numeric_limits<int>::max());
    return box;
}

QListWidget* checkList(QWidget* parent) {
    auto* list = new QListWidget(parent);
    list->setMinimumWidth(120);
    list->setTabKeyNavigation(false);
    list->setProperty("choices", true);
    return list;
}

QStringList checkedOf(const QListWidget& list) {
    QStringList names;
    for (int i = 0; i < list.count(); ++i) {
        if (list.item(i)->checkState() == Qt::Checked) {
            names << list.item(i)->data(Qt::UserRole).toString();
        }
    }
    return names;
}

void offer(QListWidget& list, const QString& name, const QString& words, bool checked) {
    auto* item = new QListWidgetItem(words, &list);
    item->setData(Qt::UserRole, name);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
    item->setCheckState(checked ? Qt::Checked : Qt::Unchecked);
    item->setToolTip(words.toHtmlEscaped());
}

void fitRows(QListWidget& list) {
    constexpr int kMostRows = 3;
    const int rows = std::clamp(list.count(), 1, kMostRows);
    list.setFixedHeight(rows * std::max(space::kRow, list.fontMetrics().height() + 6) + 6);
}

} // namespace

EvolveForm::EvolveForm(PageContext& context, QAction* start, QWidget* parent)
    : QWidget(parent), m_context(context), m_start(start) {
    m_kept.recipe =
        m_context.settings.value(QStringLiteral("rounds/recipe"), QStringLiteral("scrit"))
            .toString();
    m_kept.base = m_context.settings.value(QStringLiteral("rounds/base")).toString();
    m_kept.trainer = m_context.settings.value(QStringLiteral("rounds/trainer")).toString();
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    auto* body = new QWidget(scroll);
    auto* columns = new QHBoxLayout(body);
    columns->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kThree);
    columns->setSpacing(space::kThree);
    columns->addWidget(buildFields(), 1);
    columns->addWidget(buildPreview(), 1);
    scroll->setWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connectFields();
}

QWidget* EvolveForm::buildFields() {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::kOne);
    column->addWidget(headingLabel(tr("New evolution"), box, 1.25));
    m_grid = new FormGrid(box);
    m_series = new QLineEdit(m_grid);
    m_series->setPlaceholderText(tr("the recipe's name"));
    m_recipe = choiceBox(m_grid);
    m_base = choiceBox(m_grid);
    m_students = checkList(m_grid);
    m_filter = new FilterEdit(m_grid);
    m_filter->setSyntax(bridge::filterLanguage());
    m_filter->setKind(models::ListKind::Problems);
    m_filter->setFilter(QStringLiteral("-evaluation:yes"));
    m_limit = numberBox(m_grid, tr("all of them"));
    m_sets = checkList(m_grid);
    m_rounds = numberBox(m_grid, {});
    m_rounds->setRange(1, kMostRounds);
    m_rounds->setValue(m_kept.rounds);
    m_seed = new QLineEdit(m_grid);
    m_seed->setPlaceholderText(QStringLiteral("0"));
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("\\d{0,18}")), m_seed));
    m_grid->addRow(tr("&Name"), m_series);
    m_grid->addRow(tr("&Recipe"), m_recipe);
    m_baseRow = m_grid->addRow(tr("&Model"), m_base,
                               tr("Criticises, validates, and is trained round by round."));
    m_grid->addRow(tr("S&tudents"), m_students, tr("None: only the solutions that are there."));
    m_filterRow = m_grid->addRow(tr("&Problems"), m_filter);
    m_grid->addRow(tr("At mos&t"), m_limit);
    m_setsRow = m_grid->addRow(tr("&Evaluate on"), m_sets);
    m_grid->addRow(tr("R&ounds"), m_rounds);
    buildTraining();
    m_grid->addRow(tr("See&d"), m_seed);
    column->addWidget(m_grid);
    column->addStretch();
    return box;
}

void EvolveForm::buildTraining() {
    m_trainer = choiceBox(m_grid);
    m_template = choiceBox(m_grid);
    m_template->setEditable(true);
    m_template->setToolTip(tr("A template by name, or a TOML file"));
    m_from = choiceBox(m_grid);
    m_from->addItem(tr("the last round's model"), true);
    m_from->addItem(tr("the base model each time"), false);
    m_data = choiceBox(m_grid);
    m_data->addItem(tr("this round's critiques"), false);
    m_data->addItem(tr("those of all rounds so far"), true);
    m_examples = numberBox(m_grid, tr("all that are left"));
    m_balance = choiceBox(m_grid);
    m_balance->addItem(tr("as the recipe says"), QString());
    for (const char* ratio : {"1:1", "3:1", "1:3"}) {
        m_balance->addItem(tr("%1 right to wrong").arg(QLatin1String(ratio)),
                           QString::fromLatin1(ratio));
    }
    m_balance->addItem(tr("as they come"), QStringLiteral("any"));
    m_order = choiceBox(m_grid);
    m_order->addItem(tr("shuffled"), static_cast<int>(models::EvolutionForm::Order::Random));
    m_order->addItem(tr("easy ones first"),
                     static_cast<int>(models::EvolutionForm::Order::EasyFirst));
    m_order->addItem(tr("hard ones first"),
                     static_cast<int>(models::EvolutionForm::Order::HardFirst));
    m_order->addItem(tr("as they are stored"),
                     static_cast<int>(models::EvolutionForm::Order::Stored));
    m_validate = new QCheckBox(tr("only what validates itself"), m_grid);
    m_validate->setChecked(true);
    m_copies = new QCheckBox(tr("also what repeats the reference word by word"), m_grid);
    m_overlaps = new QCheckBox(tr("also what shares 13 words with an evaluation problem"), m_grid);
    m_overlaps->setToolTip(tr("Problems of evaluation sets themselves stay out in any case"));
    m_grid->addRow(tr("Tr&ainer"), m_trainer);
    m_templateRow = m_grid->addRow(tr("Temp&late"), m_template);
    m_grid->addRow(tr("Train &from"), m_from);
    m_grid->addRow(tr("Train o&n"), m_data);
    m_grid->addRow(tr("E&xamples"), m_examples);
    m_grid->addRow(tr("&Balance"), m_balance);
    m_grid->addRow(tr("Ord&er"), m_order);
    m_grid->addRow(tr("&Keep"), m_validate);
    m_grid->addRow({}, m_copies);
    m_grid->addRow({}, m_overlaps);
}

QWidget* EvolveForm::buildPreview() {
    auto* side = new QWidget(this);
    auto* all = new QVBoxLayout(side);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(space::kTwo);
    QFrame* panel = panelFrame(side);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    column->setSpacing(space::kOne);
    auto* head = new QHBoxLayout;
    head->addWidget(headingLabel(tr("What it will do"), panel), 1);
    m_previewState = mutedLabel({}, panel);
    head->addWidget(m_previewState);
    column->addLayout(head);
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
    all->addWidget(panel);
    m_trouble = plainLabel({}, side);
    m_trouble->setWordWrap(true);
    setTone(*m_trouble, Tone::Problem);
    m_trouble->hide();
    all->addWidget(m_trouble);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(space::kOne);
    auto* cancel = new QPushButton(tr("Cancel"), side);
    cancel->setToolTip(tr("Back to the rounds  (Esc)"));
    connect(cancel, &QPushButton::clicked, this, &EvolveForm::cancelled);
    auto* begin = new QPushButton(m_start->text(), side);
    begin->setProperty("primary", true);
    begin->setToolTip(m_start->toolTip());
    begin->setEnabled(m_start->isEnabled());
    connect(begin, &QPushButton::clicked, m_start, &QAction::trigger);
    connect(m_start, &QAction::changed, begin, [this, begin] {
        begin->setEnabled(m_start->isEnabled());
        begin->setToolTip(problem().isEmpty() ? m_start->toolTip() : problem());
    });
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(begin);
    all->addLayout(buttons);
    all->addWidget(mutedLabel(tr("The same on the command line:"), side));
    auto* line = new QHBoxLayout;
    m_command = new QLineEdit(side);
    m_command->setReadOnly(true);
    m_command->setFont(Theme::current().monoFont());
    m_command->setAccessibleName(tr("The same on the command line"));
    auto* copy = new QPushButton(tr("Copy"), side);
    connect(copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_command->text());
        m_context.remark(tr("Copied"));
    });
    line->addWidget(m_command, 1);
    line->addWidget(copy);
    all->addLayout(line);
    all->addStretch();
    return side;
}

void EvolveForm::connectFields() {
    connect(&m_pause, &QTimer::timeout, this, &EvolveForm::askPreview);
    for (QComboBox* box : {m_recipe, m_base, m_trainer, m_from, m_data, m_balance, m_order}) {
        connect(box, &QComboBox::currentIndexChanged, this, &EvolveForm::changed);
    }
    connect(m_template, &QComboBox::currentTextChanged, this, &EvolveForm::changed);
    for (QListWidget* list : {m_students, m_sets}) {
        connect(list, &QListWidget::itemChanged, this, &EvolveForm::changed);
    }
    for (QSpinBox* box : {m_limit, m_rounds, m_examples}) {
        connect(box, &QSpinBox::valueChanged, this, &EvolveForm::changed);
    }
    for (QLineEdit* line : {m_series, m_seed}) {
        connect(line, &QLineEdit::textChanged, this, &EvolveForm::changed);
    }
    for (QCheckBox* box : {m_validate, m_copies, m_overlaps}) {
        connect(box, &QCheckBox::toggled, this, &EvolveForm::changed);
    }
    connect(m_filter, &FilterEdit::filterChanged, this, &EvolveForm::changed);
    connect(m_filter, &FilterEdit::errorChanged, this,
            [this](const QString& message, const QString& advice) {
                m_grid->setProblem(m_filterRow, advice.isEmpty()
                                                    ? message
                                                    : message + QStringLiteral(": ") + advice);
                updateStart();
            });
    connect(&m_context.runs, &bridge::RunService::recipesReady, this, &EvolveForm::setRecipes);
    connect(&m_context.modelList, &bridge::ModelService::modelsChanged, this, [this] {
        if (isVisible()) {
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
                    m_previewState->setText(tr("cannot start like this"));
                    showCalls({});
                    m_facts->setFacts({});
                    m_warnings->setText(trouble.advice.isEmpty()
                                            ? trouble.message
                                            : trouble.message + QStringLiteral(": ") +
                                                  trouble.advice);
                    m_warnings->show();
                    updateStart();
                }
            });
    connect(&evolution, &EvolutionService::activeChanged, this, &EvolveForm::updateStart);
}

void EvolveForm::prepare() {
    m_trouble->hide();
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
    const QStringList students = m_students->count() > 0 ? checkedOf(*m_students) : m_kept.students;
    m_base->clear();
    m_students->clear();
    for (const models::ModelEntry& entry : m_context.modelList.models()) {
        if (!entry.retired) {
            m_base->addItem(entry.form.name, entry.form.name);
            offer(*m_students, entry.form.name, entry.form.name,
                  students.contains(entry.form.name));
        }
    }
    choose(*m_base, chosen.isEmpty() ? m_kept.base : chosen);
    fitRows(*m_students);
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
    const QSignalBlocker quietTrainer(m_trainer);
    const QSignalBlocker quietTemplate(m_template);
    const QSignalBlocker quietSets(m_sets);
    const QString trainer = m_trainer->currentData().toString();
    const QString form = m_template->currentText();
    m_trainer->clear();
    for (const QString& name : choices.trainers) {
        m_trainer->addItem(name, name);
    }
    choose(*m_trainer, trainer.isEmpty() ? m_kept.trainer : trainer);
    m_template->clear();
    m_template->addItems(choices.templates);
    m_template->setCurrentText(form.isEmpty() ? m_kept.commandTemplate : form);
    const QStringList chosen = m_sets->count() > 0 ? checkedOf(*m_sets) : m_kept.sets;
    m_sets->clear();
    for (const auto& [name, size] : choices.sets) {
        offer(*m_sets, name, tr("%1, %2 solutions").arg(name, models::grouped(size)),
              chosen.contains(name) || (chosen.isEmpty() && choices.sets.size() == 1));
    }
    fitRows(*m_sets);
    m_grid->setNote(
        m_setsRow,
        choices.sets.isEmpty()
            ? tr("There is no frozen set of solutions yet. Make one with: scrit evaluate "
                 "… --freeze NAME")
            : tr("Frozen sets; their problems never enter training."));
    changed();
}

models::EvolutionForm EvolveForm::form() const {
    models::EvolutionForm form;
    form.series = m_series->text().trimmed();
    form.recipe = m_recipe->currentData().toString();
    form.base = m_base->currentData().toString();
    form.students = checkedOf(*m_students);
    form.filter = m_filter->text().trimmed();
    form.limit = m_limit->value();
    form.sets = checkedOf(*m_sets);
    form.rounds = m_rounds->value();
    form.trainer = m_trainer->currentData().toString();
    form.commandTemplate =
        m_grid->isRowShown(m_templateRow) ? m_template->currentText().trimmed() : QString();
    form.fromLast = m_from->currentData().toBool();
    form.accumulate = m_data->currentData().toBool();
    form.examples = m_examples->value();
    form.balance = m_balance->currentData().toString();
    form.order = static_cast<models::EvolutionForm::Order>(m_order->currentData().toInt());
    form.selfValidation = m_validate->isChecked();
    form.keepCopies = m_copies->isChecked();
    form.keepOverlaps = m_overlaps->isChecked();
    if (!m_seed->text().isEmpty()) {
        form.seed = m_seed->text().toULongLong();
    }
    return form;
}

void EvolveForm::setForm(const models::EvolutionForm& form) {
    m_kept = form;
    m_series->setText(form.series);
    choose(*m_recipe, form.recipe);
    choose(*m_base, form.base);
    const auto check = [](QListWidget& list, const QStringList& names) {
        for (int i = 0; i < list.count(); ++i) {
            QListWidgetItem* item = list.item(i);
            item->setCheckState(
                names.contains(item->data(Qt::UserRole).toString()) ? Qt::Checked : Qt::Unchecked);
        }
    };
    check(*m_students, form.students);
    check(*m_sets, form.sets);
    m_filter->setFilter(form.filter);
    m_limit->setValue(static_cast<int>(form.limit));
    m_rounds->setValue(form.rounds);
    choose(*m_trainer, form.trainer);
    m_template->setCurrentText(form.commandTemplate);
    m_from->setCurrentIndex(form.fromLast ? 0 : 1);
    m_data->setCurrentIndex(form.accumulate ? 1 : 0);
    m_examples->setValue(static_cast<int>(form.examples));
    choose(*m_balance, form.balance);
    m_order->setCurrentIndex(m_order->findData(static_cast<int>(form.order)));
    m_validate->setChecked(form.selfValidation);
    m_copies->setChecked(form.keepCopies);
    m_overlaps->setChecked(form.keepOverlaps);
    m_seed->setText(form.seed ? QString::number(*form.seed) : QString());
    changed();
}

QString EvolveForm::problem() const {
    if (m_context.evolution.isActive()) {
        return tr("Another evolution goes on; stop it or wait for its end");
    }
    if (m_base->count() == 0) {
        return tr("Add a model first");
    }
    if (m_filter->hasError()) {
        return m_grid->problem(m_filterRow);
    }
    if (m_recipe->currentIndex() < 0) {
        return tr("Choose a recipe");
    }
    if (m_trainer->currentIndex() < 0) {
        return tr("Choose a trainer");
    }
    if (checkedOf(*m_sets).isEmpty()) {
        return m_sets->count() == 0 ? tr("Freeze an evaluation set first")
                                    : tr("Choose an evaluation set");
    }
    return {};
}

void EvolveForm::changed() {
    const QString trainer = m_trainer->currentData().toString();
    m_grid->setRowVisible(m_templateRow,
                          trainer == QLatin1String("command") || trainer == QLatin1String("slurm"));
    m_command->setText(command());
    m_command->setCursorPosition(0);
    m_previewOk = false;
    m_previewState->setText(tr("counting…"));
    updateStart();
    m_pause.start();
}

QString EvolveForm::command() const {
    return evolveCommand(m_context.service.info().path, form());
}

void EvolveForm::askPreview() {
    const QString wrong = problem();
    if (!wrong.isEmpty() && !m_context.evolution.isActive()) {
        m_previewState->setText({});
        showCalls({});
        m_facts->setFacts({});
        m_warnings->setText(wrong);
        m_warnings->show();
        return;
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
    m_previewState->setText({});
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
    for (const auto& [name, size] : preview.sets) {
        facts << qMakePair(tr("Measured on"),
                           tr("%1, %2 solutions").arg(name, models::grouped(size)));
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
    m_start->setEnabled(canStart());
}

void EvolveForm::showTrouble(const models::Trouble& trouble) {
    m_trouble->setText(
        QStringLiteral("✗ ") + trouble.message +
        (trouble.advice.isEmpty() ? QString() : QStringLiteral(": ") + trouble.advice));
    m_trouble->show();
}

void EvolveForm::focusFirst() {
    m_series->setFocus();
}

void EvolveForm::saveState() const {
    if (m_recipe->currentIndex() >= 0) {
        m_context.settings.setValue(QStringLiteral("rounds/recipe"), m_recipe->currentData());
        m_context.settings.setValue(QStringLiteral("rounds/base"), m_base->currentData());
        m_context.settings.setValue(QStringLiteral("rounds/trainer"), m_trainer->currentData());
    }
}

void EvolveForm::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        Q_EMIT cancelled();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace scrit::ui::pages
