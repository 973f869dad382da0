// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/training.h"

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/training_settings.h"
#include "core/store/reader.h"
#include "core/store/round_reader.h"
#include "core/store/round_writer.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/train/loss_curve.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Expected;
using base::fail;
using Json = nlohmann::ordered_json;

Expected<model::Model> modelOf(store::Reader& reader, std::int64_t id) {
    const auto models = store::RunReader(reader).models(true);
    if (!models) {
        return fail(models.error());
    }
    for (const model::Model& model : *models) {
        if (model.id == id) {
            return model;
        }
    }
    return fail(ErrorCode::NotFound, "there is no model " + std::to_string(id) + " to train");
}

Expected<void> nameIsFree(store::Reader& reader, const std::string& name) {
    if (base::trimmed(name).empty()) {
        return fail(ErrorCode::Invalid, "the new model has no name", "give it one with --name");
    }
    const auto models = store::RunReader(reader).models();
    if (!models) {
        return fail(models.error());
    }
    for (const model::Model& model : *models) {
        if (model.name == name) {
            return fail(ErrorCode::Exists, "there is a model \"" + name + "\" already",
                        "choose another name");
        }
    }
    return {};
}

// The folder of a new job: beside the workspace, named after the model, and not that of an earlier
// training, whose weights somebody may still use.
Expected<fs::path> folderFor(store::Reader& reader, const fs::path& workspace,
                             const std::string& name) {
    const auto trainings = store::RoundReader(reader).trainings();
    if (!trainings) {
        return fail(trainings.error());
    }
    std::set<fs::path> taken;
    for (const model::Training& training : *trainings) {
        taken.insert(training.output);
    }
    std::string plain;
    for (const char c : base::makeVisibleUtf8(name)) {
        const bool good = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
                          c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
        plain += good ? c : '-';
    }
    if (plain.front() == '.') {
        plain.front() = '-';
    }
    std::error_code error;
    const fs::path whole = fs::absolute(workspace, error);
    const fs::path all = whole.parent_path() / (whole.stem().string() + ".trainings");
    fs::path folder = all / plain.substr(0, 120);
    for (int number = 2; taken.contains(folder); ++number) {
        folder = all / (plain.substr(0, 120) + "-" + std::to_string(number));
    }
    return folder;
}

// The stored export of a folder.
Expected<store::StoredExport> exportOf(store::Reader& reader, const fs::path& folder) {
    const auto exports = reader.exports(1'000'000);
    if (!exports) {
        return fail(exports.error());
    }
    std::error_code error;
    for (const store::StoredExport& candidate : *exports) { // newest first
        if (fs::equivalent(candidate.folder, folder, error)) {
            return candidate;
        }
    }
    return fail(ErrorCode::NotFound,
                base::makeVisibleUtf8(folder.string()) + " is no export of this workspace",
                "make it with scrit export, so that it can be checked against the evaluation sets");
}

Expected<std::string> sha256Of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::vector<char> block(std::size_t{1} << 20U);
    base::Sha256 hash;
    if (!stream) {
        return fail(ErrorCode::NotFound, base::makeVisibleUtf8(file.string()) + " is missing",
                    "export the data set again");
    }
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           stream.gcount() > 0) {
        hash.update({block.data(), static_cast<std::size_t>(stream.gcount())});
    }
    return hash.hexDigest();
}

// That the folder still holds what was exported; gives the rows of the training set.
Expected<std::int64_t> checkData(const store::StoredExport& stored, const std::string& view,
                                 const base::CancelToken& cancel) {
    const fs::path folder = stored.folder;
    const auto changed = [&](const std::string& what) {
        return fail(ErrorCode::Corrupt,
                    base::makeVisibleUtf8((folder / what).string()) + " is not what was exported",
                    "export the data set again");
    };
    if (stored.view != view) {
        return fail(ErrorCode::Invalid,
                    "the trainer reads the view " + view + ", and " +
                        base::makeVisibleUtf8(stored.folder) + " was exported as " + stored.view,
                    "export it with --view " + view);
    }
    const Expected<std::string> text = base::readFile(folder / "manifest.json");
    if (!text || *text != stored.manifest) {
        return changed("manifest.json");
    }
    const Json manifest = Json::parse(*text, nullptr, false);
    std::int64_t rows = 0;
    for (const Json& file : manifest.value("files", Json::array())) {
        if (cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "stopped while the data set was checked");
        }
        const std::string name = file.value("name", "");
        const Expected<std::string> hash = sha256Of(folder / name);
        if (!hash) {
            return fail(hash.error());
        }
        if (*hash != file.value("sha256", "")) {
            return changed(name);
        }
        if (file.value("split", "") == "train") {
            rows += file.value("rows", std::int64_t{0});
            if (fs::path(name).extension() == ".parquet") {
                return fail(ErrorCode::Invalid, "trainers read JSON lines, not Parquet",
                            "export the data set without --parquet");
            }
        }
    }
    if (rows == 0) {
        return fail(ErrorCode::NotFound, "the training set is empty",
                    "check the filter, or run more critiques first");
    }
    return rows;
}

