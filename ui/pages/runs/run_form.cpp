// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_form.h"

#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/run_preview_model.h"
#include "ui/models/run_words.h"
#include "ui/pages/filter_input.h"
#include "ui/pages/page.h"
#include "ui/pages/runs/cap_fields.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
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

namespace {

using namespace widgets;

QString nothingToDo(const models::RunPreview& preview) {
    return preview.problems == 0  ? RunFormView::tr("There is no problem to work on")
           : preview.calls() == 0 ? RunFormView::tr("There is nothing to ask a model: no solution "
                                                    "qualifies, and no student is chosen")
                                  : QString();
}

} // namespace

RunFormView::RunFormView(PageContext& pageContext, QAction* start, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_start(start),
      m_frame(new FormFrame(tr("New run"), tr("What it will do"), start, this)),
      m_grid(&m_frame->grid()) {
    m_recipeFiles = m_context.settings.value(QStringLiteral("runs/recipes")).toStringList();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_frame);
    m_frame->setShares(4, 5);
    buildFields();
    buildPreview();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connectFields();
}

void RunFormView::buildFields() {
    m_recipe = choiceBox(m_grid);
    auto* file = new QPushButton(tr("File…"), m_grid);
    file->setToolTip(tr("Use a recipe of your own, a TOML file"));
    connect(file, &QPushButton::clicked, this, &RunFormView::chooseRecipeFile);
    m_critic = choiceBox(m_grid);
    m_validator = choiceBox(m_grid);
    m_students = tickList(m_grid);
    m_filter = new FilterEdit(m_grid);
    serveFilter(*m_filter, models::ListKind::Problems, m_context);
    m_filter->setPlaceholderText(tr("all problems"));
    m_limit = numberBox(m_grid, tr("all of them"));
    m_limit->setAccessibleName(tr("Problems at most"));
    m_seed = seedLine(m_grid, tr("the recipe's own"));
    m_fresh = new QCheckBox(tr("Ask again"), m_grid);

    m_recipeRow = m_grid->addRow(tr("&Recipe"), QVector<QWidget*>{m_recipe, file});
    m_criticRow = m_grid->addRow(tr("&Critic"), m_critic);
    m_grid->addRow(tr("&Validator"), m_validator);
    m_studentsRow = m_grid->addRow(tr("S&tudents"), m_students);
    m_filterRow = m_grid->addRow(tr("&Problems"), m_filter);
    m_grid->addRow(tr("At &most"), m_limit);
    m_seedRow = m_grid->addRow(tr("S&eed"), m_seed);
    m_caps = new CapFields(*m_grid);
    m_grid->addRow(tr("Stored answers"), m_fresh,
                   tr("Also where an answer is there already; it is paid once more."));
}

void RunFormView::buildPreview() {
    QWidget* panel = m_frame->preview().parentWidget();
    QVBoxLayout* column = &m_frame->preview();
    m_scope = plainLabel({}, panel);
    m_scope->setWordWrap(true);
    column->addWidget(m_scope);
    m_preview = new models::RunPreviewModel(this);
    m_table = new PlainTable(tr("Preview: calls, tokens and cost by stage"), panel);
    m_table->setModel(m_preview);
    m_table->setWidths({0, 60, 80, 84, 68});
    constexpr int kRows = 8;
    m_table->setRowsShown(kRows);
    column->addWidget(m_table);
    m_warnings = plainLabel({}, panel);
    m_warnings->setWordWrap(true);
    setTone(*m_warnings, Tone::Problem);
    m_warnings->hide();
    column->addWidget(m_warnings);
    QLabel* note = mutedLabel(
        tr("≤ is an upper bound: what later stages are asked depends on earlier answers. Tokens in "
           "are estimated as bytes / 4; answers that are stored already cost nothing."),
        panel);
    note->setWordWrap(true);
    column->addWidget(note);
}

