// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

// What `scrit model serve` leaves for `scrit model stop`: a small file in $XDG_RUNTIME_DIR (else
// the state folder) that names the serving process. A process is only ever signalled after its
// start time and its command line were found to be what the file says.
namespace scrit::cli {

class ServeRecord {
public:
    ServeRecord(const std::string& workspace, const std::string& model);

    // Claims the record for this process. Exists while another process serves the same model of the
    // same workspace.
    [[nodiscard]] base::Expected<void> claim();
    // Takes this process's record away.
    void release();
    // The process that serves now; nothing when there is none (a stale file is taken away).
    [[nodiscard]] std::optional<pid_t> serving() const;
    // Asks the serving process to end, waits up to `millis`, asks again, waits as long. NotFound
    // when none serves, Limit when it will not end.
    [[nodiscard]] base::Expected<pid_t> stop(std::int64_t millis) const;

private:
    std::string m_model;
    std::string m_folder;
    std::string m_path;
};

} // namespace scrit::cli
