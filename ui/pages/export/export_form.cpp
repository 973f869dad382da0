// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/export/export_form.h"

#include "ui/bridge/export_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/filter_input.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace scrit::ui::pages {

using namespace widgets;
using models::ExportOrder;

namespace {

constexpr int kMostExportRows = 100'000'000;

void choose(QComboBox& box, const QVariant& data) {
    box.setCurrentIndex(std::max(0, box.findData(data)));
}

} // namespace

ExportFormView::ExportFormView(PageContext& pageContext, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_grid(new FormGrid(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_grid);
    column->addStretch();
    addShape();
    addCleaning();
    addSelection();
    connectFields();
    setForm({});
}

QSpinBox* ExportFormView::number(int most, const QString& none, const QString& name) {
    auto* spin = new QSpinBox(m_grid);
    spin->setMaximum(most);
    spin->setSpecialValueText(none);
    spin->setGroupSeparatorShown(true);
    spin->setAlignment(Qt::AlignRight);
    spin->setButtonSymbols(QAbstractSpinBox::NoButtons);
    spin->setAccessibleName(name);
    return spin;
}

void ExportFormView::addShape() {
    m_filter = new FilterEdit(m_grid);
    serveFilter(*m_filter, models::ListKind::Critiques, m_context);
    m_filter->setPlaceholderText(tr("all critiques"));
    m_filterRow = m_grid->addRow(tr("&Critiques"), m_filter,
                                 tr("What the filter gives, no more and no less."));
    m_view = new QComboBox(m_grid);
    m_view->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_view->setMinimumContentsLength(16);
    for (const models::ExportView& view : m_context.exports.views()) {
        m_view->addItem(view.name, view.name);
        m_view->setItemData(m_view->count() - 1, view.explanation, Qt::ToolTipRole);
    }
    m_viewRow = m_grid->addRow(tr("&View"), m_view);
    m_parquet = new QCheckBox(tr("Parquet, by DuckDB's library"), m_grid);
    m_parquet->setToolTip(tr("Where libduckdb is installed; otherwise writing says so"));
    m_grid->addRow(tr("File"), m_parquet);
}

void ExportFormView::addCleaning() {
    m_mentions = new QCheckBox(tr("Drop targets that mention the reference"), m_grid);
    m_grid->addRow(tr("Leaks"), m_mentions,
                   tr("A critic at inference sees none, and would learn to make one up."));
    m_copies = new QCheckBox(tr("Drop targets that copy long spans of it"), m_grid);
    m_grid->addRow({}, m_copies, tr("Twelve words in a row that problem and candidate lack."));
    m_duplicates = new QCheckBox(tr("Each problem, solution and target once"), m_grid);
    m_grid->addRow(tr("Duplicates"), m_duplicates);
    m_near = number(100, tr("near duplicates stay"), tr("Near duplicates go from"));
    m_near->setPrefix(QStringLiteral("≥ "));
    m_near->setSuffix(tr(" % alike"));
    m_grid->addRow({}, m_near, tr("Share of runs of five words that two texts have in common."));
    m_evaluation = new QLineEdit(m_grid);
    m_evaluation->setPlaceholderText(tr("none"));
    auto* file = new QPushButton(tr("File…"), m_grid);
    file->setToolTip(tr("Problems of a file: JSON Lines, or one a line"));
    connect(file, &QPushButton::clicked, this, &ExportFormView::addEvaluationFile);
    m_grid->addRow(tr("&Evaluated on"), QVector<QWidget*>{m_evaluation, file},
                   tr("Problems to keep out, separated by commas: filter:split:test, frozen:NAME "
                      "or a file. 13 words in a row count as the same."));
}

void ExportFormView::addSelection() {
    m_perSource = number(kMostExportRows, tr("no cap for a source"), tr("At most of each source"));
    m_perStudent =
        number(kMostExportRows, tr("no cap for a student"), tr("At most of each student"));
    m_grid->addRow(tr("At &most"), QVector<QWidget*>{m_perSource, m_perStudent},
                   tr("Of each source, and of each student."));
    m_balance = new QComboBox(m_grid);
    m_balance->setEditable(true);
    m_balance->setInsertPolicy(QComboBox::NoInsert);
    m_balance->addItems({QStringLiteral("1:1"), QStringLiteral("2:1"), QStringLiteral("1:2"),
                         QStringLiteral("1:3")});
    m_balance->lineEdit()->setPlaceholderText(tr("as they come"));
    m_balanceRow = m_grid->addRow(tr("&Balance"), m_balance,
                                  tr("Critiques that find no error to critiques that find one; "
                                     "empty: as they come."));
    m_preference = new QComboBox(m_grid);
    m_preference->addItem(tr("self-validation let it through"),
                          static_cast<int>(models::ExportPreference::SelfValidation));
    m_preference->addItem(tr("the correction's answer is right"),
                          static_cast<int>(models::ExportPreference::AnswerMatch));
    m_preferenceRow = m_grid->addRow(tr("&Preferred"), m_preference,
                                     tr("What makes a critique the chosen side of its pair."));
    m_order = new QComboBox(m_grid);
    m_order->addItem(tr("as stored"), static_cast<int>(ExportOrder::Stored));
    m_order->addItem(tr("easy problems first"), static_cast<int>(ExportOrder::EasyFirst));
    m_order->addItem(tr("hard problems first"), static_cast<int>(ExportOrder::HardFirst));
    m_order->addItem(tr("random"), static_cast<int>(ExportOrder::Random));
    m_orderRow = m_grid->addRow(tr("&Order"), m_order,
                                tr("A problem is the harder, the more different answers students "
                                   "gave."));
    constexpr int kHalf = 50;
    m_validation = number(kHalf, tr("no validation split"), tr("Validation split, percent"));
    m_test = number(kHalf, tr("no test split"), tr("Test split, percent"));
    m_validation->setSuffix(tr(" % validation"));
    m_test->setSuffix(tr(" % test"));
    m_splitRow = m_grid->addRow(tr("&Split"), QVector<QWidget*>{m_validation, m_test},
                                tr("Of the problems, so that each problem is on one side."));
    m_seed = seedLine(m_grid, {});
    m_seedRow = m_grid->addRow(tr("Se&ed"), m_seed, tr("The same seed gives the same bytes."));
}

void ExportFormView::connectFields() {
    for (QComboBox* box : {m_preference, m_order}) {
        connect(box, &QComboBox::currentIndexChanged, this, &ExportFormView::changed);
    }
    connect(m_view, &QComboBox::currentIndexChanged, this, &ExportFormView::viewChosen);
    connect(m_balance, &QComboBox::currentTextChanged, this, &ExportFormView::changed);
    for (QCheckBox* tick : {m_parquet, m_mentions, m_copies, m_duplicates}) {
        connect(tick, &QCheckBox::toggled, this, &ExportFormView::changed);
    }
    for (QSpinBox* spin : {m_near, m_perSource, m_perStudent, m_validation, m_test}) {
        connect(spin, &QSpinBox::valueChanged, this, &ExportFormView::changed);
    }
    for (QLineEdit* edit : {m_evaluation, m_seed}) {
        connect(edit, &QLineEdit::textChanged, this, &ExportFormView::changed);
    }
    connect(m_filter, &FilterEdit::filterChanged, this, &ExportFormView::changed);
    showFilterProblem(*m_filter, *m_grid, m_filterRow);
    connect(m_filter, &FilterEdit::errorChanged, this, &ExportFormView::changed);
}

const models::ExportView* ExportFormView::view() const {
    const auto& views = m_context.exports.views();
    const QString name = m_view->currentData().toString();
    const auto found = std::find_if(views.begin(), views.end(),
                                    [&name](const auto& one) { return one.name == name; });
    return found == views.end() ? nullptr : &*found;
}

void ExportFormView::viewChosen() {
    if (const models::ExportView* chosen = view()) {
        QString note = chosen->explanation;
        if (!chosen->visible.isEmpty()) {
            note += QLatin1Char('\n') + tr("Seen: %1").arg(chosen->visible);
        }
        if (!chosen->target.isEmpty()) {
            note += QStringLiteral("  →  ") + tr("learned: %1").arg(chosen->target);
        }
        m_grid->setNote(m_viewRow, note);
        m_grid->setRowVisible(m_balanceRow, !chosen->pairs);
        m_grid->setRowVisible(m_preferenceRow, chosen->pairs);
        m_parquet->setEnabled(chosen->parquet);
    }
    Q_EMIT changed();
}

void ExportFormView::addEvaluationFile() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Problems that are evaluated on"));
    if (!path.isEmpty()) {
        const QString before = m_evaluation->text().trimmed();
        m_evaluation->setText((before.isEmpty() ? QString() : before + QStringLiteral(", ")) +
                              QStringLiteral("file:") + path);
    }
}

