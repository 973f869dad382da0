// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models/model_dialog.h"

#include "ui/bridge/model_service.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace scrit::ui::pages {

namespace {

using namespace widgets;
using models::KeySource;
using models::ModelField;
using models::ModelKind;

constexpr std::array<ModelKind, 4> kKinds{ModelKind::OpenAi, ModelKind::LlamaServer,
                                          ModelKind::Vllm, ModelKind::Recorded};

QStringList linesOf(const QPlainTextEdit& edit) {
    QStringList lines;
    for (const QString& line : edit.toPlainText().split(QLatin1Char('\n'))) {
        if (!line.trimmed().isEmpty()) {
            lines << line.trimmed();
        }
    }
    return lines;
}

void addLines(QPlainTextEdit& edit, const QStringList& lines) {
    edit.setPlainText((linesOf(edit) + lines).join(QLatin1Char('\n')));
}

QPlainTextEdit* linesEdit(QWidget* parent, int lines) {
    auto* edit = new QPlainTextEdit(parent);
    edit->setTabChangesFocus(true);
    edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    edit->setFixedHeight(edit->fontMetrics().lineSpacing() * lines + space::kTwo);
    return edit;
}

QSpinBox* countBox(QWidget* parent, const QString& none, int lowest, int highest) {
    auto* box = new QSpinBox(parent);
    box->setRange(lowest, highest);
    box->setSpecialValueText(none);
    box->setGroupSeparatorShown(true);
    box->setAlignment(Qt::AlignRight);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    return box;
}

QDoubleSpinBox* priceBox(QWidget* parent, const QString& name, const QString& suffix) {
    auto* box = new QDoubleSpinBox(parent);
    box->setRange(0, 1e6);
    box->setDecimals(3);
    box->setPrefix(QStringLiteral("$"));
    box->setSuffix(suffix);
    box->setAlignment(Qt::AlignRight);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setAccessibleName(name);
    return box;
}

// One word per argument, as a shell would read them.
QString joined(const QStringList& arguments) {
    QStringList words;
    for (const QString& one : arguments) {
        const bool plain = !one.isEmpty() && !one.contains(QLatin1Char(' '));
        words << (plain ? one : QLatin1Char('"') + one + QLatin1Char('"'));
    }
    return words.join(QLatin1Char(' '));
}

} // namespace

ModelDialog::ModelDialog(bridge::ModelService& service, const models::ModelForm& form,
                         QWidget* parent)
    : QDialog(parent), m_service(service), m_before(form) {
    setWindowTitle(form.id == 0 ? tr("Add a model") : tr("Edit %1").arg(form.name));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* body = new QWidget(scroll);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kTwo);
    column->setSpacing(space::kOne);
    m_grid = new FormGrid(body);
    column->addWidget(m_grid);
    makeFields();
    makeServerFields();
    makeCommonFields();
    m_more = new QPushButton(body);
    m_more->setProperty("flat", true);
    m_more->setCheckable(true);
    column->addWidget(m_more, 0, Qt::AlignLeft);
    column->addStretch();
    scroll->setWidget(body);
    m_problem = plainLabel({}, this);
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problem->setContentsMargins(space::kThree, 0, space::kThree, 0);
    m_problem->hide();
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(space::kThree, space::kOne, space::kThree, space::kTwo);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    m_save = new QPushButton(form.id == 0 ? tr("Add") : tr("Save"), this);
    m_save->setProperty("primary", true);
    m_save->setDefault(true);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(m_save);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll, 1);
    outer->addWidget(m_problem);
    outer->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &ModelDialog::save);
    load(form);
    connectFields();
    showRows();
    changed();
    const int room = screen() == nullptr ? 700 : screen()->availableGeometry().height() - 80;
    resize(600, std::min(620, room));
    m_name->setFocus();
}

