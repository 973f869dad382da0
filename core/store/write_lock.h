// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>

namespace scrit::store {

// The right to write one workspace, held through an operating-system lock on "NAME.scrit.lock"
// beside it. The lock ends with the process however it ends, so a left-over file never locks
// anybody out: it only tells that the last writer did not close the workspace. A clean end removes
// the file. (The workspace file itself cannot carry the lock: closing a second descriptor of it
// would drop SQLite's own locks.) Owned by one Workspace.
class WriteLock {
public:
    // Locked when another process (or another Workspace of this one) holds it; errors of the system
    // when the file cannot be made.
    [[nodiscard]] static base::Expected<WriteLock> acquire(const std::filesystem::path& workspace);
    WriteLock(WriteLock&& other) noexcept;
    WriteLock& operator=(WriteLock&&) = delete;
    ~WriteLock();

    // The previous writer did not close the workspace.
    [[nodiscard]] bool afterUncleanEnd() const { return m_afterUncleanEnd; }
    // Whether the file stays after a clean end, so that the next writer looks at the workspace
    // again.
    void leaveBehind(bool leave) { m_leaveBehind = leave; }

private:
    WriteLock(std::filesystem::path file, int descriptor, bool afterUncleanEnd);
    std::filesystem::path m_file;
    int m_descriptor = -1;
    bool m_afterUncleanEnd = false;
    bool m_leaveBehind = false;
};

} // namespace scrit::store
