// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled for processors with AVX-512 (F, BW, DQ, VL).
#define SCRIT_KERNELS kAvx512Kernels
#define SCRIT_KERNELS_NAME "avx512"
#define SCRIT_LANES 16
#define SCRIT_ROWS 8
#include "core/mini/decoder_kernels_body.h"
