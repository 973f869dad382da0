// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/job_widgets.h"

#include "ui/models/bad_line_model.h"
#include "ui/models/words.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace scrit::ui::widgets {

QString durationText(double seconds) {
    const qint64 whole = std::llround(seconds);
    if (whole < 60) {
        return ProgressStrip::tr("%1 s").arg(whole);
    }
    if (whole < 3600) {
        return ProgressStrip::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    return ProgressStrip::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

ProgressStrip::ProgressStrip(QWidget* parent)
    : QFrame(parent), m_title(plainLabel({}, this)), m_detail(mutedLabel({}, this)),
      m_bar(new QProgressBar(this)), m_cancel(new QPushButton(tr("Cancel"), this)) {
    setObjectName(QStringLiteral("strip"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Progress"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::kTwo, space::kHalf, space::kOne, space::kHalf);
    row->setSpacing(space::kTwo);
    row->addWidget(m_title);
    row->addWidget(m_bar, 1);
    row->addWidget(m_detail);
    row->addWidget(m_cancel);
    m_bar->setTextVisible(false);
    m_bar->setMinimumWidth(160);
    m_cancel->setProperty("flat", true);
    m_cancel->setToolTip(tr("Stop; what was stored stays  (Esc)"));
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        m_cancel->setText(tr("Stopping…"));
        Q_EMIT cancelled();
    });
    hide();
}

void ProgressStrip::start(const QString& title) {
    m_title->setText(title);
    m_detail->clear();
    m_bar->setRange(0, 0);
    m_cancel->setEnabled(true);
    m_cancel->setText(tr("Cancel"));
    show();
}

void ProgressStrip::setState(const models::JobState& state) {
    const QString subject = QFileInfo(state.subject).fileName();
    m_title->setText(subject.isEmpty() ? state.title : state.title + QStringLiteral(" ") + subject);
    if (state.total > 0) {
        constexpr int kParts = 1000;
        m_bar->setRange(0, kParts);
        m_bar->setValue(static_cast<int>(static_cast<double>(state.done) /
                                         static_cast<double>(state.total) * kParts));
    } else {
        m_bar->setRange(0, 0);
    }
    QStringList parts{tr("%1 done").arg(models::grouped(state.items))};
    if (state.bad > 0) {
        parts << tr("%1 bad").arg(models::grouped(state.bad));
    }
    if (state.rate() > 0) {
        parts << tr("%1/s").arg(models::grouped(static_cast<qint64>(state.rate())));
    }
    if (state.remaining() >= 0) {
        parts << tr("%1 left").arg(durationText(state.remaining()));
    }
    m_detail->setText(parts.join(QStringLiteral(" · ")));
}

void ProgressStrip::cancel() {
    m_cancel->click();
}

void ProgressStrip::finish() {
    hide();
}

QString ProgressStrip::text() const {
    return m_title->text() + QStringLiteral(": ") + m_detail->text();
}

namespace {

constexpr int kLeastHeight = 2 * space::kRow;

// As high as its content where there is room, at most `most`; two lines at least.
class BoundedArea final : public QScrollArea {
public:
    BoundedArea(QWidget* content, int most, QWidget* parent) : QScrollArea(parent), m_most(most) {
        setWidgetResizable(true);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
        setFocusPolicy(Qt::NoFocus);
        setWidget(content);
        content->installEventFilter(this);
    }
    [[nodiscard]] QSize sizeHint() const override {
        const int wide = std::max(1, viewport()->width());
        const int high = widget()->hasHeightForWidth() ? widget()->heightForWidth(wide)
                                                       : widget()->sizeHint().height();
        return {0, std::min(m_most, high)};
    }
    [[nodiscard]] QSize minimumSizeHint() const override {
        return {0, std::min(kLeastHeight, sizeHint().height())};
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize) {
            updateGeometry();
        }
        return QScrollArea::eventFilter(watched, event);
    }

private:
    int m_most;
};

} // namespace

ResultPanel::ResultPanel(QWidget* parent)
    : QFrame(parent), m_head(new QHBoxLayout), m_column(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("strip"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);
    m_column->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    m_column->setSpacing(space::kHalf);
    auto* dismiss = new QToolButton(this);
    dismiss->setIcon(icon(QStringLiteral("close")));
    dismiss->setToolTip(tr("Close  (Esc)"));
    dismiss->setAccessibleName(tr("Close"));
    m_head->addWidget(dismiss);
    m_column->addLayout(m_head);
    connect(dismiss, &QToolButton::clicked, this, &ResultPanel::close);
}

void ResultPanel::addToHead(QWidget* widget, int stretch) {
    m_head->insertWidget(m_head->count() - 1, widget, stretch);
}

void ResultPanel::addScrolling(QWidget* content, int most, const QString& name) {
    auto* area = new BoundedArea(content, most, this);
    area->setAccessibleName(name);
    area->setFocusPolicy(name.isEmpty() ? Qt::NoFocus : Qt::StrongFocus);
    m_column->addWidget(area);
}

void ResultPanel::open(QWidget* first) {
    QWidget* focus = QApplication::focusWidget();
    if (focus != nullptr && focus != this && !isAncestorOf(focus)) {
        m_before = focus;
    }
    show();
    first->setFocus();
}

void ResultPanel::close() {
    hide();
    if (m_before && m_before->isVisible()) {
        m_before->setFocus();
    }
}

void ResultPanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        close();
        return;
    }
    QFrame::keyPressEvent(event);
}

