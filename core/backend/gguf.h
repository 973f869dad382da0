// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>
#include <vector>

// The header of GGUF files (versions 2 and 3, little endian; ggml's docs/gguf.md). Files come from
// anywhere: every count, length and offset is checked against the file's size before it is used.
namespace scrit::backend {

struct GgufInfo {
    std::string architecture; // general.architecture: "llama", "qwen2", …
    std::string name;         // general.name
    bool isAdapter = false;   // general.type is "adapter"
    std::uint64_t fileBytes = 0;
    // 0: the file does not say.
    std::int64_t layers = 0;
    std::int64_t embedding = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0; // of the layer that has most; equal to heads where not given
    std::int64_t keyLength = 0;
    std::int64_t valueLength = 0;
    std::int64_t trainedContext = 0;
    bool hasChatTemplate = false;
    std::uint64_t tensorBytes = 0; // all tensors
    std::uint64_t layerBytes = 0;  // of them, those of repeating layers ("blk.N.…")
    std::int64_t parts = 1;        // files the model is split into
};

// Errors: Corrupt (not GGUF, truncated, nonsense), NewerSchema (a version that is not known).
[[nodiscard]] base::Expected<GgufInfo> readGguf(std::istream& file, std::uint64_t fileBytes);
// Reads a file, with its further parts where it is the first of several
// ("NAME-00001-of-00003.gguf"). Also NotFound, Permission, Io. Errors name the file.
[[nodiscard]] base::Expected<GgufInfo> readGgufFile(const std::filesystem::path& path);

} // namespace scrit::backend
