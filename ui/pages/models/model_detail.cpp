// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models/model_detail.h"

#include "ui/models/run_words.h"
#include "ui/widgets/fact_list.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/run_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QLabel>
#include <QVBoxLayout>

namespace scrit::ui::pages {

namespace {

using namespace widgets;
using models::ModelKind;

QLabel* wrapped(QWidget* parent) {
    QLabel* label = plainLabel({}, parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void tint(QLabel& label, bool wrong) {
    setTone(label, wrong ? Tone::Problem : Tone::Plain);
}

void fill(QLabel& label, const QString& text) {
    label.setText(text);
    label.setVisible(!text.isEmpty());
}

} // namespace

ModelDetail::ModelDetail(const ModelActions& actions, QWidget* parent)
    : QWidget(parent), m_actions(actions) {
    QVBoxLayout* column = scrollColumn(this);
    column->addWidget(buildHead());
    column->addWidget(buildCheck());
    column->addWidget(buildServer(), 1);
    column->addStretch();
}

QWidget* ModelDetail::buildHead() {
    m_head = new PageHead(this);
    for (QAction* action : {m_actions.check, m_actions.serve, m_actions.edit, m_actions.retire}) {
        m_head->addButton(action);
    }
    m_facts = new FactList(m_head);
    m_head->addBelow(m_facts);
    m_problem = wrapped(m_head);
    m_head->addBelow(m_problem);
    return m_head;
}

QWidget* ModelDetail::buildCheck() {
    QFrame* panel = panelFrame(this);
    m_checkPanel = panel;
    QVBoxLayout* column = panelColumn(panel);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::kOne);
    line->addWidget(headingLabel(tr("Test"), panel));
    m_checkState = new Chip(panel);
    line->addWidget(m_checkState);
    line->addStretch();
    column->addLayout(line);
    m_checkText = wrapped(panel);
    column->addWidget(m_checkText);
    m_checkFacts = new FactList(panel);
    column->addWidget(m_checkFacts);
    return panel;
}

QWidget* ModelDetail::buildServer() {
    QFrame* panel = panelFrame(this);
    m_serverPanel = panel;
    QVBoxLayout* column = panelColumn(panel);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::kOne);
    line->addWidget(headingLabel(tr("Server"), panel));
    m_serverState = new Chip(panel);
    line->addWidget(m_serverState);
    line->addStretch();
    column->addLayout(line);
    m_plan = wrapped(panel);
    column->addWidget(m_plan);
    m_serverText = wrapped(panel);
    column->addWidget(m_serverText);
    m_figures = new FigureRow(panel);
    column->addWidget(m_figures);
    m_log = new LogView(panel);
    constexpr int kLogHeight = 220;
    m_log->setMinimumHeight(kLogHeight);
    column->addWidget(m_log, 1);
    return panel;
}

void ModelDetail::setModel(const models::ModelEntry& model) {
    const bool another = model.form.id != m_model.form.id;
    m_model = model;
    const models::ModelForm& form = model.form;
    m_head->setTitle(form.name);
    m_head->state().setContent(models::Mark::None, {},
                               model.retired ? models::modelKindWord(form.kind) +
                                                   QStringLiteral(" · ") + tr("retired")
                                             : models::modelKindWord(form.kind),
                               tr("Kind of model"));
    FactList::Facts facts;
    const auto add = [&facts](const QString& name, const QString& value) {
        if (!value.isEmpty()) {
            facts.push_back({name, value});
        }
    };
    add(tr("URL"), form.urls.join(QStringLiteral("  ")));
    add(tr("Model"), form.modelId);
    add(tr("File"), form.modelFile);
    add(tr("LoRA"), form.loraFiles.join(QStringLiteral("  ")));
    add(tr("Files"), form.files.join(QStringLiteral("  ")));
    add(tr("Key"), model.keyText.isEmpty() && form.kind == ModelKind::OpenAi ? tr("none")
                   : model.key == models::KeyState::Missing ? QStringLiteral("✗ ") + model.keyText
                   : model.key == models::KeyState::Present ? QStringLiteral("✓ ") + model.keyText
                                                            : model.keyText);
    if (form.kind == ModelKind::OpenAi) {
        add(tr("Prices"), models::priceText(form));
    }
    if (form.contextTokens > 0) {
        add(tr("Context"), tr("%1 tokens").arg(models::grouped(form.contextTokens)));
    }
    if (form.slotCount > 0) {
        add(tr("Slots"), models::grouped(form.slotCount));
    }
    add(tr("Arguments"), form.extraArguments.join(QLatin1Char(' ')));
    for (const models::ModelFact& fact : model.origin) {
        add(fact.name, fact.value);
    }
    m_facts->setFacts(facts);
    tint(*m_problem, !model.problem.isEmpty());
    fill(*m_problem, !model.problem.isEmpty() ? QStringLiteral("✗ ") + model.problem
                     : !model.warnings.isEmpty()
                         ? QStringLiteral("⚠ ") + model.warnings.join(QStringLiteral("\n⚠ "))
                         : QString());
    m_serverPanel->setVisible(models::isManaged(form.kind));
    if (another) {
        setCheck({});
        m_log->setLines({});
        m_server = {};
    }
}

void ModelDetail::setServer(const models::ServerStatus& server) {
    if (server.modelId != m_model.form.id) {
        return;
    }
    m_server = server;
    m_serverState->setContent(models::serverPhaseMark(server.phase), {},
                              models::serverPhaseWord(server.phase), tr("State of its server"));
    tint(*m_serverText, server.phase == models::ServerPhase::Failed);
    fill(*m_serverText, server.message);
    QStringList plan{server.plan};
    if (!server.warning.isEmpty()) {
        plan << QStringLiteral("⚠ ") + server.warning;
    }
    plan.removeAll(QString());
    if (plan.isEmpty() && server.phase == models::ServerPhase::Stopped) {
        plan << tr("It starts by itself when a run or a test needs it, and stops afterwards. Serve "
                   "keeps it up.");
    }
    fill(*m_plan, plan.join(QLatin1Char('\n')));
    showFigures();
    m_log->setVisible(!server.log.isEmpty() || server.phase != models::ServerPhase::Stopped);
    if (!server.log.isEmpty()) {
        m_log->setLines(server.log);
    }
}

void ModelDetail::setTraffic(const QVector<models::RunEndpoint>& endpoints) {
    m_traffic = endpoints;
    showFigures();
}

void ModelDetail::showFigures() {
    const bool up = m_server.phase != models::ServerPhase::Stopped;
    m_figures->setVisible(up);
    if (!up) {
        return;
    }
    int inFlight = 0;
    for (const models::RunEndpoint& endpoint : m_traffic) {
        inFlight += endpoint.inFlight;
    }
    const QString unknown = QStringLiteral("–");
    const auto known = [&](qint64 number) {
        return number > 0 ? models::grouped(number) : unknown;
    };
    const auto said = [&](qint64 number) {
        return number >= 0 ? models::grouped(number) : unknown;
    };
    const QString busy =
        m_server.working < 0 || m_server.slotCount <= 0
            ? known(m_server.slotCount)
            : tr("%1 of %2", "slots that work")
                  .arg(models::grouped(m_server.working), models::grouped(m_server.slotCount));
    m_figures->setFigures({
        {tr("Slots"), busy, tr("Requests that it works on, and the most it takes at once")},
        {tr("Waiting"), said(m_server.waiting), tr("Requests in the server's own queue")},
        {tr("In flight"), models::grouped(inFlight), tr("Requests of the run that goes on")},
        {tr("Tokens/s"),
         m_server.tokensPerSecond >= 0
             ? models::tokensText(static_cast<qint64>(m_server.tokensPerSecond))
             : unknown,
         tr("New tokens in the last second, as the server counts them")},
        {tr("Context"), known(m_server.contextTokens), tr("Tokens of one request")},
        {tr("Restarts"), models::grouped(m_server.restarts), tr("Since it was started")},
        {tr("Process"), m_server.pid > 0 ? QString::number(m_server.pid) : QStringLiteral("–"),
         m_server.url},
    });
}

void ModelDetail::setChecking() {
    m_checkPanel->show();
    m_checkState->setContent(models::Mark::Unknown, {}, tr("asking…"), tr("State of the test"));
    m_checkState->show();
    tint(*m_checkText, false);
    fill(*m_checkText, models::isManaged(m_model.form.kind)
                           ? tr("Its server is started for this; loading may take a while.")
                           : tr("One short request is sent; it may cost a fraction of a cent."));
    m_checkFacts->setFacts({});
    m_checkFacts->hide();
}

void ModelDetail::setCheck(const models::ModelCheck& check) {
    const bool nothing = check.modelId == 0;
    m_checkPanel->setVisible(!nothing);
    if (nothing) {
        m_checkText->clear();
        m_checkFacts->setFacts({});
        return;
    }
    m_checkState->setContent(check.ok          ? models::Mark::Yes
                             : check.cancelled ? models::Mark::Unknown
                                               : models::Mark::No,
                             {},
                             check.ok          ? tr("it answers")
                             : check.cancelled ? tr("stopped")
                                               : tr("it does not work"),
                             tr("State of the test"));
    tint(*m_checkText, !check.ok && !check.cancelled);
    fill(*m_checkText, check.cancelled ? QString() : check.message);
    FactList::Facts facts;
    for (const models::ModelCheck::Fact& fact : check.facts) {
        facts.push_back({fact.name, fact.value});
    }
    m_checkFacts->setFacts(facts);
    m_checkFacts->setVisible(!facts.isEmpty());
}

QString ModelDetail::text() const {
    QStringList lines{m_head->text(), m_facts->text()};
    if (!m_problem->isHidden()) {
        lines << m_problem->text();
    }
    if (!m_checkPanel->isHidden()) {
        lines << m_checkState->text() << m_checkText->text() << m_checkFacts->text();
    }
    if (!m_serverPanel->isHidden()) {
        lines << m_serverState->text() << m_plan->text() << m_serverText->text();
    }
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

} // namespace scrit::ui::pages
