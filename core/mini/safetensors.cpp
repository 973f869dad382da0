// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/safetensors.h"

#include "core/base/atomic_file.h"
#include "core/base/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace scrit::mini {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "numbers are copied as they lie in memory");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = std::size_t{1} << 20U;
constexpr std::size_t kMaxTensors = 10'000;
constexpr std::size_t kMaxDimensions = 8;
constexpr std::uintmax_t kMaxFile = std::uintmax_t{64} << 20U;

tl::unexpected<base::Error> corrupt(std::string what) {
    return base::fail(base::ErrorCode::Corrupt, "not a usable safetensors file: " + std::move(what),
                      "copy or train it again");
}

// A header's entry before its numbers are read.
struct Entry {
    Tensor tensor;
    std::size_t begin = 0; // bytes after the header
    std::size_t end = 0;
};

// A whole number that fits, or nothing.
bool readSize(const json& value, std::size_t& out) {
    if (!value.is_number_unsigned()) {
        return false;
    }
    out = value.get<std::size_t>();
    return true;
}

base::Expected<Entry> readEntry(const std::string& name, const json& value, std::size_t dataBytes) {
    const auto bad = [&](const char* what) {
        return corrupt("tensor “" + name + "”: " + what);
    };
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets")) {
        return bad("dtype, shape or data_offsets are missing");
    }
    if (value["dtype"] != "F32") {
        return bad("only F32 is read");
    }
    const json& shape = value["shape"];
    const json& offsets = value["data_offsets"];
    if (!shape.is_array() || shape.size() > kMaxDimensions) {
        return bad("its shape makes no sense");
    }
    Entry entry;
    entry.tensor.name = name;
    std::size_t count = 1;
    for (const json& item : shape) {
        std::size_t extent = 0;
        if (!readSize(item, extent) || (extent != 0 && count > dataBytes / extent)) {
            return bad("its shape makes no sense");
        }
        count *= extent;
        entry.tensor.shape.push_back(extent);
    }
    if (!offsets.is_array() || offsets.size() != 2 || !readSize(offsets[0], entry.begin) ||
        !readSize(offsets[1], entry.end) || entry.begin > entry.end || entry.end > dataBytes) {
        return bad("its place is outside the file");
    }
    if ((entry.end - entry.begin) % sizeof(float) != 0 ||
        (entry.end - entry.begin) / sizeof(float) != count) {
        return bad("its shape does not fit its place");
    }
    return entry;
}

base::Expected<std::vector<Entry>> readHeader(const json& header, std::size_t dataBytes,
                                              std::map<std::string, std::string>& metadata) {
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
        if (name == "__metadata__") {
            if (!value.is_object()) {
                return corrupt("__metadata__ is no object");
            }
            for (const auto& [key, text] : value.items()) {
                if (!text.is_string()) {
                    return corrupt("__metadata__ has other things than texts");
                }
                metadata[key] = text.get<std::string>();
            }
            continue;
        }
        auto entry = readEntry(name, value, dataBytes);
        if (!entry) {
            return base::fail(std::move(entry.error()));
        }
        entries.push_back(std::move(*entry));
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::size_t covered = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != covered) {
            return corrupt("tensor “" + entry.tensor.name + "” overlaps another or leaves a gap");
        }
        covered = entry.end;
    }
    if (covered != dataBytes) {
        return corrupt("numbers that belong to no tensor follow");
    }
    return entries;
}

} // namespace

const Tensor* Safetensors::find(std::string_view name) const {
    const auto found = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const Tensor& tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

base::Expected<Safetensors> parseSafetensors(std::string_view bytes) {
    if (bytes.size() < kLengthBytes) {
        return corrupt("it is shorter than its header's length");
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    bytes.remove_prefix(kLengthBytes);
    if (length > kMaxHeader || length > bytes.size()) {
        return corrupt("it is shorter than its header says");
    }
    const json header = json::parse(bytes.substr(0, length), nullptr, false);
    if (!header.is_object() || header.size() > kMaxTensors) {
        return corrupt("its header is no JSON object");
    }
    bytes.remove_prefix(length);
    Safetensors file;
    auto entries = readHeader(header, bytes.size(), file.metadata);
    if (!entries) {
        return base::fail(std::move(entries.error()));
    }
    for (Entry& entry : *entries) {
        entry.tensor.values.resize((entry.end - entry.begin) / sizeof(float));
        if (!entry.tensor.values.empty()) {
            std::memcpy(entry.tensor.values.data(), bytes.data() + entry.begin,
                        entry.end - entry.begin);
        }
        file.tensors.push_back(std::move(entry.tensor));
    }
    return file;
}

base::Expected<Safetensors> readSafetensors(const std::filesystem::path& file) {
    const auto bytes = base::readFile(file, kMaxFile);
    if (!bytes) {
        return base::fail(bytes.error());
    }
    auto parsed = parseSafetensors(*bytes);
    if (!parsed) {
        return base::fail(parsed.error().withContext(file.string()));
    }
    return parsed;
}

base::Expected<void> writeSafetensors(const std::filesystem::path& file,
                                      const std::map<std::string, std::string>& metadata,
                                      std::span<const TensorView> tensors) {
    json header = json::object();
    if (!metadata.empty()) {
        header["__metadata__"] = metadata;
    }
    std::size_t at = 0;
    for (const TensorView& tensor : tensors) {
        const std::size_t bytes = tensor.values.size() * sizeof(float);
        header[tensor.name] = {
            {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, at + bytes}}};
        at += bytes;
    }
    std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
    text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' '); // aligns numbers
    const std::uint64_t length = text.size();
    std::string prefix(kLengthBytes, '\0');
    std::memcpy(prefix.data(), &length, kLengthBytes);

    auto out = base::AtomicFile::create(file);
    if (!out) {
        return base::fail(out.error());
    }
    base::Expected<void> written = out->write(prefix + text);
    for (const TensorView& tensor : tensors) {
        if (!written) {
            break;
        }
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes of floats
        written = out->write({reinterpret_cast<const char*>(tensor.values.data()),
                              tensor.values.size() * sizeof(float)});
    }
    if (written) {
        written = out->commit();
    }
    return written;
}

} // namespace scrit::mini
