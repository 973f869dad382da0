// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/outcome_strip.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/answer_label.h"
#include "ui/widgets/expander.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace scrit::ui::widgets {

namespace {

using models::DiffRow;

constexpr int kNameWidth = 120; // of the names of facts

QString stepsUnchanged(std::size_t first, std::size_t last) {
    return first == last
               ? OutcomeStrip::tr("Step %1 unchanged").arg(first + 1)
               : OutcomeStrip::tr("Steps %1 to %2 unchanged").arg(first + 1).arg(last + 1);
}

// Highlights of a slice: positions are relative to the card's own text.
std::vector<render::Highlight> marksOf(const std::vector<base::Span>& marks, std::size_t origin,
                                       const QColor& color) {
    std::vector<render::Highlight> out;
    out.reserve(marks.size());
    QColor background = color;
    background.setAlphaF(0.22F);
    for (const base::Span mark : marks) {
        out.push_back({{mark.begin - origin, mark.end - origin}, background, {}, {}});
    }
    return out;
}

CardContent removedCard(const models::TraceRecord& record, const DiffRow& row) {
    CardContent card;
    card.gutter = QStringLiteral("−");
    card.bar = models::Mark::No;
    card.title = OutcomeStrip::tr("candidate, step %1").arg(row.oldIndex.value_or(0) + 1);
    card.text = std::string(base::slice(record.solution->text, row.oldSpan));
    card.highlights = marksOf(row.oldMarks, row.oldSpan.begin, tokens().no);
    card.muted = true;
    if (row.oldIndex) {
        card.steps.push_back(static_cast<int>(*row.oldIndex));
    }
    return card;
}

CardContent addedCard(const models::TraceRecord& record, const DiffRow& row) {
    CardContent card;
    card.gutter = QStringLiteral("+");
    card.bar = models::Mark::Yes;
    card.title = OutcomeStrip::tr("correction, step %1").arg(row.newIndex.value_or(0) + 1);
    card.text = std::string(base::slice(record.correction, row.newSpan));
    card.highlights = marksOf(row.newMarks, row.newSpan.begin, tokens().yes);
    return card;
}

// Labels that wrap make a layout ask for heights again and again, so only those that need to wrap
// do.
void setFactText(QLabel& label, const QString& text, int room) {
    const bool wraps =
        label.fontMetrics().horizontalAdvance(text) > room || text.contains(QLatin1Char('\n'));
    if (label.wordWrap() != wraps) {
        label.setWordWrap(wraps);
    }
    label.setText(text);
}

// Around what scrolls, with the edge that says where the focus is.
class FocusEdge final : public QWidget {
public:
    FocusEdge(QScrollArea* scroll, QWidget* parent) : QWidget(parent), m_scroll(scroll) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, kEdge, 0, 0);
        layout->addWidget(scroll);
        scroll->setFocusPolicy(Qt::StrongFocus);
        scroll->installEventFilter(this);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        if (m_scroll->hasFocus()) {
            QPainter(this).fillRect(QRect(0, 0, width(), kEdge), tokens().accent);
        }
    }
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
            update();
        }
        return (event->type() == QEvent::KeyPress &&
                scrollByKey(*m_scroll, *static_cast<QKeyEvent*>(event))) ||
               QWidget::eventFilter(watched, event);
    }

private:
    static constexpr int kEdge = 2;
    QScrollArea* m_scroll;
};

QString money(double dollars) {
    return QLatin1Char('$') + QLocale().toString(dollars, 'f', dollars < 0.01 ? 5 : 2);
}

} // namespace

std::vector<CardContent> correctionCards(const models::TraceRecord& record) {
    std::vector<CardContent> cards;
    if (record.correctionDiff.empty()) {
        if (!record.correction.empty()) {
            CardContent card;
            card.text = record.correction;
            cards.push_back(std::move(card));
        }
        return cards;
    }
    const std::vector<DiffRow>& rows = record.correctionDiff;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const DiffRow& row = rows[i];
        if (row.kind == DiffRow::Kind::Same) {
            std::size_t last = i;
            while (last + 1 < rows.size() && rows[last + 1].kind == DiffRow::Kind::Same) {
                ++last;
            }
            CardContent card;
            card.gutter = QStringLiteral("=");
            card.title = stepsUnchanged(row.oldIndex.value_or(0), rows[last].oldIndex.value_or(0));
            cards.push_back(std::move(card));
            i = last;
            continue;
        }
        if (row.kind != DiffRow::Kind::Added) {
            cards.push_back(removedCard(record, row));
        }
        if (row.kind != DiffRow::Kind::Removed) {
            cards.push_back(addedCard(record, row));
        }
    }
    return cards;
}

