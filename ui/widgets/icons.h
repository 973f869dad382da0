// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace scrit::ui::widgets {

// A line icon of resources/icons by name ("search"), drawn in the theme's colours at the moment it
// is painted, so that it follows light and dark. An unknown name gives an empty icon.
[[nodiscard]] QIcon icon(const QString& name);
// The same in one fixed colour.
[[nodiscard]] QPixmap tintedPixmap(const QString& name, const QColor& color, int size,
                                   qreal devicePixelRatio);

} // namespace scrit::ui::widgets
