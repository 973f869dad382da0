// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

// Words of functions that belong to no class with a tr() of its own. Any thread.
namespace scrit::ui {

[[nodiscard]] inline QString tr(const char* words) {
    return QCoreApplication::translate("Studio", words);
}

} // namespace scrit::ui
