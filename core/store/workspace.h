// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace scrit::store {

class Connection; // private to core/store: one SQLite handle with its cached statements
class Writer;
class Reader;

enum class OpenMode { ReadWrite, ReadOnly };

// A workspace file: one SQLite database that holds the whole lineage graph. At most one process has
// it open for writing; others may read. A Workspace owns the only write connection; write() may be
// called from any thread (calls are serialised), reader() gives an independent read-only connection
// that one thread uses. Errors: Locked (another process writes: open read-only), NewerSchema,
// Corrupt, DiskFull, ReadOnly, Permission, NotFound, Exists; each with advice.
class Workspace {
public:
    // Creates a new file; Exists when there is already one.
    [[nodiscard]] static base::Expected<std::shared_ptr<Workspace>>
    create(const std::filesystem::path& path);
    // Opens a file; migrates an older schema after a backup copy "NAME.scrit.vN.bak"; runs
    // quick_check after an unclean end. Read-only never writes anything beside or into the file.
    [[nodiscard]] static base::Expected<std::shared_ptr<Workspace>>
    open(const std::filesystem::path& path, OpenMode mode = OpenMode::ReadWrite);
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] OpenMode mode() const;
    [[nodiscard]] int schemaVersion() const;

    // Runs `work` in one transaction: committed (durable, synchronous=FULL) when it returns a
    // value, rolled back when it returns an error. ReadOnly when the workspace was opened so.
    [[nodiscard]] base::Expected<void>
    write(const std::function<base::Expected<void>(Writer&)>& work);

    // A new read-only connection; sees every write() that returned before each of its queries.
    [[nodiscard]] base::Expected<std::unique_ptr<Reader>> reader() const;

private:
    Workspace();
    [[nodiscard]] base::Expected<void> openForWriting();
    [[nodiscard]] base::Expected<void> openForReading();
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace scrit::store
