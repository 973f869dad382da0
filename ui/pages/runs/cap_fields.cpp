// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/cap_fields.h"

#include "ui/widgets/form_widgets.h"

#include <QDoubleSpinBox>
#include <QSpinBox>

#include <algorithm>
#include <limits>

namespace scrit::ui::pages {

namespace {

// A spin box whose lowest value means "no cap".
template<typename Spin>
Spin* cap(QWidget* parent, const QString& name) {
    auto* spin = new Spin(parent);
    spin->setSpecialValueText(CapFields::tr("no cap"));
    spin->setGroupSeparatorShown(true);
    spin->setAlignment(Qt::AlignRight);
    spin->setButtonSymbols(QAbstractSpinBox::NoButtons);
    spin->setAccessibleName(name);
    return spin;
}

} // namespace

CapFields::CapFields(widgets::FormGrid& grid)
    : QObject(&grid), m_requests(cap<QSpinBox>(&grid, tr("Requests at most"))),
      m_tokens(cap<QDoubleSpinBox>(&grid, tr("Tokens at most"))),
      m_cost(cap<QDoubleSpinBox>(&grid, tr("Cost at most, in US dollars"))) {
    m_requests->setMaximum(std::numeric_limits<int>::max());
    m_tokens->setDecimals(0);
    m_tokens->setMaximum(1e15);
    m_cost->setMaximum(1e9);
    m_cost->setPrefix(QStringLiteral("$"));
    grid.addRow(tr("Re&quests"), m_requests);
    grid.addRow(tr("To&kens"), m_tokens);
    grid.addRow(tr("C&ost"), m_cost,
                tr("The run stops by itself before a cap could be passed; it can go on later."));
    connect(m_requests, &QSpinBox::valueChanged, this, &CapFields::changed);
    connect(m_tokens, &QDoubleSpinBox::valueChanged, this, &CapFields::changed);
    connect(m_cost, &QDoubleSpinBox::valueChanged, this, &CapFields::changed);
}

void CapFields::setCaps(const models::RunCaps& caps) {
    m_requests->setValue(
        static_cast<int>(std::min<qint64>(caps.requests, std::numeric_limits<int>::max())));
    m_tokens->setValue(static_cast<double>(caps.tokens));
    m_cost->setValue(caps.cost);
}

models::RunCaps CapFields::caps() const {
    return {m_requests->value(), static_cast<qint64>(m_tokens->value()), m_cost->value()};
}

} // namespace scrit::ui::pages