train::Job jobOf(const model::Model& base, const TrainingSettings& settings,
                 const fs::path& folder) {
    train::Job job;
    job.base = base;
    job.name = settings.name;
    job.data = settings.data;
    job.folder = folder;
    job.parameters = settings.parameters;
    job.commandTemplate = settings.commandTemplate;
    job.values = settings.values;
    return job;
}

// Everything that can be told before data is written. Completes the job's parameters; gives the
// view that the trainer reads.
Expected<std::string> checkedView(const train::Trainer& trainer, train::Job& job) {
    if (const Expected<void> good = train::checkParameters(job.parameters); !good) {
        return fail(good.error());
    }
    const Expected<train::Parameters> defaults = trainer.defaults(job);
    if (!defaults) {
        return fail(defaults.error());
    }
    job.parameters = train::merged(job.parameters, *defaults);
    if (const Expected<void> good = trainer.check(job); !good) {
        return fail(good.error());
    }
    return trainer.exportView(job);
}

Expected<void> exportData(store::Workspace& workspace, const ExportJobOptions& wanted,
                          const std::string& view, const fs::path& folder,
                          const ProgressFunction& progress, const base::CancelToken& cancel) {
    ExportJobOptions options = wanted;
    options.view = view;
    options.folder = folder;
    options.fileType = format::FileType::Native;
    options.replace = true; // what a killed start left there
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (error) {
        return fail(base::systemError(error.value(), "cannot make the folder",
                                      folder.parent_path().string()));
    }
    const auto exported = exportDataset(workspace, options, progress, cancel);
    return exported ? Expected<void>{} : fail(exported.error());
}

// One run of one training.
class TrainingRun {
public:
    TrainingRun(std::shared_ptr<store::Workspace> workspace, model::Training training,
                const TrainingProgressFunction& progress)
        : m_workspace(std::move(workspace)), m_row(std::move(training)), m_progress(progress) {
        if (auto curve = train::LossCurve::fromJson(m_row.losses)) {
            m_losses = std::move(*curve);
        }
    }

    Expected<void> begin() {
        m_row.state = model::JobState::Running;
        m_row.error.clear();
        return store();
    }

    void tell(const train::Progress& now) {
        for (const train::LossPoint& point : now.losses) {
            m_losses.add(point);
        }
        const bool newJob = !now.externalJob.empty() && now.externalJob != m_row.externalJob;
        // Trainers tell some times a second. What they have told survives a kill.
        if (newJob || !now.losses.empty()) {
            m_row.externalJob = newJob ? now.externalJob : m_row.externalJob;
            // A workspace that cannot be written is told of when the training ends.
            static_cast<void>(store());
        }
        if (m_progress) {
            const std::int64_t time = base::steadyMillis() - m_startedAt;
            m_progress({m_row.id, now, static_cast<double>(time) / 1000});
        }
    }

    base::Error failed(const base::Error& error) {
        const bool stopped = error.code == ErrorCode::Cancelled;
        m_row.state = stopped ? model::JobState::Stopped : model::JobState::Failed;
        m_row.error = error.text();
        const Expected<void> stored = store();
        return stored ? error : stored.error().withContext(error.message);
    }

    // Stores the model and the end of the training in one transaction.
    Expected<TrainingResult> succeeded(const std::string& name, const train::Trained& trained) {
        m_row.state = model::JobState::Done;
        m_row.error.clear();
        m_row.losses = m_losses.json();
        model::Model made;
        made.name = name;
        made.kind = trained.kind;
        made.settings = trained.settings;
        made.parentId = m_row.baseModelId;
        std::int64_t modelId = 0;
        const Expected<void> written =
            m_workspace->write([&](store::Writer& writer) -> Expected<void> {
                store::RoundWriter rounds(writer);
                const Expected<std::int64_t> added = store::RunWriter(writer).addModel(made);
                if (!added) {
                    return fail(added.error());
                }
                modelId = *added;
                const Expected<void> origin =
                    rounds.setModelOrigin(modelId, m_row.id, m_row.baseModelId.value_or(0));
                return origin ? rounds.updateTraining(m_row) : origin;
            });
        if (!written) {
            return fail(failed(written.error().withContext("the trained model was not stored")));
        }
        return TrainingResult{m_row.id, modelId, name, trained.kind};
    }

private:
    Expected<void> store() {
        m_row.losses = m_losses.json();
        return m_workspace->write([&](store::Writer& writer) {
            return store::RoundWriter(writer).updateTraining(m_row);
        });
    }

    std::shared_ptr<store::Workspace> m_workspace;
    model::Training m_row;
    const TrainingProgressFunction& m_progress;
    train::LossCurve m_losses;
    std::int64_t m_startedAt = base::steadyMillis();
};

