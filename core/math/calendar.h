// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/equivalence.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Dates and times of day as answers. Pure, any thread; only short texts are looked at.
namespace scrit::math {

// What a text says about a day and an hour; absent fields are not said.
struct Moment {
    std::optional<int> year;
    std::optional<int> month;   // 1 … 12
    std::optional<int> day;     // 1 … 31
    std::optional<int> weekday; // 0 = Monday
    std::optional<int> hour;    // as written
    int minute = 0;
    int second = 0;
    std::optional<bool> afternoon; // a.m. or p.m., where that is said
    bool certain = false;          // no other thing is written so; "3:30" may be a ratio
    bool swappable = false;        // 03/05/2023: day and month may be meant the other way round
};

// "3:30 PM", "15:30", "noon", "March 5th, 2023", "2023-03-05", "03/05/2023",
// "2023年3月5日", "Tuesday". Nothing where anything else is said besides.
[[nodiscard]] std::optional<Moment> readMoment(std::string_view text);

// "2023-03-05 15:30"; "?" for what is not said between two fields that are.
[[nodiscard]] std::string momentText(const Moment& moment);

// Two moments or more that "and", ";" or commas separate; empty for anything else. They need not be
// certain.
[[nodiscard]] std::vector<Moment> readMoments(std::string_view text);

// Lists in any order: equal where each has its like, different where one has none.
[[nodiscard]] Equality compareMoments(const std::vector<Moment>& a, const std::vector<Moment>& b);

// Year and weekday may be left out on one side, as units may. A bare "3:30" against "3:30 PM" is
// undecided, and so is 03/05/2023 against 3 May.
[[nodiscard]] Equality compareMoments(const Moment& a, const Moment& b);

} // namespace scrit::math
