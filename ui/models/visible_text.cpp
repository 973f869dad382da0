// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/visible_text.h"

#include "core/base/text.h"

namespace scrit::ui::models {

QString visibleText(std::string_view utf8) {
    const std::string safe = base::escapeForTerminal(utf8);
    return QString::fromUtf8(safe.data(), static_cast<qsizetype>(safe.size()));
}

bool hasHiddenCharacters(std::string_view utf8) {
    return base::escapeForTerminal(utf8) != utf8;
}

QString labelText(std::string_view utf8, std::size_t maxChars) {
    // Cut first: a label never needs megabytes, and a code point has at most four bytes.
    const std::string_view head = utf8.substr(0, maxChars * 4 + 4);
    return visibleText(base::excerpt(head, maxChars));
}

std::string utf8(const QString& text) {
    const QByteArray bytes = text.toUtf8();
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

} // namespace scrit::ui::models
