// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/display_list.h"

#include <QColor>
#include <QFont>
#include <QPointF>

class QPainter;

namespace scrit::ui::render {

// Draws a formula with its left end of the baseline at `origin`, one em being `em` logical pixels.
// `color` is the text colour (of a light or a dark palette); operations with a colour of their own
// keep it. Characters without a glyph are drawn in `font`. Rules are put on whole device pixels, so
// that fraction bars are sharp at any scale. The painter's state is kept.
void paintDisplayList(QPainter& painter, const DisplayList& list, const QPointF& origin, qreal em,
                      const QColor& color, const QFont& font);

} // namespace scrit::ui::render
