// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_line.h"

#include "core/base/text.h"
#include "ui/render/display_list_painter.h"
#include "ui/render/math_object.h"

#include <QFontInfo>

#include <algorithm>

namespace scrit::ui::render {

std::string texOfAnswer(std::string_view answer) {
    constexpr std::size_t kLongest = 240;
    std::string_view text = base::trimmed(answer);
    for (const std::string_view mark : {"$$", "$"}) {
        if (text.size() > 2 * mark.size() && text.starts_with(mark) && text.ends_with(mark)) {
            text = base::trimmed(text.substr(mark.size(), text.size() - 2 * mark.size()));
            break;
        }
    }
    if (text.empty() || text.size() > kLongest || text.find('\n') != std::string_view::npos ||
        !base::isValidUtf8(text)) {
        return {};
    }
    // A dollar sign inside is money or a text with formulas of its own.
    for (std::size_t at = text.find('$'); at != std::string_view::npos;
         at = text.find('$', at + 1)) {
        if (at == 0 || text[at - 1] != '\\') {
            return {};
        }
    }
    const auto letter = [&text](std::size_t at) {
        const char lower = at < text.size() ? static_cast<char>(text[at] | 0x20) : ' ';
        return lower >= 'a' && lower <= 'z';
    };
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        const bool command = text[at] == '\\' && (letter(at + 1) || text[at + 1] == '%' ||
                                                  text[at + 1] == '$' || text[at + 1] == '{');
        const bool script =
            (text[at] == '^' || text[at] == '_') && at > 0 &&
            text.find(' ') == std::string_view::npos; // "x^2", not prose with an underscore
        if (command || script) {
            return std::string(text);
        }
    }
    return {};
}

MathLine::MathLine(MathTypesetter* typesetter, QObject* parent)
    : QObject(parent), m_typesetter(typesetter) {
    if (m_typesetter == nullptr) {
        return;
    }
    connect(m_typesetter, &MathTypesetter::typeset, this, [this](const QList<MathKey>& keys) {
        if (!m_waiting || !keys.contains(m_key)) {
            return;
        }
        m_result = m_typesetter->find(m_key);
        m_waiting = m_result == nullptr;
        if (isReady()) {
            Q_EMIT arrived();
        }
    });
}

MathLine::~MathLine() {
    if (m_waiting) {
        m_typesetter->cancel(m_group);
    }
}

void MathLine::setTex(const std::string& tex) {
    if (m_key.tex == tex && (m_result || m_waiting || tex.empty())) {
        return;
    }
    if (m_waiting) {
        m_typesetter->cancel(m_group);
    }
    m_waiting = false;
    m_result = nullptr;
    m_key = {tex, false};
    if (tex.empty() || m_typesetter == nullptr) {
        return;
    }
    m_result = m_typesetter->find(m_key);
    if (m_result) {
        return;
    }
    if (m_group == 0) {
        m_group = m_typesetter->newGroup();
    }
    m_waiting = true;
    m_typesetter->request(m_group, std::span(&m_key, 1), MathPriority::Visible);
}

QSizeF MathLine::size(const QFont& font) const {
    if (!isReady()) {
        return {};
    }
    const qreal em = mathEm(font, QFontInfo(font).pixelSize());
    return {m_result->list.width * em, (m_result->list.ascent + m_result->list.descent) * em};
}

void MathLine::paint(QPainter& painter, const QPointF& leftMiddle, const QFont& font,
                     const QColor& color) const {
    if (!isReady()) {
        return;
    }
    const qreal em = mathEm(font, QFontInfo(font).pixelSize());
    const qreal baseline =
        leftMiddle.y() + (m_result->list.ascent - m_result->list.descent) * em / 2;
    paintDisplayList(painter, m_result->list, {leftMiddle.x(), baseline}, em, color, font);
}

} // namespace scrit::ui::render
