// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train_output.h"

#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/train/loss_curve.h"

#include <cstdio>

namespace scrit::cli {
namespace {

std::string shortNumber(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

std::string modelName(const std::map<std::int64_t, std::string>& models,
                      const std::optional<std::int64_t>& id) {
    const auto found = models.find(id.value_or(0));
    return found == models.end() ? std::string() : found->second;
}

std::string newestLoss(const model::Training& training) {
    const auto curve = train::LossCurve::fromJson(training.losses);
    return curve && !curve->points().empty() ? shortNumber(curve->points().back().loss)
                                             : std::string();
}

} // namespace

std::string trainingLine(const loop::TrainingProgress& progress) {
    const train::Progress& now = progress.now;
    std::string text = now.stage.empty() ? "start" : now.stage;
    if (now.step > 0) {
        text += "  step " + std::to_string(now.step) +
                (now.steps > 0 ? "/" + std::to_string(now.steps) : std::string());
    }
    if (now.epoch > 0) {
        text += "  epoch " + shortNumber(now.epoch);
    }
    if (now.loss) {
        text += "  loss " + shortNumber(*now.loss);
    }
    const auto seconds = static_cast<std::int64_t>(progress.seconds);
    const std::string rest = std::to_string(seconds % 60);
    return text + "  " + std::to_string(seconds / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest;
}

Json trainingProgressJson(const loop::TrainingProgress& progress) {
    const train::Progress& now = progress.now;
    return Json{{"training", progress.trainingId},
                {"state", "running"},
                {"stage", now.stage},
                {"step", now.step},
                {"steps", now.steps},
                {"epoch", now.epoch},
                {"loss", valueOrNull(now.loss)},
                {"external_job", textOrNull(now.externalJob)},
                {"seconds", progress.seconds}};
}

Json trainingJson(const model::Training& training,
                  const std::map<std::int64_t, std::string>& models) {
    return Json{{"training", training.id},
                {"state", model::name(training.state)},
                {"trainer", training.trainer},
                {"base", textOrNull(modelName(models, training.baseModelId))},
                {"settings", embedded(training.settings)},
                {"error", textOrNull(training.error)},
                {"external_job", textOrNull(training.externalJob)},
                {"folder", training.output},
                {"export", valueOrNull(training.exportId)},
                {"round", valueOrNull(training.roundId)},
                {"losses", embedded(training.losses)},
                {"started_at", training.startedAt},
                {"finished_at", training.finishedAt}};
}

void printTrainings(const std::vector<model::Training>& trainings,
                    const std::map<std::int64_t, std::string>& models) {
    Table table({{"id", true},
                 {"state"},
                 {"trainer"},
                 {"base"},
                 {"makes"},
                 {"loss", true},
                 {"error", false, true}});
    for (const model::Training& training : trainings) {
        const Json settings = embedded(training.settings);
        const std::string made = settings.is_object() ? settings.value("name", "") : "";
        const auto safe = [](const std::string& text) {
            return base::escapeForTerminal(base::excerpt(text, 200));
        };
        table.add({std::to_string(training.id), std::string(model::name(training.state)),
                   training.trainer, safe(modelName(models, training.baseModelId)), safe(made),
                   newestLoss(training), safe(training.error)});
    }
    table.finish();
}

} // namespace scrit::cli
