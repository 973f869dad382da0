// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/render/rich_text.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>

#include <array>

// The design tokens: every colour, distance and size of the interface is chosen here and nowhere
// else. Verdicts have one colour-blind-safe pair, blue (right) and orange (wrong), always beside a
// mark and a word. Teal is the one accent: selection, focus and links.
namespace scrit::ui::widgets {

// Distances in device-independent pixels, on a grid of 8 with one half step.
namespace space {
inline constexpr int kHalf = 4;
inline constexpr int kOne = 8;
inline constexpr int kTwo = 16;
inline constexpr int kThree = 24;
inline constexpr int kFour = 32;
inline constexpr int kRail = 64;   // width of the rail
inline constexpr int kBar = 40;    // height of header and filter bar
inline constexpr int kRow = 24;    // height of a table row
inline constexpr int kRadius = 6;  // of cards and controls
inline constexpr int kGutter = 40; // of step cards: number and mark
inline constexpr int kIcon = 16;
} // namespace space

struct Tokens {
    bool dark = false;
    QColor window;  // behind everything
    QColor surface; // what is read: tables, cards, inputs
    QColor sunken;  // rail, headers, gutters
    QColor hover;
    QColor border;
    QColor borderStrong;
    QColor text;
    QColor muted;
    QColor faint; // decorations and disabled text only
    QColor accent;
    QColor onAccent;
    QColor accentTint;
    QColor yes;
    QColor yesTint;
    QColor no;
    QColor noTint;
    QColor unknown;
    QColor unknownTint;
    QColor leak;  // background of words that mention the reference
    QColor quote; // of a passage of the reference that the critique quotes, of words that differ
    QColor find;  // of what Find has found
    QColor found; // of the match that Find stands on
    QColor shadow;
    // Of the series of a chart, told apart by people who see fewer colours as well; series differ
    // in the shape of their marks, too.
    std::array<QColor, 6> inks;

    [[nodiscard]] const QColor& ink(int series) const;
    [[nodiscard]] QColor mark(models::Mark mark) const;
    [[nodiscard]] QColor markTint(models::Mark mark) const;
};

enum class ThemeChoice { System, Light, Dark };

// "system", "light", "dark"; anything else is System.
[[nodiscard]] ThemeChoice themeFromName(const QString& name);
[[nodiscard]] QString themeName(ThemeChoice choice);

// Applies tokens to the application: palette, style sheet and fonts. One per application, made
// after it and before the first widget. UI thread only.
class Theme : public QObject {
    Q_OBJECT
public:
    explicit Theme(QObject* parent = nullptr);
    ~Theme() override;

    // The theme of the application; a light default where none was made (single widgets in tests).
    [[nodiscard]] static Theme& current();

    void setChoice(ThemeChoice choice);
    [[nodiscard]] ThemeChoice choice() const { return m_choice; }
    // What "system" means now.
    void setSystemDark(bool dark);
    [[nodiscard]] bool isDark() const { return m_tokens.dark; }
    // Size of what is read, in percent of the system's font: 75 to 200.
    void setTextScale(int percent);
    [[nodiscard]] int textScale() const { return m_textScale; }

    [[nodiscard]] const Tokens& tokens() const { return m_tokens; }
    // Fonts: what is read, small print, tabular figures.
    [[nodiscard]] QFont readingFont() const;
    [[nodiscard]] QFont smallFont() const;
    [[nodiscard]] QFont monoFont() const;
    [[nodiscard]] QFont headingFont(double factor) const;
    [[nodiscard]] render::RichTextStyle readingStyle() const;

Q_SIGNALS:
    void changed();

private:
    void apply();

    ThemeChoice m_choice = ThemeChoice::System;
    bool m_systemDark = false;
    bool m_applied = false;
    int m_textScale = 100;
    Tokens m_tokens;
};

// Short for Theme::current().tokens().
[[nodiscard]] const Tokens& tokens();

} // namespace scrit::ui::widgets
