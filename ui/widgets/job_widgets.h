// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/models/workspace_facts.h"

#include <QFrame>
#include <QPointer>
#include <QStringList>
#include <QVector>

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace scrit::ui::models {
class BadLineModel;
}

namespace scrit::ui::widgets {

class PlainTable;

// "12 s", "3 min 20 s", "1 h 5 min".
[[nodiscard]] QString durationText(double seconds);

// One line above the status line while something long runs: what, where, how fast, how long still,
// and a way to stop it. The rest of the window stays usable. UI thread.
class ProgressStrip final : public QFrame {
    Q_OBJECT
public:
    explicit ProgressStrip(QWidget* parent = nullptr);
    void start(const QString& title);
    void setState(const models::JobState& state);
    void finish();
    // As its button does.
    void cancel();
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void cancelled();

private:
    QLabel* m_title;
    QLabel* m_detail;
    QProgressBar* m_bar;
    QPushButton* m_cancel;
};

// What a job did, below the page: a head, and parts that scroll where they do not fit, so that the
// window never grows for them. Stays until closed, with its button or Escape; the focus then goes
// back to where it was. UI thread.
class ResultPanel : public QFrame {
    Q_OBJECT
public:
    explicit ResultPanel(QWidget* parent);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    // The head's words on the left and its buttons before the one that closes.
    void addToHead(QWidget* widget, int stretch = 0);
    // `content` scrolls when it is higher than `most` pixels; with a name it takes the focus, so
    // that the keys scroll it.
    void addScrolling(QWidget* content, int most, const QString& name = {});
    [[nodiscard]] QVBoxLayout& column() const { return *m_column; }
    // Shows it; `first` gets the focus.
    void open(QWidget* first);
    void close();

private:
    QHBoxLayout* m_head;
    QVBoxLayout* m_column;
    QPointer<QWidget> m_before; // had the focus
};

// What an import did: a line per file, those that could not be read first, the bad lines in a table
// that can be copied.
class ImportPanel final : public ResultPanel {
    Q_OBJECT
public:
    explicit ImportPanel(QWidget* parent = nullptr);
    void showResult(const models::ImportResult& result);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void verifyWanted();
    void showWanted();

private:
    QLabel* m_title;
    QLabel* m_files;
    QLabel* m_badTitle;
    PlainTable* m_badLines;
    models::BadLineModel* m_model;
    QPushButton* m_copy;
    QPushButton* m_verify;
};

// What a verification found: a line per verifier with its counts.
class VerifyPanel final : public ResultPanel {
    Q_OBJECT
public:
    explicit VerifyPanel(QWidget* parent = nullptr);
    void showResult(const models::VerifyResult& result);
    // Title and lines.
    [[nodiscard]] QString text() const;

private:
    void setCell(int row, int column, const QString& text, models::Mark mark = models::Mark::None);

    QLabel* m_title;
    QLabel* m_subtitle;
    QGridLayout* m_grid;
    QWidget* m_cellBox = nullptr;
    QVector<QLabel*> m_cells; // row by row
    QStringList m_lines;
};

} // namespace scrit::ui::widgets