// The model that a finished training has made.
Expected<TrainingResult> resultOf(store::Reader& reader, const model::Training& training) {
    const auto models = store::RunReader(reader).models(true);
    if (!models) {
        return fail(models.error());
    }
    store::RoundReader rounds(reader);
    for (const model::Model& model : *models) {
        const auto origin = rounds.trainingOfModel(model.id);
        if (!origin) {
            return fail(origin.error());
        }
        if (*origin == training.id) {
            return TrainingResult{training.id, model.id, model.name, model.kind};
        }
    }
    return fail(ErrorCode::NotFound, "the model of training " + std::to_string(training.id) +
                                         " is not in the workspace any more");
}

} // namespace

Expected<std::int64_t> createTraining(store::Workspace& workspace, const TrainingRequest& request,
                                      const train::MakeTrainer& makeTrainer,
                                      const ProgressFunction& progress,
                                      const base::CancelToken& cancel) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const Expected<model::Model> parent = modelOf(**reader, request.baseModelId);
    const Expected<void> free = nameIsFree(**reader, request.name);
    const auto trainer = makeTrainer(request.trainer);
    if (!parent || !free || !trainer) {
        return fail(!parent ? parent.error() : !free ? free.error() : trainer.error());
    }
    Expected<fs::path> folder = request.folder.empty()
                                    ? folderFor(**reader, workspace.path(), request.name)
                                    : fs::absolute(request.folder);
    if (!folder) {
        return fail(folder.error());
    }
    TrainingSettings settings;
    settings.name = request.name;
    settings.commandTemplate = request.commandTemplate;
    settings.parameters = request.parameters;
    settings.values = request.values;
    settings.data = request.data.empty() ? *folder / "data" : request.data;
    train::Job job = jobOf(*parent, settings, *folder);
    const Expected<std::string> view = checkedView(**trainer, job);
    if (!view) {
        return fail(view.error());
    }
    settings.parameters = job.parameters;
    if (request.data.empty()) {
        const Expected<void> written =
            exportData(workspace, request.dataset, *view, settings.data, progress, cancel);
        if (!written) {
            return fail(written.error());
        }
    }
    const Expected<store::StoredExport> stored = exportOf(**reader, settings.data);
    if (!stored) {
        return fail(stored.error());
    }
    const Expected<std::int64_t> rows = checkData(*stored, *view, cancel);
    if (!rows) {
        return fail(rows.error());
    }
    const Expected<void> held =
        refuseFrozen(workspace, store::ListOf::Critiques, "exported:" + std::to_string(stored->id));
    if (!held) {
        return fail(held.error());
    }
    settings.rows = *rows;
    settings.data = stored->folder;
    model::Training training;
    training.roundId = request.roundId;
    training.trainer = request.trainer;
    training.baseModelId = parent->id;
    training.exportId = stored->id;
    training.settings = trainingSettingsJson(settings);
    training.output = folder->string();
    training.losses = "[]";
    std::int64_t id = 0;
    const Expected<void> added = workspace.write([&](store::Writer& writer) -> Expected<void> {
        const auto row = store::RoundWriter(writer).addTraining(training);
        id = row.value_or(0);
        return row ? Expected<void>{} : fail(row.error());
    });
    return added ? Expected<std::int64_t>(id) : fail(added.error());
}

Expected<TrainingResult> runTraining(const std::shared_ptr<store::Workspace>& workspace,
                                     std::int64_t trainingId, const train::MakeTrainer& makeTrainer,
                                     const TrainingProgressFunction& progress,
                                     const base::CancelToken& cancel) {
    const auto reader = workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto training = store::RoundReader(**reader).training(trainingId);
    if (!training) {
        return fail(training.error());
    }
    if (training->state == model::JobState::Done) {
        return resultOf(**reader, *training);
    }
    const Expected<TrainingSettings> settings = trainingSettingsFromJson(training->settings);
    const Expected<model::Model> parent = modelOf(**reader, training->baseModelId.value_or(0));
    if (!settings || !parent) {
        return fail(!settings ? settings.error() : parent.error());
    }
    // Before anything is paid: the name may have been given away since.
    const Expected<void> free = nameIsFree(**reader, settings->name);
    const auto trainer = makeTrainer(training->trainer);
    if (!free || !trainer) {
        return fail(!free ? free.error() : trainer.error());
    }
    TrainingRun run(workspace, *training, progress);
    if (const Expected<void> begun = run.begin(); !begun) {
        return fail(begun.error());
    }
    const train::Job job = jobOf(*parent, *settings, training->output);
    const Expected<train::Trained> trained = (*trainer)->run(
        job, [&run](const train::Progress& now) { run.tell(now); }, cancel);
    if (!trained) {
        return fail(run.failed(trained.error()));
    }
    return run.succeeded(settings->name, *trained);
}

} // namespace scrit::loop
