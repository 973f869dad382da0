// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/main_window.h"
#include "core/loop/import_driver.h"
#include "core/loop/verify.h"
#include "core/store/workspace.h"
#include "studio_support.h"
#include "tests/support/behaviour_server.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/models/visible_text.h"
#include "ui/pages/models/model_dialog.h"
#include "ui/pages/models/models_page.h"
#include "ui/pages/runs/run_form.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPushButton>
#include <QSettings>
#include <QTest>

#include <map>

// What the tests of Runs and Models share.
namespace scrit::test {

// A keychain of this process; refuses everything when it is told that there is none.
class MemoryKeychain final : public ui::bridge::Keychain {
public:
    struct State {
        std::map<QString, QString> secrets;
        bool available = true;
    };
    explicit MemoryKeychain(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    void read(const QString& entry, Done done) override {
        const auto found = m_state->secrets.find(entry);
        answer(std::move(done), found == m_state->secrets.end()
                                    ? Answer{Outcome::NotFound, {}, {}}
                                    : Answer{Outcome::Done, found->second, {}});
    }
    void write(const QString& entry, const QString& secret, Done done) override {
        if (m_state->available) {
            m_state->secrets[entry] = secret;
        }
        answer(std::move(done), {Outcome::Done, {}, {}});
    }

private:
    void answer(Done done, Answer answer) {
        if (!m_state->available) {
            answer = {Outcome::Unavailable, {}, QStringLiteral("no service")};
        }
        QMetaObject::invokeMethod(
            &m_context, [done = std::move(done), answer] { done(answer); }, Qt::QueuedConnection);
    }
    std::shared_ptr<State> m_state;
    QObject m_context;
};

// `count` problems of the behaviour server's world, each with a right and a wrong solution, scored.
inline QString worldWorkspace(const QTemporaryDir& folder, int count) {
    QByteArray lines;
    for (int i = 0; i < count; ++i) {
        const std::string problem = testing::worldProblem(static_cast<std::uint64_t>(i));
        for (const int wrongStep : {-1, 1}) {
            const QJsonObject line{
                {QStringLiteral("problem"), QString::fromStdString(problem)},
                {QStringLiteral("answer"), QString::number(testing::worldAnswer(problem))},
                {QStringLiteral("solution"),
                 QString::fromStdString(testing::worldSolution(problem, wrongStep))},
                {QStringLiteral("author"), QStringLiteral("world")}};
            lines += QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
        }
    }
    const QString file = writeFile(folder, QStringLiteral("world.jsonl"), lines);
    const QString path = folder.filePath(QStringLiteral("world.scrit"));
    const auto workspace = store::Workspace::create(ui::models::utf8(path));
    if (!workspace) {
        qWarning("%s", workspace.error().text().c_str());
        return {};
    }
    (void)loop::importFiles(**workspace, {ui::models::utf8(file)}, {});
    const auto verified = loop::verifyWorkspace(**workspace, {});
    return verified ? path : QString();
}

// One window with its own settings and keychain.
struct RunsStudio {
    explicit RunsStudio(const QString& settingsFile,
                        std::shared_ptr<MemoryKeychain::State> keys = nullptr)
        : keychain(keys ? std::move(keys) : std::make_shared<MemoryKeychain::State>()),
          settings(settingsFile, QSettings::IniFormat),
          window(settings, theme, nullptr, std::make_unique<MemoryKeychain>(keychain)) {
        window.resize(1280, 800);
        window.show();
    }
    bool open(const QString& path) {
        window.start(path);
        return QTest::qWaitFor(
            [this] { return window.models().isLoaded() && window.runs().isLoaded(); }, 20000);
    }
    ui::pages::RunsPage& runs() const {
        return static_cast<ui::pages::RunsPage&>(*window.page(QStringLiteral("runs")));
    }
    ui::pages::ModelsPage& models() const {
        return static_cast<ui::pages::ModelsPage&>(*window.page(QStringLiteral("models")));
    }
    ui::pages::TracesPage& traces() const {
        return static_cast<ui::pages::TracesPage&>(*window.page(QStringLiteral("traces")));
    }
    void trigger(const char* id) { window.commands().action(QString::fromLatin1(id))->trigger(); }
    [[nodiscard]] bool enabled(const char* id) {
        const QAction* action = window.commands().action(QString::fromLatin1(id));
        return action->isEnabled() && action->isVisible();
    }
    // Adds a model as the dialog does when it is saved.
    bool addModel(const QString& name, const QString& url,
                  ui::models::KeySource source = ui::models::KeySource::None) {
        ui::models::ModelForm form;
        form.name = name;
        form.kind = ui::models::ModelKind::OpenAi;
        form.urls = {url};
        form.modelId = QStringLiteral("behaviour");
        form.keySource = source;
        form.keychainEntry = name;
        form.pricePrompt = 1;
        form.priceCompletion = 2;
        form.largestWindow = 4; // so that a run lasts a while
        window.models().save(form, {});
        return QTest::qWaitFor(
            [&] {
                const auto& all = window.models().models();
                return std::any_of(all.begin(), all.end(),
                                   [&](const auto& entry) { return entry.form.name == name; });
            },
            20000);
    }
    // Opens the form and waits until its preview allows a start.
    bool prepareRun() {
        window.showPage(QStringLiteral("runs"));
        trigger("runs.new");
        return QTest::qWaitFor([this] { return enabled("runs.start"); }, 20000);
    }
    bool waitForEnd() {
        return QTest::qWaitFor([this] { return !window.runs().isActive(); }, 60000);
    }
    [[nodiscard]] ui::models::RunStage items() const {
        return ui::models::sumOf(window.runs().status().stages);
    }

    std::shared_ptr<MemoryKeychain::State> keychain;
    QSettings settings;
    ui::widgets::Theme theme;
    mutable app::MainWindow window;
};

inline QPushButton* buttonNamed(QWidget* parent, const QString& objectName) {
    return parent == nullptr ? nullptr : parent->findChild<QPushButton*>(objectName);
}

} // namespace scrit::test
