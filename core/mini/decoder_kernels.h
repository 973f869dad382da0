// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

// The inner loops of the decoder, once for each kind of processor. This header is included by files
// that are compiled for newer processors than the program may run on: nothing inline may be in it.
namespace scrit::mini {

enum class Then { Store, Add, Gelu }; // what becomes of a product: out = …, out += …, out = gelu(…)

struct MultiplyArguments {
    const float* in = nullptr; // rows × inputs
    const float* panels = nullptr;
    const float* bias = nullptr;
    float* out = nullptr; // rows × outputs
    std::size_t rows = 0; // a multiple of Kernels::rowTile
    std::size_t inputs = 0;
    std::size_t outputs = 0; // a multiple of Kernels::panel
    Then then = Then::Store;
};

// Keys lie in blocks of 16 positions, [position / 16][width][16]; values as [position][width].
inline constexpr std::size_t kKeyBlock = 16;
struct AttendArguments {
    const float* query = nullptr;
    const float* keys = nullptr;
    const float* values = nullptr;
    float* scores = nullptr; // room for heads × length, length rounded up to kKeyBlock
    float* out = nullptr;
    std::size_t length = 0; // positions looked at
    std::size_t heads = 0;
    std::size_t headWidth = 0; // a multiple of 16
    float scale = 1;
};

struct NormaliseArguments {
    const float* in = nullptr; // rows × width
    const float* gain = nullptr;
    const float* shift = nullptr;
    float* out = nullptr;
    std::size_t rows = 0;
    std::size_t width = 0; // a multiple of 16
    float epsilon = 0;
};

struct Kernels {
    const char* name;
    std::size_t rowTile; // rows are computed so many at a time
    std::size_t panel;   // outputs of a matrix likewise
    void (*multiply)(const MultiplyArguments&);
    void (*normalise)(const NormaliseArguments&);
    void (*attend)(const AttendArguments&);
    // values[i] = exp((values[i] − most) · scale); count is a multiple of 16.
    void (*exponentials)(float* values, std::size_t count, float most, float scale);
};

} // namespace scrit::mini
