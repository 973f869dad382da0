// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fact_list.h"

#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QGridLayout>

namespace scrit::ui::widgets {

FactList::FactList(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(space::kTwo);
    m_grid->setVerticalSpacing(space::kHalf);
    m_grid->setColumnStretch(1, 1);
    constexpr int kNames = 96;
    m_grid->setColumnMinimumWidth(0, kNames);
}

void FactList::setFacts(const Facts& facts) {
    m_facts = facts;
    while (m_rows.size() < facts.size()) {
        auto* name = plainLabel({}, this);
        name->setProperty("muted", true);
        auto* value = new ElidedLabel(this);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int row = static_cast<int>(m_rows.size());
        m_grid->addWidget(name, row, 0);
        m_grid->addWidget(value, row, 1);
        m_rows.push_back({name, value});
    }
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        const bool used = i < facts.size();
        m_rows[i].first->setVisible(used);
        m_rows[i].second->setVisible(used);
        if (used) {
            m_rows[i].first->setText(facts[i].first);
            m_rows[i].second->setFullText(facts[i].second);
        }
    }
}

QString FactList::text() const {
    QStringList lines;
    for (const auto& [name, value] : m_facts) {
        lines << name + QStringLiteral(": ") + value;
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::widgets
