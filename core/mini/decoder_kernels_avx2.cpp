// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled for processors with AVX2 and FMA.
#define SCRIT_KERNELS kAvx2Kernels
#define SCRIT_KERNELS_NAME "avx2"
#define SCRIT_LANES 8
#define SCRIT_ROWS 6
#include "core/mini/decoder_kernels_body.h"
