// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/model_convert.h"

#include "core/backend/gguf.h"
#include "core/backend/gpu.h"
#include "core/backend/server_plan.h"
#include "core/store/round_reader.h"
#include "ui/bridge/convert.h"
#include "ui/models/run_words.h"
#include "ui/models/translated.h"
#include "ui/models/visible_text.h"

#include <QDateTime>
#include <QFileInfo>
#include <QLocale>

#include <algorithm>
#include <unordered_map>

namespace scrit::ui::bridge {

namespace {

QStringList strings(const std::vector<std::string>& texts) {
    QStringList out;
    for (const std::string& one : texts) {
        out << text(one);
    }
    return out;
}

std::vector<std::string> bytes(const QStringList& texts) {
    std::vector<std::string> out;
    for (const QString& one : texts) {
        if (!one.trimmed().isEmpty()) {
            out.push_back(models::utf8(one.trimmed()));
        }
    }
    return out;
}

void readKey(models::ModelEntry& entry) {
    models::ModelForm& form = entry.form;
    if (!form.keychainEntry.isEmpty()) {
        form.keySource = models::KeySource::Keychain;
        entry.key = models::KeyState::Unknown;
        entry.keyText = tr("in the keychain as %1").arg(form.keychainEntry);
    } else if (!form.keyVariable.isEmpty()) {
        form.keySource = models::KeySource::Environment;
        const bool set = !qEnvironmentVariableIsEmpty(models::utf8(form.keyVariable).c_str());
        entry.key = set ? models::KeyState::Present : models::KeyState::Missing;
        entry.keyText = (set ? tr("present in $%1") : tr("missing: $%1 is not set or empty"))
                            .arg(form.keyVariable);
    }
}

QString endpointOf(const models::ModelForm& form) {
    switch (form.kind) {
    case models::ModelKind::OpenAi: {
        QStringList hosts;
        for (const QString& url : form.urls) {
            hosts << text(backend::hostOf(models::utf8(url)));
        }
        return hosts.join(QStringLiteral(", "));
    }
    case models::ModelKind::LlamaServer:
        return QFileInfo(form.modelFile).fileName();
    case models::ModelKind::Vllm:
        return form.modelId;
    case models::ModelKind::Recorded: {
        QStringList names;
        for (const QString& file : form.files) {
            names << QFileInfo(file).fileName();
        }
        return names.join(QStringLiteral(", "));
    }
    case models::ModelKind::Builtin:
        break;
    }
    return {};
}

models::PlanText llamaPlan(const models::ModelForm& form, const backend::PlanWishes& wishes) {
    models::PlanText out;
    const auto info = backend::readGgufFile(models::utf8(form.modelFile));
    if (!info) {
        out.error = text(info.error().text());
        return out;
    }
    QStringList parts{text(info->architecture)};
    if (info->layers > 0) {
        parts << tr("%1 layers").arg(info->layers);
    }
    parts << models::bytesWords(info->fileBytes);
    if (info->trainedContext > 0) {
        parts << tr("trained on %1 tokens").arg(models::grouped(info->trainedContext));
    }
    if (info->isAdapter) {
        out.error = tr("This file is an adapter: choose the model here and the adapter below.");
    } else if (!info->hasChatTemplate) {
        parts << tr("no chat template of its own");
    }
    parts.removeAll(QString());
    out.facts = parts.join(QStringLiteral(", "));
    const auto plan =
        backend::planLlamaServer(backend::factsOf(*info), backend::thisMachine(), wishes);
    out.reason = text(plan.reason);
    out.warning = text(plan.warning);
    return out;
}

models::PlanText vllmPlan(const models::ModelForm& form, const backend::PlanWishes& wishes) {
    models::PlanText out;
    std::optional<backend::ModelFacts> facts;
    if (QFileInfo(form.modelId).isDir()) {
        const auto read = backend::readHubFolder(models::utf8(form.modelId));
        if (!read) {
            out.error = text(read.error().text());
            return out;
        }
        facts = *read;
        out.facts =
            tr("%1 layers, %2")
                .arg(QString::number(facts->layers), models::bytesWords(facts->weightBytes));
    }
    const auto plan = backend::planVllm(facts, backend::thisMachine(), wishes);
    out.reason = text(plan.reason);
    out.warning = text(plan.warning);
    return out;
}

} // namespace

backend::ModelKind backendKind(models::ModelKind kind) {
    switch (kind) {
    case models::ModelKind::OpenAi:
        return backend::ModelKind::OpenAi;
    case models::ModelKind::LlamaServer:
        return backend::ModelKind::LlamaServer;
    case models::ModelKind::Vllm:
        return backend::ModelKind::Vllm;
    case models::ModelKind::Recorded:
        return backend::ModelKind::Recorded;
    case models::ModelKind::Builtin:
        break;
    }
    return backend::ModelKind::Builtin;
}

models::ModelKind screenKind(backend::ModelKind kind) {
    switch (kind) {
    case backend::ModelKind::OpenAi:
        return models::ModelKind::OpenAi;
    case backend::ModelKind::LlamaServer:
        return models::ModelKind::LlamaServer;
    case backend::ModelKind::Vllm:
        return models::ModelKind::Vllm;
    case backend::ModelKind::Recorded:
        return models::ModelKind::Recorded;
    case backend::ModelKind::Builtin:
        break;
    }
    return models::ModelKind::Builtin;
}

backend::ModelSettings settingsOfForm(const models::ModelForm& form) {
    backend::ModelSettings settings;
    if (!form.stored.isEmpty()) {
        if (auto stored =
                backend::settingsFromJson(backendKind(form.kind), models::utf8(form.stored))) {
            settings = std::move(*stored);
        }
    }
    settings.urls = bytes(form.urls);
    settings.keyVariable = form.keySource == models::KeySource::Environment
                               ? models::utf8(form.keyVariable.trimmed())
                               : std::string();
    settings.keychainEntry = form.keySource == models::KeySource::Keychain
                                 ? models::utf8(form.keychainEntry.trimmed())
                                 : std::string();
    settings.modelId = models::utf8(form.modelId.trimmed());
    settings.prices = {form.pricePrompt, form.priceCompletion};
    settings.requestsPerMinute = form.requestsPerMinute;
    settings.tokensPerMinute = form.tokensPerMinute;
    settings.largestWindow = form.largestWindow;
    settings.extraBody = models::utf8(form.extraBody.trimmed());
    settings.contextTokens = form.contextTokens;
    settings.modelFile = models::utf8(form.modelFile.trimmed());
    settings.loraFiles = bytes(form.loraFiles);
    settings.program = models::utf8(form.program.trimmed());
    settings.extraArguments = bytes(form.extraArguments);
    settings.slots = form.slotCount;
    settings.gpuLayers = form.gpuLayers;
    settings.files = bytes(form.files);
    return settings;
}

model::Model modelOfForm(const models::ModelForm& form) {
    model::Model model;
    model.id = form.id;
    model.name = models::utf8(form.name.trimmed());
    const backend::ModelKind kind = backendKind(form.kind);
    model.kind = backend::name(kind);
    model.settings = backend::settingsJson(kind, settingsOfForm(form));
    return model;
}

models::ModelEntry modelEntry(const model::Model& model) {
    models::ModelEntry entry;
    models::ModelForm& form = entry.form;
    form.id = model.id;
    form.name = models::labelText(model.name);
    form.stored = text(model.settings);
    entry.retired = model.retired;
    const auto kind = backend::modelKindFromName(model.kind);
    form.kind = screenKind(kind.value_or(backend::ModelKind::Builtin));
    const auto settings = backend::settingsOf(model);
    if (!settings) {
        entry.problem = text(settings.error().text());
        return entry;
    }
    form.urls = strings(settings->urls);
    form.modelId = text(settings->modelId);
    form.keyVariable = text(settings->keyVariable);
    form.keychainEntry = text(settings->keychainEntry);
    form.pricePrompt = settings->prices.promptPerMillion;
    form.priceCompletion = settings->prices.completionPerMillion;
    form.requestsPerMinute = settings->requestsPerMinute;
    form.tokensPerMinute = settings->tokensPerMinute;
    form.largestWindow = settings->largestWindow;
    form.extraBody = text(settings->extraBody);
    form.contextTokens = settings->contextTokens;
    form.modelFile = text(settings->modelFile);
    form.loraFiles = strings(settings->loraFiles);
    form.program = text(settings->program);
    form.extraArguments = strings(settings->extraArguments);
    form.slotCount = settings->slots;
    form.gpuLayers = settings->gpuLayers;
    form.files = strings(settings->files);
    if (form.kind == models::ModelKind::Builtin) {
        entry.origin << models::ModelFact{tr("File"),
                                          settings->checkpoint.empty()
                                              ? tr("the one that comes with the program")
                                              : models::labelText(settings->checkpoint)}
                     << models::ModelFact{tr("Runs on"), tr("this machine's processor")};
    }
    readKey(entry);
    entry.endpoint = endpointOf(form);
    if (kind) {
        entry.warnings = strings(backend::settingsWarnings(*kind, *settings));
    }
    return entry;
}

base::Expected<void> addLineage(store::Reader& reader, const std::vector<model::Model>& stored,
                                models::ModelEntries& entries) {
    store::RoundReader rounds(reader);
    const auto all = rounds.series();
    if (!all) {
        return base::fail(all.error());
    }
    std::unordered_map<std::int64_t, QString> made; // model → the training that made it
    for (const store::SeriesRow& series : *all) {
        const auto of = rounds.rounds(series.name);
        if (!of) {
            return base::fail(of.error());
        }
        for (const model::Round& round : *of) {
            if (round.number == 0 || !round.resultModelId) {
                continue;
            }
            const auto trainings = rounds.trainingsOf(round.id);
            if (!trainings) {
                return base::fail(trainings.error());
            }
            made[*round.resultModelId] =
                tr("round %1 of %2").arg(round.number).arg(models::labelText(series.name)) +
                (trainings->empty()
                     ? QString()
                     : tr(", by the trainer %1").arg(text(trainings->back().trainer)));
        }
    }
    const auto nameOf = [&stored](std::int64_t id) {
        const auto found = std::find_if(stored.begin(), stored.end(),
                                        [id](const model::Model& one) { return one.id == id; });
        return found == stored.end() ? QString() : models::labelText(found->name);
    };
    for (models::ModelEntry& entry : entries) {
        const auto row = std::find_if(stored.begin(), stored.end(), [&](const model::Model& one) {
            return one.id == entry.form.id;
        });
        const auto add = [&entry](const QString& name, const QString& value) {
            if (!value.isEmpty()) {
                entry.origin.push_back({name, value});
            }
        };
        if (row == stored.end()) {
            continue;
        }
        add(tr("Trained from"), row->parentId ? nameOf(*row->parentId) : QString());
        const auto by = made.find(row->id);
        add(tr("Made in"), by == made.end() ? QString() : by->second);
        add(tr("Since"), row->createdAt == 0
                             ? QString()
                             : QLocale().toString(QDateTime::fromMSecsSinceEpoch(row->createdAt),
                                                  QLocale::ShortFormat));
    }
    return {};
}

models::ServerPhase serverPhase(backend::ServerState state) {
    switch (state) {
    case backend::ServerState::Stopped:
        return models::ServerPhase::Stopped;
    case backend::ServerState::Starting:
        return models::ServerPhase::Starting;
    case backend::ServerState::Loading:
        return models::ServerPhase::Loading;
    case backend::ServerState::Ready:
        return models::ServerPhase::Ready;
    case backend::ServerState::Restarting:
        return models::ServerPhase::Restarting;
    case backend::ServerState::Failed:
        break;
    }
    return models::ServerPhase::Failed;
}

void addFacts(models::ModelCheck& check, const backend::ServerFacts& facts,
              const std::string& modelId) {
    check.facts.push_back({tr("Server"), models::labelText(facts.software + " " + facts.version)});
    if (!facts.models.empty()) {
        constexpr int kMost = 6;
        QStringList names = strings(facts.models).mid(0, kMost);
        if (facts.models.size() > kMost) {
            names << tr("and %1 more").arg(facts.models.size() - kMost);
        }
        check.facts.push_back({tr("Models"), names.join(QStringLiteral(", "))});
        const bool listed =
            std::find(facts.models.begin(), facts.models.end(), modelId) != facts.models.end();
        if (!modelId.empty() && !listed) {
            check.facts.push_back(
                {tr("Note"), tr("The server does not list “%1”.").arg(text(modelId))});
        }
    }
    check.facts.push_back(
        {tr("Context"),
         facts.contextTokens
             ? tr("%1 tokens").arg(models::grouped(static_cast<qint64>(*facts.contextTokens)))
             : tr("it does not say")});
    if (facts.slots) {
        check.facts.push_back({tr("Slots"), QString::number(*facts.slots)});
    }
}

void addSpeed(models::ModelCheck& check, const backend::SpeedProbe& speed) {
    if (speed.firstTokenSeconds > 0) {
        check.facts.push_back({tr("First token"), models::secondsText(speed.firstTokenSeconds)});
    }
    check.facts.push_back({tr("One request"), models::secondsText(speed.totalSeconds)});
    if (speed.tokensPerSecond) {
        check.facts.push_back(
            {tr("Speed"),
             tr("%1 tokens/s").arg(QLocale().toString(*speed.tokensPerSecond, 'f', 1))});
    }
}

models::PlanText planOfForm(const models::ModelForm& form) {
    const backend::PlanWishes wishes{form.slotCount, form.contextTokens, form.gpuLayers,
                                     bytes(form.extraArguments)};
    return form.kind == models::ModelKind::LlamaServer ? llamaPlan(form, wishes)
                                                       : vllmPlan(form, wishes);
}

} // namespace scrit::ui::bridge
