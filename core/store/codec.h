// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// How values are written in columns. Pure functions; what they read may come from a damaged or
// foreign file, so they check it.
namespace scrit::store {

// A content key as bytes: 16 for 32 lower-case hex digits, else a zero byte and the text.
[[nodiscard]] std::string packKey(std::string_view key);
[[nodiscard]] std::string unpackKey(std::string_view bytes);

// "0-12 14-30": spans in order.
[[nodiscard]] std::string stepsToText(const std::vector<base::Span>& steps);
// Spans that do not lie inside a text of `size` bytes, and everything after them, are left out.
[[nodiscard]] std::vector<base::Span> stepsFromText(std::string_view text, std::size_t size);

// {"steps":[[index,verdict,begin,end],…],"analysis":[b,e],"conclusion":[b,e],"correction":[b,e],
//  "problems":["no-conclusion",…]}; what is absent is left out; verdict 0 correct, 1 incorrect,
// 2 unstated.
[[nodiscard]] std::string partsToJson(const model::ParsedCritique& parsed);
// Sets the parts of `parsed`; spans outside a text of `size` bytes are left out.
[[nodiscard]] base::Expected<void> partsFromJson(std::string_view text, std::size_t size,
                                                 model::ParsedCritique& parsed);

// ["A","B"], for answer choices.
[[nodiscard]] std::string listToJson(const std::vector<std::string>& list);
[[nodiscard]] base::Expected<std::vector<std::string>> listFromJson(std::string_view text);
// [1,2], for json_each() over ids.
[[nodiscard]] std::string idsToJson(std::span<const std::int64_t> ids);

// A model's settings as they are kept: texts that are paths below the workspace's folder begin with
// "{workspace}/", so that a workspace that is moved or copied with the folders beside it keeps its
// models. And back, for the folder in which the workspace is now.
[[nodiscard]] std::string settingsToStore(std::string settings,
                                          const std::filesystem::path& workspace);
[[nodiscard]] std::string settingsFromStore(std::string settings,
                                            const std::filesystem::path& workspace);

// A text as the prompt table keeps it: "plain", or "zstd" where that is smaller.
struct EncodedText {
    std::string encoding;
    std::string bytes;
};
[[nodiscard]] EncodedText encodeText(std::string_view text);
// True for bytes that encodeText() compressed; no JSON and no UTF-8 text begins as they do.
[[nodiscard]] bool isCompressed(std::string_view bytes);

// A text stored with an encoding of the prompt table ("plain", "zstd").
[[nodiscard]] base::Expected<std::string> decodeText(std::string_view encoding, std::string bytes);

} // namespace scrit::store
