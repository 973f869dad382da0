// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/exporter.h"
#include "core/format/json_writer.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What stands beside the rows of several views. Pure.
namespace scrit::format {

// One chat message, {"role": …, "content": …}.
void writeMessage(JsonWriter& writer, std::string_view role, std::string_view content);

// dataset_info.json, by which LLaMA-Factory finds data: one entry a split, named DATASET_SPLIT.
// `shape` is the part of an entry behind its file's name: members of a JSON object.
[[nodiscard]] std::pair<std::string, std::string>
datasetInfo(std::string_view datasetName, const std::vector<View::FileOfSplit>& files,
            std::string_view shape);

// How Hugging Face's `datasets` loads the folder, as a block of Python.
[[nodiscard]] std::string pythonLoading();

} // namespace scrit::format
