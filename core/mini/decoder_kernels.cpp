// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/decoder.h"

#include <vector>

namespace scrit::mini {

extern const Kernels kPlainKernels;
#ifdef SCRIT_X86_KERNELS
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

std::span<const Kernels* const> availableKernels() {
    static const std::vector<const Kernels*> available = [] {
        std::vector<const Kernels*> found;
#ifdef SCRIT_X86_KERNELS
        const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            found.push_back(&kAvx512Kernels);
        }
        if (avx2) {
            found.push_back(&kAvx2Kernels);
        }
#endif
        found.push_back(&kPlainKernels);
        return found;
    }();
    return available;
}

} // namespace scrit::mini
