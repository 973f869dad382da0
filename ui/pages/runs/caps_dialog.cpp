// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/caps_dialog.h"

#include "ui/models/run_words.h"
#include "ui/pages/runs/cap_fields.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QPushButton>
#include <QVBoxLayout>

namespace scrit::ui::pages {

using namespace widgets;

CapsDialog::CapsDialog(const models::RunSummary& run, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Caps of run %1").arg(run.id));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kTwo);
    column->setSpacing(space::kTwo);
    QLabel* used = plainLabel(tr("Used so far: %1 completions, %2 tokens, %3.")
                                  .arg(models::grouped(run.completions),
                                       models::tokensText(run.promptTokens + run.completionTokens),
                                       models::costText(run.cost)),
                              this);
    used->setWordWrap(true);
    column->addWidget(used);
    auto* grid = new FormGrid(this);
    m_fields = new CapFields(*grid);
    m_fields->setCaps(run.caps);
    column->addWidget(grid);
    auto* buttons = new QHBoxLayout;
    auto* cancel = new QPushButton(tr("Cancel"), this);
    auto* resume = new QPushButton(tr("Resume with these"), this);
    resume->setProperty("primary", true);
    resume->setDefault(true);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(resume);
    column->addStretch();
    column->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(resume, &QPushButton::clicked, this, &QDialog::accept);
    constexpr int kWidth = 440;
    resize(kWidth, sizeHint().height());
}

models::RunCaps CapsDialog::caps() const {
    return m_fields->caps();
}

} // namespace scrit::ui::pages
