// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/importer.h"

#include "core/format/formats.h"
#include "core/format/generic_fields.h"
#include "core/format/record_reader_state.h"

#include <algorithm>
#include <utility>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// How much of a file is looked at to tell its format.
constexpr std::size_t kPeekRecords = 64;
constexpr std::size_t kPeekBytes = std::size_t{4} << 20U;

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

Expected<void> checkFieldMap(const ImportOptions& options, const OpenSettings& settings) {
    for (const auto& [field, key] : options.fieldMap) {
        const auto& known = settings.mappable;
        if (std::find(known.begin(), known.end(), field) == known.end()) {
            return fail(ErrorCode::Invalid, "unknown field \"" + field + "\" in the field map",
                        "the fields are " +
                            listed(std::vector<std::string>(known.begin(), known.end())));
        }
        if (key.empty()) {
            return fail(ErrorCode::Invalid, "field \"" + field + "\" is mapped to nothing",
                        "write " + field + "=KEY");
        }
    }
    if (!options.fieldMap.empty() && options.as != "auto" && options.as != "generic") {
        return fail(ErrorCode::Invalid, "format \"" + options.as + "\" has fixed fields",
                    "use the field map with the format generic");
    }
    return {};
}

Expected<void> checkFormatName(const ImportOptions& options, const OpenSettings& settings) {
    std::vector<std::string> names{"auto"};
    for (const FormatInfo& info : settings.formats) {
        names.emplace_back(info.name);
    }
    if (std::find(names.begin(), names.end(), options.as) == names.end()) {
        return fail(ErrorCode::Invalid, "unknown format \"" + options.as + "\"",
                    "the formats are " + listed(names));
    }
    return {};
}

std::vector<std::string_view> knownColumns(const ImportOptions& options) {
    std::vector<std::string_view> columns = allUsualKeys();
    for (const auto& [field, key] : options.fieldMap) {
        columns.push_back(key);
    }
    return columns;
}

} // namespace

RecordReader::RecordReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

const std::shared_ptr<const ImportPlan>& RecordReader::plan() const {
    return m_state->plan;
}

Expected<bool> RecordReader::next(RawRecord& record) {
    if (!m_state->peeked.empty()) {
        record = std::move(m_state->peeked.front());
        m_state->peeked.pop_front();
        ++m_state->given;
        return true;
    }
    if (m_state->failed) {
        return fail(*std::exchange(m_state->failed, std::nullopt));
    }
    if (m_state->ended) {
        return false;
    }
    Expected<bool> more = m_state->source->next(record);
    m_state->ended = !more || !*more;
    m_state->given += m_state->ended ? 0 : 1;
    return more;
}

ImportProgress RecordReader::progress() const {
    return {m_state->given, m_state->source->bytesConsumed(), m_state->source->bytesTotal()};
}

// Looks at the first records until one has the keys of a format. A read error is kept for next(),
// so that the records before it are not lost.
Expected<std::string> RecordReader::State::detect(const OpenSettings& settings) {
    std::vector<std::string> keys;
    std::size_t bytes = 0;
    while (peeked.size() < kPeekRecords && bytes < kPeekBytes) {
        RawRecord record;
        const Expected<bool> more = source->next(record);
        ended = !more || !*more;
        if (!more) {
            failed = more.error();
        }
        if (ended) {
            break;
        }
        bytes += record.text.size();
        Expected<ParsedRecord> parsed = ParsedRecord::parse(*plan, record);
        peeked.push_back(std::move(record));
        if (!parsed) {
            continue;
        }
        if (const std::string_view name = settings.matching(parsed->fields()); !name.empty()) {
            return std::string(name);
        }
        keys = keys.empty() ? parsed->fields().keys() : keys;
    }
    if (keys.empty()) {
        return std::string("generic"); // nothing readable: each record will say why
    }
    return fail(ErrorCode::Invalid,
                "cannot tell the format of " + plan->file + " (its keys are " + listed(keys) + ")",
                plan->options.unknownFormatAdvice.empty() ? settings.adviceForUnknown
                                                          : plan->options.unknownFormatAdvice);
}

