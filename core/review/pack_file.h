// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/atomic_file.h"
#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Private to core/review: lines of a file that may be compressed with zstd. One thread each.
namespace scrit::review {

// Writes lines; compressed when the name ends with ".zst". Nothing is there under the name before
// commit().
class PackWriter {
public:
    [[nodiscard]] static base::Expected<std::unique_ptr<PackWriter>>
    create(const std::filesystem::path& path);
    ~PackWriter();
    PackWriter(const PackWriter&) = delete;
    PackWriter& operator=(const PackWriter&) = delete;

    [[nodiscard]] base::Expected<void> line(std::string_view text);
    [[nodiscard]] base::Expected<void> commit();
    [[nodiscard]] std::uint64_t bytes() const { return m_file.size(); } // in the file

private:
    struct Compressor;
    explicit PackWriter(base::AtomicFile file);
    [[nodiscard]] base::Expected<void> put(std::string_view bytes, bool last);
    base::AtomicFile m_file;
    std::unique_ptr<Compressor> m_compressor; // null: plain
};

// Reads lines in constant memory; tells compressed files by their first bytes. A line of more than
// 64 MiB is an error.
class PackReader {
public:
    [[nodiscard]] static base::Expected<std::unique_ptr<PackReader>>
    open(const std::filesystem::path& path);
    ~PackReader();
    PackReader(const PackReader&) = delete;
    PackReader& operator=(const PackReader&) = delete;

    // The next line without its end; nothing at the end of the file.
    [[nodiscard]] base::Expected<std::optional<std::string>> line();

private:
    struct State;
    explicit PackReader(std::unique_ptr<State> state);
    [[nodiscard]] base::Expected<bool> fill();
    std::unique_ptr<State> m_state;
};

} // namespace scrit::review
