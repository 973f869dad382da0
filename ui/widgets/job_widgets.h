// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/models/workspace_facts.h"

#include <QFrame>
#include <QStringList>
#include <QVector>

class QGridLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;

namespace scrit::ui::models {
class BadLineModel;
}

namespace scrit::ui::widgets {

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
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void cancelled();

private:
    QLabel* m_title;
    QLabel* m_detail;
    QProgressBar* m_bar;
    QPushButton* m_cancel;
};

// What an import did: a line per file, the bad lines in a table that can be copied. Stays until
// closed.
class ImportPanel final : public QFrame {
    Q_OBJECT
public:
    explicit ImportPanel(QWidget* parent = nullptr);
    void showResult(const models::ImportResult& result);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void verifyWanted();
    void showWanted();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QLabel* m_title;
    QLabel* m_files;
    QLabel* m_badTitle;
    QTableView* m_badLines;
    models::BadLineModel* m_model;
    QPushButton* m_copy;
    QPushButton* m_verify;
};

// What a verification found: a line per verifier with its counts. Stays until closed.
class VerifyPanel final : public QFrame {
    Q_OBJECT
public:
    explicit VerifyPanel(QWidget* parent = nullptr);
    void showResult(const models::VerifyResult& result);
    // Title and lines.
    [[nodiscard]] QString text() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void setCell(int row, int column, const QString& text, models::Mark mark = models::Mark::None);

    QLabel* m_title;
    QLabel* m_subtitle;
    QGridLayout* m_grid;
    QVector<QLabel*> m_cells; // row by row
    QStringList m_lines;
};

} // namespace scrit::ui::widgets
