// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/review/queue_form.h"

#include "ui/bridge/review_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/filter_input.h"
#include "ui/pages/page.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace scrit::ui::pages {

using namespace widgets;
using models::QueueStrategy;
using models::Stratum;

namespace {

constexpr std::array<Stratum, 4> kOffered{Stratum::Source, Stratum::Difficulty, Stratum::Round,
                                          Stratum::Verdict};

} // namespace

QueueForm::QueueForm(PageContext& pageContext, QAction* create, QWidget* parent)
    : QWidget(parent), m_context(pageContext), m_create(create),
      m_frame(new FormFrame(tr("New queue"), tr("What it will hold"), create, this)),
      m_grid(&m_frame->grid()) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_frame);
    m_frame->setShares(5, 4);
    buildFields();
    buildPreview();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connectFields();
    setForm({});
}

void QueueForm::buildFields() {
    m_name = new QLineEdit(m_grid);
    m_filter = new FilterEdit(m_grid);
    serveFilter(*m_filter, models::ListKind::Critiques, m_context);
    m_filter->setPlaceholderText(tr("all critiques"));
    m_strategy = new QComboBox(m_grid);
    for (const QueueStrategy strategy :
         {QueueStrategy::Random, QueueStrategy::Stratified, QueueStrategy::Disagreement,
          QueueStrategy::RedFlag, QueueStrategy::Everything}) {
        m_strategy->addItem(models::strategyWord(strategy), static_cast<int>(strategy));
    }
    m_nameRow = m_grid->addRow(tr("&Name"), m_name);
    m_filterRow = m_grid->addRow(tr("&Critiques"), m_filter);
    m_strategyRow = m_grid->addRow(tr("C&hosen by"), m_strategy);
    addSampling();
}

void QueueForm::addSampling() {
    auto* strata = new QWidget(m_grid);
    auto* line = new QHBoxLayout(strata);
    line->setContentsMargins(0, 4, 0, 4);
    line->setSpacing(space::kTwo);
    for (const Stratum stratum : kOffered) {
        auto* tick = new QCheckBox(models::stratumWord(stratum), strata);
        m_strata << tick;
        line->addWidget(tick);
    }
    line->addStretch();
    m_strataRow = m_grid->addRow(tr("Kinds by"), strata);
    m_quota = new QComboBox(m_grid);
    m_quota->addItem(tr("In proportion to what there is"));
    m_quota->addItem(tr("As many of each kind"));
    m_quota->addItem(tr("As given"));
    m_quotaRow = m_grid->addRow(tr("&Quotas"), m_quota);
    m_quotas = new QLineEdit(m_grid);
    m_quotas->setPlaceholderText(QStringLiteral("gsm8k=30, math=50"));
    m_quotasRow = m_grid->addRow(tr("So &many"), m_quotas,
                                 tr("Kinds by several things are joined: gsm8k+incorrect=20."));
    m_size = numberBox(m_grid, tr("all of them"));
    m_sizeRow = m_grid->addRow(tr("&At most"), m_size);
    m_gold = numberBox(m_grid, tr("none"));
    constexpr int kMostGold = 10000;
    m_gold->setMaximum(kMostGold);
    m_grid->addRow(tr("Gol&d items"), m_gold,
                   tr("Items whose first wrong step the data set labels, mixed in unmarked: they "
                      "tell how well a reviewer does."));
    m_seed = seedLine(m_grid, {});
    m_seedRow = m_grid->addRow(tr("&Seed"), m_seed,
                               tr("The same seed gives the same items in the same order."));
    m_blind = new QCheckBox(tr("Hide what machines say until I have judged"), m_grid);
    m_grid->addRow(tr("Blind"), m_blind,
                   tr("Verdicts, flags and labels do not lead the eye; they show afterwards, with "
                      "≠ where you differ."));
}

void QueueForm::buildPreview() {
    QWidget* panel = m_frame->preview().parentWidget();
    m_scope = plainLabel({}, panel);
    m_scope->setWordWrap(true);
    m_frame->preview().addWidget(m_scope);
    m_parts = new FunnelChart(tr("Items of each kind"), panel);
    m_parts->setFocusPolicy(Qt::NoFocus);
    m_parts->hide();
    m_frame->preview().addWidget(m_parts);
}