void RunFormView::connectFields() {
    connect(&m_pause, &QTimer::timeout, this, &RunFormView::askPreview);
    connect(m_frame, &FormFrame::cancelled, this, &RunFormView::cancelled);
    for (QComboBox* box : {m_recipe, m_critic, m_validator}) {
        connect(box, &QComboBox::currentIndexChanged, this, &RunFormView::changed);
    }
    connect(m_students, &QListWidget::itemChanged, this, &RunFormView::changed);
    connect(m_filter, &FilterEdit::filterChanged, this, &RunFormView::changed);
    showFilterProblem(*m_filter, *m_grid, m_filterRow);
    connect(m_filter, &FilterEdit::errorChanged, this, &RunFormView::updateStart);
    connect(m_limit, &QSpinBox::valueChanged, this, &RunFormView::changed);
    connect(m_seed, &QLineEdit::textChanged, this, &RunFormView::changed);
    connect(m_caps, &CapFields::changed, this, &RunFormView::changed);
    connect(m_fresh, &QCheckBox::toggled, this, &RunFormView::changed);
    bridge::RunService& runs = m_context.runs;
    connect(&runs, &bridge::RunService::recipesReady, this, &RunFormView::setRecipes);
    connect(&runs, &bridge::RunService::previewReady, this,
            [this](quint64 token, const models::RunPreview& preview) {
                if (token == m_token) {
                    showPreview(preview);
                }
            });
    connect(&runs, &bridge::RunService::previewFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_previewOk = false;
                    m_previewProblem = troubleText(trouble);
                    m_frame->setPreviewState(tr("cannot start like this"));
                    m_preview->setPreview({});
                    m_table->updateGeometry();
                    m_scope->setText(troubleText(trouble));
                    m_warnings->hide();
                    updateStart();
                }
            });
    connect(&runs, &bridge::RunService::activeChanged, this, &RunFormView::updateStart);
    connect(&m_context.modelList, &bridge::ModelService::modelsChanged, this, [this] {
        if (isVisible()) {
            fillModels();
            changed();
        }
    });
}

void RunFormView::prepare() {
    m_frame->hideTrouble();
    fillModels();
    m_context.runs.requestRecipes(m_recipeFiles);
    changed();
}

void RunFormView::fillModels() {
    const QSignalBlocker quietCritic(m_critic);
    const QSignalBlocker quietValidator(m_validator);
    const QSignalBlocker quietStudents(m_students);
    const models::RunForm before = form();
    const QString wanted = before.critic.isEmpty()
                               ? m_context.settings.value(QStringLiteral("runs/critic")).toString()
                               : before.critic;
    m_critic->clear();
    m_validator->clear();
    m_students->clear();
    m_validator->addItem(tr("the critic itself, as the method wants"), QString());
    for (const models::ModelEntry& entry : m_context.modelList.models()) {
        if (entry.retired) {
            continue;
        }
        const QString& name = entry.form.name;
        m_critic->addItem(name, name);
        m_validator->addItem(name, name);
        offerTick(*m_students, name, name, before.students.contains(name));
    }
    choose(*m_critic, wanted);
    choose(*m_validator, before.validator);
    constexpr int kMostRows = 4;
    fitRows(*m_students, kMostRows);
}

void RunFormView::setRecipes(const QVector<models::RecipeInfo>& recipes) {
    const QSignalBlocker quiet(m_recipe);
    QString wanted = m_recipe->currentData().toString();
    if (wanted.isEmpty()) {
        wanted = m_context.settings.value(QStringLiteral("runs/recipe"), QStringLiteral("scrit"))
                     .toString();
    }
    m_recipes = recipes;
    m_recipe->clear();
    for (const models::RecipeInfo& recipe : recipes) {
        m_recipe->addItem(recipe.choice == recipe.name
                              ? recipe.name
                              : tr("%1  (%2)").arg(recipe.name, recipe.choice),
                          recipe.choice);
        m_recipe->setItemData(m_recipe->count() - 1, recipe.description, Qt::ToolTipRole);
    }
    choose(*m_recipe, wanted);
    changed();
}

void RunFormView::chooseRecipeFile() {
    const QString path = QFileDialog::getOpenFileName(this, tr("A recipe"), {},
                                                      tr("Recipes (*.toml);;All files (*)"));
    if (path.isEmpty()) {
        return;
    }
    m_recipeFiles.removeAll(path);
    m_recipeFiles.prepend(path);
    constexpr int kKept = 8;
    m_recipeFiles = m_recipeFiles.mid(0, kKept);
    m_context.settings.setValue(QStringLiteral("runs/recipes"), m_recipeFiles);
    m_recipe->addItem(path, path);
    choose(*m_recipe, path);
    m_context.runs.requestRecipes(m_recipeFiles);
}

models::RunForm RunFormView::form() const {
    models::RunForm form;
    form.recipe = m_recipe->currentData().toString();
    form.critic = m_critic->currentData().toString();
    form.validator = m_validator->currentData().toString();
    form.students = tickedOf(*m_students);
    form.filter = m_filter->text().trimmed();
    form.limit = m_limit->value();
    form.seed = seedOf(*m_seed);
    form.caps = m_caps->caps();
    form.fresh = m_fresh->isChecked();
    return form;
}

