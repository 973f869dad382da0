// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"
#include "ui/widgets/reading_column.h"

#include <QFrame>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace scrit::ui::widgets {

class AnswerLabel;
class Chip;
class Expander;

// What came of a critique: its correction as a diff against the candidate, where it has one, and
// every verdict with the rule and the evidence behind it. One line when folded. UI thread.
class OutcomeStrip final : public QFrame {
    Q_OBJECT
public:
    explicit OutcomeStrip(render::MathTypesetter* typesetter, QWidget* parent = nullptr);
    void setRecord(const models::TraceRecord& record);
    void setFolded(bool folded);
    [[nodiscard]] bool isFolded() const { return m_folded; }
    [[nodiscard]] int headHeight() const;
    [[nodiscard]] ReadingColumn& correction() const { return *m_diff; }
    // The verdicts beside it.
    [[nodiscard]] QScrollArea& facts() const { return *m_factsScroll; }
    // What the validator wrote; its text is empty when the record has none.
    [[nodiscard]] Expander& transcript() const { return *m_transcript; }
    // Unfolds the strip and opens the transcript at a passage of it.
    void revealTranscript(base::Span passage);
    // The facts as text, a line each.
    [[nodiscard]] QString factsText() const;
    void restyle();

Q_SIGNALS:
    void foldedChanged(bool folded);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] int factRoom() const;
    void setHead(const models::TraceRecord& record);
    void setFacts(const models::TraceRecord& record);
    struct FactRow;
    FactRow& addFact(const QString& name, const QString& value,
                     models::Mark mark = models::Mark::None, const QString& note = {});
    void addAnswerFact(const QString& name, const std::string& answer,
                       models::Mark mark = models::Mark::None, const QString& note = {});
    void addAnswer(const QString& name, const models::TraceRecord& record, const std::string& found,
                   model::SubjectKind subject);
    void addValidation(const models::TraceRecord& record);
    [[nodiscard]] Expander* makeExpander(const QString& title, bool markdown);
    void setExpander(Expander& expander, const std::string& text, const QString& title);

    render::MathTypesetter* m_typesetter;
    QWidget* m_head;
    QToolButton* m_fold;
    QToolButton* m_copy;
    Chip* m_answer;
    Chip* m_validated;
    QLabel* m_costs;
    QWidget* m_body;
    ReadingColumn* m_diff;
    QScrollArea* m_factsScroll;
    QVBoxLayout* m_facts = nullptr;
    // Rows are kept and refilled: making widgets is what would cost time from record to record.
    struct FactRow {
        QWidget* line = nullptr;
        QLabel* name = nullptr;
        QLabel* value = nullptr;
        AnswerLabel* answer = nullptr; // instead of `value`
        QLabel* note = nullptr;
    };
    FactRow makeFactRow();
    std::vector<FactRow> m_factRows;
    std::size_t m_factsUsed = 0;
    Expander* m_transcript = nullptr;
    Expander* m_evidence = nullptr;
    Expander* m_prompt = nullptr;
    QStringList m_factLines;
    bool m_folded = false;
};

// The correction as cards: unchanged steps in one line, a rewritten step as what was and what is,
// with the words that differ marked. Without anything to compare, the correction as it stands.
// Pure.
[[nodiscard]] std::vector<CardContent> correctionCards(const models::TraceRecord& record);

} // namespace scrit::ui::widgets
