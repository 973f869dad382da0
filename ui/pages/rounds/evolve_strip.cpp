// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/evolve_strip.h"

#include "ui/models/round_values.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace scrit::ui::pages {

using namespace widgets;

namespace {

constexpr int kSteps = 1000; // of a bar

QProgressBar* bar(const QString& name, QWidget* parent) {
    auto* made = new QProgressBar(parent);
    made->setRange(0, kSteps);
    made->setTextVisible(false);
    made->setAccessibleName(name);
    made->setToolTip(name);
    made->setFixedWidth(140);
    return made;
}

} // namespace

EvolveStrip::EvolveStrip(QAction* stop, QWidget* parent)
    : QFrame(parent), m_title(plainLabel({}, this)), m_message(new ElidedLabel(this)),
      m_stage(bar(tr("This stage"), this)), m_all(bar(tr("All rounds"), this)),
      m_percent(mutedLabel({}, this)), m_button(new QPushButton(stop->text(), this)) {
    setObjectName(QStringLiteral("strip"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::kTwo, space::kHalf, space::kTwo, space::kHalf);
    row->setSpacing(space::kOne);
    m_title->setFont(Theme::current().headingFont(1.0));
    row->addWidget(m_title);
    row->addWidget(m_message, 1);
    row->addWidget(mutedLabel(tr("stage"), this));
    row->addWidget(m_stage);
    row->addWidget(mutedLabel(tr("all"), this));
    row->addWidget(m_all);
    row->addWidget(m_percent);
    row->addWidget(m_button);
    connect(m_button, &QPushButton::clicked, stop, &QAction::trigger);
    m_button->setToolTip(stop->toolTip());
    hide();
}

void EvolveStrip::setStatus(const models::EvolutionStatus& status) {
    m_title->setText(status.series + QStringLiteral(" · ") +
                     (status.rounds > 0 ? tr("round %1 of %2").arg(status.round).arg(status.rounds)
                                        : tr("starting")));
    QString words = models::stageWord(status.stage);
    if (!status.message.isEmpty()) {
        words += (words.isEmpty() ? QString() : QStringLiteral(" · ")) + status.message;
    }
    m_message->setFullText(status.stopping ? tr("stopping: %1").arg(words) : words);
    // A stage that cannot tell how far it is moves without saying.
    m_stage->setRange(0, status.fraction < 0 ? 0 : kSteps);
    m_stage->setValue(static_cast<int>(std::max(0.0, status.fraction) * kSteps));
    m_all->setValue(static_cast<int>(status.overall * kSteps));
    m_percent->setText(QStringLiteral("%1 %").arg(std::lround(std::floor(status.overall * 100))));
    m_button->setText(status.stopping ? tr("Stop now") : tr("Stop"));
    m_button->setToolTip(status.stopping
                             ? tr("Drop what is in flight; it is asked again when it goes on")
                             : tr("Finish what is under way and stop; it can be resumed"));
    show();
}

QString EvolveStrip::text() const {
    return m_title->text() + QStringLiteral(" · ") + m_message->fullText();
}

} // namespace scrit::ui::pages
