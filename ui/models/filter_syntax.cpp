// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filter_syntax.h"

#include <algorithm>

namespace scrit::ui::models {

QString quotedFilterValue(const QString& value) {
    const bool plain = std::all_of(value.begin(), value.end(), [](QChar c) {
        return !c.isSpace() && c != QLatin1Char('"') && c != QLatin1Char('(') &&
               c != QLatin1Char(')');
    });
    if (plain && !value.isEmpty()) {
        return value;
    }
    QString escaped = value;
    escaped.replace(QLatin1Char('"'), QStringLiteral("\\\""));
    return QLatin1Char('"') + escaped + QLatin1Char('"');
}

} // namespace scrit::ui::models
