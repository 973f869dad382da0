// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/critique_importer.h"
#include "core/format/formats.h"

// The table of critique formats; a format is one line of it.
namespace scrit::format {

struct CritiqueFormat {
    FormatInfo info;
    bool (*matches)(const Fields& fields);
    // Reads the fields; what is wrong goes into their report, the result is used only if there is
    // nothing.
    ImportedCritique (*convert)(const Fields& fields, const RecordContext& context);
};

// In the order in which they are tried on an unknown file.
[[nodiscard]] const std::vector<CritiqueFormat>& critiqueFormatTable();

[[nodiscard]] bool matchesFullRow(const Fields& fields);
[[nodiscard]] ImportedCritique convertFullRow(const Fields& fields, const RecordContext& context);
[[nodiscard]] bool matchesScritCritique(const Fields& fields);
[[nodiscard]] ImportedCritique convertScritCritique(const Fields& fields,
                                                    const RecordContext& context);
[[nodiscard]] bool matchesMathCritique(const Fields& fields);
[[nodiscard]] ImportedCritique convertMathCritique(const Fields& fields,
                                                   const RecordContext& context);
[[nodiscard]] bool matchesMrGsm8kCritique(const Fields& fields);
[[nodiscard]] ImportedCritique convertMrGsm8kCritique(const Fields& fields,
                                                      const RecordContext& context);
[[nodiscard]] bool matchesGenericCritique(const Fields& fields);
[[nodiscard]] ImportedCritique convertGenericCritique(const Fields& fields,
                                                      const RecordContext& context);

} // namespace scrit::format