void ModelDialog::makeFields() {
    m_name = new QLineEdit(m_grid);
    m_kind = new QComboBox(m_grid);
    for (const ModelKind kind : kKinds) {
        m_kind->addItem(models::modelKindWord(kind), static_cast<int>(kind));
    }
    m_urls = linesEdit(m_grid, 2);
    m_urls->setPlaceholderText(QStringLiteral("http://127.0.0.1:8000/v1"));
    m_modelId = new QLineEdit(m_grid);
    m_folder = fileButton(tr("A model's folder"), {}, true, [this](const QStringList& chosen) {
        m_modelId->setText(chosen.value(0));
    });
    m_keySource = new Segmented({tr("None"), tr("Environment"), tr("Keychain")}, m_grid);
    m_variable = new QLineEdit(m_grid);
    m_variable->setPlaceholderText(QStringLiteral("OPENAI_API_KEY"));
    m_entry = new QLineEdit(m_grid);
    m_key = new QLineEdit(m_grid);
    m_key->setEchoMode(QLineEdit::Password);
    m_rows.name = m_grid->addRow(tr("&Name"), m_name);
    m_rows.kind = m_grid->addRow(tr("&Kind"), m_kind);
    m_rows.urls =
        m_grid->addRow(tr("&URL"), m_urls, tr("With /v1. Several, a line each, are one pool."));
    m_rows.modelId = m_grid->addRow(tr("&Model"), QVector<QWidget*>{m_modelId, m_folder});
    m_rows.keySource = m_grid->addRow(tr("API key"), m_keySource);
    m_rows.variable = m_grid->addRow(tr("&Variable"), m_variable);
    m_rows.entry =
        m_grid->addRow(tr("&Entry"), m_entry, tr("The name under which the keychain keeps it."));
    m_rows.key = m_grid->addRow(
        tr("Ke&y"), m_key,
        m_before.id != 0 && m_before.keySource == KeySource::Keychain
            ? tr("Empty: the one that is there stays. Kept by the keychain, nowhere else.")
            : tr("Kept by the keychain, nowhere else."));
}

