// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPair>
#include <QVector>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace scrit::ui::widgets {

class ElidedLabel;

// Names and values in two columns; values on one line each, elided with a tooltip. Rows are kept
// and refilled. UI thread.
class FactList final : public QWidget {
    Q_OBJECT
public:
    using Facts = QVector<QPair<QString, QString>>;
    explicit FactList(QWidget* parent = nullptr);
    void setFacts(const Facts& facts);
    [[nodiscard]] QString text() const; // "name: value", a line each

private:
    QGridLayout* m_grid;
    QVector<QPair<QLabel*, ElidedLabel*>> m_rows;
    Facts m_facts;
};

} // namespace scrit::ui::widgets
