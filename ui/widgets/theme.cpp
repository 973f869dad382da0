// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QPalette>
#include <QStyleFactory>

#include <algorithm>

namespace scrit::ui::widgets {

namespace {

Theme* g_current = nullptr; // set by the one Theme of the application

Tokens lightTokens() {
    Tokens t;
    t.dark = false;
    t.window = QColor(0xf6f6f4);
    t.surface = QColor(0xffffff);
    t.sunken = QColor(0xefefec);
    t.hover = QColor(0xe9e9e5);
    t.border = QColor(0xe1e1dc);
    t.borderStrong = QColor(0xc9c9c3);
    t.text = QColor(0x1e2124);
    t.muted = QColor(0x5c6268);
    t.faint = QColor(0x9aa0a5);
    t.accent = QColor(0x0c7470);
    t.onAccent = QColor(0xffffff);
    t.accentTint = QColor(0xdff0ee);
    t.yes = QColor(0x1b66c4);
    t.yesTint = QColor(0xe7f0fb);
    t.no = QColor(0xb84e06);
    t.noTint = QColor(0xfcefe3);
    t.unknown = QColor(0x686e74);
    t.unknownTint = QColor(0xeeeeeb);
    t.leak = QColor(0xf7e8a4);
    t.quote = QColor(0xcdebe7);
    t.find = QColor(0xfbe9b0);
    t.found = QColor(0xf6c343);
    t.shadow = QColor(0, 0, 0, 50);
    t.inks = {t.yes, t.no, t.accent, QColor(0x7d4bb0), t.unknown, QColor(0x8a7000)};
    return t;
}

Tokens darkTokens() {
    Tokens t;
    t.dark = true;
    t.window = QColor(0x1a1b1d);
    t.surface = QColor(0x212325);
    t.sunken = QColor(0x161718);
    t.hover = QColor(0x2b2e31);
    t.border = QColor(0x303337);
    t.borderStrong = QColor(0x484d52);
    t.text = QColor(0xdfe1e4);
    t.muted = QColor(0x9ba1a8);
    t.faint = QColor(0x6a7077);
    t.accent = QColor(0x4fbfb8);
    t.onAccent = QColor(0x0c1f1e);
    t.accentTint = QColor(0x1d3835);
    t.yes = QColor(0x74b4ff);
    t.yesTint = QColor(0x1a2b40);
    t.no = QColor(0xffa25e);
    t.noTint = QColor(0x3b281a);
    t.unknown = QColor(0x9ba1a8);
    t.unknownTint = QColor(0x2b2e31);
    t.leak = QColor(0x55481a);
    t.quote = QColor(0x1f4a46);
    t.find = QColor(0x5a4a17);
    t.found = QColor(0x96720f);
    t.shadow = QColor(0, 0, 0, 140);
    t.inks = {t.yes, t.no, t.accent, QColor(0xc9a2f2), t.unknown, QColor(0xd9c04a)};
    return t;
}

QPalette paletteOf(const Tokens& t) {
    QPalette palette;
    palette.setColor(QPalette::Window, t.window);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.surface);
    palette.setColor(QPalette::AlternateBase, t.window);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.muted);
    palette.setColor(QPalette::Button, t.surface);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.onAccent);
    palette.setColor(QPalette::ToolTipBase, t.surface);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.accent);
    palette.setColor(QPalette::HighlightedText, t.onAccent);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    palette.setColor(QPalette::Light, t.surface);
    palette.setColor(QPalette::Midlight, t.border);
    palette.setColor(QPalette::Mid, t.borderStrong);
    palette.setColor(QPalette::Dark, t.faint);
    palette.setColor(QPalette::Shadow, t.dark ? QColor(Qt::black) : t.faint);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, t.faint);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, t.borderStrong);
    return palette;
}

