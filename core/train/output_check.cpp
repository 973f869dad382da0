// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/output_check.h"

#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/train/command_template.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using nlohmann::json;

tl::unexpected<base::Error> damaged(const fs::path& file, const std::string& why) {
    return base::fail(ErrorCode::Corrupt, base::makeVisibleUtf8(file.string()) + " " + why,
                      "train again; a full disk is a usual cause");
}

// The files of the output that a name or "*.ending" means.
std::vector<fs::path> matching(const fs::path& output, const std::string& wanted) {
    const fs::path path = output / wanted;
    std::error_code error;
    std::vector<fs::path> found;
    const std::string name = path.filename().string();
    if (!name.starts_with('*')) {
        if (fs::is_regular_file(path, error)) {
            found.push_back(path);
        }
        return found;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path.parent_path(), error)) {
        if (entry.is_regular_file(error) &&
            entry.path().filename().string().ends_with(std::string_view(name).substr(1))) {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

// That the pieces which an index names are all there.
base::Expected<void> checkIndex(const fs::path& folder) {
    const fs::path file = folder / "model.safetensors.index.json";
    std::error_code error;
    if (!fs::exists(file, error)) {
        return {};
    }
    const base::Expected<std::string> text = base::readFile(file);
    if (!text) {
        return base::fail(text.error());
    }
    const json index = json::parse(*text, nullptr, false);
    if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
        return damaged(file, "is no index of weights");
    }
    std::set<std::string> names;
    for (const json& name : index["weight_map"]) {
        names.insert(name.is_string() ? name.get<std::string>() : "");
    }
    for (const std::string& name : names) {
        if (name.empty() || !fs::is_regular_file(folder / fs::path(name).filename(), error)) {
            return damaged(folder / name, "is missing: the weights are not whole");
        }
    }
    return {};
}

} // namespace

base::Expected<void> checkSafetensors(const fs::path& file) {
    constexpr std::uint64_t kMostHeader = std::uint64_t{256} << 20U;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream) {
        return base::fail(
            base::systemError(error ? error.value() : EIO, "cannot read", file.string()));
    }
    std::array<unsigned char, 8> bytes{};
    stream.read(reinterpret_cast<char*>(bytes.data()), bytes.size());
    std::uint64_t length = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        length = length << 8U | bytes[i];
    }
    if (!stream || length > kMostHeader || length + bytes.size() > size) {
        return damaged(file, "is cut short or no safetensors file");
    }
    std::string header(length, '\0');
    stream.read(header.data(), static_cast<std::streamsize>(length));
    const json tensors = json::parse(header, nullptr, false);
    if (!stream || !tensors.is_object()) {
        return damaged(file, "is no safetensors file");
    }
    std::uint64_t end = 0;
    for (const auto& [name, tensor] : tensors.items()) {
        if (name == "__metadata__") {
            continue;
        }
        const json offsets = tensor.is_object() ? tensor.value("data_offsets", json()) : json();
        if (!offsets.is_array() || offsets.size() != 2 || !offsets[1].is_number_unsigned()) {
            return damaged(file, "has a damaged header");
        }
        end = std::max(end, offsets[1].get<std::uint64_t>());
    }
    if (end == 0 || length + bytes.size() + end != size) {
        return damaged(file, "is not as long as its header says");
    }
    return {};
}

base::Expected<void> checkOutput(const CommandTemplate& form, const Job& job) {
    std::set<fs::path> folders;
    for (const std::string& wanted : form.outputFiles) {
        const std::vector<fs::path> files = matching(job.output(), wanted);
        if (files.empty()) {
            return base::fail(ErrorCode::Server,
                              "the training ended without output: " +
                                  base::makeVisibleUtf8((job.output() / wanted).string()) +
                                  " is missing",
                              "its log is " + base::makeVisibleUtf8(job.log().string()));
        }
        for (const fs::path& file : files) {
            std::error_code error;
            if (fs::file_size(file, error) == 0 || error) {
                return damaged(file, "is empty");
            }
            if (file.extension() == ".safetensors") {
                if (base::Expected<void> whole = checkSafetensors(file); !whole) {
                    return whole;
                }
                folders.insert(file.parent_path());
            }
        }
    }
    for (const fs::path& folder : folders) {
        if (base::Expected<void> whole = checkIndex(folder); !whole) {
            return whole;
        }
    }
    return {};
}

} // namespace scrit::train
