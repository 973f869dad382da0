// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

// Small measuring devices of a run. Not thread-safe; they belong to scrit-run. Times are steady
// milliseconds.
namespace scrit::loop {

// Something per second over the last ten seconds.
class RateMeter {
public:
    void add(std::int64_t nowMillis, std::int64_t amount) {
        const std::int64_t second = nowMillis / 1000;
        m_begin = m_begin == 0 ? nowMillis : m_begin;
        Bucket& bucket = m_buckets.at(static_cast<std::size_t>(second) % m_buckets.size());
        if (bucket.second != second) {
            bucket = {second, 0};
        }
        bucket.amount += amount;
    }
    [[nodiscard]] double perSecond(std::int64_t nowMillis) const {
        const std::int64_t second = nowMillis / 1000;
        std::int64_t sum = 0;
        for (const Bucket& bucket : m_buckets) {
            sum += second - bucket.second < kSeconds ? bucket.amount : 0;
        }
        // The present second is not over, and a meter may be younger than its window.
        const double window = (kSeconds - 1) + static_cast<double>(nowMillis % 1000) / 1000;
        const double age = static_cast<double>(nowMillis - m_begin) / 1000;
        return m_begin == 0 ? 0 : static_cast<double>(sum) / std::clamp(age, 0.2, window);
    }

private:
    static constexpr std::int64_t kSeconds = 10;
    struct Bucket {
        std::int64_t second = -kSeconds;
        std::int64_t amount = 0;
    };
    std::array<Bucket, kSeconds + 1> m_buckets;
    std::int64_t m_begin = 0;
};

// The median of the last thousand values.
class RecentMedian {
public:
    void add(double value) {
        if (m_values.size() < kKept) {
            m_values.push_back(value);
        } else {
            m_values[m_next] = value;
        }
        m_next = (m_next + 1) % kKept;
    }
    [[nodiscard]] double median() const {
        if (m_values.empty()) {
            return 0;
        }
        std::vector<double> copy = m_values;
        const auto middle = copy.begin() + static_cast<std::ptrdiff_t>(copy.size() / 2);
        std::nth_element(copy.begin(), middle, copy.end());
        return *middle;
    }

private:
    static constexpr std::size_t kKept = 1000;
    std::vector<double> m_values;
    std::size_t m_next = 0;
};

} // namespace scrit::loop
