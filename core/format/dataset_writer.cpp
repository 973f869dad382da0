// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/dataset_writer.h"

#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/format/dataset_card.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

namespace scrit::format {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::string_view kDefaultSplit = "train";

bool usableSplit(std::string_view split) {
    return split.size() <= 64 && std::all_of(split.begin(), split.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

// Only a folder that an export made, and nothing else, may be replaced.
bool isEarlierExport(const fs::path& folder) {
    const Expected<std::string> manifest = base::readFile(folder / kManifestName);
    return manifest && manifest->find(kManifestMark) != std::string::npos;
}

Expected<void> checkTarget(const fs::path& folder, bool replace) {
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (!fs::exists(status) ||
        (fs::is_directory(status) && fs::is_empty(folder, error) && !error)) {
        return {};
    }
    if (fs::is_directory(status) && isEarlierExport(folder)) {
        if (replace) {
            return {};
        }
        return fail(ErrorCode::Exists, folder.string() + " holds an earlier export",
                    "choose another folder, or ask for it to be replaced");
    }
    return fail(ErrorCode::Exists, folder.string() + " is there already and is not an export",
                "choose a folder that is new or empty");
}

Expected<fs::path> makeHiddenSibling(const fs::path& folder) {
    const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
    std::error_code error;
    fs::create_directories(parent, error);
    if (error) {
        return fail(base::systemError(error.value(), "cannot create the folder", parent.string()));
    }
    std::string name = (parent / ("." + folder.filename().string() + ".part.XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
        return fail(base::systemError(errno, "cannot create a folder in", parent.string()));
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(name.c_str(), 0777U & ~mask); // mkdtemp leaves it to the owner alone
    return fs::path(name);
}

void syncFolder(const fs::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

// Puts the finished folder under its name. Over an earlier export both change places in one step,
// so that there is a whole one at every instant; what was there is then behind the hidden name and
// is removed.
Expected<void> putInPlace(const fs::path& hidden, const fs::path& folder) {
    if (::rename(hidden.c_str(), folder.c_str()) == 0) {
        return {};
    }
    const int renameError = errno;
    if ((renameError == ENOTEMPTY || renameError == EEXIST) && isEarlierExport(folder) &&
        ::renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) {
        std::error_code ignored;
        fs::remove_all(hidden, ignored);
        return {};
    }
    return fail(
        base::systemError(renameError, "cannot put the export in place as", folder.string()));
}

struct SplitFile {
    DatasetFile info;
    base::AtomicFile file;
    base::Sha256 hash;

    SplitFile(DatasetFile about, base::AtomicFile opened)
        : info(std::move(about)), file(std::move(opened)) {}

    Expected<void> write(std::string_view bytes) {
        hash.update(bytes);
        return file.write(bytes);
    }
};

} // namespace

struct DatasetWriter::State {
    fs::path folder;
    fs::path hidden; // empty once it is in place
    const View* view = nullptr;
    DatasetInfo info;
    std::map<std::string, std::unique_ptr<SplitFile>, std::less<>> splits;
    DatasetSummary summary;
    DatasetContents contents;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        splits.clear(); // their temporary files lie in the hidden folder
        if (!hidden.empty()) {
            std::error_code ignored;
            fs::remove_all(hidden, ignored);
        }
    }

    Expected<SplitFile*> fileOf(std::string_view split);
    Expected<void> writeWhole(std::string_view name, const std::string& text) const;
};

Expected<SplitFile*> DatasetWriter::State::fileOf(std::string_view split) {
    split = split.empty() ? kDefaultSplit : split;
    if (const auto found = splits.find(split); found != splits.end()) {
        return found->second.get();
    }
    if (!usableSplit(split)) {
        return fail(ErrorCode::Invalid,
                    "\"" + std::string(split) + "\" cannot be the name of a split",
                    "use letters, digits, - and _");
    }
    DatasetFile about;
    about.split = split;
    about.name = about.split + "." + std::string(view->info().extension);
    Expected<base::AtomicFile> file = base::AtomicFile::create(hidden / about.name);
    if (!file) {
        return fail(file.error());
    }
    auto made = std::make_unique<SplitFile>(std::move(about), std::move(*file));
    if (Expected<void> written = made->write(view->header()); !written) {
        return fail(written.error());
    }
    return splits.emplace(std::string(split), std::move(made)).first->second.get();
}

Expected<void> DatasetWriter::State::writeWhole(std::string_view name,
                                                const std::string& text) const {
    Expected<base::AtomicFile> file = base::AtomicFile::create(hidden / name);
    if (!file) {
        return fail(file.error());
    }
    if (Expected<void> written = file->write(text); !written) {
        return written;
    }
    return file->commit();
}

DatasetWriter::DatasetWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
DatasetWriter::DatasetWriter(DatasetWriter&&) noexcept = default;
DatasetWriter& DatasetWriter::operator=(DatasetWriter&&) noexcept = default;
DatasetWriter::~DatasetWriter() = default;

Expected<DatasetWriter> DatasetWriter::create(const fs::path& folder, const View& view,
                                              DatasetInfo info) {
    fs::path target = folder.lexically_normal();
    if (!target.has_filename()) { // "out/" names the same folder as "out"
        target = target.parent_path();
    }
    if (target.empty() || target == ".") {
        return fail(ErrorCode::Invalid, "an export needs a folder of its own",
                    "name a new folder to write to");
    }
    if (Expected<void> free = checkTarget(target, info.replace); !free) {
        return fail(free.error());
    }
    Expected<fs::path> hidden = makeHiddenSibling(target);
    if (!hidden) {
        return fail(hidden.error());
    }
    auto state = std::make_unique<State>();
    state->folder = target;
    state->hidden = std::move(*hidden);
    state->view = &view;
    state->info = std::move(info);
    return DatasetWriter(std::move(state));
}

Expected<bool> DatasetWriter::add(const ExportItem& item, std::string_view split) {
    Expected<std::string> row = m_state->view->render(item);
    if (!row && row.error().code == ErrorCode::Invalid) {
        ++m_state->summary.dropped[row.error().message];
        return false;
    }
    if (!row) {
        return fail(row.error());
    }
    Expected<SplitFile*> file = m_state->fileOf(split);
    if (!file) {
        return fail(file.error());
    }
    *row += '\n';
    if (Expected<void> written = (*file)->write(*row); !written) {
        return fail(written.error());
    }
    ++(*file)->info.rows;
    ++m_state->summary.rows;
    m_state->contents.count(item);
    return true;
}

void DatasetWriter::addStage(std::string name, std::uint64_t count) {
    m_state->info.stages.emplace_back(std::move(name), count);
}

Expected<DatasetSummary> DatasetWriter::finish() {
    State& state = *m_state;
    if (state.splits.empty()) { // an empty selection is a data set with no rows, not no data set
        if (Expected<SplitFile*> file = state.fileOf(kDefaultSplit); !file) {
            return fail(file.error());
        }
    }
    for (auto& [split, file] : state.splits) {
        if (Expected<void> done = file->file.commit(); !done) {
            return fail(done.error());
        }
        file->info.bytes = file->file.size();
        file->info.sha256 = file->hash.hexDigest();
        state.summary.files.push_back(file->info);
    }
    state.splits.clear();
    state.summary.folder = state.folder;
    const DatasetDescription description{state.view->info(), state.view->promptHashes(), state.info,
                                         state.summary, state.contents};
    if (Expected<void> done = state.writeWhole(kManifestName, manifestJson(description)); !done) {
        return fail(done.error());
    }
    if (Expected<void> done = state.writeWhole("README.md", datasetCard(description)); !done) {
        return fail(done.error());
    }
    if (Expected<void> done = putInPlace(state.hidden, state.folder); !done) {
        return fail(done.error());
    }
    state.hidden.clear();
    syncFolder(state.folder.has_parent_path() ? state.folder.parent_path() : fs::path("."));
    return state.summary;
}

std::string_view splitForProblem(std::string_view problemKey, double testShare,
                                 std::uint64_t seed) {
    // The top 53 bits as a number in [0, 1): every machine computes the same one.
    const double position = static_cast<double>(base::hash64(problemKey, seed) >> 11U) * 0x1.0p-53;
    return position < testShare ? "test" : "train";
}

} // namespace scrit::format
