// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/dataset_writer.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// What an exported folder says about itself: manifest.json for programs, README.md for people and
// for the Hugging Face hub. Pure text from what the writer has counted.
namespace scrit::format {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kManifestMark = "\"scrit_manifest\"";

// What the rows are made of; grows with the number of distinct names, not with the rows.
struct DatasetContents {
    std::map<std::string, std::uint64_t> sources;
    std::map<std::string, std::uint64_t> critics;
    std::map<std::string, std::uint64_t> students;
    std::map<std::string, std::uint64_t> modes;
    std::map<std::string, std::uint64_t> conclusions;
    // Of the problems, by source; "" where the source says none.
    std::map<std::string, std::map<std::string, std::uint64_t>> licences;
    std::map<std::string, std::uint64_t> promptHashes; // of the critics' prompts
    // How targets differ from what the critics wrote (critique::TargetEdits), where the view learns
    // targets: "edited" rows, "parts_joined", "parts_after_error_left_out". Of pairs the chosen
    // one.
    std::map<std::string, std::uint64_t> targets;

    void count(const ExportItem& item, const View& view);
};

struct DatasetDescription {
    const View& view;
    const DatasetInfo& info;
    const DatasetSummary& summary;
    const DatasetContents& contents;
};

[[nodiscard]] std::string manifestJson(const DatasetDescription& about);
[[nodiscard]] std::string datasetCard(const DatasetDescription& about);

} // namespace scrit::format