void QueueForm::connectFields() {
    connect(&m_pause, &QTimer::timeout, this, &QueueForm::askPreview);
    connect(m_frame, &FormFrame::cancelled, this, &QueueForm::cancelled);
    connect(m_name, &QLineEdit::textChanged, this, [this] { updateCreate(); });
    connect(m_strategy, &QComboBox::currentIndexChanged, this, &QueueForm::changed);
    connect(m_quota, &QComboBox::currentIndexChanged, this, &QueueForm::changed);
    connect(m_quotas, &QLineEdit::textChanged, this, &QueueForm::changed);
    connect(m_seed, &QLineEdit::textChanged, this, &QueueForm::changed);
    connect(m_size, &QSpinBox::valueChanged, this, &QueueForm::changed);
    connect(m_gold, &QSpinBox::valueChanged, this, &QueueForm::changed);
    for (QCheckBox* tick : std::as_const(m_strata)) {
        connect(tick, &QCheckBox::toggled, this, &QueueForm::changed);
    }
    connect(m_filter, &FilterEdit::filterChanged, this, &QueueForm::changed);
    showFilterProblem(*m_filter, *m_grid, m_filterRow);
    connect(m_filter, &FilterEdit::errorChanged, this, &QueueForm::updateCreate);
    bridge::ReviewService& review = m_context.review;
    connect(&review, &bridge::ReviewService::previewReady, this,
            [this](quint64 token, const models::QueuePreview& preview) {
                if (token == m_token) {
                    showPreview(preview);
                }
            });
    connect(&review, &bridge::ReviewService::previewFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_previewOk = false;
                    m_frame->setPreviewState(tr("cannot be made like this"));
                    m_parts->hide();
                    m_scope->setText(troubleText(trouble));
                    updateCreate();
                }
            });
    connect(&review, &bridge::ReviewService::createFailed, this, &QueueForm::showTrouble);
}

void QueueForm::prepare(bool first) {
    m_frame->hideTrouble();
    m_frame->setTitle(first ? tr("Your first queue") : tr("New queue"));
    m_frame->setIntro(first ? tr("Review is reading critiques one after the other and saying, with "
                                 "one key each, whether they hold. A queue fixes which ones, and "
                                 "in which order; what you say is stored as you go, and can be "
                                 "changed later.")
                            : QString());
    m_frame->setCancellable(!first);
    if (m_name->text().isEmpty()) {
        // A name that is free.
        const auto& queues = m_context.review.queues();
        int number = static_cast<int>(queues.size()) + 1;
        const auto taken = [&queues](const QString& name) {
            return std::any_of(queues.begin(), queues.end(),
                               [&name](const auto& queue) { return queue.name == name; });
        };
        while (taken(tr("Sample %1").arg(number))) {
            ++number;
        }
        m_name->setText(tr("Sample %1").arg(number));
    }
    changed();
}

QVector<Stratum> QueueForm::chosenStrata() const {
    QVector<Stratum> out;
    for (qsizetype i = 0; i < m_strata.size(); ++i) {
        if (m_strata[i]->isChecked()) {
            out << kOffered[static_cast<std::size_t>(i)];
        }
    }
    return out;
}

models::QueueForm QueueForm::form() const {
    models::QueueForm out;
    out.name = m_name->text().trimmed();
    out.filter = m_filter->text().trimmed();
    out.strategy = static_cast<QueueStrategy>(m_strategy->currentData().toInt());
    out.strata = chosenStrata();
    out.quota = static_cast<models::Quota>(m_quota->currentIndex());
    out.quotas = m_quotas->text();
    out.size = m_size->value();
    out.gold = m_gold->value();
    out.seed = m_seed->text().toULongLong();
    out.blind = m_blind->isChecked();
    return out;
}

