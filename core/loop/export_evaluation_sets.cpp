// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/importer.h"
#include "core/format/line_reader.h"
#include "core/loop/export_plan.h"

#include <array>
#include <filesystem>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;

constexpr std::array<std::pair<std::string_view, EvaluationSet::Kind>, 3> kKinds{
    {{"filter:", EvaluationSet::Kind::Filter},
     {"frozen:", EvaluationSet::Kind::Frozen},
     {"file:", EvaluationSet::Kind::File}}};

Expected<void> readProblemLines(const std::filesystem::path& path, curate::GramSet& grams) {
    Expected<format::LineReader> reader = format::LineReader::open(path);
    if (!reader) {
        return base::fail(reader.error());
    }
    format::Line line;
    for (;;) {
        const Expected<bool> more = reader->next(line);
        if (!more) {
            return base::fail(more.error());
        }
        if (!*more) {
            return {};
        }
        if (line.tooLong) {
            return base::fail(ErrorCode::Parse, path.string() + ": line " +
                                                    std::to_string(line.number) + " is too long");
        }
        grams.protect(line.text);
    }
}

Expected<void> readFile(const std::string& name, curate::GramSet& grams,
                        const base::CancelToken& cancel) {
    const std::filesystem::path path(name);
    if (path.extension() == ".txt") {
        return readProblemLines(path, grams);
    }
    format::ImportSinks sinks;
    sinks.record = [&](format::ImportedProblem&& record, std::uint64_t) -> Expected<void> {
        grams.protect(record.problem.text);
        return {};
    };
    // A line that is passed over would let its problem into the training data.
    sinks.badLine = [&](const format::BadLine& bad) -> Expected<void> {
        return base::fail(ErrorCode::Parse,
                          name + ": line " + std::to_string(bad.line) + ": " + bad.reason,
                          "an evaluation set must be readable as a whole");
    };
    format::ImportOptions options;
    options.unknownFormatAdvice =
        "give a file that scrit import reads by itself, or a .txt file with one problem a line";
    const Expected<format::ImportCounts> counts = format::importFile(path, options, sinks, cancel);
    if (!counts) {
        return base::fail(counts.error());
    }
    return {};
}

Expected<void> readProblems(store::Reader& reader, const EvaluationSet& set, curate::GramSet& grams,
                            const base::CancelToken& cancel) {
    const auto protect = [&](store::TraceRecord&& record) -> Expected<bool> {
        if (cancel.isCancelled()) {
            return exportCancelled();
        }
        grams.protect(record.problem.text);
        return true;
    };
    if (set.kind == EvaluationSet::Kind::Filter) {
        return reader.forEachRecord({store::ListOf::Problems, set.value, {}, false}, protect);
    }
    const Expected<std::vector<std::int64_t>> ids = reader.frozenProblems(set.value);
    return ids ? reader.forEachRecordOf(store::ListOf::Problems, *ids, protect)
               : base::fail(ids.error());
}

} // namespace

Expected<EvaluationSet> parseEvaluationSet(std::string_view text) {
    EvaluationSet set{EvaluationSet::Kind::File, std::string(text)};
    for (const auto& [prefix, kind] : kKinds) {
        if (text.starts_with(prefix)) {
            set = {kind, std::string(text.substr(prefix.size()))};
            break;
        }
    }
    if (base::trimmed(set.value).empty()) {
        return base::fail(ErrorCode::Invalid,
                          "\"" + std::string(text) + "\" names no evaluation set",
                          "write filter:EXPR, frozen:NAME or file:PATH");
    }
    return set;
}

std::string text(const EvaluationSet& set) {
    for (const auto& [prefix, kind] : kKinds) {
        if (kind == set.kind) {
            return std::string(prefix) + set.value;
        }
    }
    return set.value;
}

Expected<curate::GramSet> readEvaluationSets(store::Reader& reader,
                                             const std::vector<EvaluationSet>& sets,
                                             const base::CancelToken& cancel) {
    curate::GramSet grams;
    for (const EvaluationSet& set : sets) {
        const std::size_t before = grams.texts();
        const Expected<void> read = set.kind == EvaluationSet::Kind::File
                                        ? readFile(set.value, grams, cancel)
                                        : readProblems(reader, set, grams, cancel);
        if (!read) {
            return base::fail(read.error().withContext("evaluation set " + text(set)));
        }
        if (grams.texts() == before) {
            return base::fail(ErrorCode::NotFound,
                              "evaluation set " + text(set) + " protects no problem",
                              "it is empty, or its problems are shorter than " +
                                  std::to_string(curate::GramSet::kShortest) + " words");
        }
    }
    grams.finish();
    return grams;
}

} // namespace scrit::loop
