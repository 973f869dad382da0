// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/critique_importer.h"

#include "core/base/hash.h"
#include "core/critique/critique_parser.h"
#include "core/critique/red_flags.h"
#include "core/format/critique_formats.h"
#include "core/format/record_reader_state.h"
#include "core/math/answer.h"

#include <algorithm>
#include <tuple>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// What the record itself says about the solution: its recorded answer label.
std::optional<bool> labelledCorrect(const ImportedSolution& item) {
    for (const model::Verdict& label : item.labels) {
        if (label.protocol == "label/answer" && label.outcome != model::Outcome::Undecided) {
            return label.outcome == model::Outcome::Yes;
        }
    }
    return std::nullopt;
}

} // namespace

const std::vector<FormatInfo>& critiqueFormats() {
    static const std::vector<FormatInfo> infos = [] {
        std::vector<FormatInfo> list;
        for (const CritiqueFormat& format : critiqueFormatTable()) {
            list.push_back(format.info);
        }
        return list;
    }();
    return infos;
}

const std::vector<std::string_view>& mappableCritiqueFields() {
    static const std::vector<std::string_view> fields = [] {
        std::vector<std::string_view> list = mappableFields();
        list.insert(list.end(),
                    {"critique", "critic", "mode", "round", "correction", "solution_id"});
        return list;
    }();
    return fields;
}

Expected<RecordReader> openCritiques(const std::filesystem::path& path,
                                     const ImportOptions& options) {
    OpenSettings settings;
    settings.formats = critiqueFormats();
    settings.mappable = mappableCritiqueFields();
    settings.adviceForUnknown = "say which key holds the critique with a field map";
    settings.matching = [](const Fields& fields) -> std::string_view {
        for (const CritiqueFormat& format : critiqueFormatTable()) {
            if (format.matches(fields)) {
                return format.info.name;
            }
        }
        return {};
    };
    return RecordReader::State::open(path, options, settings);
}

Expected<ImportedCritique> convertCritique(const ImportPlan& plan, const RawRecord& record) {
    const auto& formats = critiqueFormatTable();
    const auto format =
        std::find_if(formats.begin(), formats.end(),
                     [&](const CritiqueFormat& known) { return known.info.name == plan.format; });
    if (format == formats.end()) {
        return fail(ErrorCode::Internal, "no converter for the format " + plan.format);
    }
    Expected<ParsedRecord> parsed = ParsedRecord::parse(plan, record);
    if (!parsed) {
        return fail(parsed.error());
    }
    ImportedCritique item = format->convert(parsed->fields(), RecordContext{plan, record.line});
    if (parsed->report().failed()) {
        return fail(ErrorCode::Parse, parsed->report().reason);
    }
    for (std::string& note : parsed->notes()) {
        item.notes.push_back(std::move(note));
    }
    if (item.subject) {
        const ImportedSolution& solution = item.subject->solutions.front();
        completeCritique(item.critique, solution.solution, labelledCorrect(solution));
        if (item.stated) {
            std::tie(item.critique.parsed.parser, item.critique.parsed.flags) = *item.stated;
        }
    }
    return item;
}

void completeCritique(model::Critique& critique, const model::Solution& solution,
                      std::optional<bool> solutionCorrect) {
    critique.key = critiqueKey(solution.key, critique);
    critique.parsed = critique::parseCritique(critique.text, {solution.text, solution.steps});
    critique.parsed.flags = critique::redFlags(critique.parsed, critique.text,
                                               {solution.text, solution.steps, solutionCorrect});
    if (critique.parsed.correctionAnswer.empty() && !critique.correctionText.empty()) {
        // A correction that was delivered beside the critique has its answer there.
        if (const auto answer = math::extractAnswer(critique.correctionText)) {
            critique.parsed.correctionAnswer = answer->text;
        }
    }
}

std::string critiqueKey(std::string_view solutionKey, const model::Critique& critique) {
    return base::contentHash({"critique", solutionKey, critique.critic, model::name(critique.mode),
                              std::to_string(critique.round), critique.text});
}

Expected<ImportCounts> importCritiques(const std::filesystem::path& path,
                                       const ImportOptions& options, const CritiqueSinks& sinks,
                                       const base::CancelToken& cancel) {
    Expected<RecordReader> reader = openCritiques(path, options);
    if (!reader) {
        return fail(reader.error());
    }
    return driveImport(*reader, sinks, convertCritique, cancel);
}

} // namespace scrit::format