void ModelDialog::makeServerFields() {
    m_file = new QLineEdit(m_grid);
    QPushButton* file =
        fileButton(tr("A model"), tr("GGUF models (*.gguf);;All files (*)"), false,
                   [this](const QStringList& chosen) { m_file->setText(chosen.value(0)); });
    m_lora = linesEdit(m_grid, 2);
    QPushButton* lora =
        fileButton(tr("LoRA adapters"), tr("GGUF adapters (*.gguf);;All files (*)"), false,
                   [this](const QStringList& chosen) { addLines(*m_lora, chosen); });
    m_recorded = linesEdit(m_grid, 3);
    QPushButton* recorded =
        fileButton(tr("Recorded completions"), tr("JSON Lines (*.jsonl *.json);;All files (*)"),
                   false, [this](const QStringList& chosen) { addLines(*m_recorded, chosen); });
    m_slots = countBox(m_grid, tr("by the plan"), 0, 4096);
    m_context = countBox(m_grid, tr("by the plan"), 0, 100'000'000);
    m_layers = countBox(m_grid, tr("by the plan"), -1, 10'000);
    m_arguments = new QLineEdit(m_grid);
    m_program = new QLineEdit(m_grid);
    m_rows.file = m_grid->addRow(tr("&Model file"), QVector<QWidget*>{m_file, file});
    m_rows.lora = m_grid->addRow(tr("&LoRA"), QVector<QWidget*>{m_lora, lora},
                                 tr("Adapters, a line each; none is fine."));
    m_rows.recorded = m_grid->addRow(
        tr("&Files"), QVector<QWidget*>{m_recorded, recorded},
        tr("JSON Lines with the answers, a line each; see the manual for the keys."));
    m_rows.slotCount = m_grid->addRow(tr("&Slots"), m_slots, tr("Requests at once."));
    m_rows.context = m_grid->addRow(tr("Conte&xt"), m_context, tr("Tokens of one request."));
    m_rows.layers = m_grid->addRow(tr("GPU la&yers"), m_layers);
    m_rows.arguments = m_grid->addRow(tr("&Arguments"), m_arguments,
                                      tr("Go to the server as they are and win over the plan."));
    m_rows.program = m_grid->addRow(tr("&Program"), m_program);
}

void ModelDialog::makeCommonFields() {
    m_pricePrompt = priceBox(m_grid, tr("Price of a million tokens in"), tr(" in"));
    m_priceCompletion = priceBox(m_grid, tr("Price of a million tokens out"), tr(" out"));
    m_window = countBox(m_grid, tr("by the kind"), 0, 100'000);
    m_requests = countBox(m_grid, tr("requests: no limit"), 0, 100'000'000);
    m_requests->setAccessibleName(tr("Requests per minute"));
    m_tokens = countBox(m_grid, tr("tokens: no limit"), 0, 2'000'000'000);
    m_tokens->setAccessibleName(tr("Tokens per minute"));
    m_body = new QLineEdit(m_grid);
    m_body->setPlaceholderText(QStringLiteral("{\"chat_template_kwargs\": {…}}"));
    m_rows.prices =
        m_grid->addRow(tr("P&rices"), QVector<QWidget*>{m_pricePrompt, m_priceCompletion},
                       tr("US dollars per million tokens; 0: free or not known."));
    m_rows.window = m_grid->addRow(tr("&In flight"), m_window, tr("At most, at one endpoint."));
    m_rows.perMinute = m_grid->addRow(tr("Per minute"), QVector<QWidget*>{m_requests, m_tokens});
    m_rows.body = m_grid->addRow(tr("Extra &body"), m_body,
                                 tr("A JSON object that is merged into each request."));
}

QPushButton* ModelDialog::fileButton(const QString& title, const QString& filter, bool folder,
                                     const std::function<void(const QStringList&)>& chosen) {
    auto* button = new QPushButton(folder ? tr("Folder…") : tr("File…"), m_grid);
    button->setAutoDefault(false);
    button->setToolTip(title);
    connect(button, &QPushButton::clicked, this, [this, title, filter, folder, chosen] {
        const QStringList paths = folder
                                      ? QStringList{QFileDialog::getExistingDirectory(this, title)}
                                      : QFileDialog::getOpenFileNames(this, title, {}, filter);
        if (!paths.value(0).isEmpty()) {
            chosen(paths);
        }
    });
    return button;
}

ModelKind ModelDialog::kind() const {
    return static_cast<ModelKind>(m_kind->currentData().toInt());
}

void ModelDialog::load(const models::ModelForm& form) {
    m_name->setText(form.name);
    m_name->setReadOnly(form.id != 0);
    m_kind->setCurrentIndex(std::max(0, m_kind->findData(static_cast<int>(form.kind))));
    m_kind->setEnabled(form.id == 0);
    m_urls->setPlainText(form.urls.join(QLatin1Char('\n')));
    m_modelId->setText(form.modelId);
    m_keySource->setCurrent(static_cast<int>(form.keySource));
    m_variable->setText(form.keyVariable);
    m_entry->setText(form.keychainEntry);
    m_file->setText(form.modelFile);
    m_lora->setPlainText(form.loraFiles.join(QLatin1Char('\n')));
    m_recorded->setPlainText(form.files.join(QLatin1Char('\n')));
    m_slots->setValue(form.slotCount);
    m_context->setValue(
        static_cast<int>(std::min<qint64>(form.contextTokens, m_context->maximum())));
    m_layers->setValue(form.gpuLayers);
    m_arguments->setText(joined(form.extraArguments));
    m_program->setText(form.program);
    m_pricePrompt->setValue(form.pricePrompt);
    m_priceCompletion->setValue(form.priceCompletion);
    m_window->setValue(form.largestWindow);
    m_requests->setValue(static_cast<int>(form.requestsPerMinute));
    m_tokens->setValue(static_cast<int>(form.tokensPerMinute));
    m_body->setText(form.extraBody);
    m_more->setChecked(form.largestWindow != 0 || form.requestsPerMinute != 0 ||
                       form.tokensPerMinute != 0 || !form.extraBody.isEmpty() ||
                       !form.program.isEmpty() || form.gpuLayers >= 0);
}

void ModelDialog::connectFields() {
    for (QLineEdit* edit :
         {m_name, m_modelId, m_variable, m_entry, m_key, m_file, m_arguments, m_program, m_body}) {
        connect(edit, &QLineEdit::textChanged, this, &ModelDialog::changed);
    }
    for (QPlainTextEdit* edit : {m_urls, m_lora, m_recorded}) {
        connect(edit, &QPlainTextEdit::textChanged, this, &ModelDialog::changed);
    }
    for (QSpinBox* box : {m_slots, m_context, m_layers, m_window, m_requests, m_tokens}) {
        connect(box, &QSpinBox::valueChanged, this, &ModelDialog::changed);
    }
    connect(m_kind, &QComboBox::currentIndexChanged, this, &ModelDialog::kindChanged);
    connect(m_keySource, &Segmented::chosen, this, &ModelDialog::kindChanged);
    connect(m_more, &QPushButton::toggled, this, &ModelDialog::showRows);
    m_planPause.setSingleShot(true);
    constexpr int kPlanMillis = 300;
    m_planPause.setInterval(kPlanMillis);
    connect(&m_planPause, &QTimer::timeout, this,
            [this] { m_planToken = m_service.requestPlan(form()); });
    connect(&m_service, &bridge::ModelService::planReady, this,
            [this](quint64 token, const models::PlanText& plan) {
                if (token == m_planToken) {
                    showPlan(plan);
                }
            });
    connect(&m_service, &bridge::ModelService::saved, this, [this](qint64, const QString& name) {
        if (name == m_name->text().trimmed()) {
            accept();
        }
    });
    connect(&m_service, &bridge::ModelService::saveFailed, this,
            [this](const models::FieldProblem& problem) {
                m_save->setEnabled(true);
                const int row = rowOf(problem.field);
                if (row >= 0) {
                    m_grid->setProblem(row, problem.message);
                } else {
                    m_problem->setText(QStringLiteral("✗ ") + problem.message);
                    m_problem->show();
                }
            });
}

void ModelDialog::kindChanged() {
    showRows();
    changed();
}

void ModelDialog::showRows() {
    const ModelKind now = kind();
    const bool openAi = now == ModelKind::OpenAi;
    const bool llama = now == ModelKind::LlamaServer;
    const bool vllm = now == ModelKind::Vllm;
    const bool managed = llama || vllm;
    const bool more = m_more->isChecked();
    const auto source = static_cast<KeySource>(m_keySource->current());
    m_grid->setRowVisible(m_rows.urls, openAi);
    m_grid->setRowVisible(m_rows.modelId, openAi || vllm);
    m_folder->setVisible(vllm);
    m_grid->setNote(m_rows.modelId, vllm ? tr("A folder, or an id of the Hugging Face hub.")
                                         : tr("As the server calls it."));
    m_grid->setRowVisible(m_rows.keySource, openAi);
    m_grid->setRowVisible(m_rows.variable, openAi && source == KeySource::Environment);
    m_grid->setRowVisible(m_rows.entry, openAi && source == KeySource::Keychain);
    m_grid->setRowVisible(m_rows.key, openAi && source == KeySource::Keychain);
    m_grid->setRowVisible(m_rows.file, llama);
    m_grid->setRowVisible(m_rows.lora, llama);
    m_grid->setRowVisible(m_rows.recorded, now == ModelKind::Recorded);
    m_grid->setRowVisible(m_rows.slotCount, managed);
    m_grid->setRowVisible(m_rows.context, managed || (openAi && more));
    m_context->setSpecialValueText(managed ? tr("by the plan") : tr("as the server says"));
    m_grid->setRowVisible(m_rows.layers, llama && more);
    m_grid->setRowVisible(m_rows.arguments, managed);
    m_grid->setRowVisible(m_rows.program, managed && more);
    m_program->setPlaceholderText(llama ? tr("llama-server on the PATH") : tr("vllm on the PATH"));
    m_grid->setRowVisible(m_rows.prices, openAi);
    m_grid->setRowVisible(m_rows.window, more && now != ModelKind::Recorded);
    m_grid->setRowVisible(m_rows.perMinute, openAi && more);
    m_grid->setRowVisible(m_rows.body, more && now != ModelKind::Recorded);
    m_more->setVisible(now != ModelKind::Recorded);
    m_more->setText((more ? QStringLiteral("▾ ") : QStringLiteral("▸ ")) +
                    (more ? tr("Fewer settings") : tr("More settings")));
}

models::ModelForm ModelDialog::form() const {
    models::ModelForm form = m_before;
    form.name = m_name->text();
    form.kind = kind();
    form.urls = linesOf(*m_urls);
    form.modelId = m_modelId->text();
    form.keySource = static_cast<KeySource>(m_keySource->current());
    form.keyVariable = m_variable->text();
    form.keychainEntry = m_entry->text();
    form.modelFile = m_file->text();
    form.loraFiles = linesOf(*m_lora);
    form.files = linesOf(*m_recorded);
    form.slotCount = m_slots->value();
    form.contextTokens = m_context->value();
    form.gpuLayers = m_layers->value();
    form.extraArguments = QProcess::splitCommand(m_arguments->text());
    form.program = m_program->text();
    form.pricePrompt = m_pricePrompt->value();
    form.priceCompletion = m_priceCompletion->value();
    form.largestWindow = m_window->value();
    form.requestsPerMinute = m_requests->value();
    form.tokensPerMinute = m_tokens->value();
    form.extraBody = m_body->text();
    return form;
}

void ModelDialog::changed() {
    if (m_entry->text().isEmpty() && !m_name->text().trimmed().isEmpty()) {
        m_entry->setPlaceholderText(m_name->text().trimmed());
    }
    const QString variable = m_variable->text().trimmed();
    const bool set =
        !variable.isEmpty() && !qEnvironmentVariableIsEmpty(variable.toUtf8().constData());
    m_grid->setNote(m_rows.variable, variable.isEmpty()
                                         ? tr("Its name; the key itself is read when it is needed.")
                                         : (set ? tr("✓ $%1 is set.")
                                                : tr("? $%1 is not set, or empty, in the "
                                                     "environment of this program."))
                                               .arg(variable));
    showProblems();
    if (models::isManaged(kind())) {
        const bool nothing = kind() == ModelKind::LlamaServer
                                 ? m_file->text().trimmed().isEmpty()
                                 : m_modelId->text().trimmed().isEmpty();
        if (nothing) {
            showPlan({});
        } else {
            m_planPause.start();
        }
    }
}

int ModelDialog::rowOf(ModelField field) const {
    switch (field) {
    case ModelField::Name:
        return m_rows.name;
    case ModelField::Urls:
        return m_rows.urls;
    case ModelField::ModelId:
        return m_rows.modelId;
    case ModelField::Key:
        return static_cast<KeySource>(m_keySource->current()) == KeySource::Keychain
                   ? m_rows.entry
                   : m_rows.variable;
    case ModelField::File:
        return kind() == ModelKind::Recorded ? m_rows.recorded : m_rows.file;
    case ModelField::Lora:
        return m_rows.lora;
    case ModelField::Program:
        return m_rows.program;
    case ModelField::Arguments:
        return m_rows.arguments;
    case ModelField::Body:
        return m_rows.body;
    case ModelField::Other:
        break;
    }
    return -1;
}

// A field that nobody has filled in yet does not shout before the first try to save.
bool ModelDialog::isUntouched(ModelField field) const {
    if (m_tried) {
        return false;
    }
    switch (field) {
    case ModelField::Name:
        return m_name->text().isEmpty();
    case ModelField::Urls:
        return linesOf(*m_urls).isEmpty();
    case ModelField::ModelId:
        return m_modelId->text().isEmpty();
    case ModelField::Key:
        return m_variable->text().isEmpty() && m_entry->text().isEmpty();
    case ModelField::File:
        return m_file->text().isEmpty() && linesOf(*m_recorded).isEmpty();
    default:
        return m_name->text().isEmpty();
    }
}

void ModelDialog::showProblems() {
    for (const int row :
         {m_rows.name, m_rows.urls, m_rows.modelId, m_rows.variable, m_rows.entry, m_rows.file,
          m_rows.recorded, m_rows.lora, m_rows.program, m_rows.arguments, m_rows.body}) {
        m_grid->setProblem(row, {});
    }
    QStringList rest;
    for (const models::FieldProblem& problem : m_service.problems(form())) {
        const int row = rowOf(problem.field);
        if (isUntouched(problem.field)) {
            continue;
        }
        if (row >= 0) {
            m_grid->setProblem(row, problem.message);
        } else {
            rest << QStringLiteral("✗ ") + problem.message;
        }
    }
    const bool wrong = !rest.isEmpty();
    if (!wrong) {
        for (const QString& warning : bridge::ModelService::warnings(form())) {
            rest << QStringLiteral("⚠ ") + warning;
        }
    }
    setTone(*m_problem, wrong ? Tone::Problem : Tone::Plain);
    m_problem->setText(rest.join(QLatin1Char('\n')));
    m_problem->setVisible(!rest.isEmpty());
}

void ModelDialog::showPlan(const models::PlanText& plan) {
    const int row = kind() == ModelKind::LlamaServer ? m_rows.file : m_rows.modelId;
    if (!plan.error.isEmpty()) {
        m_grid->setProblem(row, plan.error);
        m_planText.clear();
        return;
    }
    QStringList lines;
    if (!plan.facts.isEmpty()) {
        lines << plan.facts;
    }
    lines << plan.reason;
    if (!plan.warning.isEmpty()) {
        lines << QStringLiteral("⚠ ") + plan.warning;
    }
    lines.removeAll(QString());
    m_planText = lines.join(QLatin1Char('\n'));
    m_grid->setNote(row, m_planText);
}

QString ModelDialog::problemText() const {
    QStringList lines;
    for (const int row : {m_rows.name, m_rows.urls, m_rows.modelId, m_rows.variable, m_rows.entry,
                          m_rows.file, m_rows.recorded}) {
        if (m_grid->isRowShown(row) && !m_grid->problem(row).isEmpty()) {
            lines << m_grid->problem(row);
        }
    }
    if (!m_problem->isHidden()) {
        lines << m_problem->text();
    }
    return lines.join(QLatin1Char('\n'));
}

QString ModelDialog::planText() const {
    return m_planText;
}

void ModelDialog::save() {
    m_tried = true;
    if (m_entry->text().trimmed().isEmpty()) {
        m_entry->setText(m_entry->placeholderText());
    }
    showProblems();
    if (!m_service.problems(form()).isEmpty()) {
        return;
    }
    m_save->setEnabled(false);
    m_service.save(form(), m_key->text());
}

} // namespace scrit::ui::pages
