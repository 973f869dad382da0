// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/measure_fields.h"

#include "ui/bridge/evolution_service.h"
#include "ui/models/words.h"
#include "ui/pages/filter_input.h"
#include "ui/pages/page.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>
#include <array>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::EvolutionService;

namespace {

constexpr int kMostSets = 3; // shown at once
constexpr std::array<const char*, 3> kSuites{"ei", "cc", "clcs"};

// Each member belongs to one problem, so a fifth of the problems at most is kept from training.
int usualLimit(qint64 problems) {
    constexpr qint64 kShare = 5;
    constexpr qint64 kMost = 200;
    return static_cast<int>(std::clamp<qint64>(problems / kShare, 1, kMost));
}

} // namespace

MeasureFields::MeasureFields(FormGrid& grid, PageContext& context)
    : QObject(&grid), m_grid(grid), m_context(context) {
    addSets();
    addFreezing();
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connectService();
    showFreezing(false);
}

void MeasureFields::addSets() {
    m_sets = tickList(&m_grid);
    m_another = new QPushButton(tr("New set…"), &m_grid);
    m_another->setCheckable(true);
    m_another->setToolTip(tr("Freeze solutions as another evaluation set"));
    connect(m_another, &QPushButton::toggled, this, &MeasureFields::showFreezing);
    connect(m_sets, &QListWidget::itemChanged, this, &MeasureFields::changed);
    m_setsRow = m_grid.addRow(tr("&Evaluate on"), QVector<QWidget*>{m_sets, m_another});
    fitRows(*m_sets, kMostSets);
}

void MeasureFields::addFreezing() {
    m_name = new QLineEdit(&m_grid);
    m_name->setText(QStringLiteral("heldout"));
    m_filter = new FilterEdit(&m_grid);
    serveFilter(*m_filter, models::ListKind::Solutions, m_context);
    m_filter->setPlaceholderText(tr("all solutions"));
    m_limit = numberBox(&m_grid, tr("all of them"));
    m_balance = choiceBox(&m_grid);
    m_balance->addItem(tr("as they come"), QString());
    for (const char* ratio : {"1:1", "2:1", "1:2"}) {
        m_balance->addItem(tr("%1 right to wrong").arg(QLatin1String(ratio)),
                           QString::fromLatin1(ratio));
    }
    m_freeze = new QPushButton(tr("Freeze it"), &m_grid);
    m_freeze->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_nameRow = m_grid.addRow(tr("    New set"), m_name);
    m_filterRow = m_grid.addRow(tr("    Solutions"), m_filter);
    m_limitRow = m_grid.addRow(tr("    At most"), m_limit, tr("Chosen at random."));
    m_balanceRow = m_grid.addRow(tr("    Balance"), m_balance);
    m_freezeRow = m_grid.addRow({}, m_freeze);
    m_freeze->setAccessibleName(tr("Freeze the evaluation set"));
    connect(m_name, &QLineEdit::textChanged, this, &MeasureFields::freezeChanged);
    connect(m_filter, &FilterEdit::filterChanged, this, &MeasureFields::freezeChanged);
    connect(m_limit, &QSpinBox::valueChanged, this, [this] {
        m_touched = true;
        freezeChanged();
    });
    connect(m_balance, &QComboBox::currentIndexChanged, this, &MeasureFields::freezeChanged);
    showFilterProblem(*m_filter, m_grid, m_filterRow);
    connect(m_freeze, &QPushButton::clicked, this, [this] {
        if (freezeProblem().isEmpty()) {
            m_wanted = tickedOf(*m_sets) << freezeForm().name;
            m_freeze->setEnabled(false); // until it is answered
            m_context.evolution.freeze(freezeForm());
        }
    });
}

