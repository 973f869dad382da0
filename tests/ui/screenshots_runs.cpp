// SPDX-License-Identifier: GPL-3.0-or-later
#include "screenshots_runs.h"

#include "runs_support.h"
#include "screenshots_wait.h"
#include "tests/support/tiny_gguf.h"
#include "ui/pages/runs/close_guard.h"

#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QTemporaryDir>

namespace scrit::test {

namespace {

using namespace ui;

void add(app::MainWindow& window, const models::ModelForm& form) {
    const auto before = window.models().models().size();
    window.models().save(form, {});
    waitUntil([&] { return window.models().models().size() > before; });
}

void addModels(app::MainWindow& window, const std::string& url, const QString& folder) {
    models::ModelForm form;
    form.name = QStringLiteral("qwen2.5-32b");
    form.urls = {QString::fromStdString(url)};
    form.modelId = QStringLiteral("behaviour");
    form.pricePrompt = 0.4;
    form.priceCompletion = 1.2;
    form.keySource = models::KeySource::Environment;
    form.keyVariable = QStringLiteral("SCRIT_SCREENSHOT_KEY");
    qputenv("SCRIT_SCREENSHOT_KEY", "not a key");
    form.largestWindow = 8;
    add(window, form);
    form.name = QStringLiteral("student-7b");
    form.keySource = models::KeySource::None;
    add(window, form);
    models::ModelForm local;
    local.name = QStringLiteral("local-gguf-with-a-rather-long-name");
    local.kind = models::ModelKind::LlamaServer;
    local.modelFile = folder + QStringLiteral("/ok.gguf");
    local.program = QStringLiteral(SCRIT_BINARY_DIR "/tests-bin/fake_llama_server");
    (void)testing::writeTinyGguf(models::utf8(local.modelFile));
    add(window, local);
}

void shootModels(app::MainWindow& window, const std::function<void(const char*)>& shoot) {
    auto& page = static_cast<pages::ModelsPage&>(*window.page(QStringLiteral("models")));
    const auto run = [&window](const char* id) {
        window.commands().action(QString::fromLatin1(id))->trigger();
    };
    const auto idOf = [&window](const QString& name) {
        for (const models::ModelEntry& entry : window.models().models()) {
            if (entry.form.name.startsWith(name)) {
                return entry.form.id;
            }
        }
        return qint64{0};
    };
    window.showPage(QStringLiteral("models"));
    page.select(idOf(QStringLiteral("student")));
    run("models.check");
    waitUntil([&] { return window.models().checking() == 0; });
    shoot("models-tested");
    const qint64 local = idOf(QStringLiteral("local"));
    page.select(local);
    run("models.serve");
    waitUntil([&] { return window.models().server(local).phase == models::ServerPhase::Ready; });
    shoot("models-served");
    run("models.serve");
    run("models.add");
    waitUntil([&] { return page.dialog() != nullptr; });
    for (auto* edit : page.dialog()->findChildren<QLineEdit*>()) {
        if (edit->accessibleName() == QStringLiteral("Name")) {
            edit->setText(QStringLiteral("student-7b"));
        }
    }
    page.dialog()->findChild<QPlainTextEdit*>()->setPlainText(QStringLiteral("localhost:8000/v1"));
    shoot("model-dialog");
    page.dialog()->reject();
    page.select(local);
    waitUntil([&] { return page.dialog() == nullptr; });
    run("models.edit");
    waitUntil([&] { return page.dialog() != nullptr && !page.dialog()->planText().isEmpty(); });
    shoot("model-dialog-local");
    page.dialog()->reject();
}

} // namespace

void shootRuns(app::MainWindow& window, const QString& folder,
               const std::function<void(const char*)>& shoot) {
    const auto run = [&window](const char* id) {
        window.commands().action(QString::fromLatin1(id))->trigger();
    };
    QTemporaryDir scratch(folder + QStringLiteral("/runs"));
    testing::BehaviourOptions options;
    options.latencyMillis = 120;
    testing::BehaviourServer server(options);
    const QString path = worldWorkspace(scratch, 60);
    window.openFiles({path});
    waitUntil([&] { return window.service().info().path == path && window.runs().isLoaded(); });
    window.showPage(QStringLiteral("runs"));
    shoot("runs-no-models");
    addModels(window, server.url(), scratch.path());
    shoot("runs-empty");
    run("runs.new");
    auto& page = static_cast<pages::RunsPage&>(*window.page(QStringLiteral("runs")));
    models::RunForm form = page.form().form();
    form.critic = QStringLiteral("qwen2.5-32b");
    page.form().setForm(form);
    waitUntil([] { return false; }, 600); // the preview follows a moment later
    waitUntil([&] { return window.commands().action(QStringLiteral("runs.start"))->isEnabled(); });
    shoot("runs-form");
    run("runs.start");
    waitUntil([&] { return models::sumOf(window.runs().status().stages).ended() > 30; });
    shoot("runs-going");
    run("runs.pause");
    waitUntil([&] { return window.runs().status().state == model::RunState::Paused; });
    shoot("runs-paused");
    run("runs.pause");
    server.adminFaults("{\"latency_ms\": 30000}");
    window.close();
    waitUntil([&] { return window.closeGuard().question() != nullptr; });
    if (window.closeGuard().question() != nullptr) {
        shoot("runs-closing");
        buttonNamed(window.closeGuard().question(), QStringLiteral("keepWorking"))->click();
    }
    run("runs.stop");
    waitUntil([&] { return window.runs().status().stopping; });
    shoot("runs-stopping");
    run("runs.stop");
    waitUntil([&] { return !window.runs().isActive(); });
    shoot("runs-stopped");
    // The rest meets a server that refuses a part of it.
    server.adminFaults(
        "{\"latency_ms\": 0, \"poison\": {\"empty-choices\": 0.1, \"length\": 0.1}}");
    run("runs.resume");
    waitUntil([&] { return window.runs().isActive(); });
    waitUntil([&] { return !window.runs().isActive(); }, 60000);
    shoot("runs-done");
    shootModels(window, shoot);
}

} // namespace scrit::test
