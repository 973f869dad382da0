// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/train/trainer.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::train {

// The losses of one training in order of their steps, in bounded memory: when it is full every
// second point goes, but the first and the newest always stay. Value type, one thread.
class LossCurve {
public:
    explicit LossCurve(std::size_t mostPoints = 1000) : m_most(mostPoints < 4 ? 4 : mostPoints) {}
    // A step at or before the newest one: training went back to a checkpoint, and the points from
    // there on are replaced. Points that are not finite are left out.
    void add(LossPoint point);
    [[nodiscard]] const std::vector<LossPoint>& points() const { return m_points; }

    // [[step, loss], …] as model::Training::losses; the same curve, the same text.
    [[nodiscard]] std::string json() const;
    // Parse for anything else.
    [[nodiscard]] static base::Expected<LossCurve> fromJson(std::string_view json,
                                                            std::size_t mostPoints = 1000);

private:
    void thin();

    std::size_t m_most;
    std::int64_t m_stride = 1; // points closer than this to the last kept one replace the newest
    std::vector<LossPoint> m_points;
};

} // namespace scrit::train
