// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/overview_page.h"

#include "ui/bridge/workspace_service.h"
#include "ui/models/figures.h"
#include "ui/models/filter_syntax.h"
#include "ui/models/words.h"
#include "ui/pages/overview/glance.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QLocale>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace scrit::ui::pages {

namespace {

using models::ListKind;
using models::ListQuery;

// Funnel rows in order, then the cells of the 2×2 table.
enum FunnelRow {
    Problems,
    Solutions,
    Right,
    Wrong,
    Critiques,
    Parsed,
    Validated,
    Matched,
    FunnelRows
};

ListQuery queryOf(int row) {
    const auto of = [](ListKind kind, const char* filter) {
        return ListQuery{kind, QString::fromLatin1(filter), models::SortKey::Id, false};
    };
    switch (row) {
    case Problems:
        return of(ListKind::Problems, "");
    case Solutions:
        return of(ListKind::Solutions, "");
    case Right:
        return of(ListKind::Solutions, "correct:yes");
    case Wrong:
        return of(ListKind::Solutions, "correct:no");
    case Critiques:
        return of(ListKind::Critiques, "");
    case Parsed:
        return of(ListKind::Critiques, "parsed:yes");
    case Validated:
        return of(ListKind::Critiques, "validated:yes");
    case Matched:
        return of(ListKind::Critiques, "answer:match");
    case FunnelRows:
        return of(ListKind::Critiques, "validated:yes answer:match");
    case FunnelRows + 1:
        return of(ListKind::Critiques, "validated:yes answer:mismatch");
    case FunnelRows + 2:
        return of(ListKind::Critiques, "validated:no answer:match");
    default:
        return of(ListKind::Critiques, "validated:no answer:mismatch");
    }
}

double ratio(qint64 part, qint64 whole) {
    return whole <= 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

QVector<ListQuery> overviewQueries() {
    QVector<ListQuery> queries;
    for (int row = 0; row < FunnelRows + 4; ++row) {
        queries << queryOf(row);
    }
    return queries;
}

CountRow::CountRow(QWidget* parent) : RowButton(parent) {}

void CountRow::setContent(const QString& label, qint64 count, double share, const QString& note) {
    setText(label);
    m_count = models::grouped(count);
    m_share = count > 0 ? std::clamp(share, 0.0, 1.0) : 0;
    m_note = note;
    setAccessibleName(label + QStringLiteral(": ") + m_count + QLatin1Char(' ') + note);
    setToolTip(tr("Show these traces"));
    update();
}

void CountRow::setUnknown(const QString& label) {
    setContent(label, 0, 0, {});
    m_count = QStringLiteral("–");
    setAccessibleName(label + QStringLiteral(": ") + tr("not known"));
}

QSize CountRow::sizeHint() const {
    return {240, fontMetrics().height() + widgets::space::kTwo + 2};
}

void CountRow::paintEvent(QPaintEvent*) {
    const widgets::Tokens& t = widgets::tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintFrame(painter);
    const int line = fontMetrics().height();
    const QRect words = rect().adjusted(widgets::space::kOne, 3, -widgets::space::kOne, 0);
    painter.setPen(t.text);
    const int noteWidth = 72;
    const int countWidth = 88;
    const QRect name = words.adjusted(0, 0, -(noteWidth + countWidth), 0);
    painter.drawText(QRect(name.left(), name.top(), name.width(), line), Qt::AlignLeft,
                     fontMetrics().elidedText(text(), Qt::ElideRight, name.width()));
    QFont strong = font();
    strong.setWeight(QFont::DemiBold);
    painter.setFont(strong);
    painter.drawText(QRect(name.right(), words.top(), countWidth, line), Qt::AlignRight, m_count);
    painter.setFont(font());
    painter.setPen(t.muted);
    painter.drawText(QRect(words.right() - noteWidth, words.top(), noteWidth, line), Qt::AlignRight,
                     m_note);
    const QRectF track(words.left(), words.top() + line + 4, words.width(), 4);
    paintShare(painter, track, m_share);
}

OverviewPage::OverviewPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_title(widgets::plainLabel({}, this)),
      m_subtitle(widgets::mutedLabel({}, this)), m_warning(new widgets::MessageBar(this)) {
    using namespace widgets;
    auto* scroll = new QScrollArea(this);
    auto* body = new QWidget(scroll);
    scroll->setWidget(body);
    scroll->setWidgetResizable(true);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_warning);
    outer->addWidget(scroll, 1);
    auto* grid = new QGridLayout(body);
    m_grid = grid;
    grid->setContentsMargins(space::kThree, space::kThree, space::kThree, space::kThree);
    grid->setHorizontalSpacing(space::kTwo);
    grid->setVerticalSpacing(space::kTwo);
    m_title->setFont(Theme::current().headingFont(1.5));
    m_subtitle->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    names->addWidget(m_title);
    names->addWidget(m_subtitle);
    grid->addLayout(names, 0, 0, 1, 2);

    QFrame* funnel = panelFrame(body);
    auto* funnelRows = new QVBoxLayout(funnel);
    funnelRows->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    funnelRows->setSpacing(2);
    funnelRows->addWidget(headingLabel(tr("From problems to curated critiques"), funnel));
    funnelRows->addSpacing(space::kHalf);
    for (int row = 0; row < FunnelRows; ++row) {
        m_funnel << addRow(funnelRows, queryOf(row));
    }
    funnelRows->addStretch();
    grid->addWidget(funnel, 2, 0, 2, 1);

    QFrame* table = panelFrame(body);
    auto* cells = new QGridLayout(table);
    cells->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    cells->setSpacing(space::kOne);
    cells->addWidget(headingLabel(tr("Self-validation against answer match"), table), 0, 0, 1, 3);
    cells->addWidget(mutedLabel(tr("answer matches"), table), 1, 1);
    cells->addWidget(mutedLabel(tr("answer differs"), table), 1, 2);
    const std::array<QString, 2> rows{tr("validated"), tr("rejected")};
    for (int i = 0; i < 4; ++i) {
        if (i % 2 == 0) {
            cells->addWidget(mutedLabel(rows[static_cast<std::size_t>(i / 2)], table), 2 + i / 2,
                             0);
        }
        auto* holder = new QVBoxLayout;
        m_cells << addRow(holder, queryOf(FunnelRows + i));
        cells->addLayout(holder, 2 + i / 2, 1 + i % 2);
    }
    m_tableNote = mutedLabel({}, table);
    m_tableNote->setWordWrap(true);
    cells->addWidget(m_tableNote, 4, 0, 1, 3);
    cells->setColumnStretch(1, 1);
    cells->setColumnStretch(2, 1);
    grid->addWidget(table, 2, 1);

    QFrame* sources = panelFrame(body);
    m_sources = new QVBoxLayout(sources);
    m_sources->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    m_sources->setSpacing(2);
    grid->addWidget(sources, 3, 1);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->setRowStretch(5, 1);
    setUnknown();

    bridge::WorkspaceService& service = context().service;
    connect(&service, &bridge::WorkspaceService::factsReady, this, &OverviewPage::setFacts);
    connect(&service, &bridge::WorkspaceService::factsFailed, this, &OverviewPage::setUnknown);
    connect(&service, &bridge::WorkspaceService::contentsChanged, this,
            &OverviewPage::workspaceOpened);
    connect(&service, &bridge::WorkspaceService::contentsGrew, this, [this] {
        m_stale = !isVisible();
        if (!m_stale) { // without taking the focus from where it is
            context().service.requestFacts();
        }
    });
}

CountRow* OverviewPage::addRow(QVBoxLayout* layout, const ListQuery& query) {
    auto* row = new CountRow(this);
    layout->addWidget(row);
    connect(row, &QAbstractButton::clicked, this, [this, query] { context().showTraces(query); });
    return row;
}

void OverviewPage::workspaceOpened() {
    m_stale = true;
    if (isVisible()) {
        activated();
    }
}

void OverviewPage::workspaceClosed() {
    setUnknown();
}

void OverviewPage::activated() {
    const models::WorkspaceInfo& info = context().service.info();
    m_title->setText(QFileInfo(info.path).completeBaseName());
    if (m_stale && context().service.isOpen()) {
        m_stale = false;
        context().service.requestFacts();
    }
    if (!m_funnel.isEmpty()) {
        m_funnel.first()->setFocus();
    }
}

void OverviewPage::setSubtitle(qint64 fileBytes) {
    const models::WorkspaceInfo& info = context().service.info();
    m_subtitle->setText(info.path + QStringLiteral("  ·  ") +
                        QLocale().formattedDataSize(fileBytes) +
                        (info.readOnly ? QStringLiteral("  ·  ") + tr("read-only") : QString()));
}

// What cannot be read, or is not read yet, is not nothing.
void OverviewPage::setUnknown() {
    m_warning->hide();
    if (context().service.isOpen()) {
        setSubtitle(QFileInfo(context().service.info().path).size());
    } else {
        m_subtitle->clear();
    }
    setFunnel(nullptr);
    setTable(nullptr);
    setSources({});
}

void OverviewPage::setFacts(const models::WorkspaceFacts& facts) {
    setSubtitle(facts.fileBytes);
    setFunnel(&facts);
    setTable(&facts);
    setSources(facts);
    if (m_glance == nullptr && isVisible()) {
        m_glance = new Glance(context(), m_grid->parentWidget());
        m_grid->addWidget(m_glance, 4, 0, 1, 2);
    }
    if (m_glance != nullptr && isVisible()) {
        m_glance->refresh();
    }
    if (facts.unfinishedImports > 0) {
        m_warning->showMessage(
            widgets::MessageBar::Kind::Problem,
            facts.unfinishedImports == 1
                ? tr("An import did not reach its end")
                : tr("%1 imports did not reach their end").arg(facts.unfinishedImports),
            tr("What was read is here. Import the same files again: only what is missing is "
               "added."));
    } else if (facts.problems == 0) {
        m_warning->showMessage(widgets::MessageBar::Kind::Info, tr("This workspace is empty"),
                               tr("Drop JSON Lines, JSON or CSV files onto the window, or press "
                                  "Ctrl+I to choose them."));
    } else {
        m_warning->hide();
    }
}

void OverviewPage::setFunnel(const models::WorkspaceFacts* known) {
    const models::WorkspaceFacts facts = known == nullptr ? models::WorkspaceFacts() : *known;
    struct Row {
        QString label;
        qint64 count;
        qint64 of;
    };
    const std::array<Row, FunnelRows> rows{{
        {tr("Problems"), facts.problems, 0},
        {tr("Candidate solutions"), facts.solutions, 0},
        {QStringLiteral("✓ ") + tr("right"), facts.solutionsCorrect, facts.solutions},
        {QStringLiteral("✗ ") + tr("wrong"), facts.solutionsIncorrect, facts.solutions},
        {tr("Critiques"), facts.critiques, 0},
        {tr("verdict and first error step read"), facts.critiquesParsed, facts.critiques},
        {tr("self-validated"), facts.selfValidated, facts.critiques},
        {tr("answer of the correction matches"), facts.answerMatched, facts.critiques},
    }};
    const qint64 most = std::max({facts.problems, facts.solutions, facts.critiques, qint64{1}});
    for (int i = 0; i < FunnelRows; ++i) {
        const Row& row = rows[static_cast<std::size_t>(i)];
        const QString label = row.of > 0 || i == Right || i == Wrong || i > Critiques
                                  ? QStringLiteral("     ") + row.label
                                  : row.label;
        if (known == nullptr) {
            m_funnel[i]->setUnknown(label);
            continue;
        }
        m_funnel[i]->setContent(label, row.count, ratio(row.count, most),
                                models::partText(row.count, row.of));
    }
}

void OverviewPage::setTable(const models::WorkspaceFacts* known) {
    const models::WorkspaceFacts facts = known == nullptr ? models::WorkspaceFacts() : *known;
    const std::array<qint64, 4> counts{facts.validatedMatch, facts.validatedMismatch,
                                       facts.rejectedMatch, facts.rejectedMismatch};
    const qint64 all = counts[0] + counts[1] + counts[2] + counts[3];
    const std::array<QString, 4> labels{QStringLiteral("✓ ✓"), QStringLiteral("✓ ✗"),
                                        QStringLiteral("✗ ✓"), QStringLiteral("✗ ✗")};
    for (int i = 0; i < 4; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (known == nullptr) {
            m_cells[i]->setUnknown(labels[at]);
            continue;
        }
        m_cells[i]->setContent(labels[at], counts[at], ratio(counts[at], all),
                               models::partText(counts[at], all));
    }
    m_tableNote->setText(
        known == nullptr ? QString()
        : all == 0
            ? tr("No critique has both verdicts yet. Self-validation comes with a run or with "
                 "imported data; Verify compares the answers.")
            : tr("The two cells that disagree are worth reading first."));
}

void OverviewPage::setSources(const models::WorkspaceFacts& facts) {
    while (QLayoutItem* item = m_sources->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_sources->addWidget(widgets::headingLabel(tr("Sources"), this));
    m_sources->addSpacing(widgets::space::kHalf);
    constexpr int kMostShown = 3;
    const qint64 most = facts.sources.isEmpty() ? 1 : facts.sources.first().second;
    for (int i = 0; i < facts.sources.size() && i < kMostShown; ++i) {
        const auto& [source, count] = facts.sources[i];
        ListQuery query;
        query.kind = ListKind::Problems;
        query.filter = QStringLiteral("source:") + models::quotedFilterValue(source);
        CountRow* row = addRow(m_sources, query);
        row->setContent(source.isEmpty() ? tr("without a name") : source, count, ratio(count, most),
                        models::partText(count, facts.problems));
    }
    if (facts.sources.size() > kMostShown) {
        m_sources->addWidget(
            widgets::mutedLabel(tr("and %1 more").arg(facts.sources.size() - kMostShown), this));
    }
    m_sources->addStretch();
}

QString OverviewPage::text() const {
    QStringList lines;
    for (const CountRow* row : m_funnel + m_cells) {
        lines << row->accessibleName().trimmed();
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