OutcomeStrip::OutcomeStrip(render::MathTypesetter* typesetter, QWidget* parent)
    : QFrame(parent), m_typesetter(typesetter), m_head(new QWidget(this)),
      m_fold(new QToolButton(m_head)), m_copy(new QToolButton(m_head)), m_answer(new Chip(m_head)),
      m_validated(new Chip(m_head)), m_costs(mutedLabel({}, m_head)), m_body(new QWidget(this)),
      m_diff(new ReadingColumn(tr("Correction"), typesetter, m_body)),
      m_factsScroll(new QScrollArea(m_body)) {
    setObjectName(QStringLiteral("strip"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Outcome"));
    auto* head = new QHBoxLayout(m_head);
    head->setContentsMargins(space::kOne, 0, space::kHalf, 0);
    head->setSpacing(space::kOne);
    m_fold->setText(tr("Correction"));
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setArrowType(Qt::DownArrow);
    m_fold->setFont(Theme::current().headingFont(0.92));
    m_fold->setToolTip(tr("Fold or unfold the outcome"));
    head->addWidget(m_fold);
    head->addWidget(m_answer);
    head->addWidget(m_validated);
    head->addStretch();
    head->addWidget(m_costs);
    m_copy->setIcon(icon(QStringLiteral("copy")));
    m_copy->setIconSize({14, 14});
    m_copy->setToolTip(tr("Copy the correction"));
    m_copy->setAccessibleName(tr("Copy the correction"));
    head->addWidget(m_copy);
    connect(m_copy, &QToolButton::clicked, m_diff, &ReadingColumn::copyToClipboard);
    m_head->setFixedHeight(space::kFour);
    m_diff->hideHeading();
    auto* factsBody = new QWidget(m_factsScroll);
    m_facts = new QVBoxLayout(factsBody);
    m_facts->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kOne);
    m_facts->setSpacing(6);
    m_factsScroll->setWidget(factsBody);
    m_transcript = makeExpander(tr("Transcript of the self-validation"), true);
    m_evidence = makeExpander(tr("Evidence of the self-validation"), false);
    m_prompt = makeExpander(tr("Prompt as sent"), false);
    m_facts->addStretch();
    m_factsScroll->setWidgetResizable(true);
    m_factsScroll->setAccessibleName(tr("Verdicts"));
    m_factsScroll->viewport()->setAutoFillBackground(false);
    m_factsScroll->viewport()->installEventFilter(this);
    factsBody->setAutoFillBackground(false);
    auto* splitter = new QSplitter(Qt::Horizontal, m_body);
    splitter->setHandleWidth(1);
    splitter->addWidget(m_diff);
    splitter->addWidget(new FocusEdge(m_factsScroll, splitter));
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({640, 420});
    m_factsScroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_factsScroll->setMinimumWidth(260);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 1, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_head);
    layout->addWidget(m_body, 1);
    connect(m_fold, &QToolButton::clicked, this, [this] { setFolded(!m_folded); });
}

int OutcomeStrip::headHeight() const {
    return m_head->height() + 1;
}

void OutcomeStrip::setFolded(bool folded) {
    if (m_folded == folded) {
        return;
    }
    m_folded = folded;
    m_fold->setArrowType(folded ? Qt::RightArrow : Qt::DownArrow);
    m_body->setVisible(!folded);
    setMaximumHeight(folded ? headHeight() : QWIDGETSIZE_MAX);
    setMinimumHeight(folded ? headHeight() : 96);
    Q_EMIT foldedChanged(folded);
}

void OutcomeStrip::restyle() {
    m_diff->restyle();
    for (Expander* expander : {m_transcript, m_evidence, m_prompt}) {
        expander->restyle();
    }
}

Expander* OutcomeStrip::makeExpander(const QString& title, bool markdown) {
    auto* expander =
        new Expander(title, markdown ? Expander::Kind::Markdown : Expander::Kind::Plain,
                     m_typesetter, m_factsScroll->widget());
    expander->hide();
    m_facts->addWidget(expander);
    return expander;
}

void OutcomeStrip::setExpander(Expander& expander, const std::string& text, const QString& title) {
    expander.setText(text);
    expander.setVisible(!text.empty());
    if (!text.empty()) {
        m_factLines << title;
    }
}

int OutcomeStrip::factRoom() const {
    return m_factsScroll->viewport()->width() - kNameWidth - 6 * space::kOne;
}

