// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/record_header.h"

#include "ui/models/visible_text.h"
#include "ui/models/words.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>

namespace scrit::ui::widgets {

namespace {

constexpr int kMostSiblings = 9;

QString origin(const models::TraceRecord& record) {
    QStringList parts;
    // The list shows a solution's source; its problem may come from elsewhere.
    const QString problem = models::labelText(record.problem.source, 60);
    const QString solution =
        record.solution ? models::labelText(record.solution->source, 60) : QString();
    parts << (solution.isEmpty() || solution == problem
                  ? problem
                  : RecordHeader::tr("%1 (problem: %2)").arg(solution, problem));
    if (record.solution) {
        parts << models::labelText(record.solution->author, 60);
    }
    if (record.critique) {
        parts << models::labelText(record.critique->critic, 60)
              << models::modeWord(record.critique->mode);
        if (record.critique->round > 0) {
            parts << RecordHeader::tr("round %1").arg(record.critique->round);
        }
    }
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

const model::Verdict* newest(const models::TraceRecord& record, std::string_view verifier) {
    return record.verdict(
        record.critique ? model::SubjectKind::Critique : model::SubjectKind::Solution, verifier);
}

} // namespace

RecordHeader::RecordHeader(QWidget* parent)
    : QFrame(parent), m_layout(new QHBoxLayout(this)), m_position(mutedLabel({}, this)),
      m_candidate(new Chip(this)), m_label(new Chip(this)), m_critique(new Chip(this)),
      m_validated(new Chip(this)), m_answer(new Chip(this)), m_flags(new Chip(this)),
      m_origin(new ElidedLabel(this)), m_siblingBox(new QWidget(this)) {
    m_layout->setContentsMargins(space::kOne, 0, space::kOne, 0);
    m_layout->setSpacing(6);
    m_layout->addWidget(m_position);
    m_layout->addSpacing(space::kHalf);
    for (Chip* chip : {m_candidate, m_label, m_critique, m_validated, m_answer, m_flags}) {
        m_layout->addWidget(chip);
    }
    m_layout->addSpacing(space::kHalf);
    m_layout->addWidget(m_origin, 1);
    m_origin->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_origin->setMinimumWidth(60);
    m_origin->setProperty("muted", true);
    m_origin->setFont(Theme::current().smallFont());
    auto* box = new QHBoxLayout(m_siblingBox);
    box->setContentsMargins(0, 0, 0, 0);
    m_layout->addWidget(m_siblingBox);
    setFixedHeight(space::kBar - 4);
}

void RecordHeader::addLeft(QWidget* widget) {
    m_layout->insertWidget(m_left++, widget);
}

void RecordHeader::addRight(QWidget* widget) {
    m_layout->addWidget(widget);
}

void RecordHeader::clear() {
    m_position->clear();
    m_origin->setFullText({});
    for (Chip* chip : {m_candidate, m_label, m_critique, m_validated, m_answer, m_flags}) {
        chip->hide();
    }
    m_siblingBox->hide();
}

void RecordHeader::setRemark(const QString& words) {
    clear();
    m_origin->setFullText(words);
}

void RecordHeader::setRecord(const models::TraceRecord& record, int row, int rows) {
    const QString all = rows < 0 ? QStringLiteral("…") : models::grouped(rows);
    m_position->setText(row < 0 ? tr("not in this list")
                                : tr("%1 of %2").arg(models::grouped(row + 1), all));
    m_candidate->setVisible(record.solution.has_value() && !record.verdictsHidden);
    m_candidate->setContent(
        models::markOf(record.solutionCorrect), tr("candidate"),
        models::correctnessWord(record.solutionCorrect),
        tr("Whether the candidate's final answer is right: a person's word over the answer match "
           "over the data set's label."));
    m_label->setVisible(record.labelStep.has_value());
    m_label->setContent(models::Mark::None, tr("label"), models::stepPhrase(record.labelStep),
                        tr("First wrong step as the data set labels it."));
    const bool hasCritique = record.critique.has_value();
    m_critique->setVisible(hasCritique);
    if (hasCritique) {
        const model::ParsedCritique& parsed = record.critique->parsed;
        QString words = models::conclusionWord(parsed.conclusion);
        if (parsed.firstErrorStep && *parsed.firstErrorStep >= 0) {
            words += QStringLiteral(", ") + models::stepPhrase(parsed.firstErrorStep);
        }
        m_critique->setContent(models::markOf(parsed.conclusion), tr("critique"), words,
                               tr("What the critique concludes about the candidate, and the first "
                                  "wrong step it names."));
    }
    const model::Verdict* validated = newest(record, model::verifier::kSelfValidation);
    m_validated->setVisible(validated != nullptr);
    if (validated != nullptr) {
        m_validated->setContent(models::markOf(std::optional(validated->outcome)), {},
                                models::validatedWord(validated->outcome),
                                tr("Self-validation: the critic judged its own correction."));
    }
    const model::Verdict* answer = newest(record, model::verifier::kAnswerMatch);
    m_answer->setVisible(answer != nullptr && hasCritique);
    if (answer != nullptr) {
        m_answer->setContent(models::markOf(std::optional(answer->outcome)), tr("answer"),
                             models::matchWord(answer->outcome),
                             tr("Final answer of the correction against the gold answer."));
    }
    const auto flags =
        hasCritique ? model::flagsIn(record.critique->parsed.flags) : std::vector<model::Flag>();
    m_flags->setVisible(!flags.empty());
    QStringList lines;
    for (const model::Flag flag : flags) {
        lines << models::flagWord(flag) + QStringLiteral(": ") + models::flagExplanation(flag);
    }
    m_flags->setContent(models::Mark::None, QStringLiteral("⚑"),
                        flags.size() == 1 ? models::flagWord(flags.front())
                                          : tr("%1 flags").arg(flags.size()),
                        lines.join(QLatin1Char('\n')).toHtmlEscaped());
    m_origin->setFullText(origin(record));
    setSiblings(record);
}

void RecordHeader::setSiblings(const models::TraceRecord& record) {
    const bool several = record.siblings.size() > 1 && record.critique;
    m_siblingBox->setVisible(several);
    if (!several) {
        m_rows.clear();
        return;
    }
    m_rows = record.siblings.mid(0, kMostSiblings);
    m_own = 0;
    for (int i = 0; i < m_rows.size(); ++i) {
        m_own = m_rows[i].id == record.critique->id ? i : m_own;
    }
    // Made anew only when the number of choices is another one.
    if (m_siblings == nullptr || m_siblings->count() != m_rows.size()) {
        delete m_siblings;
        QStringList numbers;
        for (int i = 0; i < m_rows.size(); ++i) {
            numbers << QString::number(i + 1);
        }
        m_siblings = new Segmented(numbers, m_siblingBox);
        m_siblings->setAccessibleName(tr("Critiques of this solution"));
        connect(m_siblings, &Segmented::chosen, this,
                [this](int index) { Q_EMIT siblingChosen(m_rows[index].id); });
        m_siblingBox->layout()->addWidget(m_siblings);
    }
    m_siblings->setToolTip(tr("%1 critiques of this solution").arg(record.siblings.size()));
    m_siblings->setCurrent(m_own);
    m_siblings->setSecond(-1);
}

void RecordHeader::setCompared(qint64 critiqueId) {
    if (m_siblings == nullptr || m_rows.isEmpty()) {
        return;
    }
    m_siblings->setCurrent(m_own);
    m_siblings->setSecond(-1);
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].id == critiqueId && critiqueId != 0) {
            m_siblings->setSecond(i);
        }
    }
}

QString RecordHeader::summary() const {
    QStringList words{m_position->text()};
    for (const Chip* chip : {m_candidate, m_label, m_critique, m_validated, m_answer, m_flags}) {
        if (!chip->isHidden()) {
            words << chip->text();
        }
    }
    return words.join(QStringLiteral(" | "));
}

} // namespace scrit::ui::widgets
