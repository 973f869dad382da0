// SPDX-License-Identifier: GPL-3.0-or-later
// The body of the kernels, included once by each decoder_kernels_*.cpp, which says before:
//   SCRIT_KERNELS   name of the Kernels object
//   SCRIT_LANES     floats in a register: 4, 8 or 16
//   SCRIT_ROWS      rows of a tile, such that rows × 2 sums, 2 weights and 1 input fit in registers
// Everything here has internal linkage and nothing of the standard library is called, so that no
// code for a newer processor can end up elsewhere.
#include "core/mini/decoder_kernels.h"

#include <cstddef>

// NOLINTBEGIN(misc-definitions-in-headers): one file includes it once
namespace scrit::mini {
namespace {

constexpr std::size_t kLanes = SCRIT_LANES;
constexpr std::size_t kRows = SCRIT_ROWS;
constexpr std::size_t kPanel = 2 * kLanes;

using Vector [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using Integers [[gnu::vector_size(kLanes * sizeof(int))]] = int;

[[gnu::always_inline]] inline void load(Vector& out, const float* from) {
    __builtin_memcpy(&out, from, sizeof(Vector));
}
[[gnu::always_inline]] inline void store(float* to, const Vector& from) {
    __builtin_memcpy(to, &from, sizeof(Vector));
}
[[gnu::always_inline]] inline float sumOf(const Vector& vector) {
    float sum = 0;
    for (std::size_t i = 0; i < kLanes; ++i) {
        sum += vector[i];
    }
    return sum;
}

// exp() to about 2 units in the last place for −87 … 88; beyond, the value at the end.
[[gnu::always_inline]] inline void exponential(Vector& x) {
    constexpr float kLog2E = 1.44269504088896341F;
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    constexpr float kRound = 12582912.0F; // 1.5 · 2^23: adding it rounds to a whole number
    const Vector zero = {};
    const Vector least = zero - 87.0F;
    const Vector most = zero + 88.0F;
    x = x < least ? least : x;
    x = x > most ? most : x;
    const Vector shifted = x * kLog2E + kRound;
    const Vector whole = shifted - kRound;
    Vector r = x - whole * kLn2High;
    r = r - whole * kLn2Low;
    Vector sum = zero + 1.0F / 720.0F;
    sum = sum * r + 1.0F / 120.0F;
    sum = sum * r + 1.0F / 24.0F;
    sum = sum * r + 1.0F / 6.0F;
    sum = sum * r + 0.5F;
    sum = sum * r + 1.0F;
    sum = sum * r + 1.0F;
    Integers exponent;
    __builtin_memcpy(&exponent, &shifted, sizeof(exponent));
    exponent = (exponent + 127) << 23;
    Vector power;
    __builtin_memcpy(&power, &exponent, sizeof(power));
    x = sum * power;
}

// x · Φ(x) in the form with tanh (Hendrycks and Gimpel 2016), which is x · sigmoid(2 · …).
[[gnu::always_inline]] inline void gelu(Vector& x) {
    Vector power = (x + x * x * x * 0.044715F) * -1.59576912160573071F;
    exponential(power);
    x = x / (power + 1.0F);
}

[[gnu::always_inline]] inline void multiplyTile(const MultiplyArguments& a, const float* in,
                                                const float* panel, const float* bias, float* out) {
    Vector sums[kRows][2] = {};
    for (std::size_t k = 0; k < a.inputs; ++k) {
        Vector left;
        Vector right;
        load(left, panel + k * kPanel);
        load(right, panel + k * kPanel + kLanes);
#pragma GCC unroll 8
        for (std::size_t row = 0; row < kRows; ++row) {
            const float x = in[row * a.inputs + k];
            sums[row][0] += x * left;
            sums[row][1] += x * right;
        }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
        for (std::size_t half = 0; half < 2; ++half) {
            float* to = out + row * a.outputs + half * kLanes;
            Vector value;
            load(value, bias + half * kLanes);
            value += sums[row][half];
            if (a.then == Then::Gelu) {
                gelu(value);
            } else if (a.then == Then::Add) {
                Vector before;
                load(before, to);
                value += before;
            }
            store(to, value);
        }
    }
}

void multiply(const MultiplyArguments& a) {
    // A panel of weights stays in the first cache while all rows pass.
    for (std::size_t column = 0; column < a.outputs; column += kPanel) {
        for (std::size_t row = 0; row < a.rows; row += kRows) {
            multiplyTile(a, a.in + row * a.inputs, a.panels + column * a.inputs, a.bias + column,
                         a.out + row * a.outputs + column);
        }
    }
}

void normalise(const NormaliseArguments& a) {
    const float share = 1.0F / static_cast<float>(a.width);
    for (std::size_t row = 0; row < a.rows; ++row) {
        const float* in = a.in + row * a.width;
        float* out = a.out + row * a.width;
        Vector sum = {};
        Vector x;
        for (std::size_t i = 0; i < a.width; i += kLanes) {
            load(x, in + i);
            sum += x;
        }
        const float mean = sumOf(sum) * share;
        Vector squares = {};
        for (std::size_t i = 0; i < a.width; i += kLanes) {
            load(x, in + i);
            x -= mean;
            squares += x * x;
        }
        const float factor = 1.0F / __builtin_sqrtf(sumOf(squares) * share + a.epsilon);
        for (std::size_t i = 0; i < a.width; i += kLanes) {
            Vector gain;
            Vector shift;
            load(x, in + i);
            load(gain, a.gain + i);
            load(shift, a.shift + i);
            x = (x - mean) * factor;
            store(out + i, x * gain + shift);
        }
    }
}

void exponentials(float* values, std::size_t count, float most, float scale) {
    for (std::size_t i = 0; i < count; i += kLanes) {
        Vector x;
        load(x, values + i);
        x = (x - most) * scale;
        exponential(x);
        store(values + i, x);
    }
}

// scores[position] = query · key, for one head.
[[gnu::always_inline]] inline void scoreHead(const AttendArguments& a, std::size_t head,
                                             float* scores) {
    const std::size_t width = a.heads * a.headWidth;
    const float* query = a.query + head * a.headWidth;
    for (std::size_t block = 0; block * kKeyBlock < a.length; ++block) {
        const float* keys = a.keys + (block * width + head * a.headWidth) * kKeyBlock;
        for (std::size_t part = 0; part < kKeyBlock; part += kLanes) {
            Vector even = {};
            Vector odd = {};
            Vector key;
            for (std::size_t i = 0; i < a.headWidth; i += 2) {
                load(key, keys + i * kKeyBlock + part);
                even += query[i] * key;
                load(key, keys + (i + 1) * kKeyBlock + part);
                odd += query[i + 1] * key;
            }
            store(scores + block * kKeyBlock + part, even + odd);
        }
    }
}

// Makes scores into weights exp(score − most); gives one over their sum.
[[gnu::always_inline]] inline float weighHead(const AttendArguments& a, float* scores,
                                              std::size_t padded) {
    float most = scores[0];
    for (std::size_t t = 1; t < a.length; ++t) {
        most = scores[t] > most ? scores[t] : most;
    }
    exponentials(scores, padded, most, a.scale);
    for (std::size_t t = a.length; t < padded; ++t) {
        scores[t] = 0;
    }
    Vector sum = {};
    for (std::size_t t = 0; t < padded; t += kLanes) {
        Vector x;
        load(x, scores + t);
        sum += x;
    }
    return 1.0F / sumOf(sum);
}

// out = Σ weight · value over the positions, for `Count` registers from `column` on.
template<std::size_t Count>
[[gnu::always_inline]] inline void mixValues(const AttendArguments& a, std::size_t padded,
                                             std::size_t column, const float* factors) {
    const std::size_t width = a.heads * a.headWidth;
    Vector sums[Count] = {};
    const float* weights[Count] = {};
    for (std::size_t i = 0; i < Count; ++i) {
        weights[i] = a.scores + (column + i * kLanes) / a.headWidth * padded;
    }
    for (std::size_t t = 0; t < a.length; ++t) {
        const float* values = a.values + t * width + column;
        for (std::size_t i = 0; i < Count; ++i) {
            Vector value;
            load(value, values + i * kLanes);
            sums[i] += weights[i][t] * value;
        }
    }
    for (std::size_t i = 0; i < Count; ++i) {
        const std::size_t at = column + i * kLanes;
        store(a.out + at, sums[i] * factors[at / a.headWidth]);
    }
}

void attend(const AttendArguments& a) {
    constexpr std::size_t kMostHeads = 64;
    constexpr std::size_t kTogether = 8; // sums that grow side by side hide each other's latency
    const std::size_t width = a.heads * a.headWidth;
    const std::size_t padded = (a.length + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
    float factors[kMostHeads];
    for (std::size_t head = 0; head < a.heads; ++head) {
        float* scores = a.scores + head * padded;
        scoreHead(a, head, scores);
        factors[head] = weighHead(a, scores, padded);
    }
    std::size_t column = 0;
    for (; column + kTogether * kLanes <= width; column += kTogether * kLanes) {
        mixValues<kTogether>(a, padded, column, factors);
    }
    for (; column < width; column += kLanes) {
        mixValues<1>(a, padded, column, factors);
    }
}

} // namespace

extern const Kernels SCRIT_KERNELS;
const Kernels SCRIT_KERNELS = {SCRIT_KERNELS_NAME, kRows,  kPanel,      multiply,
                               normalise,          attend, exponentials};

} // namespace scrit::mini
// NOLINTEND(misc-definitions-in-headers)
