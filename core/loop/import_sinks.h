// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/format/critique_importer.h"
#include "core/format/importer.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// How records of files become rows. Private to core/loop; store() and beginBatch() run on the
// caller's thread, the former inside a write transaction; convert() runs on the workers, several at
// a time.
namespace scrit::loop {

struct FileSummary;

struct LineOutcome {
    bool added = false; // at least one new row
    std::string bad;    // not empty: nothing was stored, and why
};

// Problems with candidate solutions and labels.
class ProblemSink {
public:
    using Record = format::ImportedProblem;

    [[nodiscard]] static base::Expected<format::RecordReader>
    open(const std::filesystem::path& path, const format::ImportOptions& options);
    [[nodiscard]] static base::Expected<Record> convert(const format::ImportPlan& plan,
                                                        const format::RawRecord& record);
    void beginBatch() {}
    [[nodiscard]] base::Expected<LineOutcome> store(store::Writer& writer, Record&& record,
                                                    FileSummary& counts);
};

// Recorded critiques, with their problem and solution or with a reference to a stored solution.
class CritiqueSink {
public:
    struct Known {
        model::Solution solution;
        std::optional<bool> correct;
    };
    // A critique of a stored solution is parsed against it by the worker that converts it, where
    // the solution was there already.
    struct Record : format::ImportedCritique {
        std::shared_ptr<const Known> known;
        std::uint64_t epoch = 0; // of `known`
    };

    explicit CritiqueSink(store::Workspace& workspace) : m_workspace(workspace) {}

    [[nodiscard]] static base::Expected<format::RecordReader>
    open(const std::filesystem::path& path, const format::ImportOptions& options);
    [[nodiscard]] base::Expected<Record> convert(const format::ImportPlan& plan,
                                                 const format::RawRecord& record);
    void beginBatch();
    [[nodiscard]] base::Expected<LineOutcome> store(store::Writer& writer, Record&& record,
                                                    FileSummary& counts);

private:
    // A reader with what it read last, because neighbours in a file are often about one solution.
    struct Lookup {
        std::unique_ptr<store::Reader> reader;
        std::string reference;
        std::shared_ptr<const Known> known;
        std::uint64_t epoch = 0;
    };
    [[nodiscard]] base::Expected<std::unique_ptr<Lookup>> takeLookup();
    void giveBack(std::unique_ptr<Lookup> lookup);
    // Null: it is gone.
    [[nodiscard]] static base::Expected<std::shared_ptr<const Known>> read(store::Reader& reader,
                                                                           std::int64_t id);
    // Parses the critique where its solution is stored already; else store() does it.
    void completeEarly(Record& record);
    // The stored solution with that key or external id; null when there is none, Invalid when
    // several have that id.
    [[nodiscard]] base::Expected<std::shared_ptr<const Known>> resolve(store::Writer& writer,
                                                                       std::string_view reference);
    // Stores the problem and the solution that came with the critique; the problem's id.
    [[nodiscard]] base::Expected<std::int64_t> storeSubject(store::Writer& writer, Record& record,
                                                            FileSummary& counts, bool& added);
    struct Subjects {
        std::int64_t problem = 0;
        std::int64_t critique = 0;
        bool newSolution = false;
        bool newCritique = false;
    };
    [[nodiscard]] static base::Expected<void> storeJudgements(store::Writer& writer, Record& record,
                                                              const Subjects& subjects,
                                                              FileSummary& counts, bool& added);

    store::Workspace& m_workspace;
    // Solutions of the running transaction, which the readers cannot see yet.
    std::unordered_map<std::int64_t, std::shared_ptr<const Known>> m_uncommitted;
    // Grows when this import stores a solution, and once more after that was committed: what a
    // worker read at the number that still holds is not out of date.
    std::atomic<std::uint64_t> m_epoch = 0;
    bool m_changed = false;
    std::mutex m_mutex; // guards m_lookups, those that nobody uses
    std::vector<std::unique_ptr<Lookup>> m_lookups;
};

} // namespace scrit::loop
