// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/audit_values.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace scrit::ui::widgets {
class MessageBar;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// Several reviewers without a server: a queue goes out as a file, answers come back as one; how
// well the reviewers agree, and where they do not. UI thread.
class PeopleView final : public QWidget {
    Q_OBJECT
public:
    struct Actions {
        QAction* pack = nullptr;
        QAction* answers = nullptr;
        QAction* merge = nullptr;
        QAction* settle = nullptr;
    };
    PeopleView(PageContext& context, const Actions& actions, QWidget* parent);
    void setQueue(qint64 queueId, const QString& name);
    void refresh();
    [[nodiscard]] const models::AgreementReport& report() const { return m_report; }
    // Where settling begins: the chosen row, else the first open one.
    [[nodiscard]] int chosen() const;
    [[nodiscard]] widgets::PlainTable& disagreements() const { return *m_table; }
    [[nodiscard]] widgets::MessageBar& message() const { return *m_message; }
    // What the view says, a line each.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void settleWanted();
    void reportChanged();

private:
    QWidget* buildFiles(const Actions& actions);
    QWidget* buildAgreement();
    QWidget* buildDisagreements(const Actions& actions);
    void showReport(const models::AgreementReport& report);

    PageContext& m_context;
    widgets::MessageBar* m_message;
    QLabel* m_about = nullptr;
    QLabel* m_agreementNote = nullptr;
    QLabel* m_disagreementNote = nullptr;
    widgets::PlainTable* m_figures = nullptr;
    widgets::PlainTable* m_table = nullptr;
    models::AgreementModel* m_figureModel;
    models::DisagreementModel* m_model;
    models::AgreementReport m_report;
    qint64 m_queue = 0;
};

} // namespace scrit::ui::pages