// The style sheet names tokens as @name; longer names first, so that @border is not found in
// @borderStrong.
QString styleSheetOf(const Tokens& t) {
    QFile file(QStringLiteral(":/themes/studio.qss"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QString sheet = QString::fromUtf8(file.readAll());
    const QVector<QPair<QString, QColor>> names{
        {QStringLiteral("@borderStrong"), t.borderStrong},
        {QStringLiteral("@unknownTint"), t.unknownTint},
        {QStringLiteral("@accentTint"), t.accentTint},
        {QStringLiteral("@onAccent"), t.onAccent},
        {QStringLiteral("@unknown"), t.unknown},
        {QStringLiteral("@surface"), t.surface},
        {QStringLiteral("@yesTint"), t.yesTint},
        {QStringLiteral("@noTint"), t.noTint},
        {QStringLiteral("@window"), t.window},
        {QStringLiteral("@sunken"), t.sunken},
        {QStringLiteral("@border"), t.border},
        {QStringLiteral("@accent"), t.accent},
        {QStringLiteral("@hover"), t.hover},
        {QStringLiteral("@muted"), t.muted},
        {QStringLiteral("@faint"), t.faint},
        {QStringLiteral("@text"), t.text},
        {QStringLiteral("@yes"), t.yes},
        {QStringLiteral("@no"), t.no},
    };
    for (const auto& [name, color] : names) {
        sheet.replace(name, color.name());
    }
    return sheet;
}

} // namespace

const QColor& Tokens::ink(int series) const {
    return inks[static_cast<std::size_t>(std::max(0, series)) % inks.size()];
}

QColor Tokens::mark(models::Mark mark) const {
    return mark == models::Mark::Yes ? yes : mark == models::Mark::No ? no : unknown;
}

QColor Tokens::markTint(models::Mark mark) const {
    return mark == models::Mark::Yes ? yesTint : mark == models::Mark::No ? noTint : unknownTint;
}

ThemeChoice themeFromName(const QString& name) {
    return name == QLatin1String("light")  ? ThemeChoice::Light
           : name == QLatin1String("dark") ? ThemeChoice::Dark
                                           : ThemeChoice::System;
}

QString themeName(ThemeChoice choice) {
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

Theme::Theme(QObject* parent) : QObject(parent), m_tokens(lightTokens()) {
    g_current = this;
}

Theme::~Theme() {
    if (g_current == this) {
        g_current = nullptr;
    }
}

Theme& Theme::current() {
    if (g_current == nullptr) {
        static Theme fallback;
        g_current = &fallback;
    }
    return *g_current;
}

void Theme::setChoice(ThemeChoice choice) {
    m_choice = choice;
    apply();
}

void Theme::setSystemDark(bool dark) {
    m_systemDark = dark;
    if (m_choice == ThemeChoice::System) {
        apply();
    }
}

void Theme::setTextScale(int percent) {
    const int bounded = std::clamp(percent, 75, 200);
    if (bounded != m_textScale) {
        m_textScale = bounded;
        Q_EMIT changed();
    }
}

void Theme::apply() {
    const bool dark =
        m_choice == ThemeChoice::Dark || (m_choice == ThemeChoice::System && m_systemDark);
    if (m_applied && dark == m_tokens.dark) {
        return;
    }
    m_tokens = dark ? darkTokens() : lightTokens();
    if (!m_applied) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    m_applied = true;
    // When one sheet replaces another, Qt polishes each widget again for each of its parents; when
    // the old one goes first, each widget is polished once for either.
    qApp->setStyleSheet({});
    QApplication::setPalette(paletteOf(m_tokens));
    qApp->setStyleSheet(styleSheetOf(m_tokens));
    Q_EMIT changed();
}

QFont Theme::readingFont() const {
    QFont font = QApplication::font();
    // A shade larger than the interface: it is read, not glanced at.
    font.setPointSizeF(font.pointSizeF() * 1.04 * m_textScale / 100.0);
    return font;
}

QFont Theme::smallFont() const {
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * 0.88);
    return font;
}

QFont Theme::monoFont() const {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(QApplication::font().pointSizeF() * 0.95 * m_textScale / 100.0);
    return font;
}

QFont Theme::headingFont(double factor) const {
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * factor);
    font.setWeight(QFont::DemiBold);
    return font;
}

render::RichTextStyle Theme::readingStyle() const {
    render::RichTextStyle style =
        render::RichTextStyle::fromPalette(QApplication::palette(), readingFont());
    style.mono = monoFont();
    style.foreground = m_tokens.text;
    style.muted = m_tokens.muted;
    style.error = m_tokens.no;
    style.link = m_tokens.accent;
    style.codeBackground = m_tokens.sunken;
    style.rule = m_tokens.borderStrong;
    style.selection = m_tokens.accent;
    style.selectedText = m_tokens.onAccent;
    style.lineHeight = 1.32;
    return style;
}

const Tokens& tokens() {
    return Theme::current().tokens();
}

} // namespace scrit::ui::widgets
