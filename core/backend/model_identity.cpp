// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/builtin_backend.h"
#include "core/backend/open_model.h"
#include "core/base/hash.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace scrit::backend {
namespace {

namespace fs = std::filesystem;

// A hash of a file's size and of pieces from all over it: model files have gigabytes, and two that
// differ differ nearly everywhere (trained weights) or in size.
base::Expected<std::string> fingerprint(const std::string& path) {
    constexpr std::uint64_t kPiece = std::uint64_t{256} << 10U;
    constexpr std::uint64_t kPieces = 8;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return base::fail(base::systemError(error ? error.value() : errno, "cannot read", path));
    }
    std::string hash = base::contentHash({"file", std::to_string(size)});
    std::string piece(std::min<std::uint64_t>(kPiece, size), '\0');
    const std::uint64_t step = size > kPiece * kPieces ? (size - kPiece) / (kPieces - 1) : kPiece;
    for (std::uint64_t at = 0; at < size; at += step) {
        const std::uint64_t length = std::min<std::uint64_t>(kPiece, size - at);
        file.seekg(static_cast<std::streamoff>(at));
        if (!file.read(piece.data(), static_cast<std::streamsize>(length))) {
            return base::fail(base::systemError(EIO, "cannot read", path));
        }
        hash = base::contentHash({hash, std::string_view(piece).substr(0, length)});
    }
    return hash;
}

base::Expected<std::string> fingerprints(const std::vector<std::string>& paths,
                                         std::string_view label) {
    std::string text;
    for (const std::string& path : paths) {
        base::Expected<std::string> hash = fingerprint(path);
        if (!hash) {
            return hash;
        }
        text += (text.empty() ? "" : ",") + *hash;
    }
    return text.empty() ? std::string() : std::string(label) + ":" + text;
}

} // namespace

base::Expected<std::string> modelIdentity(ModelKind kind, const ModelSettings& settings) {
    std::string identity;
    if (kind == ModelKind::Recorded) {
        return fingerprints(settings.files, "recorded");
    }
    if (kind == ModelKind::Builtin) {
        const auto network = loadBuiltin(settings.checkpoint);
        return network ? base::Expected<std::string>(builtinIdentity(**network))
                       : base::fail(network.error());
    }
    if (kind == ModelKind::LlamaServer) {
        base::Expected<std::string> files = fingerprints({settings.modelFile}, "gguf");
        if (!files) {
            return files;
        }
        base::Expected<std::string> adapters = fingerprints(settings.loraFiles, "lora");
        if (!adapters) {
            return adapters;
        }
        identity = *files + (adapters->empty() ? "" : " ") + *adapters;
    } else {
        identity = "model:" + settings.modelId;
        for (const std::string& argument : settings.extraArguments) {
            if (argument.starts_with("--lora-modules")) { // vLLM: an adapter over that model
                std::string all;
                for (const std::string& word : settings.extraArguments) {
                    all += word + '\n';
                }
                identity += " lora:" + base::contentHash({all});
                break;
            }
        }
    }
    // What goes into every request changes what the model answers.
    if (!settings.extraBody.empty()) {
        identity += " body:" + base::contentHash({settings.extraBody});
    }
    return identity;
}

} // namespace scrit::backend
