// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/figures.h"

#include <QLocale>

#include <array>
#include <charconv>
#include <system_error>

namespace scrit::ui::models {

QString hundredths(double share, int decimals) {
    std::array<char, 64> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                            share * 100, std::chars_format::fixed, decimals);
    if (error != std::errc()) {
        return QLocale().toString(share * 100, 'f', decimals);
    }
    QString text = QString::fromLatin1(digits.data(), end - digits.data());
    return text.replace(QLatin1Char('.'), QLocale().decimalPoint());
}

QString partText(qint64 part, qint64 whole) {
    if (whole <= 0) {
        return {};
    }
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    for (const int decimals : {1, 2}) {
        const QString text = hundredths(share, decimals);
        const bool misleads = (part < whole && text == hundredths(1, decimals)) ||
                              (part > 0 && text == hundredths(0, decimals));
        if (!misleads) {
            return text + QStringLiteral(" %");
        }
    }
    constexpr double kLeast = 1e-4;
    return share > kLeast ? QStringLiteral("> %1 %").arg(hundredths(1 - kLeast, 2))
                          : QStringLiteral("< %1 %").arg(hundredths(kLeast, 2));
}

} // namespace scrit::ui::models
