// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/loop/run_engine.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>

// A stored run worked on until it ends, for jobs of which a run is one part.
namespace scrit::loop {

struct RunToEndOptions {
    base::CancelToken cancel;    // no new requests; those in flight are awaited
    base::CancelToken cancelNow; // drops those, too
    // Gives up when nothing has ended for so long and the model's servers have only failed or were
    // not ready meanwhile; 0: waits for ever.
    std::int64_t patienceMillis = 0;
    RunEngineOptions engine;
};

// Starts or resumes a run and blocks until it has ended. `show` is called on the calling thread
// every fifth of a second. The last snapshot of a run that is done, also with failed items; a run
// that was done already gives one with its counts. Errors: Cancelled (stopped as asked, or at a
// cap), Unavailable (it paused itself or its model never answered, with the reason), Server (it
// failed), those of RunEngine::start(). After each of them it can be resumed.
[[nodiscard]] base::Expected<RunSnapshot>
runToEnd(const std::shared_ptr<store::Workspace>& workspace, std::int64_t runId,
         const backend::OpenModel& openModel, const RunEngine::Listener& show = {},
         const RunToEndOptions& options = {});

} // namespace scrit::loop
