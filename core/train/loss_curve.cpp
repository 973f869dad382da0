// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/loss_curve.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace scrit::train {

void LossCurve::add(LossPoint point) {
    if (!std::isfinite(point.loss)) {
        return;
    }
    while (!m_points.empty() && m_points.back().step >= point.step) {
        m_points.pop_back();
    }
    // The newest point is always shown; it stays for good only when it is far enough from the last
    // one that stayed.
    const std::size_t count = m_points.size();
    if (count >= 2 && m_points[count - 1].step - m_points[count - 2].step < m_stride) {
        m_points.back() = point;
    } else {
        m_points.push_back(point);
    }
    if (m_points.size() > m_most) {
        thin();
    }
}

void LossCurve::thin() {
    m_stride *= 2;
    const std::int64_t span = m_points.back().step - m_points.front().step;
    while (m_stride * static_cast<std::int64_t>(m_most) < span) {
        m_stride *= 2; // steps that are told only now and then
    }
    std::vector<LossPoint> kept;
    kept.reserve(m_points.size() / 2 + 2);
    for (const LossPoint& point : m_points) {
        if (kept.empty() || point.step - kept.back().step >= m_stride) {
            kept.push_back(point);
        }
    }
    if (kept.back().step != m_points.back().step) {
        kept.push_back(m_points.back());
    }
    m_points = std::move(kept);
}

std::string LossCurve::json() const {
    nlohmann::json list = nlohmann::json::array();
    for (const LossPoint& point : m_points) {
        list.push_back({point.step, point.loss});
    }
    return list.dump();
}

base::Expected<LossCurve> LossCurve::fromJson(std::string_view json, std::size_t mostPoints) {
    const auto bad = [] {
        return base::fail(base::ErrorCode::Parse, "the stored losses cannot be read");
    };
    const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
    if (!list.is_array()) {
        return bad();
    }
    LossCurve curve(mostPoints);
    for (const nlohmann::json& pair : list) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_integer() ||
            !pair[1].is_number()) {
            return bad();
        }
        curve.m_points.push_back({pair[0].get<std::int64_t>(), pair[1].get<double>()});
    }
    // How far apart its points were is not stored, but can be told from them.
    while (curve.m_points.size() > curve.m_most) {
        curve.thin();
    }
    const std::size_t count = curve.m_points.size();
    if (count * 2 > curve.m_most && count > 2) {
        curve.m_stride = curve.m_points[1].step - curve.m_points[0].step;
        curve.m_stride = curve.m_stride < 1 ? 1 : curve.m_stride;
    }
    return curve;
}

} // namespace scrit::train