void MeasureFields::addMeasurement() {
    m_grid.addFold(tr("How it is measured"));
    auto* suites = new QWidget(&m_grid);
    auto* line = new QHBoxLayout(suites);
    line->setContentsMargins(0, 4, 0, 4);
    line->setSpacing(space::kTwo);
    const std::array<QString, 3> words{tr("first wrong step (EI)"), tr("corrections (CC)"),
                                       tr("confidence (CL, CS)")};
    const models::EvolutionForm usual;
    for (std::size_t i = 0; i < kSuites.size(); ++i) {
        auto* tick = new QCheckBox(words[i], suites);
        tick->setChecked(usual.suites.contains(QLatin1String(kSuites[i])));
        connect(tick, &QCheckBox::toggled, this, &MeasureFields::changed);
        m_suites << tick;
        line->addWidget(tick);
    }
    line->addStretch();
    m_samples = numberBox(&m_grid, {});
    constexpr int kMostSamples = 1000;
    m_samples->setRange(1, kMostSamples);
    m_samples->setValue(usual.samples);
    m_temperature = new QDoubleSpinBox(&m_grid);
    m_temperature->setRange(0, 5);
    m_temperature->setSingleStep(0.1);
    m_temperature->setSpecialValueText(tr("0, greedy"));
    m_temperature->setAlignment(Qt::AlignRight);
    m_temperature->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_tokens = numberBox(&m_grid, {});
    m_tokens->setMinimum(1);
    m_tokens->setValue(usual.maxTokens);
    m_suitesRow = m_grid.addRow(tr("Suites"), suites);
    m_grid.addRow(tr("Samples"), m_samples,
                  tr("Critiques of each solution; under EI the majority counts."));
    m_grid.addRow(tr("Temperature"), m_temperature);
    m_grid.addRow(tr("Longest answer"), m_tokens, tr("Tokens of a measured critique."));
    m_grid.endFold();
    connect(m_samples, &QSpinBox::valueChanged, this, &MeasureFields::changed);
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, &MeasureFields::changed);
    connect(m_tokens, &QSpinBox::valueChanged, this, &MeasureFields::changed);
}

void MeasureFields::connectService() {
    connect(&m_pause, &QTimer::timeout, this, &MeasureFields::askFreeze);
    EvolutionService& evolution = m_context.evolution;
    connect(&evolution, &EvolutionService::freezePreviewReady, this,
            [this](quint64 token, const models::FreezePreview& preview) {
                if (token == m_token) {
                    showFreeze(preview);
                }
            });
    connect(&evolution, &EvolutionService::freezePreviewFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_grid.setProblem(m_freezeRow, troubleText(trouble));
                }
            });
    connect(&evolution, &EvolutionService::freezeFailed, this,
            [this](const models::Trouble& trouble) {
                m_wanted.clear();
                m_grid.setProblem(m_freezeRow, troubleText(trouble));
            });
    connect(&evolution, &EvolutionService::frozen, this,
            [this](const QString& name, qint64 members, qint64 trainedOn) {
                m_context.remark(
                    tr("%1 is frozen: %2 solutions").arg(name, models::grouped(members)));
                m_caution = trainedOn == 0
                                ? QString()
                                : tr("⚠ %1 problems of %2 were written into data sets before: a "
                                     "model trained on those cannot be measured with it.")
                                      .arg(models::grouped(trainedOn), name);
                m_another->setChecked(false);
                showFreezing(false);
            });
}

void MeasureFields::setChoices(const models::EvolutionChoices& choices) {
    m_choices = choices;
    const QSignalBlocker quiet(m_sets);
    const QStringList chosen = m_wanted.isEmpty() ? tickedOf(*m_sets) : m_wanted;
    m_sets->clear();
    for (const auto& [name, size] : choices.sets) {
        offerTick(*m_sets, name, tr("%1, %2 solutions").arg(name, models::grouped(size)),
                  chosen.contains(name) || (chosen.isEmpty() && choices.sets.size() == 1));
    }
    m_wanted.clear();
    fitRows(*m_sets, kMostSets);
    m_sets->setVisible(!choices.sets.isEmpty());
    m_another->setVisible(!choices.sets.isEmpty());
    if (choices.sets.isEmpty()) {
        m_caution.clear();
    }
    m_grid.setNote(m_setsRow,
                   choices.sets.isEmpty()
                       ? tr("There is no evaluation set yet. Choose below what every round is "
                            "measured on; it stays as it is for ever, and its problems never enter "
                            "training.")
                   : m_caution.isEmpty() ? tr("Frozen sets; their problems never enter training.")
                                         : m_caution);
    offerFreezing();
    showFreezing(choices.sets.isEmpty() || m_another->isChecked());
}

