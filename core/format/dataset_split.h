// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/atomic_file.h"
#include "core/base/cancellation.h"
#include "core/base/hash.h"
#include "core/format/dataset_writer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Private to core/format: one data file of an export while it is written.
namespace scrit::format {

// Rows go into the file as they come or, where they have an order, into a file of their own first,
// out of which finish() copies them in order. One thread.
class SplitFile {
public:
    [[nodiscard]] static base::Expected<std::unique_ptr<SplitFile>>
    create(const std::filesystem::path& folder, DatasetFile about, const std::string& header,
           bool ordered);

    // A row without its line end.
    [[nodiscard]] base::Expected<void> add(std::string_view row, std::uint64_t key);
    [[nodiscard]] std::uint64_t longestRow() const { return m_longest; } // bytes
    // Makes the file whole and says what it is. Cancelled when the token says so.
    [[nodiscard]] base::Expected<DatasetFile> finish(const base::CancelToken& cancel);

private:
    struct Place {
        std::uint64_t key;
        std::uint64_t offset;
        std::uint32_t size;
    };
    SplitFile(DatasetFile about, base::AtomicFile file)
        : m_about(std::move(about)), m_file(std::move(file)) {}
    [[nodiscard]] base::Expected<void> write(std::string_view bytes);
    [[nodiscard]] base::Expected<void> copyInOrder(const base::CancelToken& cancel);

    DatasetFile m_about;
    base::AtomicFile m_file;
    base::Sha256 m_hash;
    std::uint64_t m_longest = 0;
    std::unique_ptr<base::AtomicFile> m_rows; // as they came; null without an order
    std::filesystem::path m_rowsPath;
    std::vector<Place> m_places;
};

// Sets bytes and SHA-256 of a file that is there.
[[nodiscard]] base::Expected<void> describe(const std::filesystem::path& path, DatasetFile& about);

} // namespace scrit::format