void RunFormView::setForm(const models::RunForm& form) {
    choose(*m_recipe, form.recipe);
    choose(*m_critic, form.critic);
    choose(*m_validator, form.validator);
    setTicked(*m_students, form.students);
    m_filter->setFilter(form.filter);
    m_limit->setValue(static_cast<int>(form.limit));
    m_seed->setText(form.seed ? QString::number(*form.seed) : QString());
    m_caps->setCaps(form.caps);
    m_fresh->setChecked(form.fresh);
}

QString RunFormView::problem() const {
    if (m_context.runs.isActive()) {
        return tr("Another run goes on; stop it or wait for its end");
    }
    if (m_critic->count() == 0) {
        return tr("Add a model first");
    }
    if (m_filter->hasError()) {
        return m_grid->problem(m_filterRow);
    }
    const auto chosen = std::find_if(m_recipes.begin(), m_recipes.end(), [this](const auto& one) {
        return one.choice == m_recipe->currentData().toString();
    });
    if (chosen == m_recipes.end()) {
        return tr("Choose a recipe");
    }
    return chosen->error.isEmpty() ? m_previewProblem : chosen->error;
}

void RunFormView::changed() {
    m_previewProblem.clear();
    const auto chosen = std::find_if(m_recipes.begin(), m_recipes.end(), [this](const auto& one) {
        return one.choice == m_recipe->currentData().toString();
    });
    if (chosen != m_recipes.end()) {
        m_grid->setNote(m_recipeRow, chosen->description);
        m_grid->setProblem(m_recipeRow, chosen->error);
    }
    m_grid->setProblem(m_seedRow, seedProblem(*m_seed));
    m_grid->setNote(m_studentsRow, form().students.isEmpty()
                                       ? tr("None: only the solutions that are there.")
                                       : QString());
    m_previewOk = false;
    m_frame->setPreviewState(tr("counting…"));
    updateStart();
    m_pause.start();
}

void RunFormView::askPreview() {
    const QString wrong = problem();
    if (!wrong.isEmpty() && !m_context.runs.isActive()) {
        m_frame->setPreviewState({});
        m_preview->setPreview({});
        m_table->updateGeometry();
        m_scope->setText(wrong);
        m_warnings->hide();
        return;
    }
    if (m_context.service.isOpen()) {
        m_token = m_context.runs.requestPreview(form());
    }
}

void RunFormView::showPreview(const models::RunPreview& preview) {
    m_previewOk = true;
    m_previewProblem = nothingToDo(preview);
    m_frame->setPreviewState({});
    m_preview->setPreview(preview);
    m_table->updateGeometry();
    QString scope = tr("%1 problems, with %2 solutions that are there.")
                        .arg(models::grouped(preview.problems), models::grouped(preview.solutions));
    if (preview.solutionsUnknown > 0) {
        scope += QLatin1Char(' ') + tr("%1 of them are not known to be right or wrong and are left "
                                       "out; Verify may tell.")
                                        .arg(models::grouped(preview.solutionsUnknown));
    }
    m_scope->setText(scope);
    QStringList lines;
    for (const QString& warning : preview.warnings) {
        lines << QStringLiteral("⚠ ") + warning;
    }
    m_warnings->setText(lines.join(QLatin1Char('\n')));
    m_warnings->setVisible(!lines.isEmpty());
    updateStart();
}

QString RunFormView::previewText() const {
    QStringList lines{m_scope->text()};
    for (int row = 0; row < m_preview->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < models::RunPreviewModel::ColumnCount; ++column) {
            cells << m_preview->index(row, column).data().toString();
        }
        lines << cells.join(QStringLiteral(" | "));
    }
    if (!m_warnings->isHidden()) {
        lines << m_warnings->text();
    }
    return lines.join(QLatin1Char('\n'));
}

void RunFormView::updateStart() {
    const QString wrong = problem();
    m_start->setEnabled(wrong.isEmpty() && m_previewOk);
    m_frame->setProblem(wrong);
}

void RunFormView::focusFirst() {
    m_recipe->setFocus();
}

void RunFormView::showTrouble(const models::Trouble& trouble) {
    m_frame->showTrouble(trouble);
}

void RunFormView::saveState() const {
    m_context.settings.setValue(QStringLiteral("runs/recipe"), m_recipe->currentData());
    m_context.settings.setValue(QStringLiteral("runs/critic"), m_critic->currentData());
}

} // namespace scrit::ui::pages
