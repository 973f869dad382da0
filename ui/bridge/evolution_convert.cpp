// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/evolution_convert.h"

#include "core/loop/miniature.h"
#include "core/store/evaluation_reader.h"
#include "core/store/run_reader.h"
#include "core/train/command_template.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/run_convert.h"
#include "ui/models/translated.h"
#include "ui/models/visible_text.h"
#include "ui/models/words.h"

#include <QFileInfo>

#include <utility>

namespace scrit::ui::bridge {

namespace {

curate::Order orderOf(models::EvolutionForm::Order order) {
    using Order = models::EvolutionForm::Order;
    switch (order) {
    case Order::EasyFirst:
        return curate::Order::EasyFirst;
    case Order::HardFirst:
        return curate::Order::HardFirst;
    case Order::Stored:
        return curate::Order::Stored;
    case Order::Random:
        break;
    }
    return curate::Order::Random;
}

QString trainingWords(const train::Parameters& parameters) {
    QStringList words;
    if (parameters.epochs) {
        words << (*parameters.epochs == 1 ? tr("1 epoch")
                                          : tr("%1 epochs").arg(*parameters.epochs));
    }
    if (parameters.batch) {
        words << tr("batch %1").arg(*parameters.batch);
    }
    if (parameters.learningRate) {
        words << tr("learning rate %1").arg(*parameters.learningRate);
    }
    if (parameters.loraRank) {
        words << (*parameters.loraRank == 0 ? tr("all weights")
                                            : tr("LoRA rank %1").arg(*parameters.loraRank));
    }
    return words.join(QStringLiteral(", "));
}

base::Expected<loop::Recipe> recipeOf(const models::EvolutionForm& form, bool miniature) {
    auto recipe = loop::loadRecipe(models::utf8(form.recipe));
    if (recipe && miniature) {
        recipe = loop::miniatureRecipe(*recipe);
    }
    if (!recipe || form.reference.isEmpty()) {
        return recipe;
    }
    return loop::changedRecipe(
        *recipe,
        {{"select.reference", models::utf8(QLatin1Char('"') + form.reference + QLatin1Char('"'))}});
}

loop::EvolutionTrainer trainerOf(const models::EvolutionForm& form) {
    loop::EvolutionTrainer trainer;
    trainer.trainer = models::utf8(form.trainer);
    trainer.commandTemplate = models::utf8(form.commandTemplate);
    const models::TrainingSettings& wanted = form.training;
    trainer.parameters.epochs = wanted.epochs;
    trainer.parameters.batch = wanted.batch;
    trainer.parameters.learningRate = wanted.learningRate;
    trainer.parameters.loraRank = wanted.loraRank;
    trainer.parameters.maxLength = wanted.maxLength;
    for (auto value = wanted.values.begin(); value != wanted.values.end(); ++value) {
        trainer.values[models::utf8(value.key())] = models::utf8(value.value());
    }
    return trainer;
}

} // namespace

base::Expected<loop::EvolutionRequest> evolutionRequest(const models::EvolutionForm& form,
                                                        bool miniature) {
    auto recipe = recipeOf(form, miniature);
    if (!recipe) {
        return base::fail(recipe.error());
    }
    loop::EvolutionRequest request;
    request.recipe = std::move(*recipe);
    request.series = models::utf8(form.series.trimmed());
    request.rounds = form.rounds;
    request.base = models::utf8(form.base);
    for (const QString& student : form.students) {
        request.students.push_back(models::utf8(student));
    }
    request.filter = models::utf8(form.filter);
    request.limit = form.limit;
    for (const QString& set : form.sets) {
        request.sets.push_back(models::utf8(set));
    }
    request.trainer = trainerOf(form);
    request.caps = {form.caps.requests, form.caps.tokens, form.caps.cost};
    request.evaluation.suites.clear();
    for (const QString& name : form.suites) {
        const auto suite = loop::suiteNamed(models::utf8(name));
        if (!suite) {
            return base::fail(suite.error());
        }
        request.evaluation.suites.push_back(*suite);
    }
    request.evaluation.samples = form.samples;
    request.evaluation.temperature = form.temperature;
    request.evaluation.maxTokens = form.maxTokens;
    if (!form.folder.isEmpty()) {
        request.folder = models::utf8(QFileInfo(form.folder).absoluteFilePath());
    }
    loop::EvolutionPolicy& policy = request.policy;
    policy.from = form.fromLast ? loop::TrainFrom::Last : loop::TrainFrom::Base;
    policy.data = form.accumulate ? loop::DataUse::Accumulate : loop::DataUse::Replace;
    policy.examples = static_cast<std::uint64_t>(form.examples);
    policy.balance = models::utf8(form.balance);
    policy.order = orderOf(form.order);
    policy.selfValidation = form.selfValidation;
    policy.keepCopies = form.keepCopies;
    policy.keepLeaks = form.keepLeaks;
    policy.dropDuplicates = !form.keepDuplicates;
    policy.decontaminate = !form.keepOverlaps;
    policy.problemsPerRound = form.problemsPerRound;
    if (miniature) {
        policy = loop::miniaturePolicy(policy);
    }
    if (form.seed) {
        request.seed = *form.seed;
    }
    return request;
}

loop::FreezeRequest freezeRequest(const models::FreezeForm& form) {
    loop::FreezeRequest request;
    request.name = models::utf8(form.name.trimmed());
    request.filter = models::utf8(form.filter);
    request.limit = form.limit;
    request.seed = form.seed;
    request.balance = models::utf8(form.balance);
    return request;
}

models::EvolutionPreview evolutionPreview(const loop::EvolutionPreview& preview) {
    models::EvolutionPreview out;
    out.series = models::labelText(preview.series);
    out.exists = preview.exists;
    out.problems = preview.problems;
    out.problemsInRound = preview.problemsInRound;
    out.training = trainingWords(preview.parameters);
    out.run = runPreview(preview.run);
    for (const auto& set : preview.sets) {
        out.sets.push_back({models::labelText(set.name), set.size});
    }
    for (const std::string& warning : preview.warnings) {
        out.warnings << models::labelText(warning);
    }
    return out;
}

models::EvolutionStatus evolutionStatus(const loop::EvolutionProgress& progress) {
    models::EvolutionStatus out;
    out.series = text(progress.series);
    out.round = progress.round;
    out.rounds = progress.rounds;
    out.stage = text(progress.stage);
    out.fraction = progress.fraction;
    out.overall = progress.overall;
    out.message = models::labelText(progress.message);
    return out;
}

base::Expected<models::EvolutionChoices> evolutionChoices(const store::Workspace& workspace) {
    models::EvolutionChoices out;
    for (const std::string_view name : train::trainerNames()) {
        out.trainers << text(name);
    }
    if (const auto names = train::commandTemplateNames()) {
        for (const std::string& name : *names) {
            out.templates << text(name);
        }
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto sets = store::EvaluationReader(**reader).sets();
    if (!sets) {
        return base::fail(sets.error());
    }
    for (const model::FrozenSet& set : *sets) {
        if (set.members == model::SubjectKind::Solution) {
            out.sets.push_back({text(set.name), set.size});
        }
    }
    const auto free = store::RunReader(**reader).problemIds("-evaluation:yes", 0);
    if (!free) {
        return base::fail(free.error());
    }
    out.problems = static_cast<qint64>(free->size());
    return out;
}

QStringList evolutionModels(const loop::EvolutionRequest& request) {
    QStringList names{text(request.base)};
    for (const std::string& student : request.students) {
        names << text(student);
    }
    return names;
}

} // namespace scrit::ui::bridge
