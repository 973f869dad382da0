// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace scrit::loop {

// Where a long job stands. `done` and `total` count `unit`s; total 0 = not known. For imports the
// unit is bytes on disk, over all files of the job, so that a percentage is honest for compressed
// files too.
struct JobProgress {
    std::string stage;       // "import", "solutions", "critiques", "export"
    std::string subject;     // the file that is being read, or empty
    std::uint64_t done = 0;  // units so far
    std::uint64_t total = 0; // units in all, 0 when not known
    std::uint64_t items = 0; // lines, solutions, critiques or rows so far
    std::uint64_t bad = 0;   // bad lines so far (imports)
};

// Called on the thread that runs the job, a few times a second at most. May be empty.
using ProgressFunction = std::function<void(const JobProgress&)>;

} // namespace scrit::loop
