// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/review_values.h"

// The audit of the self-validation: how far it can be trusted, as measured by reviewers.
namespace scrit::ui::models {

// A share with its 95 % interval (Wilson's, or weighted).
struct AuditRate {
    qint64 hits = 0;
    qint64 of = 0; // 0: nothing is known
    double value = 0;
    double low = 0;
    double high = 1;
    qint64 more = 0; // items to judge until the interval is narrow enough
    [[nodiscard]] bool isKnown() const { return of > 0; }
    friend bool operator==(const AuditRate&, const AuditRate&) = default;
};

// A cell of the table of self-validation against reviewers, and how to see its critiques.
struct AuditCell {
    qint64 count = 0;
    QString filter; // empty: nothing to see
    friend bool operator==(const AuditCell&, const AuditCell&) = default;
};

struct AuditRow {
    QString stratum; // empty: all of them together
    qint64 reviewed = 0;
    qint64 population = 0; // critiques of this kind; 0: not known
    AuditRate precision;   // of what self-validation let through, how much reviewers accept
    AuditRate recall;      // of what reviewers accept, how much self-validation let through
    QString filter;        // of its critiques, for Traces
    friend bool operator==(const AuditRow&, const AuditRow&) = default;
};

struct AuditReport {
    QVector<AuditRow> rows; // all together first
    AuditCell passedAccepted;
    AuditCell passedRefused;
    AuditCell heldAccepted;
    AuditCell heldRefused;
    qint64 judged = 0;
    qint64 used = 0;
    qint64 unsure = 0; // left out, as are the others below
    qint64 disputed = 0;
    qint64 unvalidated = 0;
    bool weighted = false; // rates of all together are weighted back to what was drawn from
};

// What is asked of an audit.
struct AuditQuery {
    qint64 queueId = 0; // 0: all judgements of the workspace
    Stratum by = Stratum::Source;
    double halfWidth = 0.05;
    friend bool operator==(const AuditQuery&, const AuditQuery&) = default;
};

// "93 %", "93 % (88–97)"; "–" where nothing is known.
[[nodiscard]] QString rateWords(const AuditRate& rate);
[[nodiscard]] QString rateWithInterval(const AuditRate& rate);

// The strata of an audit. UI thread.
class AuditModel final : public ColumnTable<AuditRow> {
    Q_OBJECT
public:
    enum Column { Name, Reviewed, Precision, PrecisionMore, Recall, RecallMore, ColumnCount };
    explicit AuditModel(QObject* parent = nullptr);
    void setRows(const QVector<AuditRow>& rows);
    [[nodiscard]] const AuditRow* rowAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const AuditRow& value, int column, int role) const override;
};

// Figures of agreement between reviewers. UI thread.
class AgreementModel final : public ColumnTable<AgreementFigure> {
    Q_OBJECT
public:
    enum Column { Figure, Who, Value, Interval, Items, ColumnCount };
    explicit AgreementModel(QObject* parent = nullptr);
    void setFigures(const QVector<AgreementFigure>& figures);

private:
    [[nodiscard]] QVariant cell(const AgreementFigure& value, int column, int role) const override;
};

// Items on which reviewers disagree. UI thread.
class DisagreementModel final : public ColumnTable<Disagreement> {
    Q_OBJECT
public:
    enum Column { Item, First, Second, Settled, ColumnCount };
    explicit DisagreementModel(QObject* parent = nullptr);
    void setItems(const QVector<Disagreement>& items);
    [[nodiscard]] const Disagreement* itemAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const Disagreement& value, int column, int role) const override;
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::AuditReport)
