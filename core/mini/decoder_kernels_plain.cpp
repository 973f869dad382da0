// SPDX-License-Identifier: GPL-3.0-or-later
// For any processor: four floats are a register of SSE and of NEON.
#define SCRIT_KERNELS kPlainKernels
#define SCRIT_KERNELS_NAME "plain"
#define SCRIT_LANES 4
#define SCRIT_ROWS 4
#include "core/mini/decoder_kernels_body.h"