bool OutcomeStrip::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && watched == m_factsScroll->viewport()) {
        const int room = factRoom();
        for (std::size_t i = 0; i < m_factsUsed; ++i) {
            setFactText(*m_factRows[i].value, m_factRows[i].value->text(), room);
            setFactText(*m_factRows[i].note, m_factRows[i].note->text(), room);
        }
    }
    return QFrame::eventFilter(watched, event);
}

void OutcomeStrip::revealTranscript(base::Span passage) {
    setFolded(false);
    m_transcript->setOpen(true);
    // The new height has to reach the scroll bar first.
    QCoreApplication::sendPostedEvents(m_factsScroll->widget(), QEvent::LayoutRequest);
    m_facts->activate();
    QCoreApplication::sendPostedEvents(m_factsScroll, QEvent::LayoutRequest);
    m_transcript->view().revealSource(passage);
}

void OutcomeStrip::setRecord(const models::TraceRecord& record) {
    setHead(record);
    std::vector<CardContent> cards = correctionCards(record);
    const bool corrected = record.critique && !cards.empty();
    m_fold->setText(corrected ? tr("Correction") : tr("Verdicts"));
    m_copy->setVisible(corrected);
    m_diff->setVisible(corrected);
    m_diff->setCards(std::move(cards));
    m_diff->setCopyText(record.correction);
    setFacts(record);
}

void OutcomeStrip::setHead(const models::TraceRecord& record) {
    const model::Verdict* answer = record.verdict(record.critique ? model::SubjectKind::Critique
                                                                  : model::SubjectKind::Solution,
                                                  model::verifier::kAnswerMatch);
    m_answer->setVisible(answer != nullptr);
    if (answer != nullptr) {
        const std::string& found =
            record.critique ? record.critique->parsed.correctionAnswer
                            : (record.solution ? record.solution->finalAnswer : std::string());
        m_answer->setContent(models::markOf(std::optional(answer->outcome)), tr("answer"),
                             models::matchWord(answer->outcome),
                             tr("Decided by the rule “%1”.").arg(models::labelText(answer->rule)));
        m_answer->setAnswer(found, m_typesetter);
    }
    const model::Verdict* validated =
        record.verdict(model::SubjectKind::Critique, model::verifier::kSelfValidation);
    m_validated->setVisible(validated != nullptr);
    if (validated != nullptr) {
        m_validated->setContent(models::markOf(std::optional(validated->outcome)),
                                tr("self-validation"), models::validatedWord(validated->outcome),
                                {});
    }
    QStringList costs;
    if (record.promptTokens + record.completionTokens > 0) {
        costs << tr("%1 + %2 tokens")
                     .arg(models::grouped(record.promptTokens),
                          models::grouped(record.completionTokens));
    }
    if (record.latencySeconds > 0) {
        costs << tr("%1 s").arg(QLocale().toString(record.latencySeconds, 'f', 1));
    }
    if (record.cost > 0) {
        costs << money(record.cost);
    }
    m_costs->setText(costs.join(QStringLiteral(" · ")));
}

OutcomeStrip::FactRow OutcomeStrip::makeFactRow() {
    FactRow made;
    made.line = new QWidget(m_factsScroll->widget());
    auto* row = new QHBoxLayout(made.line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::kOne);
    made.name = mutedLabel({}, made.line);
    made.name->setFixedWidth(kNameWidth);
    made.value = plainLabel({}, made.line);
    made.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    made.answer = new AnswerLabel(m_typesetter, made.line);
    made.note = mutedLabel({}, made.line);
    row->addWidget(made.name, 0, Qt::AlignTop);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(made.value);
    texts->addWidget(made.answer);
    texts->addWidget(made.note);
    row->addLayout(texts, 1);
    m_facts->insertWidget(static_cast<int>(m_factRows.size()), made.line);
    return made;
}

OutcomeStrip::FactRow& OutcomeStrip::addFact(const QString& name, const QString& value,
                                             models::Mark mark, const QString& note) {
    if (m_factsUsed == m_factRows.size()) {
        m_factRows.push_back(makeFactRow());
    }
    FactRow& row = m_factRows[m_factsUsed++];
    const QString words =
        mark == models::Mark::None ? value : models::markText(mark) + QLatin1Char(' ') + value;
    const int room = factRoom();
    setFactText(*row.name, name, kNameWidth);
    setFactText(*row.value, words, room);
    row.value->show();
    row.answer->hide();
    setFactText(*row.note, note, room);
    row.note->setVisible(!note.isEmpty());
    const QColor ink = mark == models::Mark::None ? tokens().text : tokens().mark(mark);
    if (QPalette palette = row.value->palette(); palette.color(QPalette::WindowText) != ink) {
        palette.setColor(QPalette::WindowText, ink);
        row.value->setPalette(palette);
    }
    row.line->setVisible(true);
    m_factLines << name + QStringLiteral(": ") + words +
                       (note.isEmpty() ? QString()
                                       : QStringLiteral(" (") + note + QLatin1Char(')'));
    return row;
}