// A name that is free, and as many solutions as leave enough to train on.
void MeasureFields::offerFreezing() {
    const auto taken = [this](const QString& name) {
        return std::any_of(m_choices.sets.begin(), m_choices.sets.end(),
                           [&name](const auto& set) { return set.first == name; });
    };
    if (taken(m_name->text().trimmed())) {
        int number = 2;
        while (taken(QStringLiteral("heldout-%1").arg(number))) {
            ++number;
        }
        m_name->setText(taken(QStringLiteral("heldout")) ? QStringLiteral("heldout-%1").arg(number)
                                                         : QStringLiteral("heldout"));
    }
    if (!m_touched) {
        const QSignalBlocker quiet(m_limit);
        m_limit->setValue(usualLimit(m_choices.problems));
    }
}

void MeasureFields::showFreezing(bool shown) {
    for (const int row : {m_nameRow, m_filterRow, m_limitRow, m_balanceRow, m_freezeRow}) {
        m_grid.setRowVisible(row, shown);
    }
    if (shown) {
        freezeChanged();
    }
}

bool MeasureFields::isFreezing() const {
    return m_grid.isRowShown(m_freezeRow);
}

models::FreezeForm MeasureFields::freezeForm() const {
    models::FreezeForm form;
    form.name = m_name->text().trimmed();
    form.filter = m_filter->text().trimmed();
    form.limit = m_limit->value();
    form.balance = m_balance->currentData().toString();
    return form;
}

QString MeasureFields::freezeProblem() const {
    const QString name = m_name->text().trimmed();
    if (name.isEmpty()) {
        return tr("A name goes here");
    }
    for (const auto& set : m_choices.sets) {
        if (set.first == name) {
            return tr("There is a set of this name already");
        }
    }
    return {};
}

void MeasureFields::freezeChanged() {
    m_freeze->setEnabled(false);
    m_grid.setProblem(m_nameRow, freezeProblem());
    m_grid.setProblem(m_freezeRow, {});
    m_grid.setNote(m_freezeRow, tr("counting…"));
    m_pause.start();
}

void MeasureFields::askFreeze() {
    if (isFreezing() && m_grid.isVisible() && !m_filter->hasError()) {
        m_token = m_context.evolution.requestFreezePreview(freezeForm());
    }
}

void MeasureFields::showFreeze(const models::FreezePreview& preview) {
    const bool enough = preview.problemsLeft > 0;
    m_grid.setProblem(m_freezeRow, enough ? QString()
                                          : tr("Nothing would be left to train on: freeze fewer "
                                               "solutions, or of fewer problems"));
    m_grid.setNote(m_freezeRow,
                   tr("%1 solutions of %2 problems; %3 other problems are left to train on.")
                       .arg(models::grouped(preview.members), models::grouped(preview.problems),
                            models::grouped(preview.problemsLeft)));
    m_freeze->setEnabled(enough && freezeProblem().isEmpty());
}

void MeasureFields::setForm(const models::EvolutionForm& form) {
    m_wanted = m_sets->count() > 0 ? QStringList() : form.sets;
    setTicked(*m_sets, form.sets);
    for (int i = 0; i < m_suites.size(); ++i) {
        m_suites[i]->setChecked(
            form.suites.contains(QLatin1String(kSuites[static_cast<std::size_t>(i)])));
    }
    m_samples->setValue(form.samples);
    m_temperature->setValue(form.temperature);
    m_tokens->setValue(form.maxTokens);
}

void MeasureFields::fill(models::EvolutionForm& form) const {
    form.sets = tickedOf(*m_sets);
    form.suites.clear();
    for (int i = 0; i < m_suites.size(); ++i) {
        if (m_suites[i]->isChecked()) {
            form.suites << QLatin1String(kSuites[static_cast<std::size_t>(i)]);
        }
    }
    form.samples = m_samples->value();
    form.temperature = m_temperature->value();
    form.maxTokens = m_tokens->value();
}

QString MeasureFields::check() {
    const bool offered = m_sets->count() > 0;
    const QString noSet = !tickedOf(*m_sets).isEmpty() ? QString()
                          : offered                    ? tr("Choose an evaluation set")
                                                       : tr("Freeze an evaluation set first");
    m_grid.setProblem(m_setsRow, offered ? noSet : QString()); // else the note says what to do
    const bool anySuite = std::any_of(m_suites.begin(), m_suites.end(),
                                      [](const QCheckBox* tick) { return tick->isChecked(); });
    const QString noSuite = anySuite ? QString() : tr("Choose what is measured");
    m_grid.setProblem(m_suitesRow, noSuite);
    return noSet.isEmpty() ? noSuite : noSet;
}

} // namespace scrit::ui::pages
