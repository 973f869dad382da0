// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/format/importer.h"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading one JSON record field by field, with reasons that name the field.
namespace scrit::format {

// What went wrong or was repaired while the fields of one record were read. The first reason stays.
struct FieldReport {
    std::string reason;
    bool repaired = false; // something was made visible: NUL bytes, bytes that are not UTF-8, half
                           // a character

    void fail(std::string_view path, std::string_view what);
    [[nodiscard]] bool failed() const { return !reason.empty(); }
};

// Typed access to the members of one JSON object. A wrong type, and a missing field where one is
// needed, goes into the report; the value returned then is empty, so callers read all fields and
// look at the report once. Null counts as absent. Text comes with NUL characters made visible. A
// key that is not there and has dots names a member of a nested object: "a.b.q".
class Fields {
public:
    Fields(simdjson::dom::object object, FieldReport& report, std::string path = {});

    [[nodiscard]] bool has(std::string_view key) const; // there, and not null
    [[nodiscard]] bool isNull(std::string_view key) const;
    [[nodiscard]] bool isText(std::string_view key) const;
    [[nodiscard]] bool isObject(std::string_view key) const;
    [[nodiscard]] bool isArray(std::string_view key) const;

    // Needed text that is not blank.
    [[nodiscard]] std::string text(std::string_view key) const;
    // Text, or "" where absent.
    [[nodiscard]] std::string textOr(std::string_view key) const;
    // Text, number or truth value as text, "" where absent.
    [[nodiscard]] std::string scalar(std::string_view key) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    // The strings of an array; nothing where absent.
    [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view key) const;
    // The object under the key; nothing where absent.
    [[nodiscard]] std::optional<Fields> object(std::string_view key) const;
    // The objects of an array; empty where absent.
    [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
    // The truth values of an array, or the one value that stands there alone.
    [[nodiscard]] std::vector<bool> booleans(std::string_view key) const;
    // The value as compact JSON, "" where absent.
    [[nodiscard]] std::string json(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;

    void fail(std::string_view key, std::string_view what) const;
    [[nodiscard]] FieldReport& report() const { return *m_report; }

private:
    [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view key) const;
    [[nodiscard]] std::optional<simdjson::dom::element> findAny(std::string_view key) const;
    [[nodiscard]] std::string visible(std::string_view text) const;
    [[nodiscard]] std::string pathOf(std::string_view key) const;

    simdjson::dom::object m_object;
    FieldReport* m_report;
    std::string m_path; // "question." for a nested object, else empty
};

// One parsed record. It stays valid until the next record is parsed on the same thread.
class ParsedRecord {
public:
    // The record of a JSON layout, or the row of a CSV file as an object of strings (empty cells
    // are left out). Bytes that are not UTF-8 are made visible first; numbers beyond 64 bits become
    // texts of the same characters (json_repair.h). The error is the reason: what
    // is wrong with the JSON and in which column, not an object, a key that occurs twice, a row of
    // the wrong length.
    [[nodiscard]] static base::Expected<ParsedRecord> parse(const ImportPlan& plan,
                                                            const RawRecord& record);
    [[nodiscard]] Fields fields() { return {m_root, *m_report}; }
    [[nodiscard]] FieldReport& report() { return *m_report; }
    // What a reader should know about the record, for ImportedProblem::notes.
    [[nodiscard]] std::vector<std::string> notes() const;

private:
    ParsedRecord() = default;
    std::unique_ptr<simdjson::dom::parser> m_own; // for records too big for the thread's parser
    std::unique_ptr<FieldReport> m_report = std::make_unique<FieldReport>();
    simdjson::dom::object m_root;
};

} // namespace scrit::format
