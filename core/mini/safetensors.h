// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Reading and writing safetensors files of 32-bit floats: eight bytes with the header's length, a
// JSON header (names, shapes, offsets, texts under "__metadata__"), then the numbers, little
// endian. Files are untrusted. Any thread.
namespace scrit::mini {

struct Tensor {
    std::string name;
    std::vector<std::size_t> shape; // empty: one number
    std::vector<float> values;
};
struct Safetensors {
    std::map<std::string, std::string> metadata;
    std::vector<Tensor> tensors; // in the order of their numbers in the file
    // Null where there is none of that name.
    [[nodiscard]] const Tensor* find(std::string_view name) const;
};

// Corrupt, with what is wrong: header missing, too long or not JSON, types other than F32, offsets
// outside the file, that do not fit the shape, overlap or leave a gap.
[[nodiscard]] base::Expected<Safetensors> parseSafetensors(std::string_view bytes);
// The same for a file, at most 64 MiB. NotFound, Io, Limit, Corrupt.
[[nodiscard]] base::Expected<Safetensors> readSafetensors(const std::filesystem::path& file);

struct TensorView {
    std::string name;
    std::vector<std::size_t> shape;
    std::span<const float> values;
};
// Whole or not at all. DiskFull (also where a limit on file sizes is reached), Io, Permission.
// Precondition: each view has as many values as its shape says.
[[nodiscard]] base::Expected<void>
writeSafetensors(const std::filesystem::path& file,
                 const std::map<std::string, std::string>& metadata,
                 std::span<const TensorView> tensors);

} // namespace scrit::mini
