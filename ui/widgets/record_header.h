// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"

#include <QFrame>

class QHBoxLayout;
class QLabel;

namespace scrit::ui::widgets {

class Chip;
class ElidedLabel;
class Segmented;

// One line above the columns: where the record stands in the list, the verdicts in words, who made
// it, and the other critiques of the same solution. UI thread.
class RecordHeader final : public QFrame {
    Q_OBJECT
public:
    explicit RecordHeader(QWidget* parent = nullptr);
    // `row` of `rows`, from 0; row < 0: not in the list (a sibling that the filter leaves out);
    // rows < 0: not known yet.
    void setRecord(const models::TraceRecord& record, int row, int rows);
    void clear();
    // In place of a record that is not there.
    void setRemark(const QString& words);
    // Marks the critique that the one on screen is compared with; 0: none.
    void setCompared(qint64 critiqueId);
    // Buttons at the ends: previous/next on the left, views on the right.
    void addLeft(QWidget* widget);
    void addRight(QWidget* widget);
    // All verdicts as one line of text.
    [[nodiscard]] QString summary() const;

Q_SIGNALS:
    void siblingChosen(qint64 critiqueId);

private:
    void setSiblings(const models::TraceRecord& record);

    QHBoxLayout* m_layout;
    QLabel* m_position;
    Chip* m_candidate;
    Chip* m_label;
    Chip* m_critique;
    Chip* m_validated;
    Chip* m_answer;
    Chip* m_flags;
    ElidedLabel* m_origin;
    QWidget* m_siblingBox;
    Segmented* m_siblings = nullptr;
    models::TraceRows m_rows; // the critiques that it numbers
    int m_own = 0;            // the one on screen
    int m_left = 0;
};

} // namespace scrit::ui::widgets
