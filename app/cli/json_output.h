// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/import_driver.h"
#include "core/loop/verify.h"
#include "core/model/lineage.h"
#include "core/store/reader.h"

#include <nlohmann/json.hpp>

#include <string>

// The JSON that scripts read: keys are a contract. Steps count from 0, -1 = no error, null = not
// known.
namespace scrit::cli {

using Json = nlohmann::ordered_json;

// One line; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string dumped(const Json& json);
// Prints the object as one line.
void printJson(const Json& json);

[[nodiscard]] Json statusJson(const store::Status& status);
[[nodiscard]] Json importJson(const loop::ImportSummary& summary);
[[nodiscard]] Json verifyJson(const loop::VerifySummary& summary);
[[nodiscard]] Json recordJson(const store::TraceRecord& record);
[[nodiscard]] Json parsedJson(const model::ParsedCritique& parsed, std::string_view text);
[[nodiscard]] Json flagsJson(model::Flags flags);

// A text, or null when it is empty.
[[nodiscard]] Json textOrNull(std::string_view text);
// A JSON text stored in the workspace as a value; the text itself where it is no JSON.
[[nodiscard]] Json embedded(std::string_view json);

template<typename T>
[[nodiscard]] Json valueOrNull(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}
// The stable name of a value of a closed vocabulary, or null.
template<typename T>
[[nodiscard]] Json nameOrNull(const std::optional<T>& value) {
    return value ? Json(model::name(*value)) : Json();
}

} // namespace scrit::cli
