// SPDX-License-Identifier: GPL-3.0-or-later
// Ends the servers that another process has left on a cluster.
#include "core/backend/model_settings.h"
#include "core/backend/open_model.h"
#include "core/backend/slurm_client.h"
#include "core/backend/slurm_serving_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace scrit::backend {
namespace {

// The jobs that a record may stand for.
base::Expected<std::vector<std::string>> jobsOf(const ServingRecord& record,
                                                const SlurmClient& client) {
    std::vector<std::string> ids;
    if (!record.job.empty()) {
        ids.push_back(record.job);
    } else if (!record.jobName.empty()) { // who submitted it ended before the id was known
        return client.jobsNamed(record.jobName, {});
    }
    return ids;
}

} // namespace

base::Expected<std::optional<std::string>> stopServing(const model::Model& model,
                                                       const SlurmServingOptions& options) {
    const base::Expected<ModelSettings> settings = settingsOf(model);
    if (!settings) {
        return base::fail(settings.error());
    }
    const ModelKind kind = modelKindFromName(model.kind).value_or(ModelKind::OpenAi);
    if (!settings->slurm) {
        return std::nullopt;
    }
    const base::Expected<std::filesystem::path> path = servingFolder(kind, *settings);
    if (!path) {
        return base::fail(path.error());
    }
    const ServingFolder folder(*path);
    std::error_code error;
    if (!std::filesystem::exists(*path, error)) {
        return std::nullopt;
    }
    const base::Expected<FileLock> lock =
        FileLock::take(*path / "lock", FileLock::Mode::Exclusive, kLockMillis);
    const base::Expected<FileLock> alone =
        FileLock::take(*path / "users", FileLock::Mode::Exclusive, 0);
    if (!lock || !alone) {
        return base::fail(!lock ? lock.error() : alone.error());
    }
    const SlurmClient client(options.client);
    const base::Expected<std::vector<std::string>> ids = jobsOf(folder.record(), client);
    if (!ids) {
        return base::fail(ids.error());
    }
    std::optional<std::string> stopped;
    for (const std::string& id : *ids) {
        const auto jobs = client.jobs(id, {});
        const bool lived =
            !jobs || std::any_of(jobs->begin(), jobs->end(),
                                 [](const SlurmJob& job) { return !isOver(job.state); });
        if (base::Expected<void> gone = client.cancelAndWait(id, kCancelMillis); !gone) {
            return base::fail(std::move(gone.error()));
        }
        stopped = lived ? std::optional(id) : stopped;
    }
    folder.clear();
    return stopped;
}

} // namespace scrit::backend