void QueueForm::setForm(const models::QueueForm& form) {
    m_name->setText(form.name);
    m_filter->setFilter(form.filter);
    m_strategy->setCurrentIndex(m_strategy->findData(static_cast<int>(form.strategy)));
    for (qsizetype i = 0; i < m_strata.size(); ++i) {
        const Stratum stratum = kOffered[static_cast<std::size_t>(i)];
        m_strata[i]->setChecked(form.strata.isEmpty() ? stratum == Stratum::Source
                                                      : form.strata.contains(stratum));
    }
    m_quota->setCurrentIndex(static_cast<int>(form.quota));
    m_quotas->setText(form.quotas);
    m_size->setValue(form.size);
    m_gold->setValue(form.gold);
    m_seed->setText(QString::number(form.seed));
    m_blind->setChecked(form.blind);
    changed();
}

QString QueueForm::problem() const {
    if (m_context.service.info().readOnly) {
        return tr("This workspace is open read-only");
    }
    if (m_name->text().trimmed().isEmpty()) {
        return tr("Give the queue a name");
    }
    if (m_filter->hasError()) {
        return m_grid->problem(m_filterRow);
    }
    if (form().strategy == QueueStrategy::Stratified && chosenStrata().isEmpty()) {
        return tr("Choose what the kinds are made by");
    }
    return m_grid->problem(m_seedRow);
}

void QueueForm::changed() {
    const models::QueueForm now = form();
    const bool stratified = now.strategy == QueueStrategy::Stratified;
    m_grid->setNote(m_strategyRow, models::strategyExplanation(now.strategy));
    m_grid->setRowVisible(m_strataRow, stratified);
    m_grid->setRowVisible(m_quotaRow, stratified);
    m_grid->setRowVisible(m_quotasRow, stratified && now.quota == models::Quota::Given);
    m_grid->setRowVisible(m_sizeRow, !stratified || now.quota != models::Quota::Given);
    m_grid->setProblem(m_seedRow, seedProblem(*m_seed));
    m_previewOk = false;
    m_frame->setPreviewState(tr("counting…"));
    m_parts->setStale(true);
    updateCreate();
    m_pause.start();
}

void QueueForm::askPreview() {
    if (!m_context.service.isOpen() || !isVisible()) {
        return;
    }
    const QString wrong = problem();
    if (!wrong.isEmpty() && !m_name->text().trimmed().isEmpty()) {
        m_frame->setPreviewState({});
        m_scope->setText(wrong);
        m_parts->hide();
        return;
    }
    m_token = m_context.review.requestPreview(form());
}

void QueueForm::showPreview(const models::QueuePreview& preview) {
    m_previewOk = true;
    m_frame->setPreviewState({});
    QString scope = tr("%1 of the %2 critiques that fit.")
                        .arg(models::grouped(preview.chosen), models::grouped(preview.matching));
    if (preview.gold > 0) {
        scope +=
            QLatin1Char(' ') + tr("%1 gold items are mixed in.").arg(models::grouped(preview.gold));
    }
    m_scope->setText(scope);
    QVector<FunnelRow> rows;
    for (const models::QueuePreview::Part& part : preview.parts) {
        FunnelRow row;
        row.title = part.name;
        row.left = part.chosen;
        row.toolTip =
            tr("%1 of %2").arg(models::grouped(part.chosen), models::grouped(part.available));
        rows.push_back(row);
    }
    m_parts->setRows(rows);
    m_parts->setVisible(!rows.isEmpty());
    updateCreate();
}

QString QueueForm::previewText() const {
    QString out = m_scope->text();
    if (!m_parts->isHidden()) {
        out += QLatin1Char('\n') + m_parts->text();
    }
    return out;
}

void QueueForm::updateCreate() {
    const QString wrong = problem();
    m_grid->setProblem(m_nameRow,
                       m_name->text().trimmed().isEmpty() ? tr("A name goes here") : QString());
    m_create->setEnabled(isVisible() && wrong.isEmpty() && m_previewOk);
    m_frame->setProblem(wrong);
}

void QueueForm::showTrouble(const models::Trouble& trouble) {
    m_frame->showTrouble(trouble);
}

void QueueForm::focusFirst() {
    m_name->setFocus();
    m_name->selectAll();
}

} // namespace scrit::ui::pages