void OutcomeStrip::addAnswerFact(const QString& name, const std::string& answer, models::Mark mark,
                                 const QString& note) {
    FactRow& row = addFact(name, models::labelText(answer), mark, note);
    if (!render::texOfAnswer(answer).empty()) {
        row.answer->setAnswer(answer, mark);
        row.answer->show();
        row.value->hide();
    }
}

void OutcomeStrip::addAnswer(const QString& name, const models::TraceRecord& record,
                             const std::string& found, model::SubjectKind subject) {
    const model::Verdict* match = record.verdict(subject, model::verifier::kAnswerMatch);
    QString note;
    if (match != nullptr) {
        note = tr("rule %1").arg(models::labelText(match->rule));
    } else if (!record.problem.referenceAnswer.empty() && !record.verdictsHidden) {
        note = tr("not compared yet: run Verify");
    }
    const models::Mark mark =
        match == nullptr ? models::Mark::None : models::markOf(std::optional(match->outcome));
    if (found.empty()) {
        addFact(name, tr("none found"), mark, note);
    } else {
        addAnswerFact(name, found, mark, note);
    }
}

void OutcomeStrip::addValidation(const models::TraceRecord& record) {
    const model::Verdict* validated =
        record.verdict(model::SubjectKind::Critique, model::verifier::kSelfValidation);
    std::string evidence;
    if (validated != nullptr) {
        QStringList note;
        if (!validated->rule.empty()) {
            note << tr("rule %1").arg(models::labelText(validated->rule));
        }
        note << models::labelText(validated->source);
        note.removeAll(QString());
        addFact(tr("Self-validation"), models::validatedWord(validated->outcome),
                models::markOf(std::optional(validated->outcome)),
                note.join(QStringLiteral(" · ")));
        evidence = record.validationTranscript.empty() && validated->evidence != "{}"
                       ? validated->evidence
                       : std::string();
    }
    setExpander(*m_transcript, record.validationTranscript, tr("Transcript"));
    setExpander(*m_evidence, evidence, tr("Evidence"));
}

void OutcomeStrip::setFacts(const models::TraceRecord& record) {
    m_factLines.clear();
    m_factsUsed = 0;
    const std::string& gold = record.problem.referenceAnswer;
    const QString repaired =
        record.statedAnswer
            ? tr("repaired; the data set says %1").arg(models::labelText(*record.statedAnswer, 60))
            : QString();
    if (gold.empty()) {
        addFact(tr("Gold answer"), tr("not known"), models::Mark::None, repaired);
    } else {
        addAnswerFact(tr("Gold answer"), gold, models::Mark::None, repaired);
    }
    if (record.solution) {
        addAnswer(tr("Candidate's answer"), record, record.solution->finalAnswer,
                  model::SubjectKind::Solution);
    }
    if (record.critique && record.correction.empty()) {
        addFact(tr("Correction"), tr("the critique gives none"));
    }
    if (record.critique) {
        addAnswer(tr("Corrected answer"), record, record.critique->parsed.correctionAnswer,
                  model::SubjectKind::Critique);
        for (const model::Flag flag : model::flagsIn(record.critique->parsed.flags)) {
            addFact(QStringLiteral("⚑ ") + models::flagWord(flag), models::flagExplanation(flag));
        }
        for (const std::string& gap : record.critique->parsed.problems) {
            if (gap == "no-correction" && !record.correction.empty()) {
                continue; // the data set delivers it beside the critique
            }
            addFact(tr("Not read"), models::parseProblemSentence(models::labelText(gap)));
        }
    }
    for (const models::ArithmeticMark& mark : record.arithmetic) {
        addFact(tr("Arithmetic, step %1").arg(mark.step + 1), models::labelText(mark.message),
                models::Mark::No);
    }
    if (record.labelStep) {
        addFact(tr("Label"), models::stepPhrase(record.labelStep));
    }
    addValidation(record);
    setExpander(*m_prompt, record.prompt, tr("Prompt as sent"));
    for (std::size_t i = m_factsUsed; i < m_factRows.size(); ++i) {
        m_factRows[i].line->hide();
    }
}

QString OutcomeStrip::factsText() const {
    return m_factLines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::widgets
