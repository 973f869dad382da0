// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/dataset_writer.h"

#include "core/base/atomic_file.h"
#include "core/base/atomic_folder.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/format/dataset_card.h"
#include "core/format/dataset_split.h"
#include "core/format/parquet.h"

#include <algorithm>
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

std::string extensionOf(const View& view, FileType type) {
    return type == FileType::Parquet ? "parquet" : std::string(view.info().extension);
}

Expected<void> notCancelled(const base::CancelToken& cancel) {
    return cancel.isCancelled()
               ? Expected<void>(fail(ErrorCode::Cancelled, "the export was stopped",
                                     "nothing was written; run it again"))
               : Expected<void>{};
}

} // namespace

bool isEarlierExport(const fs::path& folder) {
    const Expected<std::string> manifest = base::readFile(folder / kManifestName);
    return manifest && manifest->find(kManifestMark) != std::string::npos;
}

struct DatasetWriter::State {
    fs::path folder;
    base::AtomicFolder hidden; // where it is written until it is whole
    const View* view = nullptr;
    DatasetInfo info;
    std::map<std::string, std::unique_ptr<SplitFile>, std::less<>> splits;
    DatasetSummary summary;
    DatasetContents contents;

    Expected<SplitFile*> fileOf(std::string_view split);
    Expected<DatasetFile> complete(SplitFile& file, const base::CancelToken& cancel) const;
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
    Expected<std::unique_ptr<SplitFile>> made =
        SplitFile::create(hidden.path(), std::move(about), view->header(), info.ordered);
    if (!made) {
        return fail(made.error());
    }
    return splits.emplace(std::string(split), std::move(*made)).first->second.get();
}

Expected<DatasetFile> DatasetWriter::State::complete(SplitFile& file,
                                                     const base::CancelToken& cancel) const {
    Expected<DatasetFile> done = file.finish(cancel);
    if (!done || info.fileType == FileType::Native) {
        return done;
    }
    const fs::path lines = hidden.path() / done->name;
    done->name = done->split + "." + extensionOf(*view, info.fileType);
    const fs::path parquet = hidden.path() / done->name;
    if (Expected<void> written =
            writeParquet(lines, parquet, view->columns(), file.longestRow(), cancel);
        !written) {
        return fail(written.error());
    }
    std::error_code ignored;
    fs::remove(lines, ignored);
    if (Expected<void> told = describe(parquet, *done); !told) {
        return fail(told.error());
    }
    return done;
}

Expected<void> DatasetWriter::State::writeWhole(std::string_view name,
                                                const std::string& text) const {
    Expected<base::AtomicFile> file = base::AtomicFile::create(hidden.path() / name);
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
    if (info.fileType == FileType::Parquet) {
        if (view.columns().empty()) {
            return fail(ErrorCode::Invalid,
                        "the view " + std::string(view.info().name) + " has no Parquet form",
                        "export it without Parquet, or take another view");
        }
        if (const Expected<std::string> library = parquetLibrary(); !library) {
            return fail(library.error());
        }
    }
    if (target.empty() || target == ".") {
        return fail(ErrorCode::Invalid, "an export needs a folder of its own",
                    "name a new folder to write to");
    }
    if (Expected<void> free = checkTarget(target, info.replace); !free) {
        return fail(free.error());
    }
    Expected<base::AtomicFolder> hidden = base::AtomicFolder::create(target);
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
    const Expected<std::string> row = m_state->view->render(item);
    if (!row && row.error().code == ErrorCode::Invalid) {
        drop(row.error().message);
        return false;
    }
    if (!row) {
        return fail(row.error());
    }
    if (Expected<void> added = addRow(*row, item, split); !added) {
        return fail(added.error());
    }
    return true;
}

Expected<void> DatasetWriter::addRow(std::string_view row, const ExportItem& item,
                                     std::string_view split, std::uint64_t key) {
    const Expected<SplitFile*> file = m_state->fileOf(split);
    if (!file) {
        return fail(file.error());
    }
    if (Expected<void> written = (*file)->add(row, key); !written) {
        return written;
    }
    ++m_state->summary.rows;
    m_state->contents.count(item, *m_state->view);
    return {};
}

void DatasetWriter::drop(const std::string& reason, std::uint64_t count) {
    m_state->summary.dropped[reason] += count;
}

void DatasetWriter::addStage(std::string name, std::uint64_t count) {
    m_state->info.stages.emplace_back(std::move(name), count);
}

Expected<DatasetSummary> DatasetWriter::finish(const base::CancelToken& cancel) {
    State& state = *m_state;
    if (state.splits.empty()) { // an empty selection is a data set with no rows, not no data set
        if (Expected<SplitFile*> file = state.fileOf(kDefaultSplit); !file) {
            return fail(file.error());
        }
    }
    std::vector<View::FileOfSplit> files;
    for (auto& [split, file] : state.splits) {
        Expected<DatasetFile> done = state.complete(*file, cancel);
        if (!done) {
            return fail(done.error());
        }
        files.push_back({done->name, done->split});
        state.summary.files.push_back(std::move(*done));
    }
    state.splits.clear();
    state.summary.folder = state.folder;
    std::erase_if(state.info.models, [&](const DatasetModel& model) {
        return !state.contents.critics.contains(model.name) &&
               !state.contents.students.contains(model.name);
    });
    const DatasetDescription description{*state.view, state.info, state.summary, state.contents};
    const std::string name = state.folder.filename().string();
    std::vector<std::pair<std::string, std::string>> texts = state.view->companions(name, files);
    texts.emplace_back("README.md", datasetCard(description));
    texts.emplace_back(kManifestName, manifestJson(description));
    for (const auto& [file, text] : texts) {
        if (Expected<void> done = state.writeWhole(file, text); !done) {
            return fail(done.error());
        }
    }
    if (Expected<void> going = notCancelled(cancel); !going) {
        return fail(going.error());
    }
    // Between the look at the beginning and now somebody may have put something else there.
    const bool replace = state.info.replace && isEarlierExport(state.folder);
    if (Expected<void> done = state.hidden.commit(replace); !done) {
        return fail(done.error().withContext("the export could not be put in place"));
    }
    return state.summary;
}

} // namespace scrit::format
