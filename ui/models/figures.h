// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

// Shares in words, with the digits that the command line prints. Pure.
namespace scrit::ui::models {

// "58.3" for 0.583: hundredths, rounded from the double itself as printf does, so that Studio and
// the command line print the same digits; with the user's decimal sign.
[[nodiscard]] QString hundredths(double share, int decimals = 1);
// "58.3 %" of `whole`; never "100.0 %" or "0.0 %" for what is not all or nothing: then with two
// decimals, or "> 99.99 %" and "< 0.01 %". Empty for an empty whole.
[[nodiscard]] QString partText(qint64 part, qint64 whole);

} // namespace scrit::ui::models