models::ExportForm ExportFormView::form() const {
    models::ExportForm out;
    out.view = m_view->currentData().toString();
    out.filter = m_filter->text().trimmed();
    out.parquet = m_parquet->isEnabled() && m_parquet->isChecked();
    out.keepLeaks = !m_mentions->isChecked();
    out.keepCopies = !m_copies->isChecked();
    out.dropDuplicates = m_duplicates->isChecked();
    out.nearPercent = m_near->value();
    for (const QString& set : m_evaluation->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (!set.trimmed().isEmpty()) {
            out.evaluationSets << set.trimmed();
        }
    }
    out.perSource = m_perSource->value();
    out.perStudent = m_perStudent->value();
    out.balance = m_balance->currentText().trimmed();
    out.preference = static_cast<models::ExportPreference>(m_preference->currentData().toInt());
    out.order = static_cast<ExportOrder>(m_order->currentData().toInt());
    out.validationPercent = m_validation->value();
    out.testPercent = m_test->value();
    out.seed = m_seed->text().toULongLong();
    return out;
}

void ExportFormView::setForm(const models::ExportForm& form) {
    const QSignalBlocker quiet(this);
    choose(*m_view, form.view);
    viewChosen();
    m_filter->setFilter(form.filter);
    m_parquet->setChecked(form.parquet);
    m_mentions->setChecked(!form.keepLeaks);
    m_copies->setChecked(!form.keepCopies);
    m_duplicates->setChecked(form.dropDuplicates);
    m_near->setValue(form.nearPercent);
    m_evaluation->setText(form.evaluationSets.join(QStringLiteral(", ")));
    m_perSource->setValue(static_cast<int>(form.perSource));
    m_perStudent->setValue(static_cast<int>(form.perStudent));
    m_balance->setCurrentText(form.balance);
    choose(*m_preference, static_cast<int>(form.preference));
    choose(*m_order, static_cast<int>(form.order));
    m_validation->setValue(form.validationPercent);
    m_test->setValue(form.testPercent);
    m_seed->setText(QString::number(form.seed));
}

QString ExportFormView::problem() const {
    if (m_filter->hasError()) {
        return m_grid->problem(m_filterRow);
    }
    static const QRegularExpression ratio(QStringLiteral("^\\s*(\\d+\\s*:\\s*\\d+)?\\s*$"));
    const models::ExportView* chosen = view();
    if (chosen != nullptr && !chosen->pairs && !ratio.match(m_balance->currentText()).hasMatch()) {
        return tr("The balance is written like 1:1");
    }
    bool fits = true;
    m_seed->text().toULongLong(&fits);
    return fits || m_seed->text().isEmpty()
               ? QString()
               : tr("The seed is a number below 18,446,744,073,709,551,616");
}

void ExportFormView::focusFirst() {
    m_filter->setFocus();
}

} // namespace scrit::ui::pages