ImportPanel::ImportPanel(QWidget* parent)
    : ResultPanel(parent), m_title(plainLabel({}, this)), m_files(plainLabel({}, this)),
      m_badTitle(plainLabel({}, this)), m_badLines(new PlainTable(tr("Bad lines"), this)),
      m_model(new models::BadLineModel(this)), m_copy(new QPushButton(tr("Copy bad lines"), this)),
      m_verify(new QPushButton(tr("Verify now"), this)) {
    setAccessibleName(tr("Import result"));
    m_title->setFont(Theme::current().headingFont(1.0));
    m_title->setWordWrap(true);
    addToHead(m_title, 1);
    auto* show = new QPushButton(tr("Show traces"), this);
    for (QPushButton* button : {m_copy, show, m_verify}) {
        addToHead(button);
    }
    m_verify->setProperty("primary", true);
    m_verify->setToolTip(tr("Compare answers, check arithmetic and raise red flags"));
    m_badLines->setModel(m_model);
    m_badLines->setWidths({280, 80, 0});
    m_files->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_files->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_files->setWordWrap(true);
    constexpr int kMostHeight = 6 * space::kRow;
    // In a box with a layout: a label alone does not tell that its text has become longer.
    auto* files = new QWidget(this);
    auto* lines = new QVBoxLayout(files);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->addWidget(m_files);
    addScrolling(files, kMostHeight, tr("Files"));
    column().addWidget(m_badTitle);
    column().addWidget(m_badLines);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(m_model->text()); });
    connect(m_verify, &QPushButton::clicked, this, [this] {
        close();
        Q_EMIT verifyWanted();
    });
    connect(show, &QPushButton::clicked, this, [this] {
        close();
        Q_EMIT showWanted();
    });
    hide();
}

namespace {

bool isUnread(const models::ImportedFile& file) {
    return !file.error.isEmpty();
}

// "1 file could not be read"; empty when all could.
QString failuresText(const QVector<models::ImportedFile>& files) {
    const auto unread = std::count_if(files.begin(), files.end(), isUnread);
    return unread == 0 ? QString()
           : unread == 1
               ? ImportPanel::tr("1 file could not be read")
               : ImportPanel::tr("%1 files could not be read").arg(models::grouped(unread));
}

QString fileLine(const models::ImportedFile& file) {
    const QString name = QFileInfo(file.file).fileName();
    const QString counts = ImportPanel::tr("%1 added, %2 existing, %3 bad")
                               .arg(models::grouped(file.added), models::grouped(file.existing),
                                    models::grouped(file.bad));
    const QString format = file.format.isEmpty() ? ImportPanel::tr("not recognised") : file.format;
    return isUnread(file)
               ? QStringLiteral("✗ %1 (%2): %3. %4").arg(name, format, file.error, counts)
               : QStringLiteral("%1 (%2): %3").arg(name, format, counts);
}

// What went wrong comes first.
QStringList fileLines(QVector<models::ImportedFile> files) {
    std::stable_partition(files.begin(), files.end(), isUnread);
    QStringList lines;
    constexpr int kMostFiles = 500; // more scroll
    for (const models::ImportedFile& file : std::as_const(files)) {
        if (lines.size() == kMostFiles) {
            lines << ImportPanel::tr("and %1 more files")
                         .arg(models::grouped(files.size() - kMostFiles));
            break;
        }
        lines << fileLine(file);
    }
    return lines;
}

} // namespace

