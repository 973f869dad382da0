// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/job_state.h"

#include "core/base/atomic_file.h"
#include "core/base/resources.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using nlohmann::json;

constexpr const char* kStateName = "job.json";

base::Expected<json> manifestOf(const fs::path& folder) {
    const base::Expected<std::string> text = base::readFile(folder / "manifest.json");
    if (!text) {
        return base::fail(ErrorCode::NotFound,
                          base::makeVisibleUtf8(folder.string()) + " holds no finished data set",
                          "give a folder that scrit export has written");
    }
    json manifest = json::parse(*text, nullptr, false);
    if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_array()) {
        return base::fail(ErrorCode::Corrupt,
                          "the manifest of " + base::makeVisibleUtf8(folder.string()) +
                              " cannot be read",
                          "export the data set again");
    }
    return manifest;
}

} // namespace

base::Expected<json> loadJobState(const fs::path& folder, std::string_view trainer) {
    const fs::path file = folder / kStateName;
    std::error_code error;
    if (!fs::exists(file, error)) {
        return json::object();
    }
    const base::Expected<std::string> text = base::readFile(file);
    if (!text) {
        return base::fail(text.error());
    }
    json state = json::parse(*text, nullptr, false);
    if (!state.is_object() || !state.contains("trainer")) {
        return base::fail(ErrorCode::Corrupt,
                          base::makeVisibleUtf8(file.string()) + " cannot be read",
                          "remove the folder of this training and start it again");
    }
    if (state["trainer"] != trainer) {
        return base::fail(ErrorCode::Invalid,
                          base::makeVisibleUtf8(folder.string()) +
                              " belongs to a training of another kind",
                          "use another folder");
    }
    return state;
}

base::Expected<void> makeFolder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return base::fail(
            base::systemError(error.value(), "cannot make the folder", folder.string()));
    }
    return {};
}

base::Expected<void> saveJobState(const fs::path& folder, std::string_view trainer, json state) {
    if (base::Expected<void> made = makeFolder(folder); !made) {
        return made;
    }
    state["trainer"] = trainer;
    base::Expected<base::AtomicFile> file = base::AtomicFile::create(folder / kStateName);
    if (!file) {
        return base::fail(file.error());
    }
    const base::Expected<void> written =
        file->write(state.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
    return written ? file->commit() : written;
}

base::Expected<std::optional<fs::path>> splitFile(const fs::path& dataFolder,
                                                  std::string_view split) {
    const base::Expected<json> manifest = manifestOf(dataFolder);
    if (!manifest) {
        return base::fail(manifest.error());
    }
    for (const json& file : (*manifest)["files"]) {
        if (file.is_object() && file.value("split", "") == split && file.value("rows", 0) > 0) {
            const fs::path name = fs::path(file.value("name", "")).filename();
            std::error_code error;
            if (!fs::is_regular_file(dataFolder / name, error)) {
                return base::fail(ErrorCode::NotFound,
                                  base::makeVisibleUtf8((dataFolder / name).string()) +
                                      " is missing",
                                  "export the data set again");
            }
            return fs::absolute(dataFolder / name, error);
        }
    }
    return std::nullopt;
}

base::Expected<fs::path> trainFile(const fs::path& dataFolder) {
    base::Expected<std::optional<fs::path>> file = splitFile(dataFolder, "train");
    if (!file) {
        return base::fail(file.error());
    }
    if (!*file) {
        return base::fail(ErrorCode::NotFound, "the training set is empty",
                          "check the filter, or run more critiques first");
    }
    return **file;
}

} // namespace scrit::train
