// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/formats.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::format {

// Our fields in a record of unknown make: under the key that the user mapped, else under the first
// usual key that the record has. Values are read leniently, because CSV cells are always text. Used
// only while its Fields and plan live.
class GenericFields {
public:
    GenericFields(const Fields& fields, const ImportPlan& plan)
        : m_fields(&fields), m_plan(&plan) {}

    // The record's key for one of our fields; empty where it has none.
    [[nodiscard]] std::string key(std::string_view field) const;
    [[nodiscard]] bool has(std::string_view field) const { return !key(field).empty(); }
    [[nodiscard]] bool mapped(std::string_view field) const;
    [[nodiscard]] const Fields& raw() const { return *m_fields; }

    [[nodiscard]] std::string text(std::string_view field) const; // needed and not blank
    [[nodiscard]] std::string scalar(std::string_view field) const;
    // true, false, 1, 0, yes, no, correct, incorrect, right, wrong.
    [[nodiscard]] std::optional<bool> boolean(std::string_view field) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view field) const;
    // A list of texts, or of objects with "text" or "step", or text that holds such JSON.
    [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view field) const;

    // What was said under `field` goes into the report under the record's key.
    void fail(std::string_view field, std::string_view what) const;

private:
    // The key that the user mapped, else the field's own name.
    [[nodiscard]] std::string askedKey(std::string_view field) const;

    const Fields* m_fields;
    const ImportPlan* m_plan;
};

// The usual keys of one of our fields, best first; empty for an unknown field.
[[nodiscard]] const std::vector<std::string_view>& usualKeys(std::string_view field);
// All usual keys of all fields, for telling a CSV header.
[[nodiscard]] const std::vector<std::string_view>& allUsualKeys();

// A problem with at most one candidate.
[[nodiscard]] ImportedProblem genericProblem(const GenericFields& generic,
                                             const RecordContext& context);

} // namespace scrit::format
