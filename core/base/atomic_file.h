// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace scrit::base {

// A file that appears under its name only when it is whole: bytes go to a temporary file in the
// same folder, commit() flushes, fsyncs, renames it over the name and fsyncs the folder. Destroyed
// without commit() the temporary file is removed. After a kill only a file named
// ".NAME.XXXXXX.part" can be left behind. One instance is used by one thread.
class AtomicFile {
public:
    [[nodiscard]] static Expected<AtomicFile> create(const std::filesystem::path& path);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    // Appends; buffered in blocks of 1 MiB.
    [[nodiscard]] Expected<void> write(std::string_view bytes);
    [[nodiscard]] Expected<void> commit();
    // Bytes written so far.
    [[nodiscard]] std::uint64_t size() const { return m_size; }

private:
    AtomicFile() = default;
    [[nodiscard]] Expected<void> flush();
    void discard() noexcept;

    std::filesystem::path m_path;
    std::string m_temporary;
    std::string m_buffer;
    std::uint64_t m_size = 0;
    int m_fd = -1;
};

} // namespace scrit::base
