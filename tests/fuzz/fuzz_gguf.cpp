// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a model file's header: reading ends, what it gives adds up, and a plan follows from
// it.
#include "core/backend/gguf.h"
#include "core/backend/server_plan.h"

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

using namespace scrit::backend;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
    const auto info = readGguf(file, size);
    if (!info) {
        return 0;
    }
    if (info->layerBytes > info->tensorBytes || info->tensorBytes > size || info->layers < 0 ||
        info->parts < 1) {
        std::abort();
    }
    Machine machine;
    machine.gpus = {{0, "GPU", std::uint64_t{8} << 30U, std::uint64_t{7} << 30U}};
    const ServerPlan plan = planLlamaServer(factsOf(*info), machine, {});
    if (plan.slots < 1 || plan.contextTokens < 1 || plan.reason.empty()) {
        std::abort();
    }
    return 0;
}