Expected<RecordReader> RecordReader::State::open(const std::filesystem::path& path,
                                                 const ImportOptions& options,
                                                 const OpenSettings& settings) {
    for (const Expected<void>& checked :
         {checkFormatName(options, settings), checkFieldMap(options, settings)}) {
        if (!checked) {
            return fail(checked.error());
        }
    }
    Expected<OpenedRecords> opened = openRecords(path, options.maxLineBytes, knownColumns(options));
    if (!opened) {
        return fail(opened.error());
    }
    auto plan = std::make_shared<ImportPlan>();
    plan->file = path.string();
    plan->options = options;
    plan->header = std::move(opened->header);
    plan->delimiter = opened->delimiter;
    plan->format = options.as;
    auto state = std::make_unique<State>();
    state->source = std::move(opened->source);
    state->plan = plan;
    if (options.as == "auto" && !options.fieldMap.empty()) {
        plan->format = "generic";
    } else if (options.as == "auto") {
        Expected<std::string> detected = state->detect(settings);
        if (!detected) {
            return fail(detected.error());
        }
        plan->format = std::move(*detected);
    }
    return RecordReader(std::move(state));
}

Expected<RecordReader> RecordReader::open(const std::filesystem::path& path,
                                          const ImportOptions& options) {
    OpenSettings settings;
    settings.formats = importFormats();
    settings.mappable = mappableFields();
    settings.adviceForUnknown =
        "name the format, or say which key holds the problem with a field map";
    settings.matching = [](const Fields& fields) -> std::string_view {
        for (const ProblemFormat& format : problemFormats()) {
            if (format.matches(fields)) {
                return format.info.name;
            }
        }
        return {};
    };
    return State::open(path, options, settings);
}

const std::vector<FormatInfo>& importFormats() {
    static const std::vector<FormatInfo> infos = [] {
        std::vector<FormatInfo> list;
        for (const ProblemFormat& format : problemFormats()) {
            list.push_back(format.info);
        }
        return list;
    }();
    return infos;
}

const std::vector<std::string_view>& mappableFields() {
    static const std::vector<std::string_view> fields{
        "problem",          "solution", "steps",   "answer", "reference_solution",
        "author",           "source",   "split",   "id",     "correct",
        "first_error_step", "choices",  "subject", "level"};
    return fields;
}

Expected<ImportedProblem> convertRecord(const ImportPlan& plan, const RawRecord& record) {
    const auto& formats = problemFormats();
    const auto format =
        std::find_if(formats.begin(), formats.end(),
                     [&](const ProblemFormat& known) { return known.info.name == plan.format; });
    if (format == formats.end()) {
        return fail(ErrorCode::Internal, "no converter for the format " + plan.format);
    }
    Expected<ParsedRecord> parsed = ParsedRecord::parse(plan, record);
    if (!parsed) {
        return fail(parsed.error());
    }
    ImportedProblem item = format->convert(parsed->fields(), RecordContext{plan, record.line});
    if (parsed->report().failed()) {
        return fail(ErrorCode::Parse, parsed->report().reason);
    }
    item.notes = parsed->notes();
    return item;
}

Expected<ImportCounts> importFile(const std::filesystem::path& path, const ImportOptions& options,
                                  const ImportSinks& sinks, const base::CancelToken& cancel) {
    Expected<RecordReader> reader = RecordReader::open(path, options);
    if (!reader) {
        return fail(reader.error());
    }
    return driveImport(*reader, sinks, convertRecord, cancel);
}

Expected<std::string> detectFormat(const std::filesystem::path& path) {
    const Expected<RecordReader> reader = RecordReader::open(path, ImportOptions{});
    if (!reader) {
        return fail(reader.error());
    }
    return reader->plan()->format;
}

} // namespace scrit::format
