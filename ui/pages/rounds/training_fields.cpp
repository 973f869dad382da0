// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/training_fields.h"

#include "ui/widgets/form_inputs.h"
#include "ui/widgets/form_widgets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>

#include <utility>

namespace scrit::ui::pages {

using namespace widgets;

namespace {

// A number that the trainer chooses where nothing is given; that stands at the lowest value.
QSpinBox* trainersNumber(QWidget* parent, int lowest) {
    QSpinBox* box = numberBox(parent, TrainingFields::tr("as the trainer chooses"));
    box->setMinimum(lowest);
    box->setValue(lowest);
    return box;
}

std::optional<int> given(const QSpinBox& box) {
    return box.value() == box.minimum() ? std::nullopt : std::optional(box.value());
}

void give(QSpinBox& box, const std::optional<int>& value) {
    box.setValue(value.value_or(box.minimum()));
}

} // namespace

TrainingFields::TrainingFields(FormGrid& grid) : QObject(&grid), m_grid(grid) {
    addTrainer(grid);
    addData(grid);
    addSettings(grid);
    addKept(grid);
    connectFields();
}

void TrainingFields::addTrainer(FormGrid& grid) {
    m_trainer = choiceBox(&grid);
    m_template = choiceBox(&grid);
    m_template->setEditable(true);
    m_template->setToolTip(tr("A template by name, or a TOML file"));
    m_trainerRow = grid.addRow(tr("Tr&ainer"), m_trainer);
    m_templateRow = grid.addRow(tr("Temp&late"), m_template);
}

void TrainingFields::addData(FormGrid& grid) {
    m_from = choiceBox(&grid);
    m_from->addItem(tr("the last round's model"), true);
    m_from->addItem(tr("the base model each time"), false);
    m_data = choiceBox(&grid);
    m_data->addItem(tr("this round's critiques"), false);
    m_data->addItem(tr("those of all rounds so far"), true);
    m_validate = new QCheckBox(tr("only what validates itself"), &grid);
    m_validate->setChecked(true);
    grid.addRow(tr("Train &from"), m_from);
    grid.addRow(tr("Train o&n"), m_data);
    grid.addRow(tr("&Keep"), m_validate);
}

void TrainingFields::addSettings(FormGrid& grid) {
    grid.addFold(tr("How it is trained"));
    m_epochs = trainersNumber(&grid, 0);
    m_batch = trainersNumber(&grid, 0);
    m_rate = new QLineEdit(&grid);
    m_rate->setPlaceholderText(tr("as the trainer chooses"));
    m_rate->setAlignment(Qt::AlignRight);
    m_lora = trainersNumber(&grid, -1);
    m_length = trainersNumber(&grid, 0);
    m_values = new QLineEdit(&grid);
    m_values->setPlaceholderText(QStringLiteral("slurm.partition=gpu; slurm.time=8:00:00"));
    grid.addRow(tr("Epochs"), m_epochs);
    grid.addRow(tr("Batch"), m_batch, tr("Examples of one step, over all devices."));
    m_rateRow = grid.addRow(tr("Learning rate"), m_rate);
    grid.addRow(tr("LoRA rank"), m_lora, tr("0: all weights are trained."));
    grid.addRow(tr("Longest"), m_length, tr("Tokens of one example."));
    m_valuesRow = grid.addRow(tr("Values"), m_values,
                              tr("More for the template or the trainer: NAME=VALUE, with "
                                 "semicolons between."));
    grid.endFold();
}

void TrainingFields::addKept(FormGrid& grid) {
    grid.addFold(tr("What it is trained on"));
    m_examples = numberBox(&grid, tr("all that are left"));
    m_balance = choiceBox(&grid);
    m_balance->addItem(tr("as the recipe says"), QString());
    for (const char* ratio : {"1:1", "3:1", "1:3"}) {
        m_balance->addItem(tr("%1 right to wrong").arg(QLatin1String(ratio)),
                           QString::fromLatin1(ratio));
    }
    m_balance->addItem(tr("as they come"), QStringLiteral("any"));
    m_order = choiceBox(&grid);
    using Order = models::EvolutionForm::Order;
    m_order->addItem(tr("shuffled"), static_cast<int>(Order::Random));
    m_order->addItem(tr("easy ones first"), static_cast<int>(Order::EasyFirst));
    m_order->addItem(tr("hard ones first"), static_cast<int>(Order::HardFirst));
    m_order->addItem(tr("as they are stored"), static_cast<int>(Order::Stored));
    m_order->setToolTip(tr("Easy: few different answers to the problem"));
    m_copies = new QCheckBox(tr("what repeats the reference word by word"), &grid);
    m_leaks = new QCheckBox(tr("what mentions the reference"), &grid);
    m_duplicates = new QCheckBox(tr("exact duplicates"), &grid);
    m_overlaps = new QCheckBox(tr("what shares 13 words with an evaluation problem"), &grid);
    m_overlaps->setToolTip(tr("Problems of evaluation sets themselves stay out in any case"));
    grid.addRow(tr("Examples"), m_examples, tr("Of one round, at most."));
    grid.addRow(tr("Balance"), m_balance);
    grid.addRow(tr("Order"), m_order);
    grid.addRow(tr("Keep also"), m_copies);
    grid.addRow({}, m_leaks);
    grid.addRow({}, m_duplicates);
    grid.addRow({}, m_overlaps);
    grid.endFold();
}

void TrainingFields::connectFields() {
    for (QComboBox* box : {m_trainer, m_from, m_data, m_balance, m_order}) {
        connect(box, &QComboBox::currentIndexChanged, this, &TrainingFields::changed);
    }
    connect(m_template, &QComboBox::currentTextChanged, this, &TrainingFields::changed);
    for (QSpinBox* box : {m_epochs, m_batch, m_lora, m_length, m_examples}) {
        connect(box, &QSpinBox::valueChanged, this, &TrainingFields::changed);
    }
    for (QLineEdit* line : {m_rate, m_values}) {
        connect(line, &QLineEdit::textChanged, this, &TrainingFields::changed);
    }
    for (QCheckBox* box : {m_validate, m_copies, m_leaks, m_duplicates, m_overlaps}) {
        connect(box, &QCheckBox::toggled, this, &TrainingFields::changed);
    }
}

void TrainingFields::setChoices(const models::EvolutionChoices& choices) {
    const QSignalBlocker quietTrainer(m_trainer);
    const QSignalBlocker quietTemplate(m_template);
    const QString chosen = trainer();
    const QString form = m_template->currentText();
    m_trainer->clear();
    for (const QString& name : choices.trainers) {
        m_trainer->addItem(name, name);
    }
    choose(*m_trainer, chosen.isEmpty() ? m_wantedTrainer : chosen);
    m_template->clear();
    m_template->addItems(choices.templates);
    m_template->setCurrentText(form.isEmpty() ? m_wantedTemplate : form);
}

void TrainingFields::setForm(const models::EvolutionForm& form) {
    m_wantedTrainer = form.trainer;
    m_wantedTemplate = form.commandTemplate;
    choose(*m_trainer, form.trainer);
    m_template->setCurrentText(form.commandTemplate);
    const models::TrainingSettings& training = form.training;
    give(*m_epochs, training.epochs);
    give(*m_batch, training.batch);
    m_rate->setText(training.learningRate ? QString::number(*training.learningRate) : QString());
    give(*m_lora, training.loraRank);
    give(*m_length, training.maxLength);
    m_values->setText(namedValuesLine(training.values));
    m_from->setCurrentIndex(form.fromLast ? 0 : 1);
    m_data->setCurrentIndex(form.accumulate ? 1 : 0);
    m_examples->setValue(static_cast<int>(form.examples));
    choose(*m_balance, form.balance);
    m_order->setCurrentIndex(m_order->findData(static_cast<int>(form.order)));
    m_validate->setChecked(form.selfValidation);
    m_copies->setChecked(form.keepCopies);
    m_leaks->setChecked(form.keepLeaks);
    m_duplicates->setChecked(form.keepDuplicates);
    m_overlaps->setChecked(form.keepOverlaps);
    suitMiniature(std::exchange(m_miniature, false));
}

void TrainingFields::suitMiniature(bool isMiniature) {
    if (std::exchange(m_miniature, isMiniature) == isMiniature) {
        return;
    }
    for (QCheckBox* box : {m_copies, m_overlaps}) {
        box->setChecked(isMiniature);
        box->setEnabled(!isMiniature);
    }
    if (isMiniature) {
        choose(*m_trainer, QStringLiteral("builtin"));
    }
}

void TrainingFields::fill(models::EvolutionForm& form) const {
    form.trainer = trainer();
    form.commandTemplate = wantsTemplate() ? m_template->currentText().trimmed() : QString();
    models::TrainingSettings& training = form.training;
    training.epochs = given(*m_epochs);
    training.batch = given(*m_batch);
    bool isNumber = false;
    const double rate = m_rate->text().trimmed().toDouble(&isNumber);
    training.learningRate = isNumber ? std::optional(rate) : std::nullopt;
    training.loraRank = given(*m_lora);
    training.maxLength = given(*m_length);
    training.values = namedValues(m_values->text());
    form.fromLast = m_from->currentData().toBool();
    form.accumulate = m_data->currentData().toBool();
    form.examples = m_examples->value();
    form.balance = m_balance->currentData().toString();
    form.order = static_cast<models::EvolutionForm::Order>(m_order->currentData().toInt());
    form.selfValidation = m_validate->isChecked();
    form.keepCopies = m_copies->isChecked();
    form.keepLeaks = m_leaks->isChecked();
    form.keepDuplicates = m_duplicates->isChecked();
    form.keepOverlaps = m_overlaps->isChecked();
}

QString TrainingFields::trainer() const {
    return m_trainer->currentData().toString();
}

bool TrainingFields::wantsTemplate() const {
    return trainer() == QLatin1String("command") || trainer() == QLatin1String("slurm");
}

QString TrainingFields::check() {
    m_grid.setRowVisible(m_templateRow, wantsTemplate());
    const QString noTrainer = m_trainer->currentIndex() < 0 ? tr("Choose a trainer") : QString();
    const QString noTemplate = wantsTemplate() && m_template->currentText().trimmed().isEmpty()
                                   ? tr("Choose a template, or name a TOML file")
                                   : QString();
    bool isNumber = true;
    const QString rateText = m_rate->text().trimmed();
    const double rate = rateText.isEmpty() ? 1 : rateText.toDouble(&isNumber);
    const QString badRate = isNumber && rate > 0 && rate < 1e3
                                ? QString()
                                : tr("A number above 0 goes here, such as 5e-6");
    const QString badValues = namedValuesProblem(m_values->text());
    m_grid.setProblem(m_trainerRow, noTrainer);
    m_grid.setProblem(m_templateRow, noTemplate);
    m_grid.setProblem(m_rateRow, badRate);
    m_grid.setProblem(m_valuesRow, badValues);
    for (const QString& problem : {noTrainer, noTemplate, badRate, badValues}) {
        if (!problem.isEmpty()) {
            return problem;
        }
    }
    return {};
}

} // namespace scrit::ui::pages