void ImportPanel::showResult(const models::ImportResult& result) {
    QStringList title{result.cancelled            ? tr("Import cancelled; what was read stays")
                      : !result.stopped.isEmpty() ? tr("Import stopped: %1").arg(result.stopped)
                                                  : tr("Import finished")};
    title << failuresText(result.files);
    title << tr("%1 added, %2 existing, %3 bad, %4")
                 .arg(models::grouped(result.added), models::grouped(result.existing),
                      models::grouped(result.bad), durationText(result.seconds));
    title.removeAll(QString());
    m_title->setText(title.join(QStringLiteral(" · ")));
    m_files->setText(fileLines(result.files).join(QLatin1Char('\n')));
    m_model->setLines(result.badLines);
    const bool bad = !result.badLines.isEmpty();
    m_badTitle->setVisible(bad);
    m_badTitle->setText(
        result.badLinesLeftOut > 0
            ? tr("The first %1 bad lines").arg(models::grouped(result.badLines.size()))
            : tr("Bad lines"));
    m_badLines->setVisible(bad);
    // As high as its rows, six at most; three where there is little room.
    constexpr int kMostRows = 7;
    constexpr int kLeastRows = 3;
    const int rows = static_cast<int>(std::min<qsizetype>(result.badLines.size() + 1, kMostRows));
    const int high = m_badLines->verticalHeader()->defaultSectionSize();
    m_badLines->setMaximumHeight(rows * high + 2);
    m_badLines->setMinimumHeight(std::min(rows, kLeastRows) * high);
    m_copy->setVisible(bad);
    m_verify->setVisible(result.added > 0);
    open(result.added > 0 ? m_verify : bad ? m_copy : static_cast<QWidget*>(this));
}

QString ImportPanel::text() const {
    return m_title->text() + QLatin1Char('\n') + m_files->text();
}

namespace {

constexpr int kVerifyColumns = 5; // what, yes, no, undecided, new

} // namespace

VerifyPanel::VerifyPanel(QWidget* parent)
    : ResultPanel(parent), m_title(plainLabel({}, this)), m_subtitle(mutedLabel({}, this)),
      m_grid(new QGridLayout) {
    setAccessibleName(tr("Result of the verification"));
    m_title->setFont(Theme::current().headingFont(1.0));
    addToHead(m_title);
    addToHead(m_subtitle, 1);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(space::kThree);
    m_grid->setVerticalSpacing(2);
    m_grid->setColumnStretch(kVerifyColumns, 1);
    m_cellBox = new QWidget(this);
    m_cellBox->setLayout(m_grid);
    constexpr int kMostHeight = 8 * space::kRow;
    addScrolling(m_cellBox, kMostHeight);
    hide();
}

void VerifyPanel::setCell(int row, int column, const QString& text, models::Mark mark) {
    const int at = row * kVerifyColumns + column;
    while (m_cells.size() <= at) {
        const auto next = static_cast<int>(m_cells.size());
        QLabel* cell = plainLabel({}, m_cellBox);
        const int place = next % kVerifyColumns;
        m_grid->addWidget(cell, next / kVerifyColumns, place,
                          place == 0 ? Qt::AlignLeft : Qt::AlignRight);
        m_cells << cell;
    }
    QPalette palette = m_cells[at]->palette();
    palette.setColor(QPalette::WindowText,
                     mark == models::Mark::None ? tokens().text : tokens().mark(mark));
    m_cells[at]->setPalette(palette);
    m_cells[at]->setText(text);
    m_cells[at]->show();
}

void VerifyPanel::showResult(const models::VerifyResult& result) {
    const QString what =
        result.filter.isEmpty() ? tr("everything") : tr("what “%1” shows").arg(result.filter);
    m_title->setText(result.cancelled ? tr("Verification stopped; what was scored stays")
                                      : tr("Verified %1").arg(what));
    QStringList about{tr("%1 solutions").arg(models::grouped(result.solutions)),
                      tr("%1 critiques").arg(models::grouped(result.critiques)),
                      durationText(result.seconds)};
    if (result.reparsed > 0) {
        about.insert(2, tr("%1 read anew").arg(models::grouped(result.reparsed)));
    }
    m_subtitle->setText(about.join(QStringLiteral(" · ")));
    for (QLabel* cell : std::as_const(m_cells)) {
        cell->hide();
    }
    m_lines.clear();
    using models::Mark;
    for (int row = 0; row < result.counts.size(); ++row) {
        const models::VerifiedCount& count = result.counts[row];
        const std::array<std::pair<QString, Mark>, kVerifyColumns> cells{
            {{count.what, Mark::None},
             {tr("✓ %1").arg(models::grouped(count.yes)), Mark::Yes},
             {tr("✗ %1").arg(models::grouped(count.no)), Mark::No},
             {tr("? %1 undecided").arg(models::grouped(count.undecided)), Mark::Unknown},
             {tr("%1 new").arg(models::grouped(count.added)), Mark::None}}};
        QStringList words;
        for (int column = 0; column < kVerifyColumns; ++column) {
            const auto& [text, mark] = cells[static_cast<std::size_t>(column)];
            setCell(row, column, text, mark);
            words << text;
        }
        m_lines << words.join(QLatin1Char(' '));
    }
    open(this);
}

QString VerifyPanel::text() const {
    return m_title->text() + QLatin1Char('\n') + m_subtitle->text() + QLatin1Char('\n') +
           m_lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::widgets
